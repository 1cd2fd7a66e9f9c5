"""What is said of a file goes before what its lines say, and what cannot be said is told."""

from pathlib import Path

import pytest

from tagger.corpus.dialect import Dialect, describe_columns
from tagger.corpus.files import dialect_of, open_corpus_file, read_sentences
from tagger.corpus.overruling import DIALECTS, NOTHING, Asked, overruled
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import CorpusError, TaggerError, UsageError
from tagger.sentence import Sentence

FIXTURES = Path(__file__).parents[1] / "fixtures"
DOCUMENTS = "-DOCSTART- -X- -X- O\n\nAda NNP B-NP B-PER\nran VBD B-VP O\n\nIt PRP B-NP O\n"
PAIRS = "Ada/NNP ran/VBD ./.\n"
PLUS = "# global.columns = ID FORM NER\n1-2\tdu\t_\n1\tde\tO\n2\tle\tO\n2.1\tx\t_\n"
WORDS = "# said: two words\tor three\nAda\tB-PER\nran\tO\n"


def lines_of(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def dialect(text: str, asked: Asked) -> Dialect:
    return dialect_of(lines_of(text), "x", asked)


def read(text: str, asked: Asked) -> list[Sentence]:
    sentences = list(read_sentences(lines_of(text), "x", dialect(text, asked).layout))
    assert "".join(map(rewrite_sentence, sentences)) == text
    return [sentence for sentence in sentences if sentence.forms]


def test_nothing_asked_leaves_all_to_the_file_and_the_encoding_says_nothing_of_it() -> None:
    assert NOTHING.is_free
    assert Asked(encoding="latin-1").is_free
    for asked in (Asked(comments=False), Asked(separator="/"), Asked(columns="form=1")):
        assert not asked.is_free
    assert DIALECTS == ("conllu", "conllup", "columns", "pairs", "jsonl", "brat")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (PLUS, Asked(dialect="conllup")),
        (DOCUMENTS, Asked(dialect="columns")),
        (DOCUMENTS, Asked(separator=" ")),
        (PAIRS, Asked(dialect="pairs")),
        (PAIRS, Asked(separator="/")),
        (WORDS, Asked(separator="\t", dialect="columns")),
    ],
)
def test_saying_what_would_be_found_changes_nothing(text: str, asked: Asked) -> None:
    assert dialect(text, asked) == dialect(text, NOTHING)


@pytest.mark.parametrize(
    ("asked", "kind", "reasons"),
    [
        (Asked(dialect="conllu"), "conllu", "CoNLL-U as told"),
        (Asked(dialect="jsonl"), "jsonl", "JSON lines as told"),
    ],
)
def test_a_dialect_as_told_is_believed(asked: Asked, kind: str, reasons: str) -> None:
    found = dialect("anything at all\n", asked)
    assert (found.layout.kind, found.reasons) == (kind, reasons)


def test_a_separator_as_told_is_believed() -> None:
    text = "New York\tO NN\nRain\tO NN\n"
    assert [s.forms for s in read(text, Asked(columns="form=1,x=2", separator="\t"))] == [
        ("New York", "Rain")
    ]
    assert [s.forms for s in read(text, Asked(columns="form=1,x=2", separator=" "))] == [
        ("New", "Rain")
    ]


def test_columns_of_pairs_are_named_in_their_order() -> None:
    text = "Ada|NNP|B-PER ran|VBD|O\n"
    found = dialect(text, Asked(columns="form=1,pos=2,entity=3"))
    assert (found.layout.kind, found.layout.width) == ("pairs", 3)
    assert found.reasons == "columns as given: form=1,pos=2,entity=3"
    (sentence,) = read(text, Asked(columns="form=1,entity=3"))
    assert sentence.columns == {"entity": ("B-PER", "O")}


@pytest.mark.parametrize("separator", ["/", None])
def test_columns_make_pairs_of_what_no_guess_can_tell(separator: str | None) -> None:
    text = "Ada/x ran/x\n"  # one tag only
    asked = Asked(dialect="pairs", separator=separator, columns="form=1,xpos=2")
    if separator is None:
        with pytest.raises(UsageError) as caught:
            dialect(text, asked)
        assert str(caught.value) == (
            "--dialect pairs needs the sign between a word and its tag: --separator /"
        )
    else:
        assert read(text, asked)[0].columns == {"xpos": ("x", "x")}


def test_more_columns_of_pairs_than_there_are_is_an_error_with_its_place() -> None:
    with pytest.raises(CorpusError) as caught:
        read(PAIRS, Asked(columns="form=1,ner=3"))
    assert str(caught.value) == (
        "x:1:1: expected a word and 2 tag(s) with '/' between, found 'Ada/NNP'"
    )


def test_a_sign_is_never_taken_for_blanks() -> None:
    asked = Asked(separator="/", columns="form=1,xpos=2")
    with pytest.raises(CorpusError, match=r"^x:1:1: expected a word .*, found 'Ada'$"):
        read("Ada ran/VBD\n", asked)


def test_columns_of_conllu_read_neither_ranges_nor_empty_nodes() -> None:
    rest = "\t_" * 7
    text = f"# c\n1-2\tdu{rest}\t_\n1\tde{rest}\tO\n2\tla{rest}\tB-X\n2.1\tx{rest}\t_\n"
    for marked in (text, f"\ufeff{text}"):
        (sentence,) = read(marked, Asked(columns="form=2,ner=10"))
        assert sentence.forms == ("de", "la")
        assert sentence.columns == {"ner": ("O", "B-X")}
        assert "".join(rewrite_sentence(sentence, ["ner"])) == marked
    (sentence,) = read(text, Asked(columns="form=2,number=1"))  # who names the ID reads them all
    assert sentence.columns == {"number": ("1-2", "1", "2", "2.1")}


def test_columns_overrule_the_header_of_conllu_plus() -> None:
    (sentence,) = read(PLUS, Asked(columns="form=2,entity=3"))
    assert (sentence.forms, sentence.columns) == (("de", "le"), {"entity": ("O", "O")})
    (sentence,) = read("# global.columns = ID UPOS\n1\tX\n", Asked(columns="form=1,upos=2"))
    assert (sentence.forms, sentence.columns) == (("1",), {"upos": ("X",)})


def test_conll_2009_is_read_by_its_columns() -> None:
    corpus = open_corpus_file(FIXTURES / "conll2009.conll", Asked(columns="form=2,xpos=5"))
    first, second = corpus
    assert (first.forms, first.columns) == (("Ada", "ran"), {"xpos": ("NNP", "VBD")})
    assert (second.forms, second.columns) == (("Rain",), {"xpos": ("NN",)})
    text = (FIXTURES / "conll2009.conll").read_text(encoding="utf-8")
    assert "".join(rewrite_sentence(s, s.columns) for s in corpus.with_empty()) == text


def test_comments_are_read_as_told() -> None:
    for comments, reasons in ((True, "; comments expected"), (False, "; comments not expected")):
        found = dialect("Ada\tO\nran\tO\n", Asked(comments=comments))
        assert found.layout.comments is comments
        assert found.reasons.endswith(reasons)
    wide = "# said: a\tb\tc\nAda\tB-PER\nran\tO\n"
    assert read(wide, Asked(comments=True))[0].forms == ("Ada", "ran")
    with pytest.raises(CorpusError, match=r"^x:1:.: expected 2 tab-separated columns, found 3"):
        read(wide, Asked(comments=False))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (PAIRS, Asked(comments=True)),
        (PAIRS, Asked(comments=True, dialect="pairs")),
        ("Ada NNP\nran VBD\n. .\n", Asked(comments=True)),
        ("Ada NNP\nran VBD\n. .\n", Asked(comments=True, dialect="columns")),
    ],
)
def test_many_comments_that_are_asked_for_do_not_hide_the_dialect(text: str, asked: Asked) -> None:
    (sentence,) = read("# a comment of several words, written by hand\n" * 3 + text, asked)
    assert sentence.forms == ("Ada", "ran", ".")
    assert "xpos" in sentence.columns


def test_document_marks_do_not_hide_the_chunks_where_columns_are_asked_for() -> None:
    for asked in (Asked(dialect="columns"), Asked(separator=" "), NOTHING):
        assert describe_columns(dialect(DOCUMENTS, asked).layout) == "form=1,xpos=2,chunk=3,ner=4"


@pytest.mark.parametrize(
    ("text", "asked", "message"),
    [
        (PAIRS, Asked(dialect="conllu", separator="\t"), r"--separator '\t' is not one of"),
        (PAIRS, Asked(dialect="conllup", separator="/"), "--separator '/' is not one of"),
        (PAIRS, Asked(dialect="jsonl", separator=" "), "--separator ' ' is not one of"),
        (PAIRS, Asked(dialect="pairs", separator=" "), "--separator ' ' is not one of --dial"),
        (PAIRS, Asked(dialect="columns", separator="/"), "--separator '/' is not one of --dial"),
        (PAIRS, Asked(separator=""), "expected --separator tab, blank or a sign, found ''"),
        (PAIRS, Asked(separator=" / "), "expected --separator tab, blank or a sign, found ' / '"),
        (PAIRS, Asked(separator="\n"), r"expected --separator tab, blank or a sign, found '\n'"),
        ("{}\n", Asked(columns="form=1"), "--columns is for files in columns, not for JSON lines"),
        (PAIRS, Asked(dialect="jsonl", columns="form=1"), "--columns is for files in columns"),
        (PAIRS, Asked(columns="ner=1"), "columns 'ner=1' lack the token itself: add form=N"),
    ],
)
def test_what_contradicts_itself_is_a_wrong_usage(text: str, asked: Asked, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        dialect(text, asked)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        (WORDS, Asked(dialect="conllup"), "conllup"),
        (WORDS, Asked(dialect="pairs"), "pairs"),
        (WORDS, Asked(separator="/"), "pairs"),
        ("Ada ran.\n", Asked(separator="\t"), "columns"),
        ("Ada\nran\n", Asked(dialect="columns"), "columns"),
        ("Ada\nran\n", Asked(comments=True), "columns"),
        ("# nothing but comments\n", Asked(comments=True), "columns"),
        ("\ufeff\n", Asked(dialect="conllup"), "conllup"),
        ("\u00a0\n", Asked(dialect="pairs"), "pairs"),
        ("# a\n", Asked(dialect="conllup", comments=True), "conllup"),
    ],
)
def test_a_file_that_is_not_what_it_was_said_to_be_is_one_sentence(
    text: str, asked: Asked, expected: str
) -> None:
    with pytest.raises(TaggerError) as caught:
        dialect(text, asked)
    assert str(caught.value) == (
        f"x: expected {expected}, found no columns of tags in it "
        "(name them with --columns form=1,ner=2)"
    )


def test_brackets_are_seen_in_columns_as_given_too() -> None:
    found = overruled(["a (PER* (0) x\n", "b *) - x\n"], "x", Asked(columns="form=1,ner=2,coref=3"))
    assert found.layout.brackets == {"ner"}
