"""A stranger's model folder: no code, nothing outside the folder, no memory beyond its files.

What a graph may hold is in test_graph_check.py; every sentence is a promise of SECURITY.md.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file, save_file

from tagger.errors import ModelError
from tagger.inference.folder import (
    SEGMENTER,
    check_format,
    read_multiword,
    read_table,
    read_vocabularies,
)
from tagger.inference.language_folder import read_language_folder
from tagger.inference.pipeline import Tagger
from tests.inference.test_folder import change_head, change_json

FORMAT_1 = Path(__file__).parents[1] / "fixtures" / "format-1"
DEEP = b"[" * 100_000
HUGE = b"1" + b"0" * 100_000
HEADER = "{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}\n"


def copy_of(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "model"))


def refuse(folder: Path, message: str) -> None:
    with pytest.raises(ModelError, match=re.escape(message.format(folder))) as caught:
        Tagger(folder).tag(["zyxwv"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1_000


FILES = ["model.json", "vocabulary.json", "forms.json", "table.npy", "lexical.onnx"]


@pytest.mark.parametrize("name", [*FILES, "sentence.onnx"])
def test_a_link_that_leads_out_of_the_folder_is_refused(
    tiny_model: Path, tmp_path: Path, name: str
) -> None:
    folder = copy_of(tiny_model, tmp_path)
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    refuse(folder, "{}/" + name + ": expected a file in the model folder, found a link that leads")


def test_a_segmenter_that_leads_out_of_the_folder_is_refused(
    toy_model: Path, tmp_path: Path
) -> None:
    folder = copy_of(toy_model, tmp_path)
    (folder / SEGMENTER).rename(tmp_path / "elsewhere")
    (folder / SEGMENTER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="segmenter: expected a file in the model folder"):
        Tagger(folder).tag("A text.")


def test_links_within_the_folder_and_to_it_are_followed(tiny_model: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_model, tmp_path)
    (folder / "table.npy").rename(folder / "blob")
    (folder / "table.npy").symlink_to("blob")
    (tmp_path / "link").symlink_to(folder)
    assert Tagger(tmp_path / "link").tag(["Leeds"]).columns


def test_links_in_a_circle_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_model, tmp_path)
    (folder / "table.npy").unlink()
    (folder / "table.npy").symlink_to("table.npy")
    refuse(folder, "{}/table.npy: ")


@pytest.mark.parametrize("name", ["forms.json", "table.npy", "sentence.onnx"])
def test_a_pipe_in_the_folder_does_not_wait(tiny_model: Path, tmp_path: Path, name: str) -> None:
    folder = copy_of(tiny_model, tmp_path)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refuse(folder, "{}/" + name + ": cannot be read: not a regular file")


def test_a_file_beyond_all_sizes_is_not_read(tiny_model: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_model, tmp_path)
    with (folder / "forms.json").open("ab") as stream:
        stream.truncate(2**40)  # takes no place on disk
    refuse(folder, "{}/forms.json: expected at most 268,435,456 bytes, found 1,099,511,627,776")


def write_header(path: Path, header: str, size: int = 0, version: bytes = b"\x01\x00") -> None:
    packed = header.encode()
    path.write_bytes(
        b"\x93NUMPY" + version + len(packed).to_bytes(2, "little") + packed + bytes(size)
    )


TABLES: dict[str, Callable[[Path], object]] = {
    "a terabyte": lambda p: write_header(p, HEADER.format("<f2", False, (2**39, 2, 1))),
    "no forms of a terabyte each": lambda p: write_header(
        p, HEADER.format("<f2", False, (0, 2, 2**33))
    ),
    "no width": lambda p: write_header(p, HEADER.format("<f2", False, (3, 2, 0))),
    "objects": lambda p: write_header(p, HEADER.format("|O", False, (1, 2, 1)), 4),
    "a structure": lambda p: write_header(p, HEADER.format("<f2,<f2", False, (1, 2, 1)), 4),
    "the other order": lambda p: write_header(p, HEADER.format("<f2", True, (1, 2, 1)), 4),
    "another version": lambda p: write_header(
        p, HEADER.format("<f2", False, (1, 2, 1)), 4, b"\x02\x00"
    ),
    "a header that is a call": lambda p: write_header(p, "__import__('os').abort()\n"),
    "a header nested deep": lambda p: write_header(p, "(" * 60_000),
    "a zip": lambda p: (np.savez(p, table=np.zeros(3)), p.with_suffix(".npy.npz").rename(p)),
    "a byte too many": lambda p: p.write_bytes(p.read_bytes() + b"\0"),
}


@pytest.mark.parametrize("what", TABLES)
def test_a_table_is_nothing_but_floats_as_many_as_there_are(
    tiny_model: Path, tmp_path: Path, what: str
) -> None:
    folder = copy_of(tiny_model, tmp_path)
    TABLES[what](folder / "table.npy")
    with pytest.raises(ModelError, match=r"table.npy: not what a tagger model has there"):
        read_table(folder)


@pytest.mark.parametrize("content", [DEEP, b'{"settings":' + DEEP, b'{"format":' + HUGE + b"}"])
@pytest.mark.parametrize("name", ["model.json", "vocabulary.json", "forms.json"])
def test_json_nested_deep_or_of_huge_numbers_is_refused(
    tiny_model: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    folder = copy_of(tiny_model, tmp_path)
    (folder / name).write_bytes(content)
    refuse(folder, "{}/" + name + ": ")


def test_huge_numbers_in_settings_are_refused_or_kept(tiny_model: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny_model, tmp_path)
    content = (folder / "model.json").read_bytes()
    (folder / "model.json").write_bytes(content.replace(b'"seed": 1', b'"seed": ' + b"9" * 5_000))
    refuse(folder, "{}/model.json: not what a tagger model has there: ")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda v: v["words"].pop(0), "expected vocabularies that begin with <pad>"),
        (lambda v: v.update(words=[]), "expected vocabularies that begin with <pad>"),
        (lambda v: v["affixes"].reverse(), "expected vocabularies that begin with <pad>"),
        (lambda v: v["characters"].append("<pad>"), "a vocabulary holds the same string twice"),
    ],
)
def test_a_vocabulary_whose_ids_mean_something_else_is_refused(
    tiny_model: Path, tmp_path: Path, change: Callable[[dict[str, list[str]]], object], problem: str
) -> None:
    folder = copy_of(tiny_model, tmp_path)
    change_json(folder, "vocabulary.json", change)
    with pytest.raises(ModelError, match=f"vocabulary.json: {problem}"):
        read_vocabularies(folder)


TASKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a tag that breaks a line": (
        lambda folder: change_tags(folder, 0, lambda tags: ["A\nB", *tags[1:]]),
        "task 'upos': expected tags that can be written",
    ),
    "no tags": (
        lambda folder: change_tags(folder, 0, lambda tags: []),
        "task 'upos': expected tags that can be written",
    ),
    "a task without a name": (
        lambda folder: change_json(
            folder, "model.json", lambda c: c["heads"][0]["task"].update(name="")
        ),
        "task '': expected tags that can be written",
    ),
    "a tag twice": (
        lambda folder: change_tags(folder, 0, lambda tags: [tags[1], *tags[1:]]),
        "task 'upos': has a tag twice",
    ),
    "tags in place of spans": (
        lambda folder: change_tags(folder, 1, lambda tags: ["X", *tags[1:]]),
        "task 'ner': expected span tags and O",
    ),
    "no task": (
        lambda folder: change_json(folder, "model.json", lambda c: c.update(heads=[])),
        "/model.json: expected a task, found none",
    ),
    "a task twice": (
        lambda folder: change_json(
            folder, "model.json", lambda c: c["heads"][0]["task"].update(name="ner")
        ),
        "expected tasks of different names",
    ),
    "transitions beyond all numbers": (
        lambda folder: change_head(folder, start=[1e300] * 17),
        "head 'upos': expected transitions",
    ),
}


def change_tags(folder: Path, head: int, change: Callable[[list[str]], list[str]]) -> None:
    def of_head(content: dict[str, list[dict[str, dict[str, list[str]]]]]) -> None:
        task = content["heads"][head]["task"]
        task["tags"] = change(task["tags"])

    change_json(folder, "model.json", of_head)


@pytest.mark.parametrize("what", TASKS)
def test_tags_that_no_format_can_write_are_refused(
    tiny_model: Path, tmp_path: Path, what: str
) -> None:
    folder = copy_of(tiny_model, tmp_path)
    change, problem = TASKS[what]
    change(folder)
    refuse(folder, problem)


@pytest.mark.parametrize(
    "rules",
    [
        {"rules": [["a", "b", -3, 0, ["x"]]]},
        {"rules": [["a", "b", 0, 99, ["x"]]]},
        {"rules": [["a", "b", 0, 0, []]]},
        {"rules": [["a", "b", 0, 0, ["x", ""]]]},
        {"forms": {"du": ["de\n", "le"]}},
        {"forms": {"du": []}},
        {"forms": {"du": ["x" * 2_000]}},
        {"forms": {"du": ["x"] * 99}},
    ],
)
def test_rules_that_lose_or_invent_text_are_refused(tmp_path: Path, rules: object) -> None:
    (tmp_path / "multiword.json").write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(ModelError, match=r"multiword.json: expected rules that split tokens"):
        read_multiword(tmp_path)


def test_numbers_that_are_none_are_refused_when_they_come_out(
    tiny_model: Path, tmp_path: Path
) -> None:
    folder = copy_of(tiny_model, tmp_path)
    model = onnx.load_from_string((folder / "sentence.onnx").read_bytes())
    (bias,) = (c for c in model.graph.initializer if c.name == "heads.bias")
    bias.raw_data = np.full(bias.dims, np.nan, np.float32).tobytes()
    (folder / "sentence.onnx").write_bytes(model.SerializeToString())
    refuse(folder, "{}/sentence.onnx: gives numbers that are beyond all use")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda w: w.astype(np.float64), "expected floats of 32 bits, found float64"),
        (lambda w: w * np.float32(np.nan), "has numbers that are beyond all use"),
        (lambda w: w * 0 + np.float32(1e30), "has numbers that are beyond all use"),
    ],
)
def test_weights_that_are_no_usable_numbers_are_refused(
    language_model: Path, tmp_path: Path, change: Callable[[np.ndarray], np.ndarray], problem: str
) -> None:
    folder = copy_of(language_model, tmp_path)
    weights = load_file(folder / "weights.safetensors")
    name = next(iter(weights))
    save_file({**weights, name: change(weights[name])}, folder / "weights.safetensors")
    with pytest.raises(ModelError, match=f"{re.escape(name)}: {problem}"):
        read_language_folder(folder)


def test_weights_that_lie_about_their_size_are_refused(
    language_model: Path, tmp_path: Path
) -> None:
    folder = copy_of(language_model, tmp_path)
    for header in (
        b'{"w":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}',
        b'{"w":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}',
        b'{"w":' + DEEP,
    ):
        size = len(header).to_bytes(8, "little")
        for content in (size + header + bytes(4), b"\xff" * 8 + header):
            (folder / "weights.safetensors").write_bytes(content)
            with pytest.raises(ModelError, match=r"weights.safetensors: ") as caught:
                read_language_folder(folder)
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize("found", [0, 2, 10**30, "1", None, [1], {"a": 1}, 1.5])
def test_another_format_is_refused_with_what_to_do(tmp_path: Path, found: object) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"format": found}), encoding="utf-8")
    with pytest.raises(ModelError, match="install that one, or a newer one, to read it"):
        check_format(tmp_path / "model.json", 1, "model format")


AUDITED = """
import sys
from tagger.inference.pipeline import Tagger
import tagger.inference.segmenter
folder = sys.argv[1]
seen = []
def look(event, args):
    if event in ("pickle.find_class", "os.system", "subprocess.Popen", "socket.connect"):
        seen.append((event, args))
    elif event == "open" and isinstance(args[0], str):
        is_module = args[0].endswith((".py", ".pyc", ".so"))
        if not (args[0].startswith(folder) or is_module) or "w" in str(args[1]):
            seen.append((event, args))
sys.addaudithook(look)
print(len(Tagger(folder).tag(["Zyxw", "is", "here"]).forms), seen)
"""


def test_loading_and_tagging_opens_nothing_else_and_starts_nothing(tiny_model: Path) -> None:
    """By Python's audit events: no other file, nothing written, unpickled, started or connected."""
    command = [sys.executable, "-c", AUDITED, str(tiny_model)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("3 []\n", "")


@pytest.mark.parametrize("tag", ["", "N\x85", "N\u2028N", "N N"])
def test_a_tag_that_a_corpus_may_have_is_accepted(
    tiny_model: Path, tmp_path: Path, tag: str
) -> None:
    folder = copy_of(tiny_model, tmp_path)
    change_tags(folder, 0, lambda tags: [tag, *tags[1:]])
    assert Tagger(folder).tag(["Leeds"]).columns["upos"]


@pytest.mark.parametrize("settings", [{}, {"hidden_size": "8"}])
def test_a_language_model_whose_size_is_not_told_is_refused(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    from tagger.cli.training import language_reader

    folder = Path(shutil.copytree(FORMAT_1 / "language-model", tmp_path / "lm"))
    change_json(folder, "language-model.json", lambda told: told.update(settings=settings))
    with pytest.raises(ModelError, match=r"language-model\.json: expected a hidden_size"):
        language_reader(folder)
