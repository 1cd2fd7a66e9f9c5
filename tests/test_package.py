"""The wheel, installed without the development tools and run from another folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def call(*args: object, cwd: Path) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(list(map(str, args)), capture_output=True, text=True, cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(900)
def test_the_wheel_works_alone(tmp_path: Path, tiny_model: Path) -> None:
    call(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("lstm_tagger-*.whl")
    call(sys.executable, "-m", "venv", "fresh", cwd=tmp_path)
    python = tmp_path / "fresh" / "bin" / "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    call(*pip, "-c", ROOT / "constraints.txt", wheel, cwd=tmp_path)
    (tmp_path / "away").mkdir()
    away = tmp_path / "away"
    tagger = tmp_path / "fresh" / "bin" / "tagger"
    assert call(tagger, "--version", cwd=away).startswith("tagger ")
    (away / "a.txt").write_text("Anna lives in Oslo.\n", encoding="utf-8")
    assert "Oslo" in call(tagger, "predict", "-m", tiny_model, "a.txt", cwd=away)
    assert call(tagger, "predict", "-f", "inline", "-t", "ner", "a.txt", cwd=away) == (
        "[PER Anna] lives in [LOC Oslo].\n"
    )
    (away / "b.txt").write_text("I don't know.\n", encoding="utf-8")
    assert "\n2-3\tdon't\t_" in call(tagger, "predict", "b.txt", cwd=away)  # as it learned
    assert call(tagger, "info", cwd=away).startswith("en\tupos,xpos,ner\t")
    assert "tokens_per_second" in call(tagger, "bench", "--seconds", "0.1", cwd=away)
    assert "ud-english-ewt" in call(tagger, "fetch", "--list", cwd=away)
    code = (
        "import importlib.resources, tagger; print(importlib.resources.files(tagger) / 'py.typed')"
    )
    typed = Path(call(python, "-c", code, cwd=away).strip())
    assert typed.is_file()
    assert ROOT not in typed.parents
    names = call(python, "-m", "pip", "list", "--format=freeze", cwd=away).lower()
    assert "pytest" not in names
    assert "mypy" not in names
