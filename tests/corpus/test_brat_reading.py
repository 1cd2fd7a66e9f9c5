"""brat's standoff annotations read with the text that they are of."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.brat import brat_files, read_brat
from tagger.corpus.standoff import sentences_from_spans
from tagger.errors import CorpusError, TaggerError
from tagger.output.brat import as_brat
from tagger.output.spans import located_spans
from tagger.output.style import Style
from tagger.sentence import Sentence, place_of

TEXT = "Anna lives in New\nYork City. She likes it.\n"
NER = Style(("ner",), frozenset({"ner"}))


def make(folder: Path, annotations: str, text: str = TEXT) -> Path:
    (folder / "doc.txt").write_bytes(text.encode())
    (folder / "doc.ann").write_bytes(annotations.encode())
    return folder / "doc.ann"


def spans_of(sentences: list[Sentence], name: str = "ner") -> list[tuple[int, int, str]]:
    return [(p.start, p.end, p.label) for s in sentences for p in located_spans(s, name)]


def error_of(path: Path) -> str:
    with pytest.raises(TaggerError) as error:
        list(read_brat(path))
    return str(error.value).replace(str(path.parent), "D")


def test_annotations_become_tags_of_the_text(tmp_path: Path) -> None:
    path = make(tmp_path, "T1\tPER 0 4\tAnna\nT2\tLOC 14 17;18 22\tNew York\n\n")
    for either in (path, path.with_suffix(".txt"), str(path)):
        remarks: list[str] = []
        first, second = read_brat(either, remarks=remarks)
        assert first.forms == ("Anna", "lives", "in", "New", "York", "City", ".")
        assert first.columns == {"ner": ("B-PER", "O", "O", "B-LOC", "I-LOC", "O", "O")}
        assert second.columns == {"ner": ("O",) * 4}
        assert (second.start, second.text) == (29, "She likes it.")
        assert remarks == []


def test_a_token_is_known_by_its_line_in_the_text(tmp_path: Path) -> None:
    path = make(tmp_path, "T2\tLOC 14 17;18 22\tNew York\n")
    first, second = read_brat(path)
    text = str(tmp_path / "doc.txt")
    assert [place_of(first, i, "ner")[1] for i in range(7)] == [1, 1, 1, 1, 2, 2, 2]
    assert place_of(second, 3, "ner") == (text, 2, 1)
    assert [s.source.layout.kind for s in (first, second) if s.source] == ["brat", "brat"]


def test_a_text_without_annotations_has_none(tmp_path: Path) -> None:
    assert spans_of(list(read_brat(make(tmp_path, "")))) == []
    assert [list(s.columns) for s in read_brat(tmp_path / "doc.ann", layers=2)] == [
        ["ner", "ner2"]
    ] * 3
    assert list(read_brat(make(tmp_path, "", ""))) == []


def test_a_span_in_parts_is_read_as_one_and_told(tmp_path: Path) -> None:
    path = make(tmp_path, "T1\tPER 0 4\tAnna\nT2\tLOC 11 13;18 22\tin York\n")
    remarks: list[str] = []
    sentences = list(read_brat(path, remarks=remarks))
    assert spans_of(sentences) == [(0, 4, "PER"), (11, 22, "LOC")]
    assert remarks == [
        f"{path}:2: T2 is in parts with other words between (11 13;18 22): read as 11 22"
    ]
    backwards = make(tmp_path, "T2\tLOC 18 22;14 17\tYork New\n")
    assert spans_of(list(read_brat(backwards))) == [(14, 22, "LOC")]


def test_what_is_no_entity_is_counted(tmp_path: Path) -> None:
    others = "R1\tlives Arg1:T1 Arg2:T2\n*\tEquiv T1 T2\n#1\tAnnotatorNotes T1\tx\n"
    remarks: list[str] = []
    path = make(tmp_path, f"{others}A1\tX T1\nN1\tR T1 W:1\tx\nE1\tX:T1\nM1\tX E1\nR2\tx A:T1\n")
    list(read_brat(path, remarks=remarks))
    assert remarks == [
        f"{path}: not read: relations (2), equivalences (1), notes (1), attributes (1), "
        "normalizations (1), events (1), modifications (1)"
    ]


def test_nested_annotations_make_columns(tmp_path: Path) -> None:
    path = make(tmp_path, "T1\tLOC 0 3\tNew\nT2\tORG 0 8\tNew York\n", "New York")
    (sentence,) = read_brat(path)
    assert sentence.columns == {"ner": ("B-ORG", "I-ORG"), "ner2": ("B-LOC", "O")}


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_every_character_of_the_text_counts(tmp_path: Path, end: str) -> None:
    text = f"\ufeff😀 a{end}Ada b\u2028c"
    start = text.index("Ada")
    path = make(tmp_path, f"\ufeffT1\tPER {start} {start + 3}\tAda\r\n", text)
    sentences = list(read_brat(path))
    assert spans_of(sentences) == [(start, start + 3, "PER")]
    assert all(
        text[a:b] == form
        for s in sentences
        for form, (a, b) in zip(s.forms, s.offsets or (), strict=True)
    )


def test_line_breaks_in_the_cited_text_may_be_blanks(tmp_path: Path) -> None:
    path = make(tmp_path, "T1\tLOC 14 22\tNew York\n")
    assert spans_of(list(read_brat(path))) == [(14, 22, "LOC")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "T1\tPER 0 4\tAnne",
            "3: expected 'Anna' as in the text, found 'Anne' (another text file?)",
        ),
        ("T1\tPER 0 4", "2: expected a line such as T1<TAB>PER 0 4<TAB>Anna, found 'T1\\tPER 0 4'"),
        ("T1 PER 0 4 Anna", "1: expected a line such as T1<TAB>PER 0 4<TAB>Anna, found"),
        ("T1\tPER 0\tAnna", "2: expected a line such as"),
        ("T1\tPER 0 4;\tAnna", "2: expected a line such as"),
        ("T1\t0 4\tAnna", "2: expected a line such as"),
        (f"T1\tPER 0 {'9' * 5000}\tAnna", "2: expected a line such as"),
        ("T1\tPER 0 400\tAnna", "2: expected a span within the text's 43 characters, found 0-400"),
        ("T1\tPER 4 4\t", "2: expected a span within the text's 43 characters, found 4-4"),
        ("T1\tPER 4 5\t ", "2: expected a span that covers a word, found only white space at 4-5"),
        ("?Anna", "1: expected an annotation such as T1, R1 or #1, found '?Anna'"),
        ("X1\tfoo", "1: expected an annotation such as T1, R1 or #1, found 'X1\\tfoo'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    path = make(tmp_path, f"T1\tPER 0 4\tAnna\n{line}\n")
    assert error_of(path).startswith(f"D/doc.ann:2:{problem}")


def test_both_files_must_be_there(tmp_path: Path) -> None:
    path = make(tmp_path, "")
    assert brat_files(path) == (tmp_path / "doc.txt", path)
    (tmp_path / "doc.txt").unlink()
    assert error_of(path) == "D/doc.txt: no such file (brat has a .txt and a .ann of one name)"
    assert error_of(tmp_path / "doc.conll") == (
        "D/doc.conll: expected brat's .ann or .txt file, found '.conll'"
    )


def test_bytes_that_are_not_utf8_have_their_line(tmp_path: Path) -> None:
    path = make(tmp_path, "")
    path.with_suffix(".txt").write_bytes(b"a\nb\xff")
    with pytest.raises(CorpusError, match=r"doc\.txt:2:1: expected UTF-8"):
        list(read_brat(path))


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    """A text and spans that do not overlap."""
    text = draw(st.text(st.sampled_from("aB. ?\r\n字é-'😀\u2028"), max_size=30))
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True).map(sorted))
    spans = [
        (start, end, draw(st.sampled_from(["PER", "creative-work"])))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        if text[start:end].strip()
    ]
    return text, spans


@given(document=documents())
@settings(deadline=None, max_examples=60)
def test_written_and_read_again_the_spans_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, document: tuple[str, list[tuple[int, int, str]]]
) -> None:
    text, spans = document
    sentences = sentences_from_spans(text, spans, path="a", line=1)
    written = "".join(as_brat(sentence, NER) for sentence in sentences)
    remarks: list[str] = []
    path = make(tmp_path_factory.mktemp("brat"), written, text)
    again = list(read_brat(path, remarks=remarks))
    assert [(s.forms, s.columns, s.offsets, s.text) for s in again] == [
        (s.forms, s.columns, s.offsets, s.text) for s in sentences
    ]
    assert remarks == []
