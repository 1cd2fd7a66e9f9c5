"""A segmenter's training: labels by hand, a toy treebank by heart, files."""

import hashlib
from pathlib import Path

import pytest

from tagger.evaluation.raw_scores import evaluate_raw
from tagger.evaluation.raw_text import RawText
from tagger.inference.folder import read_description, read_multiword
from tagger.inference.records import CorpusRecord
from tagger.inference.segmenter import LearnedSegmenter
from tagger.sentence import multiword_tokens
from tagger.text.paragraphs import Paragraph
from tagger.text.segmenters import cut_text
from tagger.training.raw_variants import GoldSentence, GoldToken
from tagger.training.segmenter import label_units, segmenter_files, train_segmenter
from tests.conftest import toy_segmenter_settings, train_to_the_end, write_segmenter
from tests.training.raw_corpus import raw_text


def gold(text: str, gap: str, *tokens: tuple[int, int, int]) -> GoldSentence:
    return GoldSentence(text, tuple([GoldToken(*token) for token in tokens]), gap)


def labels(*paragraph: GoldSentence) -> list[str]:
    """Each unit and its tag, a line for each."""
    return [f"{form}|{tag}" for form, tag in zip(*label_units(list(paragraph)), strict=True)]


def test_a_unit_says_what_ends_with_it() -> None:
    first = gold("I don't.", " ", (0, 1, 1), (2, 7, 2), (7, 8, 1))
    second = gold("Isn't", "", (0, 5, 2))
    assert labels(first, second) == [
        " I|token",
        *(" don|inside", "'|inside", "t|multiword"),
        ".|sentence",
        *(" Isn|inside", "'|inside", "t|multiword-sentence"),
    ]


def test_a_token_that_ends_within_a_unit_goes_on_to_the_next_end() -> None:
    assert labels(gold("alot.", "", (0, 1, 1), (1, 4, 1), (4, 5, 1))) == [
        " alot|token",
        ".|sentence",
    ]


def test_line_breaks_are_not_annotated_and_blanks_in_tokens_are() -> None:
    first = gold("10 000 a", "\n", (0, 6, 1), (7, 8, 1))
    assert labels(first, gold("b", "", (0, 1, 1))) == [
        *(" 10|across", " 000|token", " a|sentence"),
        "\n|_",
        " b|sentence",
    ]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawText:
    return raw_text(tmp_path_factory.mktemp("raw"))


def test_a_toy_treebank_is_learned_by_heart(toy_segmenter: Path, raw: RawText) -> None:
    segmenter = LearnedSegmenter(toy_segmenter)
    scores = evaluate_raw(lambda text: cut_text(text, segmenter), [], raw)
    assert [(s.task, s.value) for s in scores] == [
        ("Tokens", 1.0),
        ("Sentences", 1.0),
        ("Words", 1.0),
        ("Multiword", 1.0),
    ]


def test_words_that_were_never_seen_are_split_alike(toy_segmenter: Path) -> None:
    segmenter = LearnedSegmenter(toy_segmenter)
    ((sentence,),) = segmenter.segment([Paragraph("Ann doesn't see Cid.", 7)])
    assert sentence.forms == ("Ann", "does", "n't", "see", "Cid", ".")
    assert multiword_tokens(sentence) == [(1, 3)]
    assert sentence.offsets is not None
    assert sentence.offsets[1] == sentence.offsets[2] == (11, 18)
    assert sentence.start == 7


def test_the_same_seed_gives_the_same_files(raw: RawText, tmp_path: Path) -> None:
    settings = toy_segmenter_settings(epochs=2)

    def hashes(name: str) -> dict[str, str]:
        folder = write_segmenter(tmp_path / name, raw, settings)
        paths = [path for path in folder.iterdir() if path.name != "metrics.jsonl"]  # has times
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}

    assert hashes("first") == hashes("again")


def test_its_folder_says_what_it_was_made_from_and_has_no_weights(
    raw: RawText, tmp_path: Path
) -> None:
    settings = toy_segmenter_settings(epochs=1)
    training = train_to_the_end(train_segmenter(raw, raw, settings))
    record = CorpusRecord(split="train", name="a", sha256="0" * 64, sentences=60, tokens=4)
    files = segmenter_files(training, raw, records=[record], command="tagger train a")
    assert not files.weights
    assert files.multiword is not None
    assert files.multiword.split("couldn't") == ("could", "n't")
    folder = write_segmenter(tmp_path / "s", raw, settings)
    assert read_multiword(folder) == files.multiword
    assert read_description(folder).heads == files.description.heads
    assert [head.task.name for head in files.description.heads] == ["boundary"]
    assert files.description.data == (record,)
    assert not (folder / "weights.safetensors").exists()
