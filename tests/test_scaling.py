"""What docs/scaling.md says: its code runs as it stands, and gives what one process gives."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest

import tagger
from tagger.corpus.files import read_all
from tagger.sentence import Sentence
from tests.conftest import DEMO

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
BLOCKS = {
    "One machine": ["sh"],
    "Many files: xargs or GNU parallel": ["sh", "sh"],
    "One big file: split it": ["sh", "sh"],
    "Python": ["python", "python"],
    "Ray": ["python"],
    "Spark": ["python"],
}
needs_parallel = pytest.mark.skipif(not shutil.which("parallel"), reason="needs GNU parallel")
needs_spark = pytest.mark.skipif(
    not (importlib.util.find_spec("pyspark") and shutil.which("java")),
    reason="needs pyspark and Java",
)


def blocks_of(heading: str) -> list[tuple[str, str]]:
    """Language and code of each block below a heading."""
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    return re.findall(r"^```(\w+)\n(.*?)^```", section, re.M | re.S)


class Place:
    """A folder with texts, a model called `en` that is found from there, and a `tagger` command."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.folder = folder
        self.model = folder / "data" / "tagger" / "models" / "en"
        shutil.copytree(model, self.model)
        sentences = [sentence.text for sentence in read_all([DEMO / "dev.conllu"])]
        self.texts = [f"{a} {b}\n" for a, b in zip(sentences[::2], sentences[1::2], strict=True)]
        self.write("big.txt", "".join(self.texts))
        self.write("gold.conllu", (DEMO / "test.conllu").read_text(encoding="utf-8"))
        lines = [msgspec.json.encode({"id": i, "text": t}) for i, t in enumerate(self.texts)]
        self.write("texts.jsonl", b"\n".join(lines).decode() + "\n")
        (folder / "texts").mkdir()
        for i, text in enumerate(self.texts[:20]):
            self.write(f"texts/{i:02}.txt", text)
        (folder / "bin").mkdir()
        self.write("bin/tagger", f'#!/bin/sh\nexec "{sys.executable}" -m tagger "$@"\n')
        (folder / "bin" / "tagger").chmod(0o755)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8", newline="\n")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def call(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        env = {key: value for key, value in os.environ.items() if key != "RAY_ADDRESS"}
        ours = {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [env.get("PYTHONPATH")])]),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "HOME": str(self.folder),
        }
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**env, **ours, **variables},
            capture_output=True,
            text=True,
        )

    def run(self, heading: str, number: int = 0, **variables: str) -> str:
        """What a block of the page writes to stdout."""
        language, code = blocks_of(heading)[number]
        if language == "sh":
            assert "10M" in code or "--block" not in code
            done = self.call("bash", "-euo", "pipefail", "-c", code.replace("10M", "4k"))
        else:
            self.write("block.py", code)
            done = self.call(sys.executable, "block.py", **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def expected(self, *arguments: str) -> str:
        """What a single process writes to stdout."""
        command = " ".join(["tagger predict -q -j 1", *arguments])
        done = self.call("sh", "-c", command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def assert_tagged_singly(self) -> None:
        """Whether `tagged` holds for every text what a process for all of them writes."""
        self.expected("--input raw -f jsonl --out-dir expected texts/*.txt")
        found, expected = (
            {path.name: path.read_bytes() for path in (self.folder / name).iterdir()}
            for name in ("tagged", "expected")
        )
        assert len(found) == 20
        assert found == expected

    def token_rows(self) -> list[tuple[object, ...]]:
        """What the examples for clusters ought to give."""
        model = tagger.load(self.model)
        return [
            (i, t.form, t.start, t.end, t.tags["upos"], t.tags["ner"])
            for i, text in enumerate(self.texts)
            for sentence in model.tag(text)
            for t in sentence.tokens()
        ]

    def rows_of(self, name: str) -> list[tuple[object, ...]]:
        """The rows of a folder of Parquet files, in the order of texts and tokens."""
        from pyarrow import parquet

        rows = parquet.read_table(self.folder / name).to_pylist()
        return sorted((tuple(row.values()) for row in rows), key=lambda row: (row[0], row[2]))


@pytest.fixture
def place(tmp_path: Path, tiny_model: Path) -> Place:
    return Place(tmp_path, tiny_model)


def test_every_block_has_its_test() -> None:
    headings = re.findall(r"^## (.*)$", TEXT, re.M)
    assert {name: [language for language, _ in blocks_of(name)] for name in headings} == BLOCKS


def test_several_processes_on_one_machine_write_what_one_writes(place: Place) -> None:
    place.run("One machine")
    place.assert_tagged_singly()
    place.expected("--input raw -f jsonl big.txt -o expected.jsonl.gz")
    assert (place.folder / "big.jsonl.gz").read_bytes() == (
        place.folder / "expected.jsonl.gz"
    ).read_bytes()


def test_xargs_over_many_files(place: Place) -> None:
    place.run("Many files: xargs or GNU parallel", 0)
    place.assert_tagged_singly()


def test_xargs_tells_of_a_file_that_cannot_be_read(place: Place) -> None:
    (place.folder / "texts" / "17.txt").write_bytes(b"not UTF-8: \xff\n")
    (_, code), _ = blocks_of("Many files: xargs or GNU parallel")
    done = place.call("bash", "-euo", "pipefail", "-c", code)
    assert done.returncode != 0
    assert "17.txt" in done.stderr
    found = {int(path.stem) for path in (place.folder / "tagged").iterdir()}
    assert found == set(range(17))


@needs_parallel
def test_parallel_over_many_files(place: Place) -> None:
    place.run("Many files: xargs or GNU parallel", 1)
    place.assert_tagged_singly()


@needs_parallel
def test_parallel_on_pieces_of_one_file(place: Place) -> None:
    place.run("One big file: split it", 0)
    assert place.read("big.conllu") == place.expected("--input raw < big.txt")
    assert place.read("tagged.conllu") == place.expected("--input conll < gold.conllu")


def test_one_file_split_for_xargs(place: Place) -> None:
    place.run("One big file: split it", 1)
    assert len(list((place.folder / "tagged-parts").iterdir())) == 8
    assert place.read("big.conllu") == place.expected("--input raw < big.txt")


def test_the_library(place: Place) -> None:
    lines = place.run("Python", 0).splitlines()
    model = tagger.load(place.model)
    first, second = model.tag("John lives in Paris. It rained.")
    assert lines[:2] == [f"{s.text} {s.columns['upos']}" for s in (first, second)]
    assert lines[2:5] == [f"{t.form} {t.tags}" for t in second.tokens()]
    stayed = model.tag(["We", "stayed", "."])
    assert lines[5:7] == [f"{s.forms} {s.columns['ner']}" for s in (second, stayed)]
    assert int(lines[7]) == sum(len(sentence) for text in place.texts for sentence in cut(text))


def cut(text: str) -> list[Sentence]:
    from tagger.text.raw import segment_lines

    return list(segment_lines(text))


def test_multiprocessing(place: Place) -> None:
    model = tagger.load(place.model)
    expected = [
        f"{i:02}.txt {sum(s.columns['upos'].count('VERB') for s in model.tag(text))}"
        for i, text in enumerate(place.texts[:20])
    ]
    assert place.run("Python", 1).splitlines() == expected
    assert len({line.split()[1] for line in expected}) > 1


def test_ray(place: Place) -> None:
    # its sockets need a short path; what it still writes when it ends is not waited for
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        place.run(
            "Ray",
            PYTHONPATH=str(ROOT),
            RAY_TMPDIR=folder,
            RAY_USAGE_STATS_ENABLED="0",
            RAY_OVERRIDE_RESOURCES='{"CPU": 2}',
        )
    assert place.rows_of("ray-tagged") == place.token_rows()


@needs_spark
def test_spark(place: Place) -> None:
    place.run("Spark", PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    assert place.rows_of("spark-tagged") == place.token_rows()
