"""Whole predictions in this process: inputs to read, what came out, the error if there was one."""

import contextlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

from tagger.errors import TaggerError
from tagger.inference.decoder import Decoding
from tagger.output.style import Style
from tagger.streaming.inputs import Input
from tagger.streaming.kinds import InputKind, Undecodable
from tagger.streaming.requests import Observer, Request
from tagger.streaming.run import run
from tagger.streaming.work import Plan

STYLE = Style(("upos", "ner"), frozenset({"ner"}))
EAGERNESS = 3.0  # how much less an O scores than it did
SENTENCES = (
    "Ms. Adeyemi reached our warehouse in Leeds.",
    "Why?",
    "It rained, he won't go!",
    "Ünï 😀",
)


def make_eager(model: Path, folder: Path) -> Path:
    """A copy of a small model that finds spans of several tokens in almost every sentence."""
    shutil.copytree(model, folder)
    path = folder / "model.json"
    description = json.loads(path.read_bytes())
    (head,) = [head for head in description["heads"] if head["task"]["name"] == "ner"]
    outside = head["task"]["tags"].index("O")
    for scores in (head["start"], *head["between"]):
        scores[outside] -= EAGERNESS
    path.write_text(json.dumps(description), encoding="utf-8", newline="\n")
    return folder


def conllu(number: int) -> str:
    rows = [("Ada", "PROPN", "B-PER"), ("met", "VERB", "O"), (f"x{number}", "X", "O")]
    lines = [
        f"{i}\t{form}\t_\t{upos}\t_\t_\t0\tdep\t_\tNER={ner}|A=b\n"
        for i, (form, upos, ner) in enumerate(rows, 1)
    ]
    return f"# sent_id = {number}\n{''.join(lines)}" + "\n" * (1 + number % 3)


INPUTS = {
    "a.txt": "".join(f"{SENTENCES[i % 4]} No. {i}.\n" + "\n" * (i % 3) for i in range(40)),
    "a.conllu": "".join(map(conllu, range(40))) + "# the end",
    "a.conll": "".join(f"Ada B-PER\nmet O\nx{i} O\n" + "\n" * (1 + i % 3) for i in range(40)),
    "a.jsonl": "".join(
        json.dumps({"id": i, "text": f"{SENTENCES[i % 4]}\nNo. {i}."}) + "\n" * (1 + i % 2)
        for i in range(40)
    ),
}


def make(folder: Path, name: str, content: str | bytes | None = None) -> Path:
    path = folder / name
    content = INPUTS[name] if content is None else content
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def request_for(*paths: Path, **changes: Any) -> Request:
    asked: dict[str, Any] = {
        "paths": paths,
        "kind": InputKind.AUTO,
        "columns": None,
        "format": None,
        "style": STYLE,
        "output": None,
        "out_dir": None,
        "at_once": False,
        "jobs": 1,
    }
    return Request(**asked | changes)


def plan_for(model: Path, **changes: Any) -> Plan:
    asked: dict[str, Any] = {
        "model": model,
        "decoding": Decoding(),
        "field": "text",
        "undecodable": Undecodable.STRICT,
    }
    return Plan(**asked | changes)


def predicted(model: Path, *paths: Path, **changes: Any) -> tuple[bytes, TaggerError | None]:
    """What arrived at standard output, and the error that ended it."""
    of_plan = {name: changes.pop(name) for name in ("undecodable", "decoding") if name in changes}
    written = io.BytesIO()
    error = None
    with contextlib.redirect_stdout(io.TextIOWrapper(written, encoding="ascii")) as stdout:
        try:
            run(request_for(*paths, **changes), plan_for(model, **of_plan), SILENT)
        except TaggerError as caught:
            error = caught
        stdout.flush()
        return written.getvalue(), error


def _ignore(_: Input | int) -> None:
    pass


SILENT = Observer(opened=_ignore, read=_ignore)
