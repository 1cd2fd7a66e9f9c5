"""Spans in CoNLL-2012's brackets to tags and back, and each way in which they may not match."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.brackets import are_brackets, brackets_from_tags, tags_from_brackets
from tagger.corpus.files import open_corpus_file
from tagger.corpus.overruling import Asked
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import CorpusError
from tagger.schemes import SCHEMES, Scheme, convert_tags, spans_from_tags, tags_from_spans
from tagger.sentence import Span

FIXTURES = Path(__file__).parents[1] / "fixtures"
ONTONOTES = Asked(columns="form=4,xpos=5,ner=11")


@pytest.mark.parametrize(
    ("cells", "tags"),
    [
        ("(PER* *) * (GPE)", "B-PER I-PER O B-GPE"),
        ("(PER* * *) (PER*)", "B-PER I-PER I-PER B-PER"),
        ("(A) (A)", "B-A B-A"),
        ("* - _", "O O O"),  # as cells without an annotation are written
        ("(WORK_OF_ART* *)", "B-WORK_OF_ART I-WORK_OF_ART"),
        ("", ""),
    ],
)
def test_brackets_are_read_as_iob2(cells: str, tags: str) -> None:
    assert tags_from_brackets(cells.split()) == tags.split()


@pytest.mark.parametrize(
    ("cells", "place", "problem"),
    [
        ("(A* *", 0, "expected the end of A, found the end of the sentence"),
        ("* (A* (B* *)", 2, "expected the end of A before another begins, found (B*"),
        ("(A* (B) *)", 1, "expected the end of A before another begins, found (B)"),
        ("(A) *)", 1, "expected an open bracket before *), found none"),
        ("*)", 0, "expected an open bracket before *), found none"),
        ("* B-PER", 1, "expected brackets such as (PER*, * or *), found 'B-PER'"),
        ("(A(B* *))", 0, "expected brackets such as (PER*, * or *), found '(A(B*'"),
        ("(A", 0, "expected brackets such as (PER*, * or *), found '(A'"),
        ("(A* )", 1, "expected brackets such as (PER*, * or *), found ')'"),
        ("(*)", 0, "expected brackets such as (PER*, * or *), found '(*)'"),
        ("**", 0, "expected brackets such as (PER*, * or *), found '**'"),
    ],
)
def test_brackets_that_do_not_match_are_told_with_their_place(
    cells: str, place: int, problem: str
) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        tags_from_brackets(cells.split())
    assert caught.value.args == (place, problem)


def test_an_empty_cell_and_one_with_a_line_end_are_no_brackets() -> None:
    for cell in ("", "*\n", "(A)\n", " *"):
        with pytest.raises(ValueError, match="expected brackets"):
            tags_from_brackets([cell])


@st.composite
def sentences_of_spans(draw: st.DrawFn) -> tuple[list[Span], int]:
    spans: list[Span] = []
    end = 0
    labels = st.sampled_from(["PER", "WORK_OF_ART", "1", "a-b", "É"])
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), max_size=6)):
        spans.append(Span(end + gap, end + gap + length, draw(labels)))
        end += gap + length
    return spans, end + draw(st.integers(0, 2))


@given(given_spans=sentences_of_spans(), scheme=st.sampled_from([s for s in SCHEMES if s != "IO"]))
@settings(deadline=None, max_examples=60)
def test_tags_of_any_scheme_survive_as_brackets(
    given_spans: tuple[list[Span], int], scheme: Scheme
) -> None:
    tags = tags_from_spans(*given_spans, scheme)
    cells = brackets_from_tags(tags)
    assert len(cells) == len(tags)
    assert tags_from_brackets(cells) == convert_tags(tags, "IOB2")
    assert spans_from_tags(tags_from_brackets(cells)) == given_spans[0]
    assert brackets_from_tags(tags_from_brackets(cells)) == cells


@given(cells=st.lists(st.text("(A*)-", max_size=4), max_size=5))
@settings(deadline=None, max_examples=60)
def test_any_cells_are_tags_or_an_error_with_a_place(cells: list[str]) -> None:
    try:
        assert len(tags_from_brackets(cells)) == len(cells)
    except ValueError as error:
        place, problem = error.args
        assert 0 <= place < len(cells)
        assert problem.startswith("expected ")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["*", "(PER*", "*)"], True),
        (["(GPE)", "*"], True),
        (["*", "(A*)"], True),
        (["*"], False),  # nothing begins
        (["*", "*)"], False),
        (["-", "(0)"], False),  # coreference
        (["-", "(0", "0)", "(1)"], False),
        (["*", "(TOP(S(NP*", "*))"], False),  # parse trees nest
        (["O", "(A)", "*"], False),
        ([], False),
    ],
)
def test_a_column_of_brackets_is_known_by_all_its_cells(cells: list[str], expected: bool) -> None:
    assert are_brackets(cells) is expected


def test_conll_2012_is_read_by_its_columns_and_written_as_it_was() -> None:
    corpus = open_corpus_file(FIXTURES / "conll2012.conll", ONTONOTES)
    assert corpus.dialect.layout.brackets == {"ner"}
    first, second, end = corpus.with_empty()
    assert first.forms == ("Ada", "Bell", "ran", ".")
    assert first.columns == {
        "xpos": ("NNP", "NNP", "VBD", "."),
        "ner": ("B-PERSON", "I-PERSON", "O", "O"),
    }
    assert (second.forms, second.columns["ner"]) == (("Oslo",), ("B-GPE",))
    assert end.forms == ()
    text = (FIXTURES / "conll2012.conll").read_text(encoding="utf-8")
    blocks = list(corpus.with_empty())
    assert "".join(map(rewrite_sentence, blocks)) == text
    assert "".join(rewrite_sentence(s, s.columns) for s in blocks) == text


def test_new_spans_are_written_as_brackets_and_a_new_column_as_its_tags() -> None:
    first = next(iter(open_corpus_file(FIXTURES / "conll2012.conll", ONTONOTES)))
    tags = ("O", "S-X", "B-Y", "E-Y")
    lines = rewrite_sentence(first.with_columns({"ner": tags, "my": tags}), ["ner", "my"])
    rows = [line.split() for line in lines.splitlines()[1:5]]
    assert [row[10] for row in rows] == ["*", "(X)", "(Y*", "*)"]
    assert [row[-1] for row in rows] == list(tags)


@pytest.mark.parametrize(
    ("fixture", "place_and_problem"),
    [
        ("bracket_never_closed.conll", "1:2: expected the end of PER, found the end of the sent"),
        ("bracket_nested.conll", "2:2: expected the end of PER before another begins, found (ORG*"),
        ("bracket_never_opened.conll", "3:2: expected an open bracket before *), found none"),
    ],
)
def test_a_broken_bracket_is_named_with_its_row_and_field(
    fixture: str, place_and_problem: str
) -> None:
    corpus = open_corpus_file(FIXTURES / fixture)
    assert corpus.dialect.layout.brackets == {"ner"}
    with pytest.raises(CorpusError) as caught:
        list(corpus)
    assert str(caught.value).startswith(f"{FIXTURES / fixture}:{place_and_problem}")


def test_a_cell_that_is_no_bracket_is_named_behind_the_head(tmp_path: Path) -> None:
    path = tmp_path / "long.conll"
    path.write_text("Ada (PER*\nBell *)\n\n" * 2000 + "Oslo *\nB-GPE B-GPE\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        list(open_corpus_file(path))
    assert str(caught.value) == (
        f"{path}:6002:2: expected brackets such as (PER*, * or *), found 'B-GPE'"
    )
