"""Gold CoNLL-U as raw text: paragraphs, blanks, and where each word stands."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.files import open_corpus_file
from tagger.errors import CorpusError, TaggerError, UsageError
from tagger.evaluation.raw_text import RawText, read_raw_text
from tests.conftest import CORPORA


def row(number: str, form: str, misc: str = "_") -> str:
    return f"{number}\t{form}\t_\t_\t_\t_\t_\t_\t_\t{misc}"


def block(*rows: str, text: str | None = None, mark: str | None = None) -> str:
    comments = [f"# {mark}"] * (mark is not None) + [f"# text = {text}"] * (text is not None)
    return "\n".join([*comments, *rows, "", ""])


def raw(folder: Path, *contents: str) -> RawText:
    """The raw text of files with these contents."""
    paths = []
    for i, content in enumerate(contents):
        paths.append(folder / f"{i}.conllu")
        paths[-1].write_bytes(content.encode())
    return read_raw_text([open_corpus_file(path) for path in paths])


def surface(found: RawText) -> list[list[str]]:
    """What stands in the text where each word says that it stands."""
    return [[found.text[b:e] for b, e in s.offsets or ()] for s in found.sentences]


HELLO = block(row("1", "Hello"), row("2", "!"), text="Hello!")
GLUED = block(row("1", "So"), row("2", ".", "X=1|SpaceAfter=No"), text="So.")
BYE = block(row("1", "Bye"), text="Bye")


def test_a_file_without_marks_is_one_paragraph_in_one_line(tmp_path: Path) -> None:
    found = raw(tmp_path, HELLO + BYE + HELLO)
    assert (found.text, found.paragraphs) == ("Hello! Bye Hello!", 1)
    assert surface(found) == [["Hello", "!"], ["Bye"], ["Hello", "!"]]
    assert [(s.text, s.start) for s in found.sentences] == [
        ("Hello!", 0),
        ("Bye", 7),
        ("Hello!", 11),
    ]


def test_no_blank_stands_behind_a_sentence_whose_last_token_says_so(tmp_path: Path) -> None:
    found = raw(tmp_path, GLUED + BYE)
    assert found.text == "So.Bye"
    assert surface(found) == [["So", "."], ["Bye"]]


def test_only_the_very_pair_says_that_no_blank_follows(tmp_path: Path) -> None:
    other = block(row("1", "a", "OldSpaceAfter=No"), row("2", "b", "SpaceAfter=No|X=1"))
    assert raw(tmp_path, other + BYE).text == "a bBye"


def test_lines_may_end_in_cr_lf(tmp_path: Path) -> None:
    found = raw(tmp_path, f"{GLUED}{HELLO}# newpar\n{GLUED}{BYE}".replace("\n", "\r\n"))
    assert found.text == "So.Hello!\n\nSo.Bye"


@pytest.mark.parametrize(
    "mark", ["newpar", "newpar id = p1", "newdoc", "newdoc id = d", "newpar\r"]
)
def test_an_empty_line_stands_before_each_marked_paragraph(tmp_path: Path, mark: str) -> None:
    marked = BYE.replace("# text", f"# {mark}\n# text")
    found = raw(tmp_path, marked + HELLO + GLUED + marked)
    assert (found.text, found.paragraphs) == ("Bye Hello! So.\n\nBye", 2)
    assert surface(found)[-1] == ["Bye"]


@pytest.mark.parametrize("mark", ["newparty", "newdocument = 3", "text = # newpar", "old newpar"])
def test_other_comments_are_no_marks(tmp_path: Path, mark: str) -> None:
    other = block(row("1", "#"), row("2", "newpar"), mark=mark, text="# newpar")
    assert raw(tmp_path, HELLO + other).paragraphs == 1


def test_a_mark_in_a_block_of_its_own_counts_for_the_next_sentence(tmp_path: Path) -> None:
    found = raw(tmp_path, f"# newdoc\n\n{HELLO}# newpar\n\n{BYE}{BYE}# newdoc\n\n")
    assert (found.text, found.paragraphs) == ("Hello!\n\nBye Bye", 2)


def test_each_file_begins_a_paragraph(tmp_path: Path) -> None:
    found = raw(tmp_path, GLUED, "\ufeff# newdoc\n" + BYE, BYE)
    assert (found.text, found.paragraphs) == ("So.\n\nBye\n\nBye", 3)


def test_words_of_a_multiword_token_share_its_place(tmp_path: Path) -> None:
    rows = [row("1", "Va"), row("2-3", "du", "SpaceAfter=No"), row("2", "de"), row("3", "le")]
    found = raw(tmp_path, block(*rows, text="Va  du") + BYE)
    assert found.text == "Va  duBye"
    assert found.sentences[0].forms == ("Va", "de", "le")
    assert found.sentences[0].offsets == ((0, 2), (4, 6), (4, 6))


def test_what_words_in_a_multiword_token_say_of_blanks_does_not_count(tmp_path: Path) -> None:
    rows = [row("1-2", "du"), row("1", "de"), row("2", "le", "SpaceAfter=No")]
    assert raw(tmp_path, block(*rows, text="du") + BYE).text == "du Bye"


def test_empty_nodes_are_not_in_the_text(tmp_path: Path) -> None:
    rows = [row("1", "a"), row("1.1", "none"), row("2", "b")]
    assert surface(raw(tmp_path, block(*rows, text="a b"))) == [["a", "b"]]


def test_a_sentence_without_text_is_rebuilt_from_its_tokens(tmp_path: Path) -> None:
    rows = [row("1", "Va"), row("2-3", "du"), row("2", "de"), row("3", "le")]
    rows += [row("4", "pain", "SpaceAfter=No"), row("5", ".", "SpaceAfter=No")]
    found = raw(tmp_path, block(*rows) + BYE)
    assert found.text == "Va du pain.Bye"
    assert surface(found)[0] == ["Va", "du", "du", "pain", "."]


def test_forms_may_have_blanks_that_the_text_has_otherwise(tmp_path: Path) -> None:
    rows = [row("1", "10 000"), row("2", "New\u00a0York"), row("3", "ab")]
    found = raw(tmp_path, block(*rows, text=" 10\u00a0000 New York a b "))
    assert found.text == "10\u00a0000 New York a b"
    assert surface(found) == [["10\u00a0000", "New York", "a b"]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a c", r":3:2: expected a form that `# text` goes on with \('c'\), found 'b'"),
        ("a", r":3:2: expected a form that `# text` goes on with \(''\), found 'b'"),
        ("a bc d", r":4:1: expected tokens up to the end of `# text`, found none for 'c d'"),
    ],
)
def test_tokens_that_do_not_make_up_the_text_are_named(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(CorpusError, match=problem):
        raw(tmp_path, block(row("1", "a"), row("2", "b"), text=text))


def test_a_token_of_nothing_but_blanks_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r":3:2: .* found '\\xa0'"):
        raw(tmp_path, block(row("1", "a"), row("2", "\u00a0"), text="a \u00a0"))


def test_a_file_that_says_nothing_about_blanks_has_no_raw_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"1.conllu: raw text needs `# text` or SpaceAfter=No"):
        raw(tmp_path, HELLO, block(row("1", "a"), row("2", ".")))


def test_a_column_file_has_no_raw_text(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("Ann B-PER\nsees O\n\n" * 9, encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"a.conll: raw text needs CoNLL-U, or columns with `# text`, found 2"
    ):
        read_raw_text([open_corpus_file(path)])


def test_a_file_of_comments_has_no_sentences(tmp_path: Path) -> None:
    content = f"# newdoc\n{row('1', 'a')}\n\n"
    corpus = open_corpus_file(_written(tmp_path / "a.conllu", content))
    _written(tmp_path / "a.conllu", "# newdoc\n\n")
    with pytest.raises(TaggerError, match=r"a.conllu: expected sentences, found none"):
        read_raw_text([corpus])


def _written(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


TOKENS = st.lists(
    st.tuples(st.sampled_from(["a", "b.", "é", "中", "…"]), st.booleans()), min_size=1, max_size=4
)


@given(st.lists(st.tuples(TOKENS, st.booleans(), st.booleans()), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_tokens_and_gaps_are_the_text(
    tmp_path_factory: pytest.TempPathFactory,
    blocks: list[tuple[list[tuple[str, bool]], bool, bool]],
) -> None:
    content, expected = "# newdoc\n", ""
    for tokens, has_text, is_marked in blocks:
        rows = [
            row(str(i), form, "SpaceAfter=No" if glued else "_")
            for i, (form, glued) in enumerate(tokens, 1)
        ]
        said = "".join([form if glued else f"{form} " for form, glued in tokens])
        expected = f"{expected.rstrip()}\n\n" if is_marked and expected else expected
        expected += said
        mark = "newpar" if is_marked else None
        content += block(*rows, text=said.strip() if has_text else None, mark=mark)
    folder = tmp_path_factory.mktemp("raw")
    glued = block(row("1", "x", "SpaceAfter=No"), mark="newpar")
    found = raw(folder, content + glued)
    assert found.text == f"{expected.rstrip()}\n\nx"
    forms = [[form for form, _ in tokens] for tokens, _, _ in blocks]
    assert surface(found) == [*forms, ["x"]]


@pytest.mark.corpora
def test_a_treebanks_text_is_all_of_its_texts() -> None:
    path = CORPORA / "ud-french-rhapsodie" / "fr_rhapsodie-ud-dev.conllu"
    found = read_raw_text([open_corpus_file(path)])
    lines = path.read_text(encoding="utf-8").split("\n")
    texts = [
        line.removeprefix("# text = ").strip() for line in lines if line.startswith("# text =")
    ]
    assert "".join(found.text.split()) == "".join("".join(texts).split())
    assert (len(found.sentences), found.paragraphs) == (1081, 1)
