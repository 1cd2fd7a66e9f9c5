"""The safe repairs: afterwards there is nothing left to repair, and nothing else has changed."""

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.conllu import LAYOUT as CONLLU
from tagger.corpus.files import open_corpus_file
from tagger.corpus.overruling import Asked
from tagger.corpus.problems.checker import Checker
from tagger.corpus.problems.codes import CODES
from tagger.corpus.repairs import Repair, repair_file, repaired, repaired_lines
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import CorpusError, UsageError
from tagger.schemes import spans_from_tags
from tagger.sentence import Layout
from tests.corpus.generated import column_blocks, conllu_blocks, files
from tests.corpus.problems.faults import IN_COLUMNS, columns, planted, text_of, with_cell

FIXABLE = frozenset(code for code, about in CODES.items() if about.is_fixed)
COLUMNS = Layout("columns", {"form": 0, "xpos": 1, "ner": 2}, "\t", False, 3)
BLANKS = Layout("columns", {"form": 0, "xpos": 1, "ner": 2}, " ", False, 3)
PAIRS = Layout("pairs", {"form": 0, "xpos": 1}, "/", False, 2)
Corpus = Callable[[str], Path]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """A file with this text in it, half surrogates as bytes."""

    def write(text: str, name: str = "a.conll") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(errors="surrogateescape"))
        return path

    return write


def fixed(path: Path, asked: Asked | None = None) -> tuple[str, list[Repair]]:
    """What the file becomes, and what is told of it."""
    told: list[Repair] = []
    opened = open_corpus_file(path) if asked is None else open_corpus_file(path, asked)
    return "".join(map(rewrite_sentence, repaired(opened, told.append))), told


def codes_in(path: Path) -> set[str]:
    return {finding.code for finding in Checker().check(path)}


def mended(content: str, layout: Layout) -> tuple[str, list[str]]:
    """A line with its repairs, without places."""
    told: list[Repair] = []
    (line,) = repaired_lines([f"{content}\n"], "a", layout, told.append)
    return line.removesuffix("\n"), [repair.code for repair in told]


def in_iobes(random: Random) -> list[str]:
    return columns(random, scheme="IOBES")


def not_ended(random: Random) -> str:
    """IOBES of which one span does not end."""
    lines = in_iobes(random)
    at = random.choice([i for i, line in enumerate(lines) if "\tE-" in line])
    lines[at] = lines[at].replace("\tE-", "\tI-")
    return text_of(lines)


def begun_needlessly(random: Random) -> str:
    """IOB1 in which one span begins with B- after O."""
    lines = [line.replace("\tB-", "\tI-") for line in columns(random)]
    begins = [i for i, line in enumerate(lines) if "\tI-" in line and "\tO" in lines[i - 1]]
    at = random.choice(begins)
    lines[at] = lines[at].replace("\tI-", "\tB-")
    return text_of(lines)


OTHERS = {"span-not-ended": not_ended, "needless-begin": begun_needlessly}


@pytest.mark.parametrize("code", sorted(FIXABLE))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_a_repair_there_is_nothing_left_to_repair(
    corpus: Corpus, code: str, seed: int
) -> None:
    random = Random(seed)
    text = OTHERS[code](random) if code in OTHERS else planted(code, random).texts[0]
    path = corpus(text)
    assert code in codes_in(path)
    repairs = repair_file(open_corpus_file(path))
    assert repairs
    assert codes_in(path) & FIXABLE == set()
    once = path.read_bytes()
    assert repair_file(open_corpus_file(path)) == []
    assert path.read_bytes() == once


def test_a_planted_fault_is_told_at_its_place(corpus: Corpus) -> None:
    scheme_codes = {"inside-without-begin", "label-change", "mixed-schemes", "iob1"}
    for code in sorted(FIXABLE & IN_COLUMNS.keys()):
        fault = planted(code, Random(7))
        _, told = fixed(corpus(fault.texts[0]))
        first = told[0]
        expected = "scheme" if code in scheme_codes else code
        assert (first.code, first.line) == (expected, 1 if code == "crlf" else fault.line), code


def test_a_clean_file_comes_out_as_it_is_and_nothing_is_told(corpus: Corpus) -> None:
    text = text_of(columns(Random(1)))
    assert fixed(corpus(text)) == (text, [])


def test_the_fixtures_that_only_blanks_break_become_readable() -> None:
    fixtures = Path(__file__).parents[1] / "fixtures"
    for name in ("blanks_for_tabs.conllu", "blank_instead_of_tab.conll"):
        with pytest.raises(CorpusError):
            list(open_corpus_file(fixtures / name))
        text, told = fixed(fixtures / name)
        assert {repair.code for repair in told} == {"wrong-separator"}
        assert " " not in text.replace("# ", "").replace(" = ", "").replace("Cats sleep", "")


@pytest.mark.parametrize(
    ("content", "layout", "expected", "codes"),
    [
        ("a\tX\tO", COLUMNS, "a\tX\tO", []),
        ("a X O", COLUMNS, "a\tX\tO", ["wrong-separator"]),
        (" a  X   O ", COLUMNS, "a\tX\tO", ["wrong-separator"]),
        ("a X\tO", COLUMNS, "a\tX\tO", ["mixed-separators"]),
        ("New York\tX\tO", COLUMNS, "New York\tX\tO", []),
        ("New York X O", COLUMNS, "New York X O", []),  # four fields: which are they?
        ("a X", COLUMNS, "a X", []),
        ("a  X O", BLANKS, "a  X O", []),
        ("a\tX\tO", BLANKS, "a X O", ["wrong-separator"]),
        ("a\tX O", BLANKS, "a X O", ["mixed-separators"]),
        ("a X O \t", BLANKS, "a X O \t", []),
        (" \t ", COLUMNS, "", ["blank-line-with-blanks"]),
        ("\t\t", COLUMNS, "", ["blank-line-with-blanks"]),
        (" ", PAIRS, "", ["blank-line-with-blanks"]),
        ("-DOCSTART- -X- O", COLUMNS, "-DOCSTART- -X- O", []),
        ("co\u00adop\tX\tO", COLUMNS, "coop\tX\tO", ["invisible-character"]),
        ("x\u200by X O", BLANKS, "xy X O", ["invisible-character"]),
        ("a\tX\u200b\tO", COLUMNS, "a\tX\u200b\tO", []),  # no token
        ("\u200b\tX\tO", COLUMNS, "\u200b\tX\tO", []),  # nothing would be left
        ("\u200b\u00ad X O", BLANKS, "\u200b\u00ad X O", []),
        ("ab\u200dc\tX\tO", COLUMNS, "abc\tX\tO", ["invisible-character"]),
        (
            "\u0645\u06cc\u200c\u062e\tX\tO",
            COLUMNS,
            "\u0645\u06cc\u200c\u062e\tX\tO",
            [],
        ),  # Persian
        ("caf\u00e9\u00a0x\tX\tO", COLUMNS, "caf\u00e9\u00a0x\tX\tO", []),
        ("a/X  \u200bb/\u00adc/Y", PAIRS, "a/X  b/c/Y", ["invisible-character"]),
        ("\u200b/X caf\u00e9/Y", PAIRS, "\u200b/X caf\u00e9/Y", []),
        ("# text = co\u00adop \u200b x", CONLLU, "# text = coop \u200b x", ["invisible-character"]),
        ("# note = co\u00adop", CONLLU, "# note = co\u00adop", []),
    ],
)
def test_a_line_and_what_it_becomes(
    content: str, layout: Layout, expected: str, codes: list[str]
) -> None:
    assert mended(content, layout) == (expected, codes)
    assert mended(expected, layout) == (expected, [])


def test_a_soft_hyphen_goes_from_the_token_and_from_the_text(corpus: Corpus) -> None:
    row = "\t_\tX\t_\t_\t0\tdep\t_\tSpaceAfter=No\n"
    text = f"# text = co\u00adop!\n1-2\tco\u00adop!{row}1\tco\u00adop{row}2\t!{row}\n"
    path = corpus(text * 3)
    text, told = fixed(path)
    assert "\u00ad" not in text
    assert [(r.line, r.column, r.code) for r in told[:3]] == [
        *((1, 1, "invisible-character"), (2, 2, "invisible-character")),
        (3, 2, "invisible-character"),
    ]
    assert told[2].change == "'co\\xadop' became 'coop'"
    assert "text-mismatch" not in codes_in(corpus(text))


def test_line_ends_are_counted_and_the_mark_and_the_last_line_told(corpus: Corpus) -> None:
    text, told = fixed(corpus("\ufeffa\tO\r\nb\tB-X\r\n\r\nc\tO"))
    assert text == "a\tO\nb\tB-X\n\nc\tO\n"
    assert [str(repair).partition(": ")[2] for repair in told] == [
        "byte-order-mark: U+FEFF removed",
        "no-final-newline: LF added",
        "crlf: CR LF became LF in 3 lines",
    ]


def test_tags_become_those_of_the_files_scheme_and_others_stay(corpus: Corpus) -> None:
    clean = "Ada\tB-PER\nran\tO\n\n" * 9
    odd = "Ada\tI-PER\nLee\tI-LOC\n?\t_\nBo\tI-PER\n!\tBPER\nBo\tE-PER\n\n"
    text, told = fixed(corpus(clean + odd), Asked(columns="form=1,ner=2"))
    assert text == clean + "Ada\tB-PER\nLee\tB-LOC\n?\t_\nBo\tB-PER\n!\tBPER\nBo\tB-PER\n\n"
    assert [(r.line, r.column, r.code, r.change) for r in told] == [
        *((28, 2, "scheme", "I-PER became B-PER"), (29, 2, "scheme", "I-LOC became B-LOC")),
        *((31, 2, "scheme", "I-PER became B-PER"), (33, 2, "scheme", "E-PER became B-PER")),
    ]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-A I-A O I-B", "B-A I-A O B-B"),  # IO
        ("I-A B-A O I-B", "B-A B-A O B-B"),  # IOB1
        ("B-A E-A O S-B", "B-A E-A O S-B"),
        ("B-A L-A O U-B B-A", "B-A L-A O U-B U-A"),
    ],
)
def test_each_file_keeps_its_scheme_but_that_io_and_iob1_become_iob2(
    corpus: Corpus, tags: str, expected: str
) -> None:
    rows = "".join(f"w{i}\t{tag}\n" for i, tag in enumerate(tags.split()))
    text, _ = fixed(corpus(f"{rows}\n" * 5))
    assert [line.split("\t")[1] for line in text.splitlines() if line] == expected.split() * 5


def test_what_no_safe_repair_removes_is_an_error_and_the_file_stays(corpus: Corpus) -> None:
    lines = columns(Random(1))
    lines[30] = "alone"
    path = corpus(text_of(lines) + "end X1 O")
    before = path.read_bytes()
    with pytest.raises(CorpusError, match=":31:1: expected 3 tab-separated columns, found 1"):
        repair_file(open_corpus_file(path))
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_an_archive_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "a.conll.gz"
    path.write_bytes(gzip.compress(b"a\tB-X\r\nb\tO"))
    assert len(repair_file(open_corpus_file(path))) == 2
    assert gzip.decompress(path.read_bytes()) == b"a\tB-X\nb\tO\n"


def test_json_lines_and_brat_are_not_repaired_in_place(tmp_path: Path, corpus: Corpus) -> None:
    (tmp_path / "b.ann").write_text("T1\tX 0 3\tAda\nR1\tR Arg1:T1\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Ada ran.\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"text": "Ada", "spans": []}\n', encoding="utf-8")
    for name in ("a.jsonl", "b.ann"):
        opened = open_corpus_file(tmp_path / name)
        with pytest.raises(UsageError, match="expected a file of tokens in lines to repair"):
            repair_file(opened)
        remarks: list[str] = []
        told: list[Repair] = []
        assert list(repaired(opened, told.append, remarks)) == list(opened.with_empty())
        assert (len(remarks), told) == (name == "b.ann", [])


@settings(max_examples=40, deadline=None)
@given(text=files(conllu_blocks()) | files(column_blocks("\t", 3)), seed=st.integers(0, 9))
def test_repaired_lines_need_no_repair(text: str, seed: int) -> None:
    layout = (CONLLU, COLUMNS, BLANKS)[seed % 3]
    told: list[Repair] = []
    lines = text.split("\n")
    lines = [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    once = list(repaired_lines(lines, "a", layout, told.append))
    again: list[Repair] = []
    assert list(repaired_lines(once, "a", layout, again.append)) == once
    assert again == []
    assert (once == lines) == (told == [])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_span_and_no_word_is_lost(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    random = Random(seed)
    lines = columns(random, 5)
    for at in random.sample([i for i, line in enumerate(lines) if line], 4):
        lines[at] = with_cell(lines[at], 2, random.choice(["I-PER", "I-LOC", "B-PER", "O"]))
    path = tmp_path_factory.mktemp("corpus") / "a.conll"
    path.write_text(text_of(lines), encoding="utf-8")
    before = list(open_corpus_file(path))
    repair_file(open_corpus_file(path))
    after = list(open_corpus_file(path))
    assert [s.forms for s in after] == [s.forms for s in before]
    for new, old in zip(after, before, strict=True):
        assert spans_from_tags(new.columns["ner"]) == spans_from_tags(old.columns["ner"])
