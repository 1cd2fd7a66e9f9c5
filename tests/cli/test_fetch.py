"""`tagger fetch` as a user runs it, against a server on this machine."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tagger.corpus.catalogue import PublicCorpus, public_corpora, source_note
from tagger.corpus.download import file_url
from tests.cli.conftest import ROOT, Run
from tests.corpus.test_catalogue import upstream_content
from tests.corpus.test_download import Mirror

WIKIGOLD = public_corpora()["wikigold"]
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    files = {file_url(WIKIGOLD, f, ""): upstream_content(WIKIGOLD, f) for f in WIKIGOLD.all_files}
    with Mirror(files) as server:
        yield server


def test_the_list_names_every_corpus_with_its_licence_size_and_kind(run: Run) -> None:
    shown = run("fetch", "--list")
    assert (shown.returncode, shown.stderr) == (0, b"")
    lines = shown.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == list(public_corpora())
    greek = next(line for line in lines if line.startswith("ud-greek-gud"))
    assert greek.split()[1:4] == ["CC-BY-SA-4.0", "2.2", "MB"]
    assert greek.endswith("Modern Greek fiction, train and test only; UPOS (CoNLL-U)")


def test_the_list_for_programs_is_the_catalogue(run: Run) -> None:
    shown = run("fetch", "--list", "--json")
    rows = [msgspec.json.decode(line, type=PublicCorpus) for line in shown.stdout.splitlines()]
    assert rows == list(public_corpora().values())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ud-englisch-ewt",), b"did you mean ud-english-ewt? tagger fetch --list"),
        (("../wnut17",), b"expected the name of a public corpus"),
        ((), b"expected the name of a corpus (tagger fetch --list"),
        (("wnut17", "--list"), b"--list shows all corpora"),
        (("wnut17", "--json"), b"--json goes with --list"),
        (("wnut17", "--mirror", "mirror.example.org"), b"expected an address with http"),
    ],
)
def test_wrong_use_is_told_in_one_line(run: Run, arguments: tuple[str, ...], said: bytes) -> None:
    shown = run("fetch", "-q", *arguments)
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr.startswith(b"error: ")
    assert said in shown.stderr
    assert shown.stderr.count(b"\n") == 1


def test_without_a_network_nothing_is_printed_and_one_sentence_says_so(run: Run) -> None:
    shown = run("fetch", "wikigold", "--to", "here", "--mirror", NOWHERE, "-q", http_proxy="")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr == (
        b"error: wikigold: wikigold.conll.txt: expected an answer from 127.0.0.1, "
        b"found no connection (--mirror names another server)\n"
    )


@pytest.mark.corpora
def test_stdout_is_the_folder_and_stderr_says_whose_it_is(
    run: Run, mirror: Mirror, tmp_path: Path
) -> None:
    data = {"XDG_DATA_HOME": str(tmp_path / "data")} if sys.platform == "linux" else {}
    where = [] if data else ["--to", tmp_path / "data" / "tagger" / "corpora"]
    shown = run("fetch", "wikigold", "--mirror", mirror.url, *where, **data)
    folder = tmp_path / "data" / "tagger" / "corpora" / "wikigold"
    assert (shown.returncode, shown.stdout.decode()) == (0, f"{folder}\n")
    assert shown.stderr.decode().splitlines() == [
        f"WikiGold: CC-BY-4.0, {WIKIGOLD.licence_url}; {WIKIGOLD.attribution}",
        "wikigold.conll.txt: 318,530 bytes",
        "LICENSE: 122 bytes",
    ]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "SOURCE.md": source_note(WIKIGOLD).encode(),
        **{file.name: upstream_content(WIKIGOLD, file) for file in WIKIGOLD.all_files},
    }
    again = run("fetch", "wikigold", "--mirror", NOWHERE, "-q", *where, **data)
    assert (again.returncode, again.stdout, again.stderr) == (0, shown.stdout, b"")


@pytest.mark.corpora
def test_a_broken_download_is_resumed_by_the_same_command(
    run: Run, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.cuts = [200_000]
    command = ("fetch", "wikigold", "--to", "here", "--mirror", mirror.url)
    broken = run(*command)
    assert (broken.returncode, broken.stdout) == (2, b"")
    assert b"running it again goes on from there" in broken.stderr
    num_here = (tmp_path / "here" / "wikigold" / ".wikigold.conll.txt.part").stat().st_size
    resumed = run(*command)
    assert (resumed.returncode, resumed.stdout) == (0, b"here/wikigold\n")
    assert f"318,530 bytes, {num_here:,} of them here already" in resumed.stderr.decode()
    assert mirror.asked[1] == ("wikigold.conll.txt", f"bytes={num_here}-")


@pytest.mark.corpora
def test_a_licence_that_does_not_come_is_a_warning(run: Run, mirror: Mirror) -> None:
    del mirror.files[file_url(WIKIGOLD, WIKIGOLD.all_files[-1], "")]
    shown = run("fetch", "wikigold", "--to", "here", "--mirror", mirror.url)
    assert (shown.returncode, shown.stdout) == (0, b"here/wikigold\n")
    warning = shown.stderr.decode().splitlines()[-1]
    assert warning.startswith("warning: wikigold: LICENSE: expected the file at http://127.0.0.1")
    assert warning.endswith("404 Not Found; SOURCE.md names the licence")


@pytest.mark.corpora
def test_force_replaces_a_file_that_was_changed(run: Run, mirror: Mirror, tmp_path: Path) -> None:
    command = ("fetch", "wikigold", "--to", tmp_path, "--mirror", mirror.url, "-q")
    run(*command)
    changed = tmp_path / "wikigold" / "wikigold.conll.txt"
    changed.write_bytes(b"mine O\n")
    refused = run(*command)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert changed.read_bytes() == b"mine O\n"
    assert run(*command, "--force").returncode == 0
    assert changed.stat().st_size == 318_530


@pytest.mark.corpora
def test_a_terminal_sees_a_bar(mirror: Mirror, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "tagger", "fetch", "wikigold", "--to", tmp_path]
        + ["--mirror", mirror.url],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        timeout=60,
    )
    os.close(theirs)
    shown = os.read(ours, 1 << 16)
    os.close(ours)
    assert done.stdout.decode() == f"{tmp_path / 'wikigold'}\n"
    assert "━".encode() in shown
    assert b"wikigold.conll.txt: 318,530" not in shown
