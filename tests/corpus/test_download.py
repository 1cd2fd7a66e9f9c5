"""Fetching from a server that behaves well, and from all that do not."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagger.corpus.catalogue import PublicCorpus, RemoteFile, public_corpora, source_note
from tagger.corpus.download import SERVER, fetch_corpus, file_url
from tagger.errors import TaggerError, UsageError
from tests.corpus.test_catalogue import upstream_content

COMMIT = "0123456789012345678901234567890123456789"
CONTENT = b"".join(b"%d\tword\tB-PER\n" % i for i in range(10_000))  # 159 kB
SMALL = b"Ada\tB-PER\n"
LICENCE = b"Do what you like.\n"
HALF = len(CONTENT) // 2
URL = f"/someone/something/{COMMIT}/"


class Mirror(ThreadingHTTPServer):
    """Serves `files` by path, in a `manner`; `asked` holds each path and Range that was asked for.

    `cuts` are the numbers of bytes after which the next answers break.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files = files
        self.asked: list[tuple[str, str | None]] = []
        self.cuts: list[int] = []
        self.manner = "well"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> "Mirror":
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no fault."""


class _Answer(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.asked.append((self.path.rpartition("/")[2], wanted))
        manner = self.server.manner
        if manner == "says nothing":
            time.sleep(30)
        if manner == "redirects":
            self.server.manner = "well"
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
            return
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        begin = int(wanted[6:-1]) if wanted and manner != "knows no ranges" else 0
        if begin >= len(content):
            self.send_error(416)
            return
        body = content[begin:]
        self.send_response(206 if begin else 200)
        if begin:
            told = 0 if manner == "begins elsewhere" else begin
            self.send_header("Content-Range", f"bytes {told}-{len(content) - 1}/{len(content)}")
        if manner != "tells no length":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.wfile.write(body[: self.server.cuts.pop(0)])
            return
        if manner == "stalls":
            self.wfile.write(body[:HALF])
            self.wfile.flush()
            time.sleep(30)
            return
        if manner == "is slow":
            time.sleep(0.3)
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


def remote(path: str, content: bytes) -> RemoteFile:
    return RemoteFile(path, len(content), hashlib.sha256(content).hexdigest())


CORPUS = PublicCorpus(
    name="made-up",
    title="A made-up corpus",
    about="nothing",
    licence="CC0-1.0",
    licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
    attribution="nobody",
    repository="someone/something",
    commit=COMMIT,
    files=(remote("data/a.conll", CONTENT), remote("b.conll", SMALL)),
    licence_file=remote("LICENSE", LICENCE),
)
WHOLE = {
    "LICENSE": LICENCE,
    "SOURCE.md": source_note(CORPUS).encode(),
    "a.conll": CONTENT,
    "b.conll": SMALL,
}


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    files = {"data/a.conll": CONTENT, "b.conll": SMALL, "LICENSE": LICENCE}
    with Mirror({URL + path: content for path, content in files.items()}) as server:
        yield server


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def fetch(mirror: Mirror, folder: Path, force: bool = False) -> TaggerError | None:
    return fetch_corpus(CORPUS, folder, server=mirror.url, force=force)


def refused(mirror: Mirror, folder: Path) -> str:
    """What is said where a fetch fails."""
    with pytest.raises(TaggerError) as error:
        fetch(mirror, folder)
    return str(error.value)


def test_files_lie_below_owner_name_and_commit() -> None:
    assert file_url(CORPUS, CORPUS.files[0]) == f"{SERVER}{URL}data/a.conll"
    assert file_url(CORPUS, CORPUS.files[0], "http://m/x/") == f"http://m/x{URL}data/a.conll"


def test_a_corpus_comes_with_licence_and_source_and_nothing_else(
    mirror: Mirror, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "made-up"
    assert fetch(mirror, folder) is None
    assert content_of(folder) == WHOLE
    assert mirror.asked == [("a.conll", None), ("b.conll", None), ("LICENSE", None)]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} <= {0o644, 0o664, 0o600}


def test_a_folder_may_be_called_like_a_home(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fetch(mirror, Path("~") / "made-up")
    assert content_of(tmp_path / "~" / "made-up") == WHOLE


def test_a_redirection_is_followed(mirror: Mirror, tmp_path: Path) -> None:
    mirror.manner = "redirects"
    fetch(mirror, tmp_path)
    assert content_of(tmp_path) == WHOLE


def test_how_far_a_file_has_come_is_told(mirror: Mirror, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    fetch_corpus(
        CORPUS, tmp_path, server=mirror.url, report=lambda file, n: told.append((file.name, n))
    )
    of_a = [n for name, n in told if name == "a.conll"]
    assert (of_a[0], of_a[-1]) == (0, len(CONTENT))
    assert len(of_a) > 5
    assert of_a == sorted(of_a)
    assert told[-2:] == [("LICENSE", 0), ("LICENSE", len(LICENCE))]


def test_what_is_here_already_needs_no_server(mirror: Mirror, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert fetch_corpus(CORPUS, tmp_path, server="http://127.0.0.1:1") is None
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert len(mirror.asked) == 3


def test_only_what_is_missing_is_fetched(mirror: Mirror, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    (tmp_path / "b.conll").unlink()
    (tmp_path / "SOURCE.md").unlink()
    fetch(mirror, tmp_path)
    assert content_of(tmp_path) == WHOLE
    assert mirror.asked[3:] == [("b.conll", None)]


def test_a_file_that_was_changed_is_replaced_only_by_force(mirror: Mirror, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    (tmp_path / "b.conll").write_bytes(b"mine")
    (tmp_path / "a.conll").unlink()
    said = refused(mirror, tmp_path)
    assert said.startswith(f"{tmp_path / 'b.conll'}: expected SHA-256 {CORPUS.files[1].sha256}, ")
    assert f"found {hashlib.sha256(b'mine').hexdigest()}: " in said
    assert "--force" in said
    assert (tmp_path / "b.conll").read_bytes() == b"mine"
    assert len(mirror.asked) == 3, "nothing is fetched before all is known to be in order"
    fetch(mirror, tmp_path, force=True)
    assert content_of(tmp_path) == WHOLE
    assert mirror.asked[3:] == [("a.conll", None), ("b.conll", None)]


def test_a_broken_download_goes_on_where_it_stopped(mirror: Mirror, tmp_path: Path) -> None:
    mirror.cuts = [100_000]
    said = refused(mirror, tmp_path)
    here = (tmp_path / ".a.conll.part").read_bytes()
    assert sorted(content_of(tmp_path)) == [".a.conll.part", "SOURCE.md"]
    assert 0 < len(here) <= 100_000
    assert here == CONTENT[: len(here)]
    assert said == (
        f"made-up: a.conll: expected {len(CONTENT):,} bytes, found {len(here):,} "
        "before the connection broke; running it again goes on from there"
    )
    fetch(mirror, tmp_path)
    assert content_of(tmp_path) == WHOLE
    assert mirror.asked[:2] == [("a.conll", None), ("a.conll", f"bytes={len(here)}-")]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(CONTENT) + 9), max_size=4))
def test_wherever_it_breaks_and_however_often_the_same_bytes_come(
    mirror: Mirror, tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    mirror.cuts = cuts.copy()
    for _ in range(len(cuts)):
        try:
            fetch(mirror, folder)
        except TaggerError:
            assert not (folder / "a.conll").exists()
    mirror.cuts = []
    fetch(mirror, folder)
    assert content_of(folder) == WHOLE


def test_a_server_without_ranges_sends_all_again(mirror: Mirror, tmp_path: Path) -> None:
    mirror.cuts = [100_000]
    refused(mirror, tmp_path)
    mirror.manner = "knows no ranges"
    fetch(mirror, tmp_path)
    assert content_of(tmp_path) == WHOLE
    assert mirror.asked[1][1] is not None


def test_an_answer_that_ends_early_without_a_length_is_no_file(
    mirror: Mirror, tmp_path: Path
) -> None:
    mirror.files[f"{URL}data/a.conll"] = CONTENT[:HALF]
    mirror.manner = "tells no length"
    said = refused(mirror, tmp_path)
    assert f"expected {len(CONTENT):,} bytes, found {HALF:,} before the connection broke" in said
    assert not (tmp_path / "a.conll").exists()
    mirror.files[f"{URL}data/a.conll"] = CONTENT
    fetch(mirror, tmp_path)
    assert mirror.asked[1] == ("a.conll", f"bytes={HALF}-")
    assert content_of(tmp_path) == WHOLE


def test_a_range_that_the_server_does_not_have_is_given_up(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / ".a.conll.part").write_bytes(CONTENT[:HALF])
    mirror.files[f"{URL}data/a.conll"] = SMALL
    assert "bytes, found fewer on the server" in refused(mirror, tmp_path)
    assert sorted(content_of(tmp_path)) == ["SOURCE.md"]


def test_a_range_that_begins_elsewhere_is_not_taken(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / ".a.conll.part").write_bytes(CONTENT[:HALF])
    mirror.manner = "begins elsewhere"
    assert f"expected its bytes from {HALF} on, found Content-Range" in refused(mirror, tmp_path)
    fetch(mirror, tmp_path)
    assert content_of(tmp_path) == WHOLE


@pytest.mark.parametrize("here", [b"", CONTENT[:HALF], b"x" * HALF, CONTENT + b"x"])
def test_whatever_lies_there_as_a_part_only_the_right_file_comes_of_it(
    mirror: Mirror, tmp_path: Path, here: bytes
) -> None:
    (tmp_path / ".a.conll.part").write_bytes(here)
    if here == b"x" * HALF:
        assert "expected SHA-256" in refused(mirror, tmp_path)
        assert sorted(content_of(tmp_path)) == ["SOURCE.md"], "the part is deleted"
    fetch(mirror, tmp_path)
    assert content_of(tmp_path) == WHOLE


def test_a_part_that_is_complete_needs_no_server(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / ".a.conll.part").write_bytes(CONTENT)
    fetch(mirror, tmp_path)
    assert content_of(tmp_path) == WHOLE
    assert [name for name, _ in mirror.asked] == ["b.conll", "LICENSE"]


def test_nothing_is_kept_of_a_file_with_another_content(mirror: Mirror, tmp_path: Path) -> None:
    tampered = CONTENT[:-2] + b"!\n"
    mirror.files[f"{URL}data/a.conll"] = tampered
    assert refused(mirror, tmp_path) == (
        f"made-up: a.conll: expected SHA-256 {CORPUS.files[0].sha256}, "
        f"found {hashlib.sha256(tampered).hexdigest()}; "
        "nothing was kept, running it again fetches it anew"
    )
    assert sorted(content_of(tmp_path)) == ["SOURCE.md"]
    mirror.files[f"{URL}data/a.conll"] = CONTENT
    fetch(mirror, tmp_path)
    assert mirror.asked[:2] == [("a.conll", None)] * 2
    assert content_of(tmp_path) == WHOLE


@pytest.mark.parametrize("manner", ["well", "tells no length"])
def test_a_body_that_is_too_large_is_not_read_on(
    mirror: Mirror, tmp_path: Path, manner: str
) -> None:
    mirror.files[f"{URL}data/a.conll"] = CONTENT * 2
    mirror.manner = manner
    told: list[int] = []
    with pytest.raises(TaggerError, match=f"expected {len(CONTENT):,} bytes, found ") as error:
        fetch_corpus(CORPUS, tmp_path, server=mirror.url, report=lambda file, n: told.append(n))
    found = f"{2 * len(CONTENT):,}" if manner == "well" else "more"
    assert str(error.value).endswith(f"found {found}")
    assert max(told) <= len(CONTENT)
    assert sorted(content_of(tmp_path)) == ["SOURCE.md"]


def test_a_file_that_is_not_there_is_named_with_its_address(mirror: Mirror, tmp_path: Path) -> None:
    del mirror.files[f"{URL}b.conll"]
    assert refused(mirror, tmp_path) == (
        f"made-up: b.conll: expected the file at {mirror.url}{URL}b.conll, found 404 Not Found"
    )
    assert sorted(content_of(tmp_path)) == ["SOURCE.md", "a.conll"], "what has come stays"


def test_a_password_in_the_address_is_not_told(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files.clear()
    server = mirror.url.replace("http://", "http://me:secret@")
    with pytest.raises(TaggerError, match="404 Not Found") as error:
        fetch_corpus(CORPUS, tmp_path, server=server)
    assert "secret" not in str(error.value)


def test_a_licence_that_does_not_come_is_told_but_keeps_no_corpus_back(
    mirror: Mirror, tmp_path: Path
) -> None:
    del mirror.files[f"{URL}LICENSE"]
    problem = fetch(mirror, tmp_path)
    assert "LICENSE" in str(problem)
    assert "404 Not Found" in str(problem)
    assert sorted(content_of(tmp_path)) == ["SOURCE.md", "a.conll", "b.conll"]


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("http://127.0.0.1:1", "an answer from 127.0.0.1, found no connection"),
        ("http://no-such-host.invalid", "from no-such-host.invalid, found no connection"),
        (f"http://{'a' * 64}.org", "found that it is no usable address"),
    ],
)
def test_without_an_answer_one_sentence_says_why(
    tmp_path: Path, server: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TaggerError) as error:
        fetch_corpus(CORPUS, tmp_path, server=server)
    said = str(error.value)
    assert said.startswith("made-up: a.conll: expected an answer")
    assert reason in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("manner", "found"),
    [
        ("says nothing", "found none in time (--mirror names another server)"),
        ("stalls", f"found {HALF // 1000},000 before the connection broke; running it again"),
    ],
)
def test_a_server_that_falls_silent_is_not_waited_for_for_ever(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manner: str, found: str
) -> None:
    monkeypatch.setattr("tagger.corpus.resuming.TIMEOUT", (5, 0.3))
    monkeypatch.setattr("tagger.corpus.resuming.CHUNK", 1000)
    mirror.manner = manner
    assert found in refused(mirror, tmp_path)


def test_a_server_that_speaks_no_tls_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    with pytest.raises(TaggerError, match="found no secure connection"):
        fetch_corpus(CORPUS, tmp_path, server=mirror.url.replace("http:", "https:"))


def test_a_proxy_of_the_environment_is_used(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", mirror.url)
    mirror.files = {f"http://mirror.invalid{path}": c for path, c in mirror.files.items()}
    fetch_corpus(CORPUS, tmp_path, server="http://mirror.invalid")
    assert content_of(tmp_path) == WHOLE


@pytest.mark.parametrize(
    "server",
    ["ftp://127.0.0.1/x", "mirror.example.org", "/srv/mirror", "http://", "http://[::1"],
)
def test_a_mirror_is_an_http_address(tmp_path: Path, server: str) -> None:
    with pytest.raises(UsageError, match="--mirror: expected an address with http"):
        fetch_corpus(CORPUS, tmp_path / "new", server=server)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made_is_named(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    said = refused(mirror, tmp_path / "file" / "made-up")
    assert said == f"{tmp_path / 'file' / 'made-up'}: cannot be read or written: Not a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(mirror: Mirror, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert refused(mirror, tmp_path).startswith(f"{tmp_path}")
    tmp_path.chmod(0o700)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / ".a.conll.part").symlink_to("/dev/full")
    assert (
        refused(mirror, tmp_path)
        == f"{tmp_path}: cannot be read or written: No space left on device"
    )
    assert not (tmp_path / "a.conll").exists()


def test_of_a_killed_process_no_file_is_left_but_its_part(mirror: Mirror, tmp_path: Path) -> None:
    mirror.manner = "stalls"
    code = (
        "import sys, msgspec; from pathlib import Path\n"
        "from tagger.corpus.catalogue import PublicCorpus\n"
        "from tagger.corpus.download import fetch_corpus\n"
        "corpus = msgspec.json.decode(sys.argv[1], type=PublicCorpus)\n"
        "fetch_corpus(corpus, Path(sys.argv[2]), server=sys.argv[3])\n"
    )
    described = msgspec.json.encode(CORPUS).decode()
    child = subprocess.Popen([sys.executable, "-c", code, described, str(tmp_path), mirror.url])
    part = tmp_path / ".a.conll.part"
    end = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size) and time.monotonic() < end:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    visible = [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert visible == ["SOURCE.md"]
    here = part.stat().st_size
    mirror.manner = "well"
    fetch(mirror, tmp_path)
    assert mirror.asked[1] == ("a.conll", f"bytes={here}-")
    assert content_of(tmp_path) == WHOLE


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_two_that_fetch_the_same_corpus_at_once_fetch_it_once(
    mirror: Mirror, tmp_path: Path
) -> None:
    mirror.manner = "is slow"
    both = [threading.Thread(target=fetch, args=(mirror, tmp_path)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(mirror.asked) == 3
    assert content_of(tmp_path) == WHOLE


@pytest.mark.corpora
def test_every_corpus_of_the_catalogue_comes_as_it_is(tmp_path: Path) -> None:
    files = {
        file_url(corpus, file, ""): upstream_content(corpus, file)
        for corpus in public_corpora().values()
        for file in corpus.all_files
    }
    with Mirror(files) as server:
        for corpus in public_corpora().values():
            assert fetch_corpus(corpus, tmp_path / corpus.name, server=server.url) is None
            expected = {file.name: files[file_url(corpus, file, "")] for file in corpus.all_files}
            note = {"SOURCE.md": source_note(corpus).encode()}
            assert content_of(tmp_path / corpus.name) == expected | note
