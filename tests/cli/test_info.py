"""`tagger info` shows what a model folder says of itself, as text and nothing else."""

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Run
from tests.inference.test_format_1 import FORMAT_1


def test_signs_that_a_terminal_obeys_are_not_shown(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FORMAT_1 / "model", tmp_path / "m"))
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    description["command"] = "tagger train\x1b]0;owned\x07\r\x9b2Jé"
    (folder / "model.json").write_text(json.dumps(description), encoding="utf-8")
    told = run("info", str(folder)).stdout.decode()
    assert "trained by: tagger train\ufffd]0;owned\ufffd\ufffd\ufffd2Jé\n" in told
    assert "\x1b" not in told
