"""Corpora come back byte for byte but for the predicted cells."""

from pathlib import Path

import pytest

from tagger.corpus.files import read_all
from tagger.output.formats import FormatName
from tagger.streaming.kinds import Undecodable
from tests.streaming.running import INPUTS, conllu, make, predicted


def cells_but(columns: set[int], content: bytes, separator: bytes | None) -> list[list[bytes]]:
    """The cells of all lines, with nothing in those of the predicted columns."""
    return [
        [b"" if i in columns and len(cells) > 1 else cell for i, cell in enumerate(cells)]
        for cells in (line.split(separator) for line in content.split(b"\n"))
    ]


ODD_CONLLU = (
    b"\xef\xbb\xbf# newdoc id = d\r\n# text = du N\xc3\xa4he \r\n"
    b"1-2\tdu\t_\tX\t_\t_\t_\t_\t_\tNER=B-A\r\n1\tde\tde\tADP\tP\t_\t0\troot\t_\tNER=O\r\n"
    b"2\tle\tle\tDET\t_\tA=b\t1\tdet\t_\tNER=O|X=y|Z\r\n2.1\te\te\tX\t_\t_\t_\t_\t0:x\t_\r\n"
    b"3\t\xc2\xa0 a b\t_\tPROPN\t_\t_\t1\tx\t_\tNER=B-PER\r\n \t\r\n\r\n\r\n"
    b"# only a comment\r\n\r\n1\ta\tb\tX\t_\t_\t0\troot\t_\tNER=O"
)
ODD_COLUMNS = (
    b"-DOCSTART- -X- O O\n\n\nEU \t NNP  B-NP B-ORG \nrejects VBZ B-VP O\n# NN B-NP O\n\t\n"
    b"-DOCSTART- -X- O O\n\nPeter\tNNP B-NP B-PER"
)


def test_conllu_comes_back_byte_for_byte_but_for_the_predicted_cells(
    tmp_path: Path, model: Path
) -> None:
    found, error = predicted(model, make(tmp_path, "odd.conllu", ODD_CONLLU))
    assert error is None
    assert found != ODD_CONLLU
    assert cells_but({3, 9}, found, b"\t") == cells_but({3, 9}, ODD_CONLLU, b"\t")
    for before, after in zip(ODD_CONLLU.split(b"\n"), found.split(b"\n"), strict=True):
        if not before[:2].rstrip(b"\t").isdigit():
            assert before == after, "ranges, empty nodes, comments and blank lines are not touched"
    assert b"|X=y|Z\r\n" in found


def test_columns_come_back_byte_for_byte_but_for_the_predicted_cells(
    tmp_path: Path, model: Path
) -> None:
    path = make(tmp_path, "odd.conll", ODD_COLUMNS)
    columns = "form=1,upos=2,chunk=3,ner=4"
    found, error = predicted(model, path, columns=columns)
    assert error is None
    assert found != ODD_COLUMNS
    assert cells_but({1, 3}, found, None) == cells_but({1, 3}, ODD_COLUMNS, None)
    assert found.startswith(b"-DOCSTART- -X- O O\n\n\nEU \t ")
    assert found.count(b"-DOCSTART- -X- O O\n") == 2
    assert not found.endswith(b"\n")


@pytest.mark.parametrize(
    ("name", "columns"), [("a.conllu", None), ("a.conll", "form=1,ner=2,upos=3")]
)
def test_predicting_again_changes_nothing(
    tmp_path: Path, model: Path, name: str, columns: str | None
) -> None:
    once, _ = predicted(model, make(tmp_path, name))
    twice, _ = predicted(model, make(tmp_path, f"again-{name}", once), columns=columns)
    assert twice == once


def test_several_corpora_without_final_newlines_stay_apart(tmp_path: Path, model: Path) -> None:
    paths = [make(tmp_path, f"{i}.conllu", conllu(i).rstrip("\n")) for i in range(3)]
    found, error = predicted(model, *paths)
    assert error is None
    joined = make(tmp_path, "joined.conllu", found)
    assert [s.forms[-1] for s in read_all([joined])] == ["x0", "x1", "x2"]


@pytest.mark.parametrize("input_format", ["a.conllu", "a.conll"])
def test_a_corpus_may_be_written_in_the_other_format(
    tmp_path: Path, model: Path, input_format: str
) -> None:
    path = make(tmp_path, input_format)
    same, _ = predicted(model, path)
    other = "conll" if input_format == "a.conllu" else "conllu"
    found, _ = predicted(model, path, format=other)
    first = read_all([make(tmp_path, f"first-{input_format}", same)])
    second = read_all([make(tmp_path, f"second.{other}", found)])
    assert [s.forms for s in first] == [s.forms for s in second]
    assert [s.columns["ner"] for s in first] == [s.columns["ner"] for s in second]
    assert any("I-" in tag for s in first for tag in s.columns["ner"])


def test_kept_bytes_of_a_corpus_come_back_as_they_were(tmp_path: Path, model: Path) -> None:
    content = INPUTS["a.conllu"].replace("Ada", "Adé").encode("latin-1")
    path = make(tmp_path, "a.conllu", content)
    found, error = predicted(model, path, undecodable=Undecodable.KEEP)
    assert error is None
    assert cells_but({3, 9}, found, b"\t") == cells_but({3, 9}, content, b"\t")
    for format in list(FormatName)[:-2]:
        found, error = predicted(model, path, undecodable=Undecodable.KEEP, format=format)
        assert error is None
    replaced, error = predicted(model, path, undecodable=Undecodable.REPLACE)
    assert error is None
    assert replaced.decode().count("Ad\ufffd") == 40
