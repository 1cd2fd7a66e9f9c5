"""Corpus files on the command line: what was found is noted, what is misspelt named."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from tagger.cli.corpora import open_all, read_noting
from tagger.cli.options import DialectChoice, TagScheme, asked, scheme_named
from tagger.corpus.files import open_corpus_file
from tagger.corpus.lines import _copy_of_stdin
from tagger.corpus.overruling import DIALECTS, Asked
from tagger.errors import CorpusError, TaggerError, UsageError
from tagger.schemes import SCHEMES
from tests.cli.conftest import ROOT, Run

FIXTURES = ROOT / "tests" / "fixtures"
MISSPELT = FIXTURES / "misspelt_tag.conll"
Write = Callable[[str, bytes | str], Path]
Shown = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        (
            "plus.conllup",
            "CoNLL-U Plus: its first line names 5 columns (form=2,upos=3,ner=4,parseme:mwe=5)",
        ),
        ("words.pairs", "words and 1 tag(s) joined by '/'; xpos in column 2 (8 tags such as .)"),
        ("crlf_and_bom.conllu", "CoNLL-U: ten tab-separated columns that begin with an ID"),
        (
            "misspelt_tag.conll",
            "2 tab-separated columns; ner in column 2 (tags such as B-PER) (form=1,ner=2)",
        ),
    ],
)
def test_what_a_file_is_and_why_is_noted_on_stderr(capsys: Shown, name: str, reasons: str) -> None:
    (corpus,) = open_all([FIXTURES / name])
    assert corpus.path == str(FIXTURES / name)
    out, err = capsys.readouterr()
    assert out == ""
    assert " ".join(err.split()) == f"{FIXTURES / name}: {reasons}"


def test_every_span_column_has_its_scheme_noted_and_no_other(capsys: Shown) -> None:
    for name in ("germeval_nested.tsv", "words.pairs"):
        assert read_noting(open_corpus_file(FIXTURES / name))
    assert [line.partition("/fixtures/")[2] for line in capsys.readouterr().err.splitlines()] == [
        "germeval_nested.tsv: ner is written in IOB2",
        "germeval_nested.tsv: ner2 is written in IOB2",
    ]


def test_a_slip_is_warned_of_with_its_place(capsys: Shown, write: Write) -> None:
    path = write("x.pairs", "Ada/B-PER ran/O\nto/O Oslo/I-LOC\nIt/O Bonn/B-LOC\nBo/B-PER\n")
    read_noting(open_corpus_file(path))
    assert f"{path}:2: I-LOC continues nothing" in " ".join(capsys.readouterr().err.split())


def test_a_misspelt_tag_in_a_span_column_is_an_error_with_its_place() -> None:
    with pytest.raises(CorpusError) as caught:
        read_noting(open_corpus_file(MISSPELT))
    assert str(caught.value) == (
        f"{MISSPELT}:71:2: expected O or a tag such as B-PER, found 'BPER' "
        "(tagger check names every such tag)"
    )


def test_a_misspelt_tag_among_pairs_has_the_number_of_its_word(write: Write) -> None:
    line = "Ada/B-PER went/O to/O Oslo/B-LOC and/O back/O\n"
    path = write("x.pairs", line * 9 + "\n" + line.replace("B-LOC", "B_LOC"))
    with pytest.raises(CorpusError, match=r"x.pairs:11:4: expected O or a tag .*, found 'B_LOC'"):
        read_noting(open_corpus_file(path))


def test_a_misspelt_tag_in_misc_has_the_place_of_misc(write: Write) -> None:
    rows = [f"{i}\ta" + "\t_" * 7 + f"\tNER={'B-X' if i % 2 else 'O'}" for i in range(1, 41)]
    rows[29] = rows[29].replace("NER=O", "NER=o")
    path = write("x.conllu", "# text = a\n" + "\n".join(rows) + "\n\n")
    with pytest.raises(CorpusError, match=r"x.conllu:31:10: expected O or a tag .*, found 'o'"):
        read_noting(open_corpus_file(path))


def test_an_unannotated_token_among_spans_is_no_misspelt_tag(write: Write) -> None:
    path = write("x.conll", "a B-X\nb _\nc O\n" * 9)
    assert len(read_noting(open_corpus_file(path))) == 1


def test_a_part_of_speech_column_is_not_looked_at_for_spans(write: Write) -> None:
    path = write("x.conll", "a NN\nb VB\nc B-X\nd O\n" * 9)
    assert len(read_noting(open_corpus_file(path))) == 1


def test_a_file_of_comments_and_marks_has_no_sentences(write: Write) -> None:
    path = write("x.conll", "-DOCSTART- O\n\n")
    with pytest.raises(TaggerError) as caught:
        read_noting(open_corpus_file(path, Asked(columns="form=1,ner=2")))
    assert str(caught.value) == f"{path}: expected sentences, found none"


@pytest.mark.parametrize("other", ["train", "dev"])
def test_train_says_where_a_tag_is_misspelt(run: Run, write: Write, other: str) -> None:
    good = write("good.conll", "Ada\tB-PER\nran\tO\n\n" * 9)
    train, dev = (good, MISSPELT) if other == "dev" else (MISSPELT, good)
    shown = run("train", train, "--dev", dev, "-o", "m")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert (
        shown.stderr.decode()
        .splitlines()[-1]
        .startswith(f"error: {MISSPELT}:71:2: expected O or a tag such as B-PER, found 'BPER'")
    )


def test_evaluate_says_where_a_tag_is_misspelt(run: Run, tiny_model: Path) -> None:
    shown = run("evaluate", "-m", tiny_model, MISSPELT)
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert (
        shown.stderr.decode()
        .splitlines()[-1]
        .startswith(f"error: {MISSPELT}:71:2: expected O or a tag such as B-PER, found 'BPER'")
    )


def test_every_choice_of_the_options_is_known_below_them() -> None:
    assert tuple(DialectChoice) == DIALECTS
    assert tuple(scheme_named(choice) for choice in TagScheme) == SCHEMES
    assert scheme_named(None) is None


def ask(
    dialect: DialectChoice | None = None,
    columns: str | None = None,
    separator: str | None = None,
    comments: bool | None = None,
    encoding: str = "utf-8",
) -> Asked:
    return asked(
        dialect=dialect,
        columns=columns,
        separator=separator,
        comments=comments,
        encoding=encoding,
    )


def test_options_that_are_not_given_ask_for_nothing() -> None:
    assert ask() == Asked()
    assert ask(encoding="UTF8") == Asked()


def test_options_ask_for_what_they_say() -> None:
    assert ask(DialectChoice["pairs"], "form=1,ner=2", "|", False, "Latin-1") == Asked(
        dialect="pairs", columns="form=1,ner=2", separator="|", comments=False, encoding="iso8859-1"
    )
    assert [ask(separator=name).separator for name in ("tab", "blank", "/", "")] == [
        *("\t", " ", "/", "")
    ]
    with pytest.raises(UsageError, match="expected an encoding such as latin-1, found 'x'"):
        ask(encoding="x")


class _Stdin(BytesIO):
    @property
    def buffer(self) -> "_Stdin":
        return self


def test_standard_input_is_read_where_no_file_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: Shown
) -> None:
    _copy_of_stdin.cache_clear()
    monkeypatch.setattr("sys.stdin", _Stdin(b"Ada/NNP ran/VBD\n" * 3))
    try:
        (corpus,) = open_all([])
        assert [len(list(corpus)) for _ in range(2)] == [3, 3]
        assert capsys.readouterr().err.startswith("-: words and 1 tag(s) joined by '/'")
    finally:
        _copy_of_stdin().close()
        _copy_of_stdin.cache_clear()


def test_train_reads_standard_input(run: Run, write: Write) -> None:
    dev = write("dev.conll", "Ada\tB-PER\nran\tO\n\n" * 9)
    shown = run("train", "-", "--dev", dev, "-o", "m", stdin=MISSPELT.read_bytes())
    assert shown.returncode == 2
    assert shown.stderr.decode().splitlines()[-1].startswith("error: -:71:2: expected O or a tag")
