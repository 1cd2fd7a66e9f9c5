"""The catalogue of public corpora: what it may say, and that it says what the corpora are."""

import hashlib

import msgspec
import pytest

from tagger.corpus.catalogue import (
    PublicCorpus,
    RemoteFile,
    find_public_corpus,
    parse_catalogue,
    public_corpora,
    source_note,
)
from tagger.errors import UsageError
from tests.conftest import CORPORA

ENTRY = """
[[corpora]]
name = "made-up"
title = "A made-up corpus"
about = "nothing"
licence = "CC0-1.0"
licence_url = "https://creativecommons.org/publicdomain/zero/1.0/"
attribution = "nobody"
repository = "someone/something"
commit = "0123456789012345678901234567890123456789"
files = [{ path = "data/a.conll", size = 3, sha256 = "HASH" }]
""".replace("HASH", "0" * 64)
HOSTILE = [
    "/etc/passwd",
    "../a.conll",
    "data/../../a.conll",
    "data/..",
    "..",
    "",
    "data//a.conll",
    "data/",
    ".bashrc",
    "data/.hidden",
    "data\\\\..\\\\a.conll",
    "C:a.conll",
    "a.conll?x=1",
    "a b.conll",
    "a.conll\\n",
    "~/a.conll",
]


def upstream_content(corpus: PublicCorpus, file: RemoteFile) -> bytes:
    """What the source holds, by the copies in the shared corpora.

    The licence is called LICENSE there, and a rule parts it from a full text that was added.
    """
    if file != corpus.licence_file:
        return (CORPORA / corpus.name / file.name).read_bytes()
    return (CORPORA / corpus.name / "LICENSE").read_bytes().partition(b"\n----\n")[0]


def test_the_shipped_catalogue_has_eleven_corpora_in_the_order_of_their_names() -> None:
    assert len(public_corpora()) == 11
    assert list(public_corpora()) == sorted(public_corpora())
    assert public_corpora()["wnut17"].licence_file is None


def test_every_corpus_says_all_that_its_licence_asks_for() -> None:
    for corpus in public_corpora().values():
        note = source_note(corpus)
        assert corpus.licence in ("CC-BY-4.0", "CC-BY-SA-4.0")
        assert corpus.licence_url in note
        assert corpus.attribution in note
        assert f"https://github.com/{corpus.repository}, commit {corpus.commit}" in note
        assert all(f"| {file.size} | {file.sha256} |" in note for file in corpus.all_files)
        assert note.count("\n") == 10 + len(corpus.all_files)


def test_an_entry_is_read_as_it_stands() -> None:
    corpus = parse_catalogue(ENTRY)["made-up"]
    assert corpus.all_files == (RemoteFile("data/a.conll", 3, "0" * 64),)
    assert corpus.files[0].name == "a.conll"
    assert corpus.size == 3


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_catalogue(ENTRY.replace("data/a.conll", path))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('name = "made-up"', 'name = "../made-up"'),
        ('name = "made-up"', 'name = "Made-Up"'),
        ("someone/something", "something"),
        ("someone/something", "../something"),
        ("0123456789012345678901234567890123456789", "main"),
        ("size = 3", "size = 0"),
        ('"' + "0" * 64 + '"', '"' + "0" * 63 + '"'),
        ('licence = "CC0-1.0"\n', ""),
        ('licence = "CC0-1.0"', 'license = "CC0-1.0"'),
        ("data/a.conll", "data/SOURCE.md"),
        ('"HASH" }]'.replace("HASH", "0" * 64), '"HASH" }, 7]'.replace("HASH", "0" * 64)),
    ],
)
def test_an_entry_that_is_not_exact_is_refused(right: str, wrong: str) -> None:
    assert right in ENTRY
    with pytest.raises(msgspec.ValidationError):
        parse_catalogue(ENTRY.replace(right, wrong))


def test_two_files_of_one_name_are_refused() -> None:
    second = '{ path = "other/A.conll", size = 3, sha256 = "HASH" }'.replace("HASH", "1" * 64)
    with pytest.raises(msgspec.ValidationError, match="one name"):
        parse_catalogue(f"{ENTRY}licence_file = {second}\n")
    parse_catalogue(f"{ENTRY}licence_file = {second.replace('A.conll', 'b.conll')}\n")


def test_two_corpora_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        parse_catalogue(ENTRY + ENTRY)


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one() -> None:
    assert find_public_corpus("wnut17").name == "wnut17"
    with pytest.raises(UsageError, match=r"^ud-english: .*did you mean ud-english-ewt\? "):
        find_public_corpus("ud-english")
    with pytest.raises(UsageError, match="did you mean wikigold"):
        find_public_corpus("WikiGold")
    with pytest.raises(UsageError, match=r"so called \(tagger fetch --list") as error:
        find_public_corpus("qqqqq")
    assert "did you mean" not in str(error.value)


@pytest.mark.corpora
@pytest.mark.parametrize("name", public_corpora())
def test_sizes_and_hashes_are_those_of_the_corpus(name: str) -> None:
    corpus = public_corpora()[name]
    for file in corpus.all_files:
        content = upstream_content(corpus, file)
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.corpora
def test_commit_and_repository_are_those_of_the_corpus_readme() -> None:
    for corpus in public_corpora().values():
        readme = (CORPORA / corpus.name / "README.md").read_text(encoding="utf-8")
        assert f"https://github.com/{corpus.repository}" in readme
        assert corpus.commit in readme


@pytest.mark.corpora
def test_every_corpus_file_that_was_not_made_here_can_be_fetched() -> None:
    fetched = {f"{c.name}/{file.name}" for c in public_corpora().values() for file in c.files}
    ours = {f"wikigold/wikigold.split.{split}.txt" for split in ("train", "dev", "test")}
    there = {
        f"{path.parent.name}/{path.name}"
        for path in CORPORA.glob("*/*")
        if not path.parent.name.startswith("raw-")
        if not path.name.startswith(("LICENSE", "README", "UPSTREAM-README"))
    }
    assert fetched == there - ours
