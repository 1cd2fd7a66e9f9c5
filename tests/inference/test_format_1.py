"""Models that were written when format 1 was new are read for ever, with the tags they gave then.

tests/fixtures/format-1/make.sh says how they were made; they are never made again.
"""

import math
from pathlib import Path

import pytest

from tagger.inference.pipeline import Tagger
from tagger.output.conllu import CONLLU
from tagger.output.style import Style

FORMAT_1 = Path(__file__).parents[1] / "fixtures" / "format-1"


def test_a_model_of_format_1_gives_the_tags_that_it_gave() -> None:
    tagger = Tagger(FORMAT_1 / "model")
    style = Style(("upos", "ner"), frozenset(["ner"]))
    text = (FORMAT_1 / "news.txt").read_text(encoding="utf-8")
    found = "".join(CONLLU.sentence(sentence, style) for sentence in tagger.tag(text))
    assert found == (FORMAT_1 / "tagged.conllu").read_text(encoding="utf-8")


def test_a_word_that_no_table_holds_goes_through_its_lexical_graph() -> None:
    tagger = Tagger(FORMAT_1 / "model")
    assert "Zyxwville" not in tagger.runtime.forms._tabulated
    assert tagger.tag(["In", "Zyxwville", "."]).columns["upos"] == ("ADP", "PROPN", "PUNCT")


def test_a_language_model_of_format_1_scores_as_it_did() -> None:
    from tagger.inference.language_folder import read_language_folder
    from tagger.training.generation import TextModel

    model = TextModel.read(read_language_folder(FORMAT_1 / "language-model"), "language-model")
    rows = (FORMAT_1 / "scored.tsv").read_text(encoding="utf-8").splitlines()
    expected = [row.split("\t") for row in rows]
    found = model.score(iter([forms.split() for _, forms in expected]))
    perplexities = [likelihood.perplexity for likelihood in found]
    assert perplexities == pytest.approx([float(value) for value, _ in expected], rel=0.002)


def test_a_character_model_of_format_1_scores_as_it_did() -> None:
    from tagger.inference.language_folder import read_language_folder
    from tagger.training.character_generation import CharacterTextModel

    folder = FORMAT_1 / "character-model"
    model = CharacterTextModel.read(read_language_folder(folder), "character-model")
    rows = (FORMAT_1 / "scored-characters.tsv").read_text(encoding="utf-8").splitlines()
    expected = [row.split("\t") for row in rows]
    found = model.score(iter([forms.split() for _, forms in expected]))
    bits = [math.log2(likelihood.perplexity) for likelihood in found]
    assert bits == pytest.approx([float(value) for value, _ in expected], abs=0.002)


def test_the_fixture_stays_small() -> None:
    files = [path for path in FORMAT_1.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 300_000
