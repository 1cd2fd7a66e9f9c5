"""A language model on disk: a round trip, and one clear sentence for all that can be broken."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tagger.errors import TaggerError
from tagger.inference.language_folder import (
    LanguageFiles,
    read_language_folder,
    write_language_folder,
)
from tagger.training.build import network_from
from tagger.training.pretraining import Pretraining
from tests.inference.test_folder import change_json

JSON, STRINGS, WEIGHTS = "language-model.json", "vocabulary.json", "weights.safetensors"


def opened(folder: Path) -> object:
    """What every user of a language model does with its folder."""
    return network_from(read_language_folder(folder), str(folder))


def test_what_was_written_is_read(language_model: Path, tmp_path: Path) -> None:
    files = read_language_folder(language_model)
    changed = msgspec.structs.replace(files, card="# ä\n", metrics=[{"step": 1}, {"step": 2}])
    folder = tmp_path / "deep" / "lm"
    write_language_folder(folder, changed)
    found = read_language_folder(folder)
    assert found.description == files.description
    assert found.targets.strings == files.targets.strings
    assert list(found.joined) == list(files.joined) != []
    for name in ("words", "characters", "affixes"):
        expected = getattr(files.vocabularies, name)
        assert getattr(found.vocabularies, name).strings == expected.strings
    assert found.weights.keys() == files.weights.keys()
    for name, weight in files.weights.items():
        assert np.array_equal(found.weights[name], weight)
    assert (folder / "README.md").read_text(encoding="utf-8") == "# ä\n"
    assert (folder / "metrics.jsonl").read_bytes() == b'{"step":1}\n{"step":2}\n'
    assert [path.name for path in folder.parent.iterdir()] == ["lm"]


def test_a_folder_holds_what_training_knew(
    language_model: Path, language_training: Pretraining
) -> None:
    files = read_language_folder(language_model)
    data, network = language_training.data, language_training.state.network
    assert files.targets.strings == data.targets.strings
    assert files.vocabularies.words.strings == data.vocabularies.words.strings
    for name, weight in network_from(files, "lm").state_dict().items():
        assert np.array_equal(weight, network.state_dict()[name]), name
    description = files.description
    assert description.steps == language_training.num_steps
    assert description.tokens == language_training.state.tokens
    assert description.held_out == language_training.score()
    assert description.num_weights == sum(weight.size for weight in files.weights.values())
    is_unknown = data.tables.targets[np.asarray(data.dev, np.int64)] == 1
    assert description.unknown == pytest.approx(is_unknown.mean())
    nats = np.log(description.held_out.forward) * (len(data.dev) - 1)
    bits = nats / np.log(2) / data.held_out_characters
    assert description.bits_per_character == pytest.approx(bits)
    assert (description.command, description.segmenter) == ("tagger pretrain a.txt", "rules")
    rows = (language_model / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["step"] for row in rows] == [
        report["step"] for report in language_training.state.history
    ]


def test_the_card_says_what_it_is_and_how_well_it_predicts(language_model: Path) -> None:
    card = (language_model / "README.md").read_text(encoding="utf-8")
    held_out = read_language_folder(language_model).description.held_out
    assert card.startswith("# lm\n")
    assert "12 units a direction" in card
    assert f"| forward | {held_out.forward:.1f} |" in card
    assert f"| backward | {held_out.backward:.1f} |" in card
    assert f"| a.txt | `{'0' * 64}` |" in card
    assert "Made by: `tagger pretrain a.txt`" in card


def test_no_file_of_a_folder_can_run_code(language_model: Path) -> None:
    names = {path.name for path in language_model.iterdir()}
    assert names == {JSON, STRINGS, WEIGHTS, "README.md", "metrics.jsonl"}
    for path in language_model.iterdir():
        assert not path.read_bytes().startswith((b"\x80", b"PK"))


@pytest.mark.parametrize("part", ["weights", "metrics", "joined"])
def test_writing_is_all_or_nothing(language_model: Path, tmp_path: Path, part: str) -> None:
    files = read_language_folder(language_model)
    write_language_folder(tmp_path / "there", files)
    broken = {"weights": {"w": "no array"}, "metrics": [object()], "joined": [object()]}
    bad: LanguageFiles = msgspec.structs.replace(files, **{part: broken[part]})
    for name in ("there", "new"):
        with pytest.raises((TypeError, AttributeError, NotImplementedError, ValueError)):
            write_language_folder(tmp_path / name, bad)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert read_language_folder(tmp_path / "there").targets.strings == files.targets.strings


def damage_weights(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    weights = load_file(folder / WEIGHTS)
    change(weights)
    save_file(weights, folder / WEIGHTS)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no such folder": (shutil.rmtree, "{}: not a language model: language-model.json is missing"),
    "no description": (
        lambda folder: (folder / JSON).unlink(),
        "{}: not a language model: language-model.json is missing",
    ),
    "a tagger": (
        lambda folder: (folder / JSON).rename(folder / "model.json"),
        "{}: not a language model: language-model.json is missing",
    ),
    "another format": (
        lambda folder: change_json(folder, JSON, lambda c: c.update(format=2)),
        "{}/language-model.json: expected format 1, found 2 (made by another version of tagger?",
    ),
    "another format of other fields": (
        lambda folder: (folder / JSON).write_bytes(b'{"format": 2, "layers": 3}'),
        "{}/language-model.json: expected format 1, found 2 (made by another version of tagger?",
    ),
    "broken JSON": (
        lambda folder: cut_off(folder / JSON),
        "{}/language-model.json: not what a ",
    ),
    "no object": (
        lambda folder: (folder / JSON).write_bytes(b"[1]"),
        "{}/language-model.json: not what a ",
    ),
    "a field missing": (
        lambda folder: change_json(folder, JSON, lambda c: c.pop("held_out")),
        "{}/language-model.json: not what a ",
    ),
    "an unknown setting": (
        lambda folder: change_json(folder, JSON, lambda c: c["settings"].update(layers=2)),
        "{}: unknown key 'layers'",
    ),
    "a setting of another kind": (
        lambda folder: change_json(folder, JSON, lambda c: c["settings"].update(hidden_size="x")),
        "{}: hidden_size: expected `int`, got `str`",
    ),
    "other sizes": (
        lambda folder: change_json(folder, JSON, lambda c: c["settings"].update(hidden_size=13)),
        "{}: weights do not fit its settings: ",
    ),
    "sizes beyond all memory": (
        lambda folder: change_json(
            folder, JSON, lambda c: c["settings"].update(hidden_size=10**12)
        ),
        "{}: weights do not fit its settings: ",
    ),
    "no vocabulary": (
        lambda folder: (folder / STRINGS).unlink(),
        "{}/vocabulary.json: cannot be read: No such file or directory",
    ),
    "half a vocabulary": (
        lambda folder: cut_off(folder / STRINGS),
        "{}/vocabulary.json: not what a ",
    ),
    "a word twice": (
        lambda folder: change_json(folder, STRINGS, lambda c: c["targets"].append("Ann")),
        "a vocabulary holds the same string twice",
    ),
    "a target too many": (
        lambda folder: change_json(folder, STRINGS, lambda c: c["targets"].append("zyxwv")),
        "{}: weights do not fit its settings: ",
    ),
    "a word too few": (
        lambda folder: change_json(folder, STRINGS, lambda c: c["words"].pop()),
        "{}: weights do not fit its settings: ",
    ),
    "an id too large": (
        lambda folder: change_json(folder, STRINGS, lambda c: c["joined"].append(10_000)),
        "{}/vocabulary.json: expected ids of targets, found others",
    ),
    "an id below 0": (
        lambda folder: change_json(folder, STRINGS, lambda c: c["joined"].append(-1)),
        "{}/vocabulary.json: expected ids of targets, found others",
    ),
    "no boundary among the targets": (
        lambda folder: change_json(folder, STRINGS, lambda c: c["targets"].reverse()),
        "{}/vocabulary.json: expected targets that begin with '' and '<unknown>', found others",
    ),
    "no weights": (
        lambda folder: (folder / WEIGHTS).unlink(),
        "{}/weights.safetensors: cannot be read: ",
    ),
    "half the weights": (
        lambda folder: cut_off(folder / WEIGHTS),
        "{}/weights.safetensors: cannot be read: ",
    ),
    "garbage weights": (
        lambda folder: (folder / WEIGHTS).write_bytes(b"garbage\n" * 99),
        "{}/weights.safetensors: cannot be read: ",
    ),
    "empty weights": (
        lambda folder: (folder / WEIGHTS).write_bytes(b""),
        "{}/weights.safetensors: cannot be read: ",
    ),
    "a weight missing": (
        lambda folder: damage_weights(folder, lambda w: w.pop("softmax.head.bias")),
        "{}: weights do not fit its settings: ",
    ),
    "a weight too many": (
        lambda folder: damage_weights(folder, lambda w: w.update(other=np.zeros(3, np.float32))),
        "{}: weights do not fit its settings: ",
    ),
    "a weight of another shape": (
        lambda folder: damage_weights(
            folder, lambda w: w.update({"softmax.head.bias": np.zeros(3, np.float32)})
        ),
        "{}: weights do not fit its settings: ",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_folder_gives_one_sentence(
    language_model: Path, tmp_path: Path, what: str
) -> None:
    folder = Path(shutil.copytree(language_model, tmp_path / "broken"))
    opened(folder)
    damage, message = BROKEN[what]
    damage(folder)
    with pytest.raises(TaggerError, match=re.escape(message.format(folder))) as caught:
        opened(folder)
    assert "\n" not in str(caught.value)
