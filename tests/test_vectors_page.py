"""What docs/vectors.md shows: its script runs, and what it makes can be read."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tagger.corpus.vectors.reading import read_vectors

ROOT = Path(__file__).parent.parent


def test_the_script_makes_vectors_that_can_be_read(tmp_path: Path) -> None:
    pytest.importorskip("gensim", reason="gensim is no dependency of tagger")
    page = (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8")
    script = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert script
    (tmp_path / "raw.txt").write_text("The dog saw the Cat.\n" * 9, "utf-8", newline="\n")
    subprocess.run(
        [sys.executable, "-c", script[1], "raw.txt", "vectors.bin"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    found = read_vectors(tmp_path / "vectors.bin", {"dog"}, 9)
    assert set(found.words) == {"the", "dog", "saw", "cat", "."}
    assert found.words[0] == "the", "in order of frequency"
    assert (found.rows.shape, found.num_wanted) == ((5, 100), 1)
