"""Multiword tokens in CoNLL-U and CoNLL-U Plus: a range line before their words."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tagger.corpus.files import open_corpus_file
from tagger.evaluation.raw_text import RawText, read_raw_text
from tagger.output.conllu import as_conllu
from tagger.output.conllup import as_conllup, conllup_header
from tagger.output.spacy import as_spacy
from tagger.output.style import Style
from tagger.sentence import Sentence
from tests.output.multiword_samples import DONT, UPOS, multiword_sentences, of_surface
from tests.output.samples import STYLE, read_conllu_text, rows_of, tagged


def test_a_range_with_the_surface_form_stands_before_its_words() -> None:
    assert as_conllu(DONT, STYLE) == (
        "# text = We don't go.\n"
        "1\tWe\t_\tPRON\t_\t_\t_\t_\t_\tNER=O\n"
        "2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n"
        "2\tdo\t_\tAUX\t_\t_\t_\t_\t_\tNER=B-X\n"
        "3\tn't\t_\tPART\t_\t_\t_\t_\t_\tNER=I-X\n"
        "4\tgo\t_\tVERB\t_\t_\t_\t_\t_\tSpaceAfter=No|NER=I-X\n"
        "5\t.\t_\tPUNCT\t_\t_\t_\t_\t_\tNER=O\n"
        "\n"
    )


def test_a_range_has_as_many_cells_as_there_are_named_columns() -> None:
    assert as_conllup(DONT, STYLE) == (
        "# text = We don't go.\n"
        "1\tWe\tPRON\tO\n"
        "2-3\tdon't\t_\t_\n"
        "2\tdo\tAUX\tB-X\n"
        "3\tn't\tPART\tI-X\n"
        "4\tgo\tVERB\tI-X\n"
        "5\t.\tPUNCT\tO\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("du=de+le chat dort", "1-2 du|1 de|2 le|3 chat|4 dort"),
        ("chat du=de+le roi", "1 chat|2-3 du|2 de|3 le|4 roi"),
        ("il va au=à+le", "1 il|2 va|3-4 au|3 à|4 le"),
        ("du=de+le au=à+le", "1-2 du|1 de|2 le|3-4 au|3 à|4 le"),
        ("du=de+le~du=de+le", "1-2 du|1 de|2 le|3-4 du|3 de|4 le"),
        ("ya dámelo=da+me+lo ya", "1 ya|2-4 dámelo|2 da|3 me|4 lo|5 ya"),
        ("dámelo=da+me+lo", "1-3 dámelo|1 da|2 me|3 lo"),
    ],
)
def test_ranges_stand_wherever_multiword_tokens_do(line: str, expected: str) -> None:
    sentence = tagged(of_surface(line, 7))
    for written in (as_conllu(sentence, STYLE), as_conllup(sentence, STYLE)):
        comment, *rows = rows_of(written)
        assert comment == [f"# text = {sentence.text}"]
        assert "|".join(" ".join(row[:2]) for row in rows) == expected


@pytest.mark.parametrize("style", [UPOS, STYLE])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("du=de+le~. roi", ["1-2"]),
        ("l'~du=de+le~.", ["1", "2-3"]),
        ("du=de+le~au=à+le roi", ["1-2"]),
        ("du=de+le au=à+le roi", []),
    ],
)
def test_the_range_and_none_of_its_words_says_that_no_blank_follows(
    line: str, expected: list[str], style: Style
) -> None:
    _, *rows = rows_of(as_conllu(tagged(of_surface(line)), style))
    assert [row[0] for row in rows if "SpaceAfter=No" in row[9].split("|")] == expected


@pytest.mark.parametrize(
    ("line", "expected"), [("Va", "1"), ("Va du=de+le", "2-3"), ("dámelo=da+me+lo", "1-3")]
)
@pytest.mark.parametrize("style", [UPOS, STYLE])
def test_the_last_surface_token_says_that_the_next_sentence_follows_at_once(
    line: str, expected: str, style: Style
) -> None:
    sentence = tagged(of_surface(line))
    assert "SpaceAfter" not in as_conllu(sentence, style)
    _, *rows = rows_of(as_conllu(replace(sentence, space_after=False), style))
    assert [row[0] for row in rows if "SpaceAfter=No" in row[9].split("|")] == [expected]


@pytest.mark.parametrize("number", range(1, 12))
def test_conllu_plus_says_nothing_of_blanks_however_many_its_columns(number: int) -> None:
    names = tuple(f"c{i}" for i in range(number))
    sentence = of_surface("du=de+le~.").with_columns(dict.fromkeys(names, ("X",) * 3))
    style = Style(names, frozenset())
    _, first, *_ = rows_of(as_conllup(replace(sentence, space_after=False), style))
    assert first == ["1-2", "du"] + ["_"] * number
    assert len(first) == len(conllup_header(style).split()[3:])


def test_white_space_in_a_surface_form_is_blanks_in_its_range() -> None:
    text = "a\tb\nc"
    sentence = Sentence(("x", "y"), {"upos": ("X", "X"), "ner": ("O", "O")}, ((0, 5),) * 2, text)
    for written in (as_conllu(sentence, STYLE), as_conllup(sentence, STYLE)):
        assert written.splitlines()[0] == "# text = a b c"
        assert written.splitlines()[1].startswith("1-2\ta b c\t_")


def test_words_of_no_text_at_one_place_are_no_multiword_token() -> None:
    sentence = tagged(Sentence(("", "x", "a"), {}, ((0, 0), (0, 0), (0, 1)), "a"))
    for written in (as_conllu(sentence, STYLE), as_conllup(sentence, STYLE)):
        assert [row[0] for row in rows_of(written)[1:]] == ["1", "2", "3"]
    assert len(json.loads(as_spacy(sentence, STYLE))["tokens"]) == 3


@given(sentence=multiword_sentences())
@settings(deadline=None)
def test_the_same_words_and_tags_are_read_from_conllu(sentence: Sentence) -> None:
    written = as_conllu(sentence, STYLE)
    (again,) = read_conllu_text(written)
    assert (again.forms, again.text) == (sentence.forms, sentence.text)
    assert [again.columns[name] for name in ("upos", "ner")] == [
        sentence.columns[name] for name in ("upos", "ner")
    ]
    assert as_conllu(again, STYLE) == written


@given(sentences=st.lists(multiword_sentences(), min_size=1, max_size=3))
@settings(deadline=None)
def test_the_same_text_and_offsets_are_read_from_conllu(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[Sentence]
) -> None:
    written = "".join(as_conllu(sentence, STYLE) for sentence in sentences)
    gaps = [" " if sentence.space_after else "" for sentence in sentences[:-1]] + [""]
    raw = raw_text(tmp_path_factory, written)
    assert raw.text == "".join(
        f"{sentence.text}{gap}" for sentence, gap in zip(sentences, gaps, strict=True)
    )
    for found, sentence in zip(raw.sentences, sentences, strict=True):
        assert found.forms == sentence.forms
        assert places(found) == places(sentence)


@given(sentence=multiword_sentences())
@settings(deadline=None)
def test_even_without_a_text_comment_the_text_is_read_from_conllu(
    tmp_path_factory: pytest.TempPathFactory, sentence: Sentence
) -> None:
    """Ranges and SpaceAfter=No say all of it."""
    glued = replace(sentence, space_after=False)  # or a file of one token would not tell of blanks
    _, _, rows = as_conllu(glued, STYLE).partition("\n")
    raw = raw_text(tmp_path_factory, rows)
    assert raw.text == sentence.text
    assert places(raw.sentences[0]) == places(sentence)


def raw_text(folders: pytest.TempPathFactory, written: str) -> RawText:
    path = folders.getbasetemp() / "multiword.conllu"
    path.write_text(written, encoding="utf-8", newline="\n")
    return read_raw_text([open_corpus_file(path)])


def places(sentence: Sentence) -> list[tuple[int, int]]:
    """Offsets in the text of the sentence itself."""
    return [(a - sentence.start, b - sentence.start) for a, b in sentence.offsets or ()]
