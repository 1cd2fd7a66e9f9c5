"""`word/TAG` lines: cut from the end of each word, every blank kept, every error with its place."""

from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.dialect import describe_columns
from tagger.corpus.files import dialect_of, open_corpus_file
from tagger.corpus.overruling import Asked
from tagger.corpus.pairs import read_pairs
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import CorpusError, TaggerError
from tagger.sentence import Layout, Sentence

FIXTURES = Path(__file__).parents[1] / "fixtures"
SLASHES = Layout("pairs", {"form": 0, "xpos": 1}, "/", comments=False, width=2)
WIKINER = Layout("pairs", {"form": 0, "xpos": 1, "ner": 2}, "|", comments=False, width=3)


def read(text: str, layout: Layout = SLASHES) -> list[Sentence]:
    return list(read_pairs(StringIO(text, newline="\n"), "x.pairs", layout))


def shown(sentences: list[Sentence]) -> list[str]:
    rows = (zip(s.forms, *s.columns.values(), strict=True) for s in sentences)
    return [" ".join(" → ".join(row) for row in sentence) for sentence in rows]


def test_words_and_tags_are_cut_at_the_last_sign() -> None:
    first, second, third = open_corpus_file(FIXTURES / "words.pairs")
    assert first.forms == ("Ada", "ran", "1/2", "of", "it", ".")
    assert first.columns == {"xpos": ("NNP", "VBD", "CD", "IN", "PRP", ".")}
    assert second.forms == ("Rain", "fell", ".")
    assert third.columns == {"xpos": ("RB", ".")}
    assert [s.source.line for s in (first, second, third) if s.source] == [1, 3, 4]


def test_wikiner_has_two_tags_and_words_may_hold_its_sign() -> None:
    corpus = open_corpus_file(FIXTURES / "wikiner.pairs")
    assert [len(sentence) for sentence in corpus.with_empty()] == [0, 5, 4]
    first, second = corpus
    assert first.columns["ner"] == ("B-PER", "O", "O", "B-LOC", "O")
    assert second.forms == ("It", "rained", "a_|_b", "lot")
    assert second.columns["xpos"] == ("PRP", "VBD", "DT", "NN")


@pytest.mark.parametrize(
    ("word", "form", "tag"),
    [
        ("1/2/CD", "1/2", "CD"),
        ("//SYM", "/", "SYM"),
        ("///SYM", "//", "SYM"),
        ("_/_", "_", "_"),
        ("a_b/NN", "a_b", "NN"),
        ("https://a.example/b?c=1/NN", "https://a.example/b?c=1", "NN"),
        ("#/#", "#", "#"),
        ("#tag/NN", "#tag", "NN"),
        ("-DOCSTART-/X", "-DOCSTART-", "X"),
        ("a\u00a0b/NN", "a\u00a0b", "NN"),
        ("\u00a0/SP", "\u00a0", "SP"),
        ("\u3000/SP", "\u3000", "SP"),
        ("a\x0bb/NN", "a\x0bb", "NN"),
        ("a/", "a", ""),  # empty, and so `check` names it
        ("/NN", "", "NN"),
        ("/", "", ""),
        ("\ufeff/NN", "\ufeff", "NN"),  # not the first line: a character as any other
    ],
)
def test_no_word_is_lost_whatever_it_is_like(word: str, form: str, tag: str) -> None:
    text = f"Ada/NNP\n{word} ./.\n"
    second = read(text)[1]
    assert second.forms == (form, ".")
    assert second.columns == {"xpos": (tag, ".")}
    assert rewrite_sentence(second, ["xpos"]) == f"{word} ./.\n"


def test_a_byte_order_mark_is_no_part_of_the_first_word() -> None:
    assert shown(read("\ufeffAda/NNP\n")) == ["Ada → NNP"]
    assert read("\ufeff\nAda/NNP\n")[0].forms == ()


def test_a_sign_may_have_several_characters() -> None:
    layout = Layout("pairs", {"form": 0, "xpos": 1}, "::", comments=False, width=2)
    text = "a:b::NN c::::X\n"
    (sentence,) = read(text, layout)
    assert shown([sentence]) == ["a:b → NN c:: → X"]
    assert rewrite_sentence(sentence, ["xpos"]) == text


def test_the_tag_may_stand_before_the_word() -> None:
    layout = Layout("pairs", {"form": 1, "xpos": 0}, "/", comments=False, width=2)
    (sentence,) = read("NNP/Ada VBD/ran\n", layout)
    assert shown([sentence]) == ["Ada → NNP ran → VBD"]
    assert rewrite_sentence(sentence.with_columns({"xpos": ("A", "B")}), ["xpos"]) == (
        "A/Ada B/ran\n"
    )


def test_tags_need_not_be_read() -> None:
    sentences = list(read_pairs(["Ada/NNP ran/VBD\n"], "x", SLASHES, tags=False))
    assert [(s.forms, s.columns) for s in sentences] == [(("Ada", "ran"), {})]


def test_comments_are_lines_only_where_they_are_asked_for_and_never_hashtags() -> None:
    text = "# text = a\n#\ta\n#tag/NN ran/VBD\n#/NN is/VBZ\n"
    commented = Layout("pairs", {"form": 0, "xpos": 1}, "/", comments=True, width=2)
    found = read(text, commented)
    assert shown(found) == ["", "", "#tag → NN ran → VBD", "# → NN is → VBZ"]
    assert "".join(map(rewrite_sentence, found)) == text
    with pytest.raises(CorpusError, match=r"^x.pairs:1:1: expected a word and 1 tag"):
        read(text)


def test_a_word_without_a_tag_is_named_with_its_line_and_its_number() -> None:
    path = FIXTURES / "untagged_word.pairs"
    with pytest.raises(CorpusError) as caught:
        list(open_corpus_file(path))
    assert str(caught.value) == (
        f"{path}:10:2: expected a word and 1 tag(s) with '/' between, found 'rained'"
    )
    assert (caught.value.line, caught.value.column) == (10, 2)


def test_a_word_with_too_few_tags_is_named_and_lines_are_counted_from_where_reading_began() -> None:
    with pytest.raises(CorpusError) as caught:
        list(read_pairs(["\n", "a|DT|O\n", "b|NN\n"], "x", WIKINER, first_line=7))
    assert str(caught.value) == "x:9:1: expected a word and 2 tag(s) with '|' between, found 'b|NN'"


@pytest.mark.parametrize(
    "text",
    [
        "Ada/NNP ran/VBD\n",
        "Ada/NNP ran/VBD",
        "  Ada/NNP\t ran/VBD \t\n\n \n",
        "\n\t\nAda/NNP ran/VBD\n",
        "\ufeffAda/NNP ran/VBD\n",
        "\ufeff\r\n \r\nAda/NNP ran/VBD  \r\n\r\nIt/PRP fell/VBD",
        "\ufeff Ada/NNP\u00a0 ran/VBD\r\n",
        "\n\n",
    ],
)
def test_writing_what_was_read_gives_the_same_bytes(text: str) -> None:
    sentences = read(text)
    assert "".join(map(rewrite_sentence, sentences)) == text
    assert "".join(rewrite_sentence(s, s.columns) for s in sentences) == text
    assert sum(map(len, sentences)) == text.count("/")


@pytest.mark.parametrize("name", ["words.pairs", "wikiner.pairs"])
def test_the_fixtures_are_written_as_they_were(name: str) -> None:
    sentences = list(open_corpus_file(FIXTURES / name).with_empty())
    data = (FIXTURES / name).read_bytes()
    assert "".join(map(rewrite_sentence, sentences)).encode() == data
    assert "".join(rewrite_sentence(s, s.columns) for s in sentences).encode() == data


def test_new_tags_change_nothing_but_themselves() -> None:
    (sentence,) = read("\ufeff  a/b/NN \t c/VB \r\n\r\n")
    tagged = sentence.with_columns({"xpos": ("X", "Y"), "ner": ("O", "B-PER")})
    assert rewrite_sentence(tagged, ["xpos"]) == "\ufeff  a/b/X \t c/Y \r\n\r\n"
    assert rewrite_sentence(tagged, ["ner"]) == "\ufeff  a/b/NN/O \t c/VB/B-PER \r\n\r\n"
    assert rewrite_sentence(tagged, ["ner", "xpos"]) == "\ufeff  a/b/X/O \t c/Y/B-PER \r\n\r\n"


@pytest.mark.parametrize("tags", [("NN",), ("NN", "VB", "X")])
def test_no_more_and_no_fewer_tags_than_words_can_be_written(tags: tuple[str, ...]) -> None:
    (sentence,) = read("a/NN b/VB\n")
    with pytest.raises(ValueError, match="zip"):
        rewrite_sentence(sentence.with_columns({"xpos": tags}), ["xpos"])


@pytest.mark.parametrize("tag", ["N/A", "N N", "N\tN", "N\n"])
def test_a_tag_that_could_not_be_read_again_is_refused(tag: str) -> None:
    sentence = read("a/NN\nb/VB\n")[1]
    with pytest.raises(TaggerError) as caught:
        rewrite_sentence(sentence.with_columns({"xpos": (tag,)}), ["xpos"])
    assert str(caught.value) == (
        f"x.pairs:2: expected tags without '/' and blanks, found {tag!r}, "
        "which word/TAG cannot hold (choose another format)"
    )


word_parts = st.text(st.sampled_from("aé字#_|\u00a0\ufeff-"), max_size=4)
words = st.tuples(st.lists(word_parts, min_size=1, max_size=3).map("/".join), word_parts)
ends = st.sampled_from(["\n", "\r\n", "\n\n", " \n\t\n"])


@given(
    lines=st.lists(st.tuples(st.lists(words, min_size=1, max_size=4), ends), max_size=4),
    gap=st.sampled_from([" ", "  ", "\t", " \t "]),
)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_again(
    lines: list[tuple[list[tuple[str, str]], str]], gap: str
) -> None:
    text = "".join(gap.join(map("/".join, pairs)) + end for pairs, end in lines)
    text = "/X\n" + text  # where a first word may begin with U+FEFF it is no byte order mark
    _, *sentences = read(text)
    assert [s.forms for s in sentences] == [tuple(w for w, _ in pairs) for pairs, _ in lines]
    assert [s.columns["xpos"] for s in sentences] == [
        tuple(tag for _, tag in pairs) for pairs, _ in lines
    ]
    new = [s.with_columns({"xpos": ("N",) * len(s)}) for s in sentences]
    again = read("/X\n" + "".join(rewrite_sentence(s, ["xpos"]) for s in new))[1:]
    assert [(s.forms, s.columns) for s in again] == [(s.forms, s.columns) for s in new]
    assert "".join(rewrite_sentence(s, ["xpos"]) for s in sentences) == text[3:]


@pytest.mark.parametrize(("sign", "fixture_sign"), [("/", "'/'"), ("_", "'_'"), ("|", "'|'")])
def test_the_sign_is_found(sign: str, fixture_sign: str) -> None:
    text = "Ada/NNP ran/VBD ./.\nIt/PRP rained/VBD ./.\n".replace("/", sign)
    found = dialect_of([*StringIO(text)], "x")
    assert found.layout.separator == sign
    assert found.reasons == (
        f"words and 1 tag(s) joined by {fixture_sign}; xpos in column 2 (4 tags such as .)"
    )


@pytest.mark.parametrize(
    "line",
    [
        "see https://a.example/b and/or c/d\n",
        "on 1/2/2020 or 3/4/2020\n",
        "New_York is a_b\n",
        "/ / / /\n",
        "// // //\n",
    ],
)
def test_running_text_with_signs_is_no_pairs(line: str) -> None:
    with pytest.raises(TaggerError, match="found neither"):
        dialect_of([line] * 30, "x")


def test_a_sign_as_told_is_believed_and_the_untagged_word_an_error() -> None:
    lines = ["Ada ran/VBD\n", "It/PRP\n"]
    asked = Asked(separator="/")
    found = dialect_of(lines, "x", asked)
    assert describe_columns(found.layout) == "form=1,xpos=2"
    with pytest.raises(CorpusError, match=r"^x:1:1: .* found 'Ada'$"):
        list(read_pairs(lines, "x", found.layout))
