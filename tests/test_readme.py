"""What README says: its quick start runs as written, and its other claims can be checked."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from tagger.training.settings import Settings, settings_from

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block_after(heading: str, language: str) -> str:
    """The first code block of a language behind a heading."""
    found = re.search(rf"```{language}\n(.*?)```", README[README.index(heading) :], re.DOTALL)
    assert found, f"no {language} block after {heading}"
    return found[1]


@pytest.mark.timeout(600)
def test_the_quick_start_runs_as_written(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpora", tmp_path / "corpora")
    binaries = tmp_path / "bin"
    binaries.mkdir()
    command = f'#!/bin/sh\nexec "{sys.executable}" -m tagger "$@"\n'
    (binaries / "tagger").write_text(command, encoding="utf-8")
    (binaries / "tagger").chmod(0o755)
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block_after("## Quick start", "sh")],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    scores = dict(re.findall(r"^(upos|xpos|ner) ([0-9.]+) ", done.stdout, re.MULTILINE))
    assert float(scores["upos"]) > 85
    assert float(scores["xpos"]) > 83
    assert float(scores["ner"]) > 35
    assert "Paris\t_\tPROPN" in done.stdout
    assert (tmp_path / "news.jsonl").stat().st_size > 1000
    assert "S-PER" in (tmp_path / "test-iobes.conllu").read_text(encoding="utf-8")


def test_the_python_shown_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block_after("### From Python", "python")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("('Anna', 'Bell', 'lives', 'in', 'Paris', '.') ('PROPN',")


def test_the_settings_shown_are_the_defaults() -> None:
    shown = tomllib.loads(block_after("### Training", "toml"))
    del shown["heads"]
    given = msgspec.to_builtins(settings_from(shown))
    assert given == msgspec.to_builtins(Settings())


def test_every_package_has_its_line() -> None:
    places = [p.name for p in (ROOT / "tagger").iterdir() if not p.name.startswith(("_", "py."))]
    missing = [name for name in places if f"`{name}" not in README]
    assert missing == []


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
