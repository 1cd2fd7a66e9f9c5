"""`tagger preprocess` as a user runs it: what goes in, what comes out, what is said."""

import gzip
import json
import lzma
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tagger.corpus.brat import read_brat
from tagger.corpus.files import open_corpus_file, read_all
from tests.cli.conftest import ROOT, Run

FIXTURES = ROOT / "tests" / "fixtures"
Write = Callable[[str, bytes | str], Path]
NER = "Ada B-PER\nran O\n\nOslo B-LOC\nBob B-PER\nLee I-PER\n\nit O\nrained O\n\n"
MOST_MEMORY = 60  # MB


def ok(shown: "subprocess.CompletedProcess[bytes]") -> str:
    """What it wrote; everything must have gone well."""
    assert shown.returncode == 0, shown.stderr.decode()
    return shown.stdout.decode()


def error_of(shown: "subprocess.CompletedProcess[bytes]") -> str:
    """The last line that it said; it must have failed and written nothing."""
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert b"Traceback" not in shown.stderr
    return shown.stderr.decode().splitlines()[-1]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "name",
    ["crlf_and_bom.conllu", "docstart_at_end.conll", "plus.conllup", "words.pairs", "germeval.tsv"],
)
def test_without_options_the_bytes_come_out_of_a_pipe_as_they_went_in(run: Run, name: str) -> None:
    content = (FIXTURES / name).read_bytes()
    shown = run("preprocess", stdin=content)
    assert (shown.returncode, shown.stdout) == (0, content)
    *_, read, written = shown.stderr.decode().splitlines()
    assert shown.stderr.startswith(b"-: ")
    assert read.removesuffix(" read") == written.removesuffix(" written")


def test_the_summary_counts_what_is_read_and_written_and_quiet_says_nothing(
    run: Run, write: Write
) -> None:
    write("a.conll", NER)
    shown = run("preprocess", "a.conll", "--sample", "2", "-o", "b.conll")
    assert ok(shown) == ""
    assert shown.stderr.decode().splitlines()[1] == "3 sentences, 7 tokens read"
    assert shown.stderr.decode().splitlines()[-1].startswith("2 sentences, ")
    assert run("preprocess", "-q", "a.conll").stderr == b""


def test_several_files_come_one_behind_the_other_with_a_blank_line_between(
    run: Run, write: Write
) -> None:
    write("a.conll", b"\xef\xbb\xbfAda B-PER\r\nran O")
    write("b.conll", b"\xef\xbb\xbfBob B-PER\nran O\n")
    both = "\ufeffAda B-PER\r\nran O\r\n\r\nBob B-PER\nran O\n"
    assert ok(run("preprocess", "a.conll", "b.conll")) == both
    twice = "Bob B-PER\nran O\n\nBob B-PER\nran O\n"
    assert ok(run("preprocess", "b.conll", "b.conll")) == f"\ufeff{twice}"


def test_comments_in_one_of_several_files_make_no_second_dialect(run: Run, write: Write) -> None:
    write("a.conll", "# text = Ada ran\nAda\tB-PER\nran\tO\n\n")
    write("b.conll", "Bob\tB-PER\nran\tO\n\n")
    expected = "# text = Ada ran\nAda\tB-PER\nran\tO\n\nBob\tB-PER\nran\tO\n\n"
    assert ok(run("preprocess", "a.conll", "b.conll")) == expected


def test_files_of_two_dialects_need_a_format_unless_they_are_only_measured(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("a.conll", NER)
    write("b.pairs", "Ada/NNP ran/VBD\n" * 3)
    message = error_of(run("preprocess", "a.conll", "b.pairs", "-o", "c"))
    assert message.startswith("error: files of several dialects cannot be written")
    assert names_in(tmp_path) == ["a.conll", "b.pairs"]
    lines = ok(run("preprocess", "a.conll", "b.pairs", "--to", "conll")).splitlines()
    assert (lines[0], lines[-2]) == ("Ada\t_\tB-PER", "ran\tVBD\t_")
    assert {line.count("\t") for line in lines if line} == {2}
    assert "a.conll" in ok(run("preprocess", "a.conll", "b.pairs", "--stats"))


@pytest.mark.parametrize("scheme", ["iobes", "BILOU"])
def test_a_scheme_is_rewritten_and_nothing_else(run: Run, write: Write, scheme: str) -> None:
    write("a.conll", "Ann NNP I-PER\nBell NNP I-PER\nin IN O\nOslo NNP I-LOC\n\n" * 2)
    shown = run("preprocess", "--scheme", scheme, "a.conll")
    end, single = ("E", "S") if scheme == "iobes" else ("L", "U")
    expected = f"Ann NNP B-PER\nBell NNP {end}-PER\nin IN O\nOslo NNP {single}-LOC\n\n"
    assert ok(shown) == expected * 2
    assert f"       6 tags written in {scheme.upper()}\n" in shown.stderr.decode()


def test_sentences_with_a_tag_of_no_scheme_are_told_of(run: Run) -> None:
    shown = run("preprocess", "--scheme", "IOBES", FIXTURES / "misspelt_tag.conll")
    assert "BPER" in ok(shown)
    assert "warning: 1 sentences hold a tag of no scheme" in shown.stderr.decode()


def test_labels_are_swapped_dropped_and_counted(run: Run, write: Write) -> None:
    write("a.conll", NER)
    args = ("--map-labels", "PER=LOC,LOC=PER", "--drop-labels", "ORG")
    shown = run("preprocess", "a.conll", *args)
    assert ok(shown) == NER.replace("PER", "x").replace("LOC", "PER").replace("x", "LOC")
    said = shown.stderr.decode()
    assert "       2 PER became LOC\n       1 LOC became PER\n" in said
    assert "warning: ORG does not occur\n" in said
    dropped = ok(run("preprocess", "a.conll", "--drop-labels", "PER"))
    assert dropped == NER.replace("B-PER", "O").replace("I-PER", "O")


def test_repeated_sentences_go_if_their_tags_are_repeated_too(run: Run, write: Write) -> None:
    write("a.conll", "a X O\nb Y O\n\na X O\nb Y B-P\n\na X O\nb Y O\n\nb Y O\n\n")
    shown = run("preprocess", "a.conll", "--dedupe")
    assert ok(shown) == "a X O\nb Y O\n\na X O\nb Y B-P\n\nb Y O\n\n"
    assert "       1 repeated sentences left out\n" in shown.stderr.decode()


def test_long_sentences_are_cut_and_counted(run: Run, write: Write) -> None:
    write("a.conll", "Ada B-PER\nLee I-PER\nran O\n. O\nYes O\n\nOk O\nok O\n\n")
    shown = run("preprocess", "a.conll", "--max-length", "4")
    assert ok(shown) == "Ada B-PER\nLee I-PER\nran O\n. O\n\nYes O\n\nOk O\nok O\n\n"
    assert "       1 sentences cut into 2\n" in shown.stderr.decode()


def test_a_sample_is_of_a_seed_and_in_order(run: Run, write: Write) -> None:
    sentences = [f"a{i} O\nb B-X\n\n" for i in range(30)]
    write("a.conll", "".join(sentences))
    first, second, again = (
        ok(run("preprocess", "a.conll", "--sample", "9", "--seed", seed)) for seed in (1, 2, 1)
    )
    assert first == again != second
    assert first == "".join(s for s in sentences if s in first)
    assert first.count("b B-X") == 9
    assert ok(run("preprocess", "a.conll", "--sample", "99")) == "".join(sentences)


def test_the_header_of_conll_u_plus_begins_every_output_once(
    run: Run, write: Write, tmp_path: Path
) -> None:
    header = "# global.columns = ID FORM NER\r\n"
    rows = [f"1\ta{i}\tB-X\n2\tb\tO\n\n" for i in range(8)]
    write("a.conllup", "\ufeff" + header + "\n" + "".join(rows[:4]))
    write("b.conllup", header + "".join(rows[4:]))
    both = ("a.conllup", "b.conllup")
    assert ok(run("preprocess", *both)) == "\ufeff" + header + "\n" + "".join(rows)
    sample = ok(run("preprocess", *both, "--sample", "2"))
    assert sample.startswith("\ufeff" + header)
    assert sample.count("global") == 1
    ok(run("preprocess", *both, "--split", "50/25/25", "-o", "parts"))
    parts = [(tmp_path / "parts" / f"{n}.conllup").read_bytes() for n in ("train", "dev", "test")]
    assert [part.count(b"# global") for part in parts] == [1, 1, 1]
    assert [part.decode().startswith("\ufeff" + header) for part in parts] == [True] * 3
    bodies = [part.decode().removeprefix("\ufeff" + header) for part in parts]
    assert sorted("".join(bodies).split("\n\n")) == sorted("".join(["\n", *rows]).split("\n\n"))


def test_a_split_makes_its_folder_and_holds_every_sentence_once(
    run: Run, write: Write, tmp_path: Path
) -> None:
    sentences = [f"a{i} O\nb{i} B-X\nc{i} O\nd{i} O\n\n" for i in range(40)]
    write("a.conll.gz", gzip.compress("".join(sentences).encode()))
    shown = run("preprocess", "a.conll.gz", "--split", "80/10/10", "-o", "new/folder")
    assert ok(shown) == ""
    assert "split by sentence (40), in tokens: train 80.0 %, dev 10.0 %, test 10.0 %" in (
        shown.stderr.decode()
    )
    folder = tmp_path / "new" / "folder"
    assert names_in(folder) == ["dev.conll.gz", "test.conll.gz", "train.conll.gz"]
    texts = [gzip.decompress((folder / name).read_bytes()).decode() for name in names_in(folder)]
    assert [text.count("\n\n") for text in texts] == [4, 4, 32]
    assert all("".join(s for s in sentences if s in text) == text for text in texts)
    assert sorted("".join(texts)) == sorted("".join(sentences))


def test_two_shares_make_two_files_and_json_lines_become_conllu(
    run: Run, write: Write, tmp_path: Path
) -> None:
    spans = [{"start": 0, "end": 3, "label": "PER"}]
    rows = [{"text": f"Ada ran {i} miles.", "spans": spans} for i in range(12)]
    write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    ok(run("preprocess", "a.jsonl", "--split", "3/1", "-o", "parts"))
    assert names_in(tmp_path / "parts") == ["dev.conllu", "train.conllu"]
    train, dev = (read_all([tmp_path / "parts" / f"{n}.conllu"]) for n in ("train", "dev"))
    assert (len(train), len(dev)) == (9, 3)
    assert {s.text for s in train + dev} == {row["text"] for row in rows}
    assert {s.columns["ner"] for s in train} == {("B-PER", "O", "O", "O", "O")}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--split", "80/10/10"], "--split writes several files: name a folder with -o"),
        (["--split", "x", "-o", "new"], "expected two or three shares such as 80/10/10, found 'x'"),
        (["--split", "8/2", "-o", "a.conll"], "a.conll: expected a folder for the splits, found"),
        (["--json"], "--json is for --stats; for corpora as JSON lines: --to jsonl"),
        (["--to", "brat"], "brat's annotations lie beside their text: name a file with -o"),
        (["--to", "brat", "-o", "b.txt"], "expected a name such as NAME.ann for brat's"),
        (["--map-labels", "PER"], "expected labels such as PER=PERSON,LOC=PLACE, found 'PER'"),
        (["--merge", "none.conll"], "none.conll: no such file"),
        (["--encoding", "x"], "expected an encoding such as latin-1, found 'x'"),
        (["-o", "."], ".: expected a file to write, found a directory"),
        (["-o", "a.conll/b"], "a.conll"),
        (["."], ".: expected a file to read, found a directory"),
        (["none.conll"], "none.conll: no such file"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_nothing_is_written(
    run: Run, write: Write, tmp_path: Path, args: list[str], message: str
) -> None:
    write("a.conll", NER)
    shown = run("preprocess", "-q", "a.conll", *args)
    assert error_of(shown).startswith(f"error: {message}")
    assert shown.stderr.count(b"\n") == 1
    assert names_in(tmp_path) == ["a.conll"]


def test_a_broken_row_ends_it_with_its_place_and_leaves_the_old_output(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("a.conll", "Ada B-PER\nran O\n\n" * 2000 + "Ada\n\n")
    write("old.conll", "old")
    message = error_of(run("preprocess", "a.conll", "-o", "old.conll"))
    assert message == "error: a.conll:6001:1: expected 2 blank-separated columns, found 1"
    assert error_of(run("preprocess", "a.conll", "-o", "new.conll", "--to", "conllu")) == message
    assert names_in(tmp_path) == ["a.conll", "old.conll"]
    assert (tmp_path / "old.conll").read_text(encoding="utf-8") == "old"


def test_a_file_can_be_written_in_its_own_place(run: Run, write: Write) -> None:
    path = write("a.conll", NER * 2000)
    ok(run("preprocess", "a.conll", "--map-labels", "PER=P", "-o", "a.conll"))
    assert path.read_text(encoding="utf-8") == (NER * 2000).replace("PER", "P")


def test_archives_and_encodings_are_read_and_written(
    run: Run, write: Write, tmp_path: Path
) -> None:
    latin = (FIXTURES / "latin1.conll").read_bytes()
    write("a.conll.gz", gzip.compress(latin))
    ok(run("preprocess", "a.conll.gz", "--encoding", "latin-1", "-o", "b.conll.xz"))
    written = lzma.decompress((tmp_path / "b.conll.xz").read_bytes())
    assert written == latin.decode("latin-1").encode()


def test_a_closed_pipe_ends_it_silently(write: Write) -> None:
    path = write("a.conll", NER * 20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "tagger", "preprocess", "-q", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"Ada B-PER\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


UD = "# sent_id = 1\n1\tAda\t_\tPROPN\t_\t_\t0\t_\t_\t_\n2\tran\t_\tVERB\t_\t_\t1\t_\t_\t_\n\n"


def test_columns_of_a_second_file_are_added_and_what_does_not_fit_is_told(
    run: Run, write: Write
) -> None:
    write("a.conllu", UD + UD.replace("Ada", "Bob").replace("= 1", "= 2"))
    write("b.conll", "Ada\tB-PER\nran\tO\n\nrain\tO\n\n")
    shown = run("preprocess", "a.conllu", "--merge", "b.conll", "--map-labels", "PER=P")
    rows = [line.split("\t") for line in ok(shown).splitlines() if "\t" in line]
    assert [row[9] for row in rows] == ["NER=B-P", "NER=O", "_", "_"]
    said = shown.stderr.decode()
    assert "b.conll: ner added\n" in said
    assert "warning: a.conllu:6: alone: expected this sentence in the other file too" in said
    assert "warning: b.conll:4: alone: " in said


def test_added_columns_are_columns_with_whatever_else_is_done(run: Run, write: Write) -> None:
    write("a.conll", "Ada \tNNP\nran\tVBD\n\nBob\tNNP\nwon\u200b\tVBZ")
    write("b.conll", "Ada\tI-PER\nran\tO\n\n")
    args = ("--columns", "form=1,xpos=2", "--fix", "--scheme", "IOBES", "--map-labels", "PER=P")
    shown = run("preprocess", "a.conll", "--merge", "b.conll", *args, "--max-length", "1")
    assert ok(shown) == "Ada \tNNP\tS-P\n\nran\tVBD\tO\n\nBob\tNNP\t_\n\nwon\tVBZ\t_\n"
    assert "a.conll:5:1: invisible-character: 'won\\u200b' became 'won'\n" in shown.stderr.decode()
    converted = run("preprocess", "a.conll", "--merge", "b.conll", *args[:2], "--to", "conllup")
    lines = ok(converted).splitlines()
    assert lines[0] == "# global.columns = ID FORM XPOS NER"
    assert lines[2] == "1\tAda \tNNP\tI-PER"
    assert lines[7] == "2\twon\u200b\tVBZ\t_"


def test_a_column_that_the_first_file_has_is_not_added_again(run: Run, write: Write) -> None:
    write("a.conll", "Ada NNP B-PER\nran VBD O\n\n" * 2)
    write("b.conll", "Ada B-LOC\nran O\n\n" * 2)
    shown = run("preprocess", "a.conll", "--merge", "b.conll")
    assert ok(shown) == "Ada NNP B-PER\nran VBD O\n\n" * 2
    assert "b.conll: no column added\n" in shown.stderr.decode()


def test_repairs_are_told_line_by_line_and_counted(run: Run, write: Write) -> None:
    broken = b"\xef\xbb\xbfAda\tB-PER\r\nco\xc2\xadop\tO\r\n \t\r\nBob I-PER\r\nran\tO"
    write("a.conll", broken + b"\r\n\r\n" + b"Ada\tB-PER\r\nran\tO\r\n\r\n" * 9 + b"end\tO")
    shown = run("preprocess", "a.conll", "--fix")
    fixed = "Ada\tB-PER\ncoop\tO\n\nBob\tB-PER\nran\tO\n\n" + "Ada\tB-PER\nran\tO\n\n" * 9
    assert ok(shown) == fixed + "end\tO\n"
    said = shown.stderr.decode().splitlines()
    assert sorted(line for line in said if line.startswith("a.conll:") and line[8].isdigit()) == [
        "a.conll:1:1: byte-order-mark: U+FEFF removed",
        "a.conll:1:1: crlf: CR LF became LF in 33 lines",
        "a.conll:2:1: invisible-character: 'co\\xadop' became 'coop'",
        "a.conll:34:1: no-final-newline: LF added",
        "a.conll:3:1: blank-line-with-blanks: ' \\t' removed",
        "a.conll:4:1: wrong-separator: fields separated as in other rows",
        "a.conll:4:2: scheme: I-PER became B-PER",
    ]
    assert "       1 repairs: crlf" in said


def test_brat_is_written_as_two_files_that_read_back(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("a.conll", NER)
    ok(run("preprocess", "a.conll", "--to", "brat", "-o", "out.ann"))
    assert (tmp_path / "out.txt").read_text(
        encoding="utf-8"
    ) == "Ada ran\nOslo Bob Lee\nit rained\n"
    read = list(read_brat(tmp_path / "out.ann"))
    assert [tag for s in read for tag in s.columns["ner"]] == NER.split()[1::2]
    again = ok(run("preprocess", "out.ann", "--to", "conll"))
    assert again == "-DOCSTART-\n\n" + NER.replace(" ", "\t")


MEASURED = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "tagger", "preprocess", "-q", *sys.argv[1:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


@pytest.mark.parametrize(
    "args",
    [
        ["--fix", "--scheme", "IOB2", "--map-labels", "ODD=P", "--max-length", "8"],
        ["--to", "conllu", "--sample", "50"],
    ],
    ids=" ".join,
)
def test_streaming_holds_constant_memory(write: Write, args: list[str], tmp_path: Path) -> None:
    usual = "Ada NNP B-PER\nran VBD O\nto TO O\nBob NNP B-PER\n. . O\nI P O\n\n"
    odd = "Ada\tNNP\tI-ODD\n" * 9 + "\t\n"
    path = write("a.conll", ((usual * 99).replace(" ", "\t") + odd) * 500)
    shown = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), *args, "-o", str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert float(shown.stdout) < MOST_MEMORY
    assert sum(map(len, open_corpus_file(tmp_path / "out"))) in (50 * 6, 50 * 6 + 3, 301_500)


def test_what_a_format_cannot_hold_is_noted(run: Run, write: Write) -> None:
    write("a.conllu", "1\tAda\tada\tPROPN\tNNP\t_\t0\troot\t_\t_\n\n")
    shown = run("preprocess", "a.conllu", "--to", "conll")
    assert shown.stdout.decode() == "Ada\tPROPN\tNNP\n\n"
    assert "lemmas, heads, multiword ranges and empty nodes are not part of conll: left out" in (
        shown.stderr.decode()
    )
    write("b.conll", "1\tAda\tB-PER\tx y\n2\tran\tO\tz w\n\n")
    noted = run("preprocess", "b.conll", "--to", "pairs").stderr.decode()
    assert "columns without a name are not part of pairs: left out" in noted


@pytest.mark.parametrize("name", ["entities", "brat"])
def test_entities_cannot_be_written_where_there_are_none(run: Run, write: Write, name: str) -> None:
    write("a.conll", "Ada\tNNP\nran\tVBD\n\n")
    shown = run("preprocess", "a.conll", "--to", name, "-o", "out.ann")
    assert shown.returncode == 2
    assert f"error: {name} holds entities alone, and no column has any" in shown.stderr.decode()
