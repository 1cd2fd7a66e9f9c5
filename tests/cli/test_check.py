"""`tagger check` as a user runs it."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tagger.corpus.problems.codes import CODES
from tests.cli.conftest import ROOT, Run

Write = Callable[[str, bytes | str], Path]
CLEAN = "Ada\tB-PER\nran\tO\n\nto\tO\nOslo\tB-LOC\n\n"
SPOILT = CLEAN * 9 + "Bo\tI-PER\n \n"
FINDINGS = """\
a.conll:55:2: inside-without-begin: expected B-PER after O, found I-PER (tagger preprocess --fix \
does it)
a.conll:56:1: blank-line-with-blanks: expected an empty line, found ' ' (tagger preprocess --fix \
does it)
"""


def test_findings_are_lines_on_stdout_and_a_summary_on_stderr(run: Run, write: Write) -> None:
    write("a.conll", SPOILT)
    shown = run("check", "a.conll")
    assert shown.returncode == 1
    assert shown.stdout.decode() == FINDINGS
    assert shown.stderr.decode().splitlines() == [
        "a.conll: 2 tab-separated columns; ner in column 2 (tags such as I-PER)",
        "       1 inside-without-begin    an I- (or E-, L-) that continues nothing",
        "       1 blank-line-with-blanks  a blank line that holds blanks or tabs",
        "19 sentences, 37 tokens: 2 findings",
    ]


def test_clean_files_end_with_0_and_without_a_line(run: Run, write: Write) -> None:
    write("a.conll", CLEAN)
    shown = run("check", "a.conll", "a.conll")
    assert (shown.returncode, shown.stdout) == (0, b"")
    assert shown.stderr.decode().splitlines()[-1] == "4 sentences, 8 tokens: nothing found"


def test_quiet_leaves_the_findings(run: Run, write: Write) -> None:
    write("a.conll", SPOILT)
    shown = run("check", "-q", "a.conll")
    assert (shown.returncode, shown.stdout.decode(), shown.stderr) == (1, FINDINGS, b"")


def test_what_cannot_be_used_ends_with_2(run: Run, write: Write) -> None:
    shown = run("check", "nothing.conll")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr.decode() == "error: nothing.conll: no such file\n"
    write("prose.txt", "It rained all day.\nAda slept, Bo ran.\nWhy?\n")
    assert run("check", "prose.txt").returncode == 2
    write("a.conll", CLEAN)
    shown = run("check", "a.conll", "--select", "crlf,lone-crs")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr.decode() == (
        "error: expected a code such as ragged-row, found 'lone-crs'; lone-cr? "
        "(tagger check --codes lists them)\n"
    )


def codes(run: Run, *args: str) -> tuple[int, list[str]]:
    shown = run("check", *args)
    return shown.returncode, [line.split(": ")[1] for line in shown.stdout.decode().splitlines()]


def test_codes_are_selected_and_ignored(run: Run, write: Write) -> None:
    write("a.conll", "\ufeff" + SPOILT)
    both = ["inside-without-begin", "blank-line-with-blanks"]
    assert codes(run, "a.conll", "--ignore", "byte-order-mark") == (1, both)
    assert codes(run, "a.conll", "--select", ",".join(both)) == (1, both)
    assert codes(run, "a.conll", "--select", both[0], "--select", both[1]) == (1, both)
    ignored = ["--ignore", both[0], "--ignore", f"crlf, {both[1]}"]
    assert codes(run, "a.conll", *ignored) == (1, ["byte-order-mark"])
    assert codes(run, "a.conll", "--select", "leak") == (0, [])


def test_json_is_a_finding_a_line(run: Run, write: Write) -> None:
    write("a.conll", SPOILT.encode() + b"Cy\tI-\xe9\n")
    shown = run("check", "a.conll", "--json", "-q")
    assert shown.returncode == 1
    found = [json.loads(line) for line in shown.stdout.decode().splitlines()]
    assert found[0] == {
        "path": "a.conll",
        "line": 55,
        "column": 2,
        "code": "inside-without-begin",
        "problem": "expected B-PER after O, found I-PER",
    }
    assert [(f["line"], f["code"], list(f)) for f in found[1:]] == [
        (56, "blank-line-with-blanks", [*found[0]]),
        (57, "invalid-utf-8", [*found[0]]),
        (57, "inside-without-begin", [*found[0]]),
    ]


def test_what_a_terminal_should_not_get_is_shown_escaped(run: Run, write: Write) -> None:
    write("a.conll", CLEAN.encode() * 9 + b"Cy\tI-\xe9\x1b[31m\nDi\tI-\xe2\x80\x8b\n")
    for encoding in ("utf-8", "ascii:strict"):
        shown = run("check", "a.conll", "-q", PYTHONIOENCODING=encoding)
        lines = shown.stdout.decode("ascii").splitlines()
        assert [line.partition(" (")[0] for line in lines] == [
            "a.conll:55:2: invalid-utf-8: expected UTF-8, found the byte 0xe9",
            "a.conll:55:2: control-character: expected text, found U+001B",
            "a.conll:55:2: inside-without-begin: expected B-\\udce9\\x1b[31m after O, "
            "found I-\\udce9\\x1b[31m",
            "a.conll:56:2: label-change: expected \\udce9\\x1b[31m to go on or end, "
            "found I-\\u200b",
        ]


def test_standard_input_is_checked_where_no_file_is_named(run: Run) -> None:
    for args in ([], ["-"]):
        shown = run("check", "-q", *args, stdin=SPOILT.encode())
        assert (shown.returncode, shown.stdout.decode()) == (1, FINDINGS.replace("a.conll", "-"))
    assert run("check", "-q", stdin=CLEAN.encode()).returncode == 0


def test_a_closed_pipe_ends_it_silently(tmp_path: Path, write: Write) -> None:
    write("a.conll", "Ada\tB-PER\r\n\r\n" + CLEAN * 9 + "Bo\tO\n \n" * 20_000)
    python = f"{sys.executable} -m tagger"
    shown = subprocess.run(
        ["bash", "-c", f"{python} check a.conll | head -n 1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    first, code = shown.stdout.decode().splitlines()
    assert first.startswith("a.conll:1:1: crlf: ")
    assert code in ("0", "1")
    assert b"Traceback" not in shown.stderr
    assert b"rror" not in shown.stderr


def test_the_codes_are_listed_with_their_meaning(run: Run) -> None:
    shown = run("check", "--codes")
    assert shown.returncode == 0
    rows = [line.split("\t") for line in shown.stdout.decode().splitlines()]
    assert rows == [[name, code.meaning, code.mend] for name, code in CODES.items()]


def test_options_overrule_what_is_found(run: Run, write: Write) -> None:
    write("a.txt", "Ada|N|I-PER ran|V|O\n")
    asked = ["--separator", "|", "--columns", "form=1,ner=3", "--scheme", "iob2"]
    shown = run("check", "-q", "a.txt", *asked)
    assert shown.stdout.decode().startswith("a.txt:1:1: inside-without-begin: ")
    assert run("check", "-q", "a.txt", *asked[:-1], "IOB1").returncode == 0


def test_fix_repairs_the_file_in_place_and_tells_each_repair(run: Run, write: Write) -> None:
    path = write("a.conll", SPOILT.replace("Oslo", "Os\u200blo", 1))
    path.chmod(0o640)
    shown = run("check", "--fix", "a.conll")
    assert (shown.returncode, shown.stdout) == (0, b"")
    assert path.read_text(encoding="utf-8") == CLEAN * 9 + "Bo\tB-PER\n\n"
    assert path.stat().st_mode & 0o777 == 0o640
    told = [line.split(": ")[:2] for line in shown.stderr.decode().splitlines()[:3]]
    assert [place for place, _ in told] == ["a.conll:5:1", "a.conll:56:1", "a.conll:55:2"]
    assert [*path.parent.iterdir()] == [path]


def test_fix_leaves_what_it_cannot_mend_and_says_so(run: Run, write: Write) -> None:
    path = write("a.conll", "\ufeff" + CLEAN * 9 + "Bo\tX-PER\n\n")
    assert codes(run, "--fix", "a.conll") == (1, ["unknown-prefix"])
    assert path.read_text(encoding="utf-8") == CLEAN * 9 + "Bo\tX-PER\n\n"


@pytest.mark.parametrize("content", [CLEAN * 9 + "Bo\n", (CLEAN * 9 + "é\tO\n").encode("latin-1")])
def test_fix_does_not_touch_a_file_that_cannot_be_read(
    run: Run, write: Write, content: str | bytes
) -> None:
    path = write("a.conll", content)
    write("b.conll", CLEAN + "\t\n")
    before = path.read_bytes()
    shown = run("check", "--fix", "a.conll", "b.conll")
    assert shown.returncode == 1
    assert path.read_bytes() == before
    assert (path.parent / "b.conll").read_text(encoding="utf-8") == CLEAN + "\n"
    assert shown.stdout.startswith(b"a.conll:55:1: ")
    assert shown.stderr.startswith(b"warning: not repaired: a.conll:55:1: expected ")


def test_fix_writes_the_same_bytes_where_nothing_is_to_be_repaired(run: Run, write: Write) -> None:
    path = write("a.conll", CLEAN)
    shown = run("check", "--fix", "a.conll")
    assert shown.returncode == 0
    assert path.read_bytes() == CLEAN.encode()
    assert b"became" not in shown.stderr


def test_fix_keeps_a_link_and_a_compressed_file(run: Run, write: Write) -> None:
    packed = write("a.conll.gz", gzip.compress(SPOILT.encode()))
    target = write("b.conll", SPOILT)
    link = target.with_name("link.conll")
    link.symlink_to("b.conll")
    assert run("check", "--fix", "-q", "a.conll.gz").returncode == 0
    assert run("check", "--fix", "-q", "link.conll").returncode == 0
    fixed = (CLEAN * 9 + "Bo\tB-PER\n\n").encode()
    assert gzip.decompress(packed.read_bytes()) == fixed
    assert link.is_symlink()
    assert target.read_bytes() == fixed


def test_fix_turns_another_encoding_into_utf_8(run: Run, write: Write) -> None:
    path = write("a.conll", (CLEAN + "caf\u00c3\u00a9\tI-LOC\n").encode("latin-1"))
    shown = run("check", "--fix", "--encoding", "latin-1", "a.conll")
    assert (shown.returncode, shown.stdout) == (0, b"")
    assert path.read_text(encoding="utf-8") == CLEAN + "caf\u00c3\u00a9\tB-LOC\n"


def test_standard_input_cannot_be_fixed(run: Run) -> None:
    shown = run("check", "--fix", stdin=SPOILT.encode())
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr.decode() == (
        "error: -: expected a file of tokens in lines to repair in place\n"
    )


def test_check_imports_neither_numpy_nor_what_needs_it(write: Write, tmp_path: Path) -> None:
    write("a.conll", CLEAN)
    code = (
        "import sys; from tagger.cli.check import check; from pathlib import Path\n"
        "check([Path('a.conll')])\n"
        "print(sorted({'torch', 'numpy', 'onnx', 'onnxruntime', 'rich'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    assert shown.stdout.decode() == "[]\n"


def test_an_audit_tells_the_tags_that_models_deny(run: Run, write: Write) -> None:
    sentences = ["the\tDET\ndog\tNOUN\nran\tVERB\n\n", "a\tDET\ncat\tNOUN\nslept\tVERB\n\n"] * 60
    sentences[7] = sentences[7].replace("slept\tVERB", "slept\tDET")
    write("a.conll", "".join(sentences))
    shown = run("check", "a.conll", "--audit", "--select", "doubtful-tag")
    assert shown.returncode == 1, shown.stderr.decode()
    (line,) = shown.stdout.decode().splitlines()
    assert line.startswith("a.conll:31:2: doubtful-tag: expected VERB (")
    assert " %) for 'slept', found DET (" in line
    assert "upos, 2 of 2: training a model to judge 180 tokens" in shown.stderr.decode()


def test_there_must_be_a_column_to_audit(run: Run, write: Write) -> None:
    write("a.conll", "the\tx\ndog\ty\n\n" * 9)
    shown = run("check", "a.conll", "--columns", "form=1,mine=2", "--audit")
    assert shown.returncode == 2
    assert "to audit, found none" in shown.stderr.decode()
