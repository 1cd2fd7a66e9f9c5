"""Running `tagger` as a user runs it: another process, its streams looked at."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("info", folder, stdin=b"…")`: exit code, stdout and stderr; in an empty folder."""

    def tagger(
        *args: object, stdin: bytes = b"", **env: str
    ) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [sys.executable, "-m", "tagger", *map(str, args)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", **env},
            timeout=120,
        )

    return tagger


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """`write("a.txt", "text")`: a file in the folder in which commands run."""

    def write_file(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file
