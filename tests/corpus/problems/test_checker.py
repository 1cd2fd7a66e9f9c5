"""Whole files, one after the other: all kinds of checks together, in the order of lines."""

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tagger.corpus.files import open_corpus_file
from tagger.corpus.overruling import NOTHING, Asked
from tagger.corpus.problems.checker import Checker
from tagger.corpus.problems.codes import CODES, Finding
from tagger.corpus.repairs import repair_file
from tagger.errors import TaggerError, UsageError
from tagger.schemes import Scheme
from tests.corpus.problems.faults import IN_COLUMNS, IN_CONLLU, columns, conllu, planted, text_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
CLEAN = "Ada\tB-PER\nran\tO\n\nto\tO\nOslo\tB-LOC\n\n"
Check = Callable[..., list[str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """`check(*contents)`: what is found in files 0.conll, 1.conll, …, as `0.conll:1:1: code`."""

    def found(
        *contents: bytes | str,
        asked: Asked = NOTHING,
        scheme: Scheme | None = None,
        suffix: str = ".conll",
    ) -> list[str]:
        checker = Checker(scheme)
        findings: list[Finding] = []
        for i, content in enumerate(contents):
            path = tmp_path / f"{i}{suffix}"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            findings += checker.check(path, asked)
        return [f"{Path(f.path).name}:{f.line}:{f.column}: {f.code}" for f in findings]

    return found


def test_findings_come_by_line_and_field(check: Check) -> None:
    spoilt = "\ufeffAda\tB-PER\r\n\u200bran\tI-LOC\nO slo\tB-\x07\n \n" + CLEAN * 10 + "a\tI-LOC"
    assert check(spoilt) == [
        "0.conll:1:1: byte-order-mark",
        "0.conll:1:1: crlf",
        "0.conll:2:1: invisible-character",
        "0.conll:2:2: label-change",
        "0.conll:3:1: blank-in-token",
        "0.conll:3:2: control-character",
        "0.conll:4:1: blank-line-with-blanks",
        "0.conll:65:1: no-final-newline",
        "0.conll:65:2: inside-without-begin",
    ]


def test_fields_between_blanks_behind_comments_and_crlf_are_counted(check: Check) -> None:
    sentence = "# sent_id = {}\nAda  NNP  B-PER\nran  VBD \t O\n\n"
    rest = "".join(sentence.format(i) for i in range(9))
    spoilt = sentence.format(9).replace("B-PER", "I-PER").replace("VBD", "V\x07D")
    asked = Asked(columns="form=1,xpos=2,ner=3", comments=True)
    found = check((rest + spoilt).replace("\n", "\r\n"), asked=asked)
    assert [line for line in found if "separator" not in line] == [
        *("0.conll:1:1: crlf", "0.conll:38:3: inside-without-begin"),
        "0.conll:39:2: control-character",
    ]


def test_a_ragged_row_hides_no_other_sentence(check: Check) -> None:
    assert check(CLEAN * 9 + "Ada\nran\tO\tO\n\nBo\tI-PER\n") == [
        "0.conll:55:1: ragged-row",
        "0.conll:56:2: ragged-row",
        "0.conll:58:2: inside-without-begin",
    ]


def test_tabs_in_a_file_of_blanks_are_found_though_they_are_read(check: Check) -> None:
    blanks = CLEAN.replace("\t", " ")
    assert check(blanks * 9 + "Ada\tB-PER\nran \tO\n\n" + blanks) == [
        *("0.conll:55:1: wrong-separator", "0.conll:56:1: mixed-separators")
    ]


def test_bytes_that_are_not_utf_8_are_found_wherever_they_stand(check: Check) -> None:
    numbered = b"# a\n1\tAda\tB-PER\t-\t-\n2\tran\tO\t-\t-\n\n"
    assert check(numbered * 9 + b"# caf\xe9\n1\tcaf\xe9\tO\t-\t-\n\n") == [
        "0.conll:37:1: invalid-utf-8",
        "0.conll:38:2: invalid-utf-8",
    ]
    assert check(CLEAN.encode() * 9 + b"\xa0\nBo\tI-P\xe9R\n") == [
        "0.conll:55:1: invalid-utf-8",
        "0.conll:55:1: ragged-row",
        "0.conll:56:2: invalid-utf-8",
    ]


def test_a_file_in_another_encoding_is_read_as_such_and_needs_no_other_finding(
    check: Check,
) -> None:
    latin = (CLEAN + "café\tI-LOC\n").encode("latin-1")
    asked = Asked(encoding="latin-1")
    assert check(latin, asked=asked) == ["0.conll:7:2: inside-without-begin"]
    assert check((CLEAN * 2).encode("utf-16"), asked=Asked(encoding="utf-16")) == []
    broken = (CLEAN * 2).encode("utf-16") + b"x"
    assert check(broken, asked=Asked(encoding="utf-16")) == ["0.conll:13:1: unreadable"]


@pytest.mark.parametrize("content", ["", "\n\n", " \t\n\r\n"])
def test_a_file_of_nothing_is_empty_and_does_not_count_as_a_file(
    check: Check, content: str
) -> None:
    assert check(content, CLEAN, CLEAN.replace("PER", "ORG")) == [
        "0.conll:1:1: empty-file",
        "2.conll:1:2: new-label",
    ]
    checker = Checker()
    checker.check(FIXTURES / "uner.iob2")
    checker.check(FIXTURES / "empty.conll")
    assert checker.reasons == "an empty file"


def test_a_file_of_comments_alone_has_empty_sentences(check: Check) -> None:
    comments = "# sent_id = a\n# text = Rain\n\n# sent_id = b\n"
    assert check(comments, asked=Asked(dialect="conllu")) == [
        "0.conll:1:1: empty-sentence",
        "0.conll:4:1: empty-sentence",
    ]
    assert check("-DOCSTART- O\n\n", asked=Asked(columns="form=1,ner=2")) == []


def test_what_a_file_is_must_be_told_or_found(check: Check, tmp_path: Path) -> None:
    with pytest.raises(TaggerError, match="expected CoNLL-U or columns of tokens and tags"):
        check("It rained all day.\nAda slept, Bo ran.\nWhy?\n")
    with pytest.raises(TaggerError, match="no such file"):
        Checker().check(tmp_path / "nothing.conll")


def test_the_scheme_that_is_asked_for_decides(check: Check) -> None:
    iob1 = "Ada\tI-PER\nran\tO\n\nOslo\tI-LOC\n\n"
    assert check(iob1) == ["0.conll:1:2: iob1"]
    assert check(iob1, scheme="IO") == check(iob1, scheme="IOB1") == []
    assert check(iob1, scheme="IOB2") == [
        *("0.conll:1:2: inside-without-begin", "0.conll:4:2: inside-without-begin")
    ]
    assert check(CLEAN, scheme="IOB1") == [
        *("0.conll:1:2: needless-begin", "0.conll:5:2: needless-begin")
    ]
    assert check(CLEAN, scheme="IOBES") == [
        *("0.conll:2:2: span-not-ended", "0.conll:5:2: span-not-ended")
    ]


def test_the_first_file_decides_which_labels_there_are(check: Check) -> None:
    dev = "Ada\tB-PER\nCERN\tB-ORG\n\nCERN\tI-ORG\n\n"
    assert check(CLEAN, dev) == ["1.conll:2:2: new-label", "1.conll:4:2: inside-without-begin"]
    assert check(dev, CLEAN) == ["0.conll:4:2: inside-without-begin", "1.conll:5:2: new-label"]
    test = dev.replace("ORG", "MISC")
    assert [line for line in check(CLEAN, dev, test) if "new-label" in line] == [
        *("1.conll:2:2: new-label", "2.conll:2:2: new-label")
    ]


def test_a_column_that_the_first_file_lacks_has_no_new_labels(check: Check) -> None:
    assert check("Ada\tNOUN\nran\tVERB\n\n", CLEAN) == []


def test_a_column_of_words_has_no_new_labels(check: Check) -> None:
    asked = Asked(columns="form=1,lemma=2")
    train = "".join(f"W{i}\tw{i}\n" for i in range(300))
    dev = "".join(f"V{i}\tv{i}\n" for i in range(300))
    assert check(train, dev, asked=asked) == [
        *("0.conll:1:1: long-sentence", "1.conll:1:1: long-sentence")
    ]


def test_a_tag_that_occurs_once_is_told_of_the_first_file_alone(check: Check) -> None:
    rare = "".join("a\tNN\nb\tVB\n\n" for _ in range(500)) + "c\tJJ\n\n"
    assert check(rare, rare) == ["0.conll:1501:2: tag-once"]


def test_a_sent_id_may_come_again_in_another_file(check: Check) -> None:
    text = "# sent_id = a\n1\tAda\tB-PER\n2\tran\tO\n\n"
    assert check(text, text) == []
    assert check(text + text) == ["0.conll:5:1: duplicate-sent-id"]


def test_leaks_and_conflicts_name_the_file_and_line(tmp_path: Path) -> None:
    forms = "Ada went home in the rain".split()
    train, dev = tmp_path / "train.conll", tmp_path / "dev.conll"
    train.write_text(CLEAN + "".join(f"{form}\tO\n" for form in forms), encoding="utf-8")
    dev.write_text("".join(f"{form}\tB-PER\n" for form in forms), encoding="utf-8")
    checker = Checker()
    assert checker.check(train) == []
    assert [str(f) for f in checker.check(dev)] == [
        f"{dev}:1:1: leak: expected a new sentence, found that of {train}:7 (leave it out of one)",
        f"{dev}:1:2: conflict: expected 'O' as in the same sentence in {train}:7, found 'B-PER' "
        "(decide for one)",
    ]
    assert (checker.num_sentences, checker.num_tokens) == (4, 16)


def test_a_compressed_file_is_checked_under_its_own_name(check: Check) -> None:
    text = (CLEAN * 9 + "Bo\tI-PER\n").encode()
    assert check(gzip.compress(text), suffix=".conll.gz") == [
        "0.conll.gz:55:2: inside-without-begin"
    ]


def test_ids_of_uner_files_are_checked(check: Check) -> None:
    clean = "# text = Ada ran\n1\tAda\tB-PER\t-\t-\n2\tran\tO\t-\t-\n\n"
    spoilt = clean.replace("2\tran", "3\tran").replace("Ada ran", "Ada sat")
    assert check(clean * 5 + spoilt, suffix=".iob2") == [
        *("0.iob2:21:1: text-mismatch", "0.iob2:23:1: token-id")
    ]


def test_tokens_that_look_like_ids_are_none_in_a_file_without_ids(check: Check) -> None:
    assert check(CLEAN * 9 + "1-2\tO\n0.1\tO\n3\tO\n\n") == []


def test_ids_of_conllu_are_checked_where_they_can_be_read_and_where_not(check: Check) -> None:
    def sentence(*ids: str) -> str:
        return "".join(f"{i}\tw\t_\tX\t_\t_\t_\t_\t_\t_\n" for i in ids) + "\n"

    text = sentence("1", "2") + sentence("1", "3-4", "2") + sentence("1", "1.2") + sentence("2")
    assert check(text + sentence("1", "x"), suffix=".conllu") == [
        "0.conllu:5:1: multiword-range",
        "0.conllu:9:1: empty-node",
        "0.conllu:11:1: token-id",
        "0.conllu:14:1: token-id",
    ]


def test_pairs_are_checked_by_line_and_word(check: Check) -> None:
    clean = "Ada/B-PER ran/O\nIt/O is/O Oslo/B-LOC\n"
    spoilt = "Bo/O Cy/I-PER ran/O\nit/O is/O Os\u200blo/B_LOC\nIt/O is/O Oslo/O\n"
    assert check(clean * 9 + spoilt, suffix=".pairs") == [
        "0.pairs:19:2: inside-without-begin",
        "0.pairs:20:3: invisible-character",
        "0.pairs:20:3: unknown-prefix",
        "0.pairs:21:3: conflict",
    ]
    six = "Ada/N went/V home/R in/P the/D rain/N\n"
    assert check(six + "Bo/N ran/V\n", six, suffix=".pairs") == ["1.pairs:1:1: leak"]
    assert check(clean * 9 + "Bo/O ran\n", suffix=".pairs") == ["0.pairs:19:2: unreadable"]
    assert check((clean * 9).encode() + b"Bo/O r\xe9n/O\n", suffix=".pairs") == [
        "0.pairs:19:1: unreadable"
    ]


def test_json_lines_are_checked_by_line(check: Check) -> None:
    line = '{"text": "Ada went home in the rain", "spans": [{"start": 0, "end": 3, "label": "%s"}]}'
    other = '{"text": "# text = Bo", "spans": []}'
    found = check("\n".join([line % "PER", other, line % "per"]), suffix=".jsonl")
    assert sorted(found) == [
        *("0.jsonl:3:1: conflict", "0.jsonl:3:1: duplicate-sentence", "0.jsonl:3:1: label-case")
    ]
    assert check("\n".join([line % "PER", other, "{"]), suffix=".jsonl") == [
        "0.jsonl:3:1: unreadable"
    ]


def test_brat_is_checked_by_the_lines_of_its_text(check: Check, tmp_path: Path) -> None:
    text = "Ada went home in the rain.\nAda went home in the rain.\n"
    (tmp_path / "0.txt").write_text(text, encoding="utf-8")
    spans = "T1\tPER 0 3\tAda\nT2\tper 27 30\tAda\n"
    assert check(spans, suffix=".ann") == [
        *("0.txt:2:1: conflict", "0.txt:2:1: duplicate-sentence", "0.txt:2:1: label-case")
    ]
    assert check(spans.replace("27", "x"), suffix=".ann") == ["0.ann:2:2: unreadable"]
    with pytest.raises(UsageError):
        check(spans, suffix=".ann", asked=Asked(encoding="latin-1", dialect="brat"))


def test_what_cannot_be_read_keeps_what_was_found_before(check: Check) -> None:
    bracket = (FIXTURES / "bracket_never_closed.conll").read_bytes()
    found = check(b"\xef\xbb\xbf" + bracket)
    assert found[0] == "0.conll:1:1: byte-order-mark"
    assert [line.partition(": ")[2] for line in found[1:]] == ["unreadable"]


@pytest.mark.parametrize("code", [c for c in IN_COLUMNS | IN_CONLLU if CODES[c].is_fixed])
def test_what_fix_is_said_to_mend_is_mended(tmp_path: Path, code: str) -> None:
    random = Random(code)
    for _ in range(3):
        fault = planted(code, random)
        path = tmp_path / "a.conll"
        path.write_bytes(fault.texts[0].encode(errors="surrogateescape"))
        assert code in {finding.code for finding in Checker().check(path)}
        repair_file(open_corpus_file(path))
        assert Checker().check(path) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a\tB-X\nb\tE-X\nc\tS-X\n\n" * 9 + "a\tB-Y\nb\tO\n\n", ["span-not-ended"]),
        ("a\tI-X\nb\tO\n\n" * 9 + "a\tB-Y\nb\tO\n\n", ["iob1", "needless-begin"]),
    ],
)
def test_tags_that_a_scheme_forbids_are_mended(tmp_path: Path, text: str, codes: list[str]) -> None:
    path = tmp_path / "a.conll"
    path.write_text(text, encoding="utf-8")
    assert [finding.code for finding in Checker().check(path)] == codes
    repair_file(open_corpus_file(path))
    assert Checker().check(path) == []


def test_a_clean_file_that_is_checked_twice_is_all_leaks(tmp_path: Path) -> None:
    random = Random(1)
    for lines in (columns(random), conllu(random)):
        path = tmp_path / "a.conll"
        path.write_text(text_of(lines), encoding="utf-8")
        checker = Checker()
        assert checker.check(path) == []
        assert {finding.code for finding in checker.check(path)} == {"leak"}
