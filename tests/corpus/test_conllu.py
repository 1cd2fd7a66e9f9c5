"""CoNLL-U to sentences, and every error with its place."""

from collections.abc import Iterator
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings

from tagger.corpus.conllu import LAYOUT, misc_value, read_conllu, with_misc_value
from tagger.corpus.lines import decode_lines
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import CorpusError
from tagger.sentence import Sentence
from tests.corpus.generated import conllu_blocks, files

FIXTURES = Path(__file__).parents[1] / "fixtures"


def read(data: bytes | str, path: str = "x.conllu") -> list[Sentence]:
    data = data.encode() if isinstance(data, str) else data
    return list(read_conllu(decode_lines(BytesIO(data), path), path))


def read_fixture(name: str) -> list[Sentence]:
    return read((FIXTURES / name).read_bytes(), name)


def token(i: int | str, form: str, upos: str = "_", xpos: str = "_", misc: str = "_") -> str:
    return "\t".join([str(i), form, "_", upos, xpos, "_", "_", "_", "_", misc]) + "\n"


def test_comments_ranges_and_empty_nodes_are_no_tokens() -> None:
    (sentence,) = read_fixture("every_kind_of_line.conllu")
    assert sentence.forms == ("Il", "va", "à", "le", "marché", ".")
    assert sentence.columns == {
        "upos": ("PRON", "VERB", "ADP", "DET", "NOUN", "PUNCT"),
        "xpos": ("CLS", "V", "P", "D", "N", "PONCT"),
        "feats": (*("Number=Sing|Person=3", "Mood=Ind", "_", "Definite=Def", "Gender=Masc", "_"),),
        "ner": ("_", "_", "_", "_", "B-LOC", "_"),
    }


def test_a_sentence_knows_its_text_and_where_it_stood() -> None:
    (sentence,) = read_fixture("every_kind_of_line.conllu")
    source = sentence.source
    assert source is not None
    assert sentence.text == "Il va au marché."
    assert (source.path, source.line) == ("every_kind_of_line.conllu", 1)
    assert source.rows == (4, 5, 7, 8, 10, 11)
    assert source.layout is LAYOUT
    assert "".join(source.lines) == (FIXTURES / "every_kind_of_line.conllu").read_text("utf-8")


def test_a_column_without_any_tag_is_absent() -> None:
    (sentence,) = read(token(1, "Rain", upos="NOUN") + token(2, "fell"))
    assert sentence.columns == {"upos": ("NOUN", "_")}
    (sentence,) = read(token(1, "Rain"))
    assert sentence.columns == {}


@pytest.mark.parametrize("misc", ["XNER=B-LOC", "NER=_", "NER=", "NER", "Gloss=a|BNER=c"])
def test_misc_without_a_ner_tag_makes_no_ner_column(misc: str) -> None:
    (sentence,) = read(token(1, "Rain", misc=misc))
    assert sentence.columns == {}


def test_ner_is_read_from_misc() -> None:
    (sentence,) = read(token(1, "Oslo", misc="SpaceAfter=No|NER=B-LOC|X=y") + token(2, "."))
    assert sentence.columns == {"ner": ("B-LOC", "_")}


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_the_end_of_the_line_is_no_part_of_an_entity_tag(end: str) -> None:
    (sentence,) = read(token(1, "Oslo", misc="NER=B-LOC").rstrip("\n") + end)
    assert sentence.columns == {"ner": ("B-LOC",)}
    (sentence,) = read(token(1, "Oslo", misc="NER=").rstrip("\n") + end)
    assert sentence.columns == {}


def test_windows_line_ends_and_a_byte_order_mark_are_no_data() -> None:
    first, second = read_fixture("crlf_and_bom.conllu")
    assert first.forms == second.forms == ("Cats", "sleep")
    assert first.text == second.text == "Cats sleep"
    assert first.columns == second.columns
    assert first.columns["xpos"] == ("NNS", "VBP")


def test_a_byte_order_mark_before_the_text_is_no_part_of_it() -> None:
    (sentence,) = read("\ufeff# text = Rain\n" + token(1, "Rain"))
    assert sentence.text == "Rain"


def test_a_byte_order_mark_before_a_token_is_no_part_of_its_id() -> None:
    (sentence,) = read("\ufeff" + token(1, "Rain"))
    assert sentence.forms == ("Rain",)


def test_the_last_sentence_needs_neither_newline_nor_blank_line() -> None:
    sentences = read_fixture("no_final_newline.conllu")
    assert [sentence.forms for sentence in sentences] == [("Cats", "sleep"), ("Dogs",)]
    assert sentences[1].columns == {"upos": ("NOUN",)}


def test_any_number_of_blank_lines_with_blanks_or_tabs_cuts_sentences() -> None:
    sentences = read_fixture("blank_lines_of_every_kind.conllu")
    assert [sentence.forms for sentence in sentences] == [("Cats", "sleep")] * 3 + [()]
    assert [sentence.source.line for sentence in sentences if sentence.source] == [1, 10, 16, 21]


def test_comments_without_a_token_are_a_sentence_of_no_tokens() -> None:
    first, second = read("# a\n\n# text = b\n\n")
    assert first.forms == second.forms == ()
    assert second.text == "b"
    assert rewrite_sentence(first) + rewrite_sentence(second) == "# a\n\n# text = b\n\n"


def test_a_hashtag_token_is_no_comment() -> None:
    (sentence,) = read("#comment\n" + token(1, "#Oslo") + token(2, "#"))
    assert sentence.forms == ("#Oslo", "#")


def test_odd_blanks_and_breaks_stay_inside_a_form() -> None:
    forms = ("a b", "\u00a0", "x\u2028y", "c\rd", "\ufeffz", "z\u0085")
    (sentence,) = read("".join(token(i, form) for i, form in enumerate(forms, 1)))
    assert sentence.forms == forms


def test_a_sentence_of_a_thousand_tokens_is_read_whole() -> None:
    (sentence,) = read("".join(token(i, "a") for i in range(1, 1001)))
    assert len(sentence) == 1000
    with pytest.raises(CorpusError, match=r":1000:1: expected the token ID 1000, found '1001'$"):
        read("".join(token(i + (i > 999), "a") for i in range(1, 1001)))


@pytest.mark.parametrize(
    ("fixture", "place_and_problem"),
    [
        ("missing_column.conllu", "8:1: expected 10 tab-separated columns, found 9"),
        (
            "blanks_for_tabs.conllu",
            "6:1: expected 10 tab-separated columns, found 1 (blanks instead of tabs?)",
        ),
        ("token_id_skipped.conllu", "10:1: expected the token ID 3, found '4'"),
        ("foreign_id.conllu", "6:1: expected an ID such as 1, 1-2 or 1.1, found 'one'"),
        (
            "latin1_byte.conllu",
            "6:2: expected UTF-8, found the byte 0xe9 "
            "(another encoding? name it with tagger preprocess --encoding)",
        ),
    ],
)
def test_a_broken_line_is_named_with_its_place(fixture: str, place_and_problem: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_fixture(fixture)
    assert str(caught.value) == f"{fixture}:{place_and_problem}"


@pytest.mark.parametrize(
    ("ids", "line", "problem"),
    [
        ("2 3", 1, "expected the token ID 1, found '2'"),
        ("1 1", 2, "expected the token ID 2, found '1'"),
        ("1 02", 2, "expected the token ID 2, found '02'"),
        ("1 ٢", 2, "expected the token ID 2, found '٢'"),
        ("0 1", 1, "expected the token ID 1, found '0'"),
        ("1 2-", 2, "expected an ID such as 1, 1-2 or 1.1, found '2-'"),
        ("1 -2", 2, "expected an ID such as 1, 1-2 or 1.1, found '-2'"),
        ("1 ²", 2, "expected an ID such as 1, 1-2 or 1.1, found '²'"),
    ],
)
def test_ids_that_do_not_count_from_one_are_named(ids: str, line: int, problem: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read("".join(token(i, "a") for i in ids.split()))
    assert str(caught.value) == f"x.conllu:{line}:1: {problem}"


def test_an_empty_node_may_stand_before_the_first_token() -> None:
    (sentence,) = read(token("0.1", "he") + token(1, "ran") + token("1.1", "x"))
    assert sentence.forms == ("ran",)


def test_the_sentences_before_a_broken_line_are_read() -> None:
    sentences = read_conllu([token(1, "Rain"), "\n", "x\n"], "x")
    assert next(sentences).forms == ("Rain",)
    with pytest.raises(CorpusError, match=r"^x:3:1: "):
        next(sentences)


def test_the_first_sentence_of_an_endless_file_comes_at_once() -> None:
    read_lines = 0

    def endless() -> Iterator[str]:
        nonlocal read_lines
        for read_lines in count(1):
            yield token(1, "Rain") if read_lines % 2 else "\n"

    assert next(read_conllu(endless(), "endless")).forms == ("Rain",)
    assert read_lines == 3


@pytest.mark.parametrize(
    ("misc", "key", "expected"),
    [
        ("_", "NER", None),
        ("NER=O", "NER", "O"),
        ("A=b|NER=B-X=y", "NER", "B-X=y"),
        ("XNER=a", "NER", None),
        ("NER", "NER", None),
        ("NER=", "NER", ""),
    ],
)
def test_a_misc_value_is_found_by_its_whole_key(misc: str, key: str, expected: str | None) -> None:
    assert misc_value(misc, key) == expected


@pytest.mark.parametrize(
    ("misc", "expected"),
    [
        ("_", "NER=O"),
        ("A=b", "A=b|NER=O"),
        ("NER=B-X", "NER=O"),
        ("A=b|NER=B-X|C", "A=b|NER=O|C"),
        ("XNER=a", "XNER=a|NER=O"),
    ],
)
def test_a_misc_value_is_set_in_its_place(misc: str, expected: str) -> None:
    assert with_misc_value(misc, "NER", "O") == expected
    assert misc_value(expected, "NER") == "O"


@given(text=files(conllu_blocks()))
@settings(deadline=None, max_examples=60)
def test_writing_what_was_read_gives_the_same_bytes(text: str) -> None:
    sentences = read(text)
    assert "".join(rewrite_sentence(sentence) for sentence in sentences) == text
    own = [rewrite_sentence(s, [name for name in s.columns if name != "ner"]) for s in sentences]
    assert "".join(own) == text


@given(text=files(conllu_blocks()))
@settings(deadline=None, max_examples=60)
def test_every_token_of_any_file_is_read_in_order(text: str) -> None:
    rows = [line.rstrip("\r").lstrip("\ufeff").split("\t") for line in text.split("\n")]
    tokens = [row for row in rows if row[0].isdecimal() and len(row) == 10]
    sentences = read(text)
    assert [form for s in sentences for form in s.forms] == [row[1] for row in tokens]
    upos = [tag for s in sentences for tag in s.columns.get("upos", ("_",) * len(s))]
    assert upos == [row[3] for row in tokens]


def test_inner_entities_and_chunks_are_read_from_misc() -> None:
    row = "1\tBonn\t_\t_\t_\t_\t_\t_\t_\t"
    lines = [f"{row}NER=B-ORG|SpaceAfter=No|NER2=B-LOC|CHUNK=B-NP|XNER=a\n"]
    (sentence,) = read_conllu(lines, "x")
    assert sentence.columns == {"ner": ("B-ORG",), "ner2": ("B-LOC",), "chunk": ("B-NP",)}
