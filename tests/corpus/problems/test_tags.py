"""Tags of a column: what a scheme forbids, misspelt ones, labels that are alike, rare or common."""

from itertools import product

import pytest

from tagger.corpus.problems.tags import ENOUGH_TOKENS, PREFIXES_OF, TagChecks
from tagger.schemes import OUTSIDE, SCHEMES, Scheme, may_follow, split_tag
from tagger.sentence import Layout, Sentence, Source

TABS = Layout("columns", {"form": 0, "ner": 1}, "\t", comments=False, width=2)
PAIRS = Layout("pairs", {"form": 0, "ner": 1}, "/", comments=False, width=2)
END = "(tagger preprocess --fix does it)"


def checks(*sentences: str, scheme: Scheme | None = None, name: str = "ner") -> TagChecks:
    """A file of sentences, each a text of tags between blanks; a blank line after each."""
    found = TagChecks("x", name, scheme)
    line = 1
    for tags in sentences:
        columns = {name: tuple(tags.split(" "))}
        length = len(columns[name])
        source = Source("x", line, "", tuple(range(length)), TABS)
        found.add(Sentence(("w",) * length, columns, source=source))
        line += length + 1
    return found


def findings(*sentences: str, scheme: Scheme | None = None, name: str = "ner") -> list[str]:
    finished = checks(*sentences, scheme=scheme, name=name).finish()
    return [str(f).removeprefix("x:") for f in sorted(finished, key=lambda f: f.line)]


def codes(*sentences: str, scheme: Scheme | None = None) -> list[str]:
    """Line and code alone."""
    return [
        f"{line.partition(':')[0]} {line.split(': ')[1]}"
        for line in findings(*sentences, scheme=scheme)
    ]


def test_nothing_is_found_in_clean_tags() -> None:
    assert findings("O B-PER I-PER O B-LOC B-LOC", "O O", "B-PER") == []
    assert findings("O B-PER E-PER O S-LOC S-LOC B-X I-X E-X") == []
    assert findings("O B-PER L-PER O U-LOC U-LOC B-X I-X L-X") == []
    assert findings("NN VB NN", "NN", name="xpos") == []


def test_an_inside_that_continues_nothing_says_what_was_expected() -> None:
    clean = ["B-X O"] * 9
    assert findings("O I-PER I-PER", *clean) == [
        f"2:2: inside-without-begin: expected B-PER after O, found I-PER {END}"
    ]
    assert findings("I-PER", *clean) == [
        f"1:2: inside-without-begin: expected B-PER after O, found I-PER {END}"
    ]


def test_a_label_that_changes_inside_a_span_is_named_otherwise() -> None:
    assert findings("B-PER I-LOC", "B-X I-X") == [
        f"2:2: label-change: expected PER to go on or end, found I-LOC {END}"
    ]
    assert codes("B-PER I-PER I-LOC I-LOC I-PER", scheme="IOB2") == [
        *("3 label-change", "5 label-change")
    ]


def test_iob1_is_told_once_where_it_begins() -> None:
    sentences = ("O O", "O I-PER I-PER O I-LOC", "I-PER B-PER")
    assert findings(*sentences) == [
        f"5:2: iob1: expected spans that begin with B-, found ner spans that begin with I- {END}"
    ]
    assert codes(*sentences, scheme="IOB1") == []
    assert codes(*sentences, scheme="IOB2") == [
        *("5 inside-without-begin", "8 inside-without-begin", "10 inside-without-begin")
    ]


def test_io_is_told_as_iob1_is() -> None:
    sentences = ("O I-PER I-PER O I-LOC", "I-PER O")
    assert codes(*sentences) == ["2 iob1"]
    assert codes(*sentences, scheme="IO") == []


def test_iob1_begins_with_b_only_behind_its_like() -> None:
    sentences = ("O B-PER I-PER", "I-PER B-PER", "I-LOC B-PER", "B-PER")
    assert findings(*sentences, scheme="IOB1") == [
        f"2:2: needless-begin: expected I-PER after O, found B-PER {END}",
        f"9:2: needless-begin: expected I-PER after I-LOC, found B-PER {END}",
        f"11:2: needless-begin: expected I-PER after O, found B-PER {END}",
    ]
    iob2 = ("O B-PER I-PER B-PER", "O O")
    assert codes(*iob2, scheme="IOB1") == ["2 needless-begin"]


def test_iob1_that_is_found_out_has_needless_begins_too() -> None:
    assert codes("I-PER O I-LOC O I-X O B-X") == ["1 iob1", "7 needless-begin"]


def test_io_knows_no_begin() -> None:
    assert findings("I-PER B-PER", scheme="IO") == [
        f"2:2: mixed-schemes: expected a tag of IO, found B-PER {END}"
    ]


def test_a_span_that_goes_on_into_nothing_is_found_behind_it() -> None:
    assert findings("B-PER O S-X S-X", scheme="IOBES") == [
        f"2:2: span-not-ended: expected the end of B-PER, found O {END}"
    ]
    assert findings("B-PER I-PER U-LOC", scheme="BILOU") == [
        f"3:2: span-not-ended: expected the end of I-PER, found U-LOC {END}"
    ]
    assert codes("S-X O", "B-PER I-PER", "S-X", scheme="IOBES") == ["5 span-not-ended"]


def test_a_beginning_behind_an_end_is_not_an_inside() -> None:
    assert findings("B-PER E-PER I-PER E-PER", scheme="IOBES") == [
        f"3:2: inside-without-begin: expected a beginning after E-PER, found I-PER {END}"
    ]


def tags_of(scheme: Scheme) -> list[str]:
    prefixes = PREFIXES_OF[scheme]
    return [OUTSIDE, *(f"{prefix}-{label}" for prefix in prefixes for label in ("PER", "LOC"))]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_tags_are_a_finding_if_and_only_if_the_scheme_forbids_that_they_meet(
    scheme: Scheme,
) -> None:
    for length in (1, 2, 3):
        for tags in product(tags_of(scheme), repeat=length):
            meetings = zip((OUTSIDE, *tags), (*tags, OUTSIDE), strict=True)
            illegal = [
                1 + min(i, length - 1)
                for i, pair in enumerate(meetings)
                if not may_follow(*pair, scheme)
            ]
            found = [
                int(line.partition(":")[0]) for line in findings(" ".join(tags), scheme=scheme)
            ]
            assert found == illegal, tags


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_prefix_of_another_scheme_is_a_finding_wherever_it_stands(scheme: Scheme) -> None:
    foreign = [f"{prefix}-PER" for prefix in "BIESLU" if prefix not in PREFIXES_OF[scheme]]
    for before, after, tag in product(tags_of(scheme), tags_of(scheme), foreign):
        found = codes(f"{before} {tag} {after}", scheme=scheme)
        assert found.count("2 mixed-schemes") == 1
        assert [line for line in found if "mixed" in line] == ["2 mixed-schemes"]


def test_a_few_tags_of_iobes_in_a_file_of_iob2_are_of_another_scheme() -> None:
    clean = ["B-PER I-PER O"] * 30
    assert findings("B-LOC E-LOC O S-LOC", *clean) == [
        f"2:2: mixed-schemes: expected a tag of IOB2, found E-LOC {END}",
        f"4:2: mixed-schemes: expected a tag of IOB2, found S-LOC {END}",
    ]


def test_a_few_tags_of_iob2_in_a_file_of_iobes_end_nowhere() -> None:
    clean = ["B-PER E-PER O S-LOC"] * 30
    assert codes("B-LOC I-LOC O B-LOC", *clean) == ["3 span-not-ended", "4 span-not-ended"]
    assert codes("U-LOC O", *clean) == ["1 mixed-schemes"]


@pytest.mark.parametrize("tag", ["X-PER", "PER", "B_PER", "b-PER", "B-", "o", "BPER", "-PER"])
def test_a_misspelt_prefix_is_told_once_and_counted(tag: str) -> None:
    clean = ["B-PER I-PER O O"] * 30
    expected = f"unknown-prefix: expected O or a tag such as B-PER, found '{tag}'"
    assert findings("O", tag, *clean) == [f"3:2: {expected} (correct it)"]
    assert findings("O", tag, f"O {tag}", *clean) == [
        f"3:2: {expected} (2 times, the first here) (correct it)"
    ]
    assert codes(f"{tag} I-PER", *clean) == ["1 unknown-prefix"]


def test_what_is_not_annotated_is_no_misspelt_tag_and_says_nothing_of_what_follows() -> None:
    clean = ["B-PER I-PER O O"] * 30
    assert findings("_ O _", "_ I-PER _", *clean, scheme="IOB2") == []


def test_misspelt_tags_of_a_column_that_holds_no_spans_are_its_tags() -> None:
    assert findings("NN B-X VB NN", "PER", name="xpos") == []


def test_a_universal_tag_that_there_is_not_is_told_once_and_counted() -> None:
    assert findings("NOUN VRB VERB", "_ VRB X", name="upos") == [
        "2:2: unknown-upos: expected one of the 17 universal tags, found 'VRB' "
        "(2 times, the first here) (correct it)"
    ]
    assert findings("NOUN VRB VERB", name="xpos") == []


def test_labels_that_differ_in_case_are_told_at_the_rarer() -> None:
    assert findings("B-PER I-PER", "B-per O B-PER", "B-Per O B-Per I-Per I-Per", "B-PER") == [
        "4:2: label-case: expected PER (3 times), found 'per' (1 time) "
        "(tagger preprocess --map-labels)",
        "8:2: label-case: expected PER (3 times), found 'Per' (2 times) "
        "(tagger preprocess --map-labels)",
    ]
    assert findings("NN nn NN", name="xpos") == [
        "2:2: label-case: expected NN (2 times), found 'nn' (1 time) "
        "(tagger preprocess --map-labels)"
    ]


def test_a_tag_that_occurs_once_is_told_in_a_file_of_some_size() -> None:
    most = ["NN VB"] * (ENOUGH_TOKENS // 2)
    assert findings(*most[1:], "RARE", name="xpos") == []
    assert findings("RARE", *most, name="xpos") == [
        "1:2: tag-once: expected xpos RARE more often, found it once in the file "
        "(see whether it is meant)"
    ]
    assert codes("B-RARE I-RARE", *["B-X B-Y"] * 500) == ["1 tag-once"]


def test_a_tag_that_occurs_once_is_told_in_the_training_file_alone() -> None:
    found = TagChecks("x", "xpos", None, is_training=False)
    source = Source("x", 1, "", tuple(range(1_003)), TABS)
    tags = (*["NN", "VB", "JJ"] * 334, "RARE")
    found.add(Sentence(("w",) * 1_003, {"xpos": tags}, source=source))
    assert [*found.finish()] == []


def test_one_label_for_nearly_everything_is_told_at_its_first() -> None:
    assert findings(*["VB VB", "NN VB"] * 20, *["NN NN"] * 480, name="xpos") == []
    assert findings(*["VB VB"] * 20, *["NN NN"] * 481, name="xpos") == [
        "61:2: dominating-label: expected several xpos tags, found 96.0 % NN "
        "(see whether it is meant)"
    ]
    few = ["O B-LOC", "B-LOC O"]
    assert codes(*few, *["B-PER O"] * 500) == ["7 dominating-label"]
    assert codes(*["B-PER O"] * 500) == []  # one label there is, and no other to expect


def test_the_labels_of_a_span_column_are_those_of_its_tags() -> None:
    assert checks("B-PER I-LOC O _ S-X X-Y", *["B-PER O O"] * 9).labels == {"PER", "LOC", "X"}
    assert checks("NN VB _ NN", name="xpos").labels == {"NN", "VB"}
    assert checks("O O").labels == set()


def test_tags_among_pairs_stand_at_their_word() -> None:
    found = TagChecks("x", "ner", None)
    for line, tags in enumerate(["B-X O B-X", "O I-X", "O O B-x", *["B-X I-X O"] * 40], 7):
        source = Source("x", line, "", (0,) * len(tags.split()), PAIRS)
        columns = {"ner": tuple(tags.split())}
        found.add(Sentence(("w",) * len(tags.split()), columns, source=source))
    places = [(f.line, f.column, f.code) for f in found.finish()]
    assert places == [(8, 2, "inside-without-begin"), (9, 3, "label-case")]


def test_prefixes_are_those_that_a_scheme_writes() -> None:
    for scheme in SCHEMES:
        assert {split_tag(tag)[0] for tag in tags_of(scheme)} == {*PREFIXES_OF[scheme], OUTSIDE}
