"""A model on disk: a round trip, and one clear sentence for everything that can be broken."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tagger.errors import ModelError
from tagger.inference.folder import (
    Description,
    ModelFiles,
    read_description,
    read_graph,
    read_table,
    read_vocabularies,
    write_folder,
)
from tagger.inference.pipeline import Tagger
from tagger.training.loop import Training
from tagger.vocabulary import Vocabularies, Vocabulary


def rewrite(folder: Path, description: Description, **parts: Any) -> None:
    """Writes a small folder; `parts` take the place of its content."""
    content: dict[str, Any] = {
        "description": description,
        "vocabularies": Vocabularies(
            words=Vocabulary.with_special(["ä", 'quo"te\n']),
            characters=Vocabulary.with_special("äb"),
            affixes=Vocabulary.with_special(["<ä"]),
        ),
        "graphs": {"lexical.onnx": b"1", "sentence.onnx": b"2"},
        "forms": ["ä"],
        "table": np.arange(8, dtype=np.float16).reshape(1, 2, 4),
        "weights": {"w": np.arange(6, dtype=np.float32).reshape(2, 3)},
        "card": "# ä\n",
        "metrics": [{"epoch": 1}, {"epoch": 2}],
    }
    write_folder(folder, ModelFiles(**{**content, **parts}))


def test_what_was_written_is_read(tiny_model: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    folder = tmp_path / "deep" / "model"
    description = read_description(tiny_model)
    rewrite(folder, description)
    assert read_description(folder) == description
    found = read_vocabularies(folder)
    assert found.words.strings == ("<pad>", "<unknown>", "ä", 'quo"te\n')
    assert found.characters.strings == ("<pad>", "<unknown>", "ä", "b")
    assert found.affixes.strings == ("<pad>", "<unknown>", "<ä")
    assert read_graph(folder, "lexical.onnx") == b"1"
    table, forms = read_table(folder)
    assert (table.tolist(), forms) == ([[[0, 1, 2, 3], [4, 5, 6, 7]]], ["ä"])
    assert load_file(folder / "weights.safetensors")["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (folder / "README.md").read_text(encoding="utf-8") == "# ä\n"
    assert (folder / "metrics.jsonl").read_bytes() == b'{"epoch":1}\n{"epoch":2}\n'
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_trained_folder_holds_what_training_knew(
    tiny_model: Path, tiny_training: Training
) -> None:
    from safetensors.numpy import load_file

    found, expected = read_vocabularies(tiny_model), tiny_training.data.vocabularies
    for name in ("words", "characters", "affixes"):
        assert getattr(found, name).strings == getattr(expected, name).strings
    weights = load_file(tiny_model / "weights.safetensors")
    assert set(weights) == set(tiny_training.state.best)
    for name, weight in weights.items():
        assert np.array_equal(weight, tiny_training.state.best[name].numpy())


def test_no_file_of_a_folder_can_run_code(tiny_model: Path) -> None:
    names = {path.name for path in tiny_model.iterdir()}
    assert names == {
        "model.json",
        "vocabulary.json",
        "lexical.onnx",
        "sentence.onnx",
        "forms.json",
        "table.npy",
        "weights.safetensors",
        "README.md",
        "metrics.jsonl",
    }
    for path in tiny_model.iterdir():
        head = path.read_bytes()[:8]
        assert not head.startswith((b"\x80", b"PK")), f"{path.name} looks like a pickle or a zip"


def test_predicting_needs_no_weights_beside_the_graphs(tiny_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "shipped"))
    for name in ("weights.safetensors", "README.md", "metrics.jsonl"):
        (folder / name).unlink()
    assert [task.name for task in Tagger(folder).tasks] == ["upos", "ner"]


def test_an_older_folder_is_replaced_as_a_whole(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "left_over.txt").write_text("old", encoding="utf-8")
    rewrite(folder, read_description(tiny_model))
    assert not (folder / "left_over.txt").exists()
    assert (folder / "model.json").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("part", ["graphs", "weights", "metrics"])
def test_writing_is_all_or_nothing(tiny_model: Path, tmp_path: Path, part: str) -> None:
    description = read_description(tiny_model)
    broken = {
        "graphs": {"lexical.onnx": b"new", "sentence.onnx": None},
        "forms": ["ä"],
        "table": np.arange(8, dtype=np.float16).reshape(1, 2, 4),
        "weights": {"w": "no array"},
        "metrics": [object()],
    }
    rewrite(tmp_path / "there", description)
    for name in ("there", "new"):
        with pytest.raises((TypeError, AttributeError, NotImplementedError, ValueError)):
            rewrite(tmp_path / name, description, **{part: broken[part]})
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert read_graph(tmp_path / "there", "lexical.onnx") == b"1"


def change_json(folder: Path, name: str, change: Callable[[Any], object]) -> None:
    content = json.loads((folder / name).read_bytes())
    change(content)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")


def change_head(folder: Path, **parts: Any) -> None:
    change_json(folder, "model.json", lambda content: content["heads"][0].update(parts))


def add_tag(head: dict[str, Any]) -> None:
    """One more tag, with all its transitions."""
    head["task"]["tags"].append("ZZZ")
    head["between"].append(head["start"])
    for row in (head["start"], *head["between"][:-1], head["end"]):
        row.append(0.0)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no such folder": (shutil.rmtree, "{}: not a tagger model: no such folder"),
    "no model.json": (
        lambda folder: (folder / "model.json").unlink(),
        "{}: not a tagger model: model.json is missing",
    ),
    "another format": (
        lambda folder: change_json(folder, "model.json", lambda c: c.update(format=99)),
        "{}/model.json: expected model format 1, found 99 (made by another version of tagger?",
    ),
    "no format": (
        lambda folder: (folder / "model.json").write_bytes(b"{}"),
        "{}/model.json: expected model format 1, found None (made by another version of tagger?",
    ),
    "broken JSON": (
        lambda folder: (folder / "model.json").write_bytes(b'{"format": 1,'),
        "{}/model.json: not what a tagger model has there: Input data was truncated",
    ),
    "no object": (
        lambda folder: (folder / "model.json").write_bytes(b"[1]"),
        "{}/model.json: not what a tagger model has there: Expected `object`, got `array`",
    ),
    "no UTF-8": (
        lambda folder: (folder / "model.json").write_bytes(b'{"format": "\xff"}'),
        "{}/model.json: not what a tagger model has there: ",
    ),
    "a field missing": (
        lambda folder: change_json(folder, "model.json", lambda c: c.pop("heads")),
        "{}/model.json: not what a tagger model has there: Object missing required field `heads`",
    ),
    "a number as text": (
        lambda folder: change_json(folder, "model.json", lambda c: c.update(seed="x")),
        "{}/model.json: not what a tagger model has there: Expected `int`, got `str` - at `$.seed`",
    ),
    "too few transitions": (
        lambda folder: change_head(folder, start=[0.0]),
        "head 'upos': expected transitions between",
    ),
    "ragged transitions": (
        lambda folder: change_head(folder, between=[[0.0], [0.0, 0.0]]),
        "head 'upos': expected transitions between",
    ),
    "no vocabulary": (
        lambda folder: (folder / "vocabulary.json").unlink(),
        "{}: not a tagger model: vocabulary.json is missing",
    ),
    "another vocabulary": (
        lambda folder: (folder / "vocabulary.json").write_bytes(b'{"words": [1]}'),
        "{}/vocabulary.json: not what a tagger model has there: Expected `str`, got `int`",
    ),
    "a word twice": (
        lambda folder: change_json(folder, "vocabulary.json", lambda c: c["words"].append("<pad>")),
        "a vocabulary holds the same string twice",
    ),
    "a word too many": (
        lambda folder: change_json(folder, "vocabulary.json", lambda c: c["words"].append("zzz")),
        "{}/lexical.onnx: does not fit the vocabularies: ",
    ),
    "no lexical graph": (
        lambda folder: (folder / "lexical.onnx").unlink(),
        "{}: not a tagger model: lexical.onnx is missing",
    ),
    "no sentence graph": (
        lambda folder: (folder / "sentence.onnx").unlink(),
        "{}/sentence.onnx: cannot be read: No such file or directory",
    ),
    "no table": (
        lambda folder: (folder / "table.npy").unlink(),
        "{}/table.npy: cannot be read: No such file or directory",
    ),
    "a garbage table": (
        lambda folder: (folder / "table.npy").write_bytes(b"garbage" * 99),
        "{}/table.npy: not what a tagger model has there: ",
    ),
    "an empty table": (
        lambda folder: (folder / "table.npy").write_bytes(b""),
        "{}/table.npy: not what a tagger model has there: ",
    ),
    "a pickled table": (
        lambda folder: np.save(folder / "table.npy", np.array([{}], object), allow_pickle=True),
        "{}/table.npy: not what a tagger model has there: ",
    ),
    "half a table": (
        lambda folder: (folder / "table.npy").write_bytes(
            (folder / "table.npy").read_bytes()[:999]
        ),
        "{}/table.npy: not what a tagger model has there: ",
    ),
    "a table of another shape": (
        lambda folder: np.save(folder / "table.npy", np.zeros((3, 4), np.float16)),
        "{}/table.npy: not what a tagger model has there: no table of floats",
    ),
    "a table of another size": (
        lambda folder: np.save(
            folder / "table.npy", np.zeros((len(read_table(folder)[1]), 2, 12), np.float16)
        ),
        "{}/sentence.onnx: does not fit table and tasks: ",
    ),
    "a form too many": (
        lambda folder: change_json(folder, "forms.json", lambda c: c.append("zzz")),
        "{}/table.npy: expected floats of the shape (",
    ),
    "a garbage graph": (
        lambda folder: (folder / "sentence.onnx").write_bytes(b"\x00garbage\n" * 99),
        "{}/sentence.onnx: not a usable ONNX graph: ",
    ),
    "an empty graph": (
        lambda folder: (folder / "lexical.onnx").write_bytes(b""),
        "{}/lexical.onnx: not a usable ONNX graph: ",
    ),
    "half a graph": (
        lambda folder: (folder / "lexical.onnx").write_bytes(
            (folder / "lexical.onnx").read_bytes()[:999]
        ),
        "{}/lexical.onnx: not a usable ONNX graph: ",
    ),
    "the graphs exchanged": (
        lambda folder: shutil.copy(folder / "lexical.onnx", folder / "sentence.onnx"),
        "{}/sentence.onnx: does not fit table and tasks: ",
    ),
    "a head without emissions": (
        lambda folder: change_json(
            folder, "model.json", lambda c: c["heads"][0]["task"].update(name="xpos")
        ),
        "{}/sentence.onnx: does not fit table and tasks: ",
    ),
    "a tag too many": (
        lambda folder: change_json(folder, "model.json", lambda c: add_tag(c["heads"][0])),
        "{}/sentence.onnx: expected emissions of ",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_folder_gives_one_sentence(tiny_model: Path, tmp_path: Path, what: str) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "broken"))
    damage, message = BROKEN[what]
    damage(folder)
    with pytest.raises(ModelError, match=re.escape(message.format(folder))) as caught:
        Tagger(folder).tag(["zyxwv"])  # a word that no table holds
    assert "\n" not in str(caught.value)
