"""What `tagger check` finds in the shared corpora, file by file, and that nothing of it is untrue.

Each place in PLACES was looked at in its file. The folder may be named by TAGGER_CORPORA. Where
CI=true these tests may not be skipped.
"""

from collections import Counter
from functools import cache

import pytest

from tagger.corpus.files import open_corpus_file
from tagger.corpus.problems.checker import Checker
from tagger.corpus.problems.codes import Finding
from tagger.corpus.similar import words_of
from tagger.sentence import FORM, place_of
from tests.conftest import CORPORA

pytestmark = pytest.mark.corpora


# file, then each code that was found and how often
FINDINGS = """
    broad-twitter-corpus/a.conll near-duplicate 1
    broad-twitter-corpus/b.conll near-duplicate 1 replacement-character 1
    broad-twitter-corpus/e.conll blank-in-token 3 near-duplicate 1
    broad-twitter-corpus/f.conll blank-in-token 118 blank-token 1 empty-token 1 invisible-character 1 near-duplicate 8
    broad-twitter-corpus/g.conll blank-in-token 14 duplicate-sentence 10 invisible-character 1 near-duplicate 82
    broad-twitter-corpus/h.conll blank-in-token 4 blank-token 1 duplicate-sentence 8 empty-token 3 near-duplicate 15
    ud-english-ewt/en_ewt-ud-dev.conllu duplicate-sentence 6 near-duplicate 5
    ud-english-ewt/en_ewt-ud-test.conllu duplicate-sentence 17 long-word 2 near-duplicate 13
    ud-english-ewt/en_ewt-ud-train.conllu conflict 11 duplicate-sentence 234 invisible-character 1 near-duplicate 41
    ud-french-rhapsodie/fr_rhapsodie-ud-dev.conllu conflict 1 duplicate-sentence 2 near-duplicate 2
    ud-french-rhapsodie/fr_rhapsodie-ud-test.conllu near-duplicate 1
    ud-french-rhapsodie/fr_rhapsodie-ud-train.conllu near-duplicate 4
    ud-greek-gud/el_gud-ud-test.conllu tag-once 1
    ud-greek-gud/el_gud-ud-train.conllu
    ud-italian-twittiro/it_twittiro-ud-dev.conllu tag-once 3
    ud-italian-twittiro/it_twittiro-ud-test.conllu
    ud-italian-twittiro/it_twittiro-ud-train.conllu duplicate-sentence 2 near-duplicate 1 tag-once 1
    uner-chinese-gsdsimp/zh_gsdsimp-ud-dev.iob2
    uner-chinese-gsdsimp/zh_gsdsimp-ud-test.iob2 near-duplicate 6
    uner-chinese-gsdsimp/zh_gsdsimp-ud-train.iob2 invisible-character 1 near-duplicate 43
    uner-danish-ddt/da_ddt-ud-dev.iob2
    uner-danish-ddt/da_ddt-ud-test.iob2 inside-without-begin 1
    uner-danish-ddt/da_ddt-ud-train.iob2 inside-without-begin 4 label-change 2 near-duplicate 2
    uner-english-ewt/en_ewt-ud-dev.iob2 duplicate-sentence 6 near-duplicate 6
    uner-english-ewt/en_ewt-ud-test.iob2 duplicate-sentence 17 long-word 2 near-duplicate 13
    uner-english-ewt/en_ewt-ud-train.iob2 duplicate-sentence 234 invisible-character 1 near-duplicate 41
    uner-portuguese-bosque/pt_bosque-ud-dev.iob2
    uner-portuguese-bosque/pt_bosque-ud-test.iob2
    uner-portuguese-bosque/pt_bosque-ud-train.iob2 blank-in-token 1 duplicate-sentence 2 long-sentence 1 near-duplicate 1
    wikigold/wikigold.conll.txt iob1 1 near-duplicate 1
    wikigold/wikigold.split.dev.txt iob1 1
    wikigold/wikigold.split.test.txt iob1 1
    wikigold/wikigold.split.train.txt iob1 1 near-duplicate 1
    wnut17/emerging.dev.conll conflict 1 duplicate-sentence 1 invisible-character 2
    wnut17/emerging.test.annotated conflict 1 duplicate-sentence 6 near-duplicate 1
    wnut17/wnut17train.conll blank-line-with-blanks 2394 conflict 13 duplicate-sentence 101 near-duplicate 36
"""  # noqa: E501

# file, line and field, code, what is there
PLACES = """
    broad-twitter-corpus/b.conll:25806:1 replacement-character ('s' behind a lost letter)
    broad-twitter-corpus/e.conll:2224:1 blank-in-token (an emoji with a blank behind)
    broad-twitter-corpus/e.conll:2225:1 blank-in-token ('MH17 ')
    broad-twitter-corpus/e.conll:2226:1 blank-in-token ('PrayForMH17 ')
    broad-twitter-corpus/f.conll:14954:1 invisible-character (U+200E alone, between # and a word)
    broad-twitter-corpus/f.conll:16301:1 blank-token
    broad-twitter-corpus/f.conll:16302:1 empty-token
    broad-twitter-corpus/g.conll:4592:1 invisible-character (a soft hyphen in 'Australian')
    broad-twitter-corpus/h.conll:22918:1 empty-token
    broad-twitter-corpus/h.conll:30879:1 empty-token
    broad-twitter-corpus/h.conll:30881:1 empty-token
    broad-twitter-corpus/h.conll:30882:1 blank-in-token ('ke s')
    broad-twitter-corpus/h.conll:30883:1 blank-in-token ('re y')
    broad-twitter-corpus/h.conll:30884:1 blank-in-token ('u R')
    broad-twitter-corpus/h.conll:30885:1 blank-in-token ('AD t')
    broad-twitter-corpus/h.conll:30888:1 blank-token
    ud-english-ewt/en_ewt-ud-test.conllu:18631:2 long-word (a web address)
    ud-english-ewt/en_ewt-ud-test.conllu:22883:2 long-word (a web address)
    ud-english-ewt/en_ewt-ud-train.conllu:185766:2 invisible-character (a soft hyphen)
    ud-greek-gud/el_gud-ud-test.conllu:5330:4 tag-once (the only SYM, an abbreviation)
    ud-italian-twittiro/it_twittiro-ud-dev.conllu:2182:5 tag-once (the only T)
    ud-italian-twittiro/it_twittiro-ud-dev.conllu:2639:5 tag-once (AUX for an XPOS)
    ud-italian-twittiro/it_twittiro-ud-dev.conllu:2928:5 tag-once (DET for an XPOS)
    ud-italian-twittiro/it_twittiro-ud-train.conllu:7892:5 tag-once (NOUN for an XPOS)
    uner-chinese-gsdsimp/zh_gsdsimp-ud-train.iob2:50355:2 invisible-character (two U+200B)
    uner-danish-ddt/da_ddt-ud-test.iob2:6002:3 inside-without-begin
    uner-danish-ddt/da_ddt-ud-train.iob2:55941:3 inside-without-begin
    uner-danish-ddt/da_ddt-ud-train.iob2:62672:3 inside-without-begin
    uner-danish-ddt/da_ddt-ud-train.iob2:70872:3 label-change
    uner-danish-ddt/da_ddt-ud-train.iob2:84305:3 inside-without-begin
    uner-danish-ddt/da_ddt-ud-train.iob2:84777:3 label-change
    uner-danish-ddt/da_ddt-ud-train.iob2:85286:3 inside-without-begin
    uner-english-ewt/en_ewt-ud-test.iob2:4592:2 long-word (a web address)
    uner-english-ewt/en_ewt-ud-test.iob2:6535:2 long-word (a web address)
    uner-english-ewt/en_ewt-ud-train.iob2:7065:2 invisible-character (a soft hyphen)
    uner-portuguese-bosque/pt_bosque-ud-train.iob2:165692:1 long-sentence
    uner-portuguese-bosque/pt_bosque-ud-train.iob2:179332:2 blank-in-token ('34 470')
    wikigold/wikigold.conll.txt:1:2 iob1
    wikigold/wikigold.split.dev.txt:1:2 iob1
    wikigold/wikigold.split.test.txt:1:2 iob1
    wikigold/wikigold.split.train.txt:1:2 iob1
    wnut17/emerging.dev.conll:15556:1 invisible-character (U+200B for a blank between two words)
    wnut17/emerging.dev.conll:16730:1 invisible-character (U+FEFF behind a name)
"""
MANY = {"duplicate-sentence", "near-duplicate", "conflict", "blank-line-with-blanks"}
EMOJI = {"broad-twitter-corpus/f.conll", "broad-twitter-corpus/g.conll"}  # blanks behind most

# files of one corpus, and how many sentences of the second and third stood in one before
LEAKS = """
    ud-english-ewt/en_ewt-ud-*.conllu             train,dev,test  3 11 0
    ud-french-rhapsodie/fr_rhapsodie-ud-*.conllu  train,dev,test  0  4 0
    ud-greek-gud/el_gud-ud-*.conllu               train,test      0  0 1
    ud-italian-twittiro/it_twittiro-ud-*.conllu   train,dev,test  1  0 2
    uner-english-ewt/en_ewt-ud-*.iob2             train,dev,test  3 11 0
    uner-chinese-gsdsimp/zh_gsdsimp-ud-*.iob2     train,dev,test  0 12 0
    uner-danish-ddt/da_ddt-ud-*.iob2              train,dev,test  0  0 0
    uner-portuguese-bosque/pt_bosque-ud-*.iob2    train,dev,test  1  1 0
    wikigold/wikigold.split.*.txt                 train,dev,test  0  0 0
    wnut17/*                                      wnut17train.conll,emerging.dev.conll,emerging.test.annotated  0 0 0
"""  # noqa: E501


def rows_of(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


@cache
def findings(name: str) -> list[Finding]:
    return Checker().check(CORPORA / name)


@pytest.mark.parametrize("row", rows_of(FINDINGS), ids=lambda row: row[0].rpartition("/")[2])
def test_a_shared_corpus_has_these_findings_and_no_others(row: list[str]) -> None:
    name, *counts = row
    expected = dict(zip(counts[::2], map(int, counts[1::2]), strict=True))
    assert Counter(finding.code for finding in findings(name)) == expected


def test_every_finding_is_one_that_was_looked_at() -> None:
    found = {
        f"{name}:{finding.line}:{finding.column} {finding.code}"
        for name, *_ in rows_of(FINDINGS)
        for finding in findings(name)
        if finding.code not in MANY and not (finding.code == "blank-in-token" and name in EMOJI)
    }
    assert found == {" ".join(row[:2]) for row in rows_of(PLACES)}


def test_blanks_in_the_tokens_of_two_sections_stand_behind_them() -> None:
    for name in EMOJI:
        forms = [form for sentence in open_corpus_file(CORPORA / name) for form in sentence.forms]
        blank = [form for form in forms if " " in form.strip() or form != form.rstrip(" ")]
        found = [f.problem for f in findings(name) if f.code == "blank-in-token"]
        assert found == [
            f"expected a token without blanks, found {form!r}" for form in blank if form.strip()
        ]
        assert sum(" " in form.rstrip(" ") for form in blank) == 0


def test_blank_lines_of_wnut_17_hold_a_tab_each() -> None:
    name = "wnut17/wnut17train.conll"
    lines = (CORPORA / name).read_bytes().split(b"\n")
    found = [f.line for f in findings(name) if f.code == "blank-line-with-blanks"]
    assert found == [number for number, line in enumerate(lines, 1) if line == b"\t"]


@pytest.mark.parametrize("row", rows_of(FINDINGS), ids=lambda row: row[0].rpartition("/")[2])
def test_what_comes_again_is_there_twice(row: list[str]) -> None:
    sentences = {}
    for sentence in open_corpus_file(CORPORA / row[0]):
        assert sentence.source is not None
        sentences[sentence.source.line + sentence.source.rows[0]] = sentence.forms
    for finding in findings(row[0]):
        if finding.code not in ("duplicate-sentence", "near-duplicate"):
            continue
        earlier = int(finding.problem.rpartition(" line ")[2])
        assert earlier < finding.line
        one, other = sentences[earlier], sentences[finding.line]
        assert (one == other) == (finding.code == "duplicate-sentence")
        assert _are_alike(words_of(one), words_of(other))


def test_conflicts_are_other_tags_for_the_same_tokens() -> None:
    for name in (row[0] for row in rows_of(FINDINGS) if "conflict" in row):
        at_line = {
            place_of(sentence, i, FORM)[1]: (sentence, i)
            for sentence in open_corpus_file(CORPORA / name)
            for i in range(len(sentence))
        }
        for finding in findings(name):
            if finding.code == "conflict":
                before, after = finding.problem.split(" in line ")
                sentence, i = at_line[finding.line]
                earlier, first = at_line[int(after.partition(",")[0])]
                assert (earlier.forms, first) == (sentence.forms, 0)
                tags = [
                    (repr(earlier.columns[column][i]), repr(sentence.columns[column][i]))
                    for column in sentence.columns
                    if place_of(sentence, i, column)[2] == finding.column
                ]
                assert tags == [(before.split()[1], finding.problem.rpartition(" ")[2])]
                assert tags[0][0] != tags[0][1]


def _are_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether they are the same but for at most one word of each, by trying all."""
    return not _shorter(one).isdisjoint(_shorter(other))


def _shorter(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {words, *(words[:i] + words[i + 1 :] for i in range(len(words)))}


@pytest.mark.parametrize("row", rows_of(LEAKS), ids=lambda row: row[0].partition("/")[0])
def test_splits_that_share_sentences_are_told(row: list[str]) -> None:
    pattern, splits, *expected = row
    checker = Checker()
    found: Counter[str] = Counter()
    for split in splits.split(","):
        found.update(f.code for f in checker.check(CORPORA / pattern.replace("*", split)))
    codes = ("leak", "near-leak", "new-label")
    assert [found[code] for code in codes] == list(map(int, expected))


def test_every_corpus_file_that_is_there_was_checked() -> None:
    there = {
        str(path.relative_to(CORPORA))
        for path in CORPORA.glob("*/*")
        if path.suffix in {".conllu", ".iob2", ".conll", ".annotated", ".txt"}
        and not path.name.startswith("LICENSE")
    }
    assert there == {row[0] for row in rows_of(FINDINGS)}
