"""A finished training as a model folder: repeatable, described, scored as users will run it."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from tagger import __version__
from tagger.evaluation.model import evaluate_model
from tagger.inference.folder import FORMAT, read_description
from tagger.inference.pipeline import Tagger
from tagger.inference.records import CorpusRecord
from tagger.training.finish import write_model
from tagger.training.loop import Training
from tests.conftest import train_to_the_end
from tests.training.test_loop import make_training

RECORDS = [
    CorpusRecord(split="train", name="a.conllu", sha256="1" * 64, sentences=6, tokens=1234),
    CorpusRecord(split="dev", name="b|c.conllu", sha256="2" * 64, sentences=1, tokens=5),
]


def write(folder: Path, seed: int = 1) -> dict[str, str]:
    """Trains, writes and gives the SHA-256 of each file."""
    training = train_to_the_end(make_training(seed=seed, optimisation={"epochs": 2}))
    write_model(training, folder, records=RECORDS, command="tagger train")
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_the_same_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    first = write(tmp_path / "first" / "model")
    again = write(tmp_path / "again" / "model")
    other = write(tmp_path / "other" / "model", seed=2)
    for name in ("weights.safetensors", "lexical.onnx", "sentence.onnx", "vocabulary.json"):
        assert first[name] == again[name]
        assert (first[name] == other[name]) == (name == "vocabulary.json")
    assert first["model.json"] == again["model.json"]


def test_the_description_says_what_was_trained_how_and_on_what(
    tiny_training: Training, tmp_path: Path
) -> None:
    description = write_model(tiny_training, tmp_path / "m", records=RECORDS, command="tagger x")
    encode = msgspec.json.encode  # JSON knows no tuples
    assert encode(read_description(tmp_path / "m")) == encode(description)
    assert (description.format, description.tagger_version) == (FORMAT, __version__)
    assert tuple(head.task for head in description.heads) == tiny_training.data.tasks
    assert [head.kind for head in description.heads] == ["softmax", "crf"]
    assert description.num_words == len(tiny_training.data.vocabularies.words)
    network = tiny_training.best_network()
    assert description.num_weights == sum(p.numel() for p in network.parameters())
    assert description.settings["words"]["size"] == 8
    assert description.data == tuple(RECORDS)
    assert description.command == "tagger x"
    assert description.epoch == tiny_training.state.best_epoch + 1


def test_learned_transitions_are_written(tiny_training: Training, tiny_model: Path) -> None:
    ner = read_description(tiny_model).heads[1]
    learned = tiny_training.best_network().head("ner").transitions()
    assert ner.transitions().between.tolist() == learned.between.tolist()
    legal = learned.between[learned.between > -1000]
    assert legal.any(), "something was learned"


def test_the_scores_on_dev_are_those_of_the_exported_graphs(
    tiny_training: Training, tiny_model: Path
) -> None:
    tagger = Tagger(tiny_model)
    found = evaluate_model(
        tagger.tag_sentences, tagger.tasks, tagger.is_known, tiny_training.data.dev
    )
    written = tagger.description.scores
    for score, on_disk in zip(found, written, strict=True):
        assert (score.task, score.value, score.tokens) == (
            on_disk.task,
            pytest.approx(on_disk.value),
            on_disk.tokens,
        )
    assert sum(score.value for score in written) / 2 == pytest.approx(
        tiny_training.state.best_score
    )
    assert written[0].value > 0.3, "a model that has learned something"


def test_the_card_names_data_scores_and_command(tiny_training: Training, tmp_path: Path) -> None:
    write_model(tiny_training, tmp_path / "my-model", records=RECORDS, command="tagger train -x")
    card = (tmp_path / "my-model" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# my-model\n")
    assert f"| train | a.conllu | 6 | 1,234 | `{'1' * 64}` |" in card
    assert "tagger train -x" in card
    value = tiny_training.state.history[tiny_training.state.best_epoch]["dev"]["upos"]
    assert f"| upos | {100 * value:.2f} | - | - |" in card
    assert "- `ner` (crf, spans): LOC ORG PER" in card
