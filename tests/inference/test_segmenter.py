"""A learned segmenter: nothing of a text is lost, and what stands beside it changes nothing."""

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.corpus.files import open_corpus_file
from tagger.errors import ModelError
from tagger.evaluation.raw_scores import evaluate_raw
from tagger.evaluation.raw_text import RawText, read_raw_text
from tagger.inference import segmenter as module
from tagger.inference.models import find_model
from tagger.inference.segmenter import LearnedSegmenter
from tagger.sentence import Sentence, surface_tokens
from tagger.text.paragraphs import Paragraph, lines_of
from tagger.text.segmenters import Cutting, cut_text
from tests.conftest import CORPORA
from tests.training.raw_corpus import raw_text

Cut = Callable[[str], list[Sentence]]


@pytest.fixture(scope="module")
def toy(toy_segmenter: Path) -> LearnedSegmenter:
    return LearnedSegmenter(toy_segmenter)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawText:
    return raw_text(tmp_path_factory.mktemp("raw"), 200)


def rebuilt(text: str, sentences: list[Sentence]) -> str:
    """Gaps and surface tokens, one behind the other; a gap may be nothing but white space."""
    pieces, at = [], 0
    for sentence in sentences:
        assert sentence.text is not None
        assert sentence.offsets is not None
        assert sentence.start == sentence.offsets[0][0]
        assert sentence.text == text[sentence.start : sentence.offsets[-1][1]]
        for first, end in surface_tokens(sentence):
            begin, stop = sentence.offsets[first]
            assert at <= begin < stop
            gap = text[at:begin]
            assert not gap.removeprefix("\ufeff" if at == 0 else "").strip()
            pieces += gap, text[begin:stop]
            if end - first == 1:
                assert sentence.forms[first] == text[begin:stop]
            at = stop
    assert not text[at:].removeprefix("\ufeff" if at == 0 else "").strip()
    return "".join([*pieces, text[at:]])


texts = st.text(max_size=80) | st.text(
    "Ann doesn't see. \n\t\u00a0日ä\u0301👩\u200d👧1!", max_size=80
)


@given(texts)
def test_tokens_and_gaps_are_the_text_whatever_it_is(toy_segmenter: Path, text: str) -> None:
    toy = _loaded(toy_segmenter)
    for cutting in (Cutting(wrapped=False), Cutting(wrapped=True), Cutting(paragraphs=False)):
        assert rebuilt(text, cut_text(text, toy, cutting)) == text


_loaded_segmenters: dict[Path, LearnedSegmenter] = {}


def _loaded(folder: Path) -> LearnedSegmenter:
    """One session for all examples of a property."""
    if folder not in _loaded_segmenters:
        _loaded_segmenters[folder] = LearnedSegmenter(folder)
    return _loaded_segmenters[folder]


@pytest.mark.corpora
def test_every_file_of_the_shared_corpora_is_rebuilt_as_raw_text() -> None:
    english = LearnedSegmenter(find_model("en") / "segmenter")
    paths = [p for p in sorted(CORPORA.rglob("*")) if p.is_file() and p.suffix != ".xz"]
    assert len(paths) > 60
    for path in paths:
        text = path.read_bytes()[:400_000].decode(errors="replace")
        assert rebuilt(text, cut_text(text, english)) == text, path


@pytest.mark.corpora
def test_the_shipped_segmenter_reaches_what_its_card_says() -> None:
    path = CORPORA / "ud-english-ewt" / "en_ewt-ud-dev.conllu"
    gold = read_raw_text([open_corpus_file(path)])
    english = LearnedSegmenter(find_model("en") / "segmenter")
    scores = evaluate_raw(lambda text: cut_text(text, english), [], gold)
    found = {score.task: round(100 * score.value, 2) for score in scores}
    assert found == pytest.approx(
        {"Tokens": 99.37, "Sentences": 90.68, "Words": 99.10, "Multiword": 93.04}, abs=0.2
    )


def test_a_paragraph_is_cut_alike_alone_and_beside_others(
    toy: LearnedSegmenter, raw: RawText
) -> None:
    paragraphs = [*lines_of(raw.text)]
    together = toy.segment(paragraphs)
    assert together == [toy.segment([paragraph])[0] for paragraph in paragraphs]
    assert toy.segment(paragraphs[::-1]) == together[::-1]


@pytest.mark.parametrize(("window", "context"), [(24, 16), (40, 24), (100, 16), (10_000, 0)])
def test_a_long_text_is_cut_alike_wherever_the_windows_fall(
    toy: LearnedSegmenter,
    raw: RawText,
    monkeypatch: pytest.MonkeyPatch,
    window: int,
    context: int,
) -> None:
    text = Paragraph(" ".join(raw.text.split()), 0)
    expected = toy.segment([text])
    assert len(expected[0]) > 150
    monkeypatch.setattr(module, "WINDOW_UNITS", window)
    monkeypatch.setattr(module, "CONTEXT_UNITS", context)
    assert toy.segment([text]) == expected


@pytest.mark.corpora
@pytest.mark.parametrize(("window", "context"), [(200, 64), (500, 64), (384, 100), (100_000, 0)])
def test_the_shipped_segmenter_cuts_alike_wherever_the_windows_fall(
    monkeypatch: pytest.MonkeyPatch, window: int, context: int
) -> None:
    english = LearnedSegmenter(find_model("en") / "segmenter")
    gold = (CORPORA / "ud-english-ewt" / "en_ewt-ud-dev.conllu").read_text(encoding="utf-8")
    said = [line[9:] for line in gold.split("\n") if line.startswith("# text = ")]
    text = Paragraph(" ".join(said), 0)
    (expected,) = english.segment([text])
    monkeypatch.setattr(module, "WINDOW_UNITS", window)
    monkeypatch.setattr(module, "CONTEXT_UNITS", context)
    (found,) = english.segment([text])
    ends = [{s.start for s in sentences} for sentences in (expected, found)]
    tokens = [{o for s in sentences for o in s.offsets or ()} for sentences in (expected, found)]
    assert len(tokens[0] ^ tokens[1]) <= 0.0005 * len(tokens[0])
    assert len(ends[0] ^ ends[1]) <= 0.005 * len(ends[0])


def test_a_paragraph_always_ends_a_sentence(toy: LearnedSegmenter) -> None:
    found = toy.segment([Paragraph("Ann sees", 0), Paragraph("", 9), Paragraph("Bob", 10)])
    assert [[s.forms for s in of] for of in found] == [[("Ann", "sees")], [], [("Bob",)]]


def test_a_line_is_one_sentence_and_its_text_the_whole_line(toy: LearnedSegmenter) -> None:
    lines = [Paragraph(" Ann sees Bob. Bob doesn't see Ann! ", 5), Paragraph(" \t", 42)]
    first, second = toy.tokenize(lines)
    assert first.forms == ("Ann", "sees", "Bob", ".", "Bob", "does", "n't", "see", "Ann", "!")
    assert (first.text, first.start) == (lines[0].text, 5)
    assert first.offsets is not None
    assert first.offsets[0] == (6, 9)
    assert (second.forms, second.text, second.start) == ((), " \t", 42)


def test_a_line_break_is_in_no_token_and_ends_no_sentence_by_itself(toy: LearnedSegmenter) -> None:
    wrapped = Paragraph("Ann sees\nBob.\n Bob is\r\nwell, not ill.", 0)
    (found,) = toy.segment([wrapped])
    assert [s.forms for s in found] == [
        ("Ann", "sees", "Bob", "."),
        ("Bob", "is", "well", ",", "not", "ill", "."),
    ]
    (only,) = toy.segment([Paragraph("Ann\n\n", 0)])[0]
    assert (only.forms, only.text) == (("Ann",), "Ann")
    assert toy.segment([Paragraph("\n \n", 0)]) == [[]]


def test_a_sentence_knows_whether_the_next_begins_right_behind_it(toy: LearnedSegmenter) -> None:
    text = "Ann sees Bob.Bob sees Ann. Ann sees Bob."
    (found,) = toy.segment([Paragraph(text, 0)])
    for sentence, following in pairwise(found):
        begin = sentence.start + len(sentence.text or "")
        assert sentence.space_after == (begin < following.start)
    assert found[-1].space_after


def test_tokens_hold_blanks_only_where_the_network_says_so(
    toy_segmenter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = LearnedSegmenter(toy_segmenter)
    inside = np.flatnonzero(~toy._ends_token)[0]
    monkeypatch.setattr(toy, "_predict", lambda texts: np.full(4, inside))
    (found,) = toy.segment([Paragraph("Ann's dog", 0)])
    assert [s.forms for s in found] == [("Ann's", "dog")]
    toy._goes_across = ~toy._ends_token
    (found,) = toy.segment([Paragraph("Ann's dog", 0)])
    assert [s.forms for s in found] == [("Ann's dog",)]
    monkeypatch.setattr(toy, "_predict", lambda texts: np.full(5, inside))
    (found,) = toy.segment([Paragraph("Ann's\ndog", 0)])
    assert [s.forms for s in found] == [("Ann's", "dog")], "over a line break none goes on"


def test_a_word_of_300_000_characters_is_one_token(toy: LearnedSegmenter) -> None:
    (found,) = toy.segment([Paragraph("Ann sees " + "x" * 300_000 + " .", 0)])
    assert [len(form) for s in found for form in s.forms] == [3, 4, 300_000, 1]


def test_a_folder_of_something_else_is_no_segmenter(
    tiny_model: Path, toy_segmenter: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="not a segmenter: expected one task, boundary"):
        LearnedSegmenter(tiny_model)
    broken = tmp_path / "broken"
    shutil.copytree(toy_segmenter, broken)
    (broken / "multiword.json").write_text('{"forms": 3}', encoding="utf-8")
    with pytest.raises(ModelError, match=r"multiword\.json: not what a tagger model has there"):
        LearnedSegmenter(broken).segment([Paragraph("Ann doesn't see Bob.", 0)])
    (broken / "sentence.onnx").unlink()
    with pytest.raises(ModelError, match=r"sentence\.onnx: cannot be read"):
        LearnedSegmenter(broken)
