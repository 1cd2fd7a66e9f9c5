"""Corpus files by their path: read as often as wanted, and one sentence for each that cannot be."""

from io import BytesIO
from pathlib import Path

import pytest

from tagger.corpus.conllu import LAYOUT
from tagger.corpus.files import open_corpus_file, parse_text, read_all, read_sentences
from tagger.corpus.lines import decode_lines
from tagger.corpus.overruling import Asked
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import CorpusError, TaggerError, UsageError

FIXTURES = Path(__file__).parents[1] / "fixtures"
READABLE = """
    blank_line_with_tab.conll blank_lines_of_every_kind.conllu conll2000.conll conll2002.conll
    crlf_and_bom.conllu docstart.conll docstart_at_end.conll empty_token.conll
    docstart_with_blanks_among_tabs.conll every_kind_of_line.conllu no_final_newline.conllu
    uner.iob2 plus.conllup words.pairs wikiner.pairs germeval.tsv germeval_nested.tsv
    misspelt_tag.conll conll2012_of_one_width.conll
""".split()


def message_of(path: Path, columns: str | None = None) -> str:
    with pytest.raises(TaggerError) as caught:
        open_corpus_file(path, Asked(columns=columns))
    return str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    assert message_of(tmp_path / "none.conllu") == f"{tmp_path}/none.conllu: no such file"


def test_a_directory_is_one_sentence(tmp_path: Path) -> None:
    assert message_of(tmp_path) == f"{tmp_path}: expected a file to read, found a directory"


@pytest.mark.parametrize("name", ["empty.conll", "only_blank_lines.conll"])
def test_a_file_of_nothing_is_one_sentence(name: str) -> None:
    expected = f"{FIXTURES / name}: expected a corpus, found an empty file"
    assert message_of(FIXTURES / name) == expected
    assert message_of(FIXTURES / name, "form=1,ner=2") == expected


def test_running_text_is_one_sentence() -> None:
    path = FIXTURES / "running_text.txt"
    assert message_of(path) == (
        f"{path}: expected CoNLL-U or columns of tokens and tags, found neither "
        "(name the columns with --columns form=1,ner=2)"
    )


def test_a_foreign_encoding_is_told_when_the_file_is_opened() -> None:
    path = FIXTURES / "latin1_byte.conllu"
    assert message_of(path).startswith(f"{path}:6:2: expected UTF-8, found the byte 0xe9")


def test_columns_that_make_no_sense_are_a_wrong_usage() -> None:
    with pytest.raises(UsageError, match="lack the token itself"):
        open_corpus_file(FIXTURES / "docstart.conll", Asked(columns="ner=4"))


def test_named_columns_overrule_the_guess_and_say_so() -> None:
    dialect = open_corpus_file(FIXTURES / "docstart.conll", Asked(columns="form=1,ner=4")).dialect
    assert dialect.layout.columns == {"form": 0, "ner": 3}
    assert dialect.reasons == "columns as given: form=1,ner=4"


def test_named_columns_read_a_file_that_no_guess_can_tell(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_bytes("".join(f"New {i}\tlemma {i}\n\n" for i in range(300)).encode())
    assert "found neither" in message_of(path)
    sentences = list(open_corpus_file(path, Asked(columns="form=1,lemma=2")))
    assert len(sentences) == 300
    assert sentences[0].forms == ("New 0",)
    assert sentences[0].columns == {"lemma": ("lemma 0",)}


def test_a_file_is_read_as_often_as_wanted() -> None:
    corpus = open_corpus_file(FIXTURES / "uner.iob2")
    assert [s.forms for s in corpus] == [s.forms for s in corpus]
    assert len(list(corpus)) == 2


def test_blocks_without_a_token_come_only_where_they_are_asked_for() -> None:
    corpus = open_corpus_file(FIXTURES / "docstart_at_end.conll")
    assert [len(sentence) for sentence in corpus] == [5, 3, 2]
    assert [len(sentence) for sentence in corpus.with_empty()] == [5, 3, 0, 2, 0]


@pytest.mark.parametrize("name", READABLE)
def test_writing_what_was_read_gives_the_same_bytes(name: str) -> None:
    sentences = list(open_corpus_file(FIXTURES / name).with_empty())
    assert sum(map(len, sentences)) > 0
    data = (FIXTURES / name).read_bytes()
    assert "".join(map(rewrite_sentence, sentences)).encode() == data
    assert "".join(rewrite_sentence(s, s.columns) for s in sentences).encode() == data


def test_a_later_line_that_does_not_fit_is_an_error_and_no_other_dialect(tmp_path: Path) -> None:
    path = tmp_path / "long.conll"
    path.write_bytes(b"a\tO\nb\tB-X\n\n" * 2000 + b"a\tNN\tO\n")
    corpus = open_corpus_file(path)
    with pytest.raises(TaggerError) as caught:
        list(corpus)
    assert str(caught.value) == f"{path}:6001:2: expected 2 tab-separated columns, found 3"


def test_only_the_head_is_read_to_find_the_dialect(tmp_path: Path) -> None:
    path = tmp_path / "late.conll"
    path.write_bytes(b"a\tO\nb\tB-X\n\n" * 2000 + b"caf\xe9\tO\n")
    corpus = open_corpus_file(path)
    with pytest.raises(TaggerError, match=r":6001:1: expected UTF-8"):
        list(corpus)


def test_a_layout_decides_how_a_stream_is_read() -> None:
    data = (FIXTURES / "every_kind_of_line.conllu").read_bytes()
    lines = list(decode_lines(BytesIO(data), "x"))
    (sentence,) = read_sentences(lines, "x", LAYOUT)
    assert len(sentence) == 6


def test_several_files_are_read_in_their_order() -> None:
    paths = [FIXTURES / "conll2002.conll", str(FIXTURES / "docstart.conll")]
    assert [sentence.forms[0] for sentence in read_all(paths)] == ["Ana", "Ada", "Rain"]
    assert read_all([]) == []


def test_latin_1_and_utf_16_are_read_as_told() -> None:
    latin = list(open_corpus_file(FIXTURES / "latin1.conll", Asked(encoding="latin-1")))
    assert [s.forms for s in latin] == [("Zoë", "fährt", "nach", "Köln"), ("Es", "regnet")]
    wide = list(open_corpus_file(FIXTURES / "utf16.conll", Asked(encoding="utf-16")))
    assert [s.forms for s in wide] == [("Zoë", "fährt"), ("Ċ", "ﬀ")]
    assert wide[0].columns == {"ner": ("B-PER", "O")}
    with pytest.raises(TaggerError, match=r"utf16.conll:1:1: expected UTF-8, found the byte 0xff"):
        open_corpus_file(FIXTURES / "utf16.conll")


def test_an_encoding_holds_behind_the_head_too(tmp_path: Path) -> None:
    path = tmp_path / "long.conll"
    path.write_bytes(b"a\tO\nb\tB-X\n\n" * 2000 + b"caf\xe9\tO\n")
    *_, last = open_corpus_file(path, Asked(encoding="latin-1"))
    assert last.forms == ("café",)
    corpus = open_corpus_file(path, Asked(encoding="ascii"))
    with pytest.raises(TaggerError, match=r":6001:1: expected ascii, found "):
        list(corpus)


def test_foreign_bytes_in_the_head_need_not_hide_the_dialect(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_bytes(b"caf\xe9\tO\nb\tB-X\n")
    corpus = open_corpus_file(path, errors="surrogateescape")
    assert corpus.dialect.layout.columns == {"form": 0, "ner": 1}
    with pytest.raises(TaggerError, match=r":1:1: expected UTF-8, found the byte 0xe9"):
        list(corpus)


def test_a_line_of_a_no_break_space_is_no_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_bytes("\u00a0\n".encode())
    assert "found neither" in message_of(path)


@pytest.mark.parametrize(
    ("fixture", "place", "names"),
    [
        ("header_without_form.conllup", 1, "ID UPOS"),
        ("header_with_a_name_twice.conllup", 2, "ID FORM NER NER"),
    ],
)
def test_a_header_of_conll_u_plus_that_cannot_be_used_is_named(
    fixture: str, place: int, names: str
) -> None:
    path = FIXTURES / fixture
    expected = f"{path}:{place}:1: expected names of columns, each once, with FORM, found {names!r}"
    assert message_of(path) == expected
    for asked in (Asked(dialect="conllup"), Asked(comments=True)):
        with pytest.raises(CorpusError) as caught:
            open_corpus_file(path, asked)
        assert str(caught.value) == expected
    assert sum(map(len, open_corpus_file(path, Asked(columns="form=2")))) == 1


@pytest.mark.parametrize(
    "asked",
    [
        Asked(dialect="brat", columns="form=1"),
        Asked(dialect="brat", separator="/"),
        Asked(dialect="brat", encoding="latin-1"),
        Asked(encoding="utf-16"),
    ],
)
def test_brat_has_no_columns_and_no_encoding_to_choose(tmp_path: Path, asked: Asked) -> None:
    (tmp_path / "a.ann").touch()
    with pytest.raises(UsageError, match="brat's standoff is UTF-8 and has no columns"):
        open_corpus_file(tmp_path / "a.ann", asked)


def test_a_text_with_annotations_beside_it_is_columns_where_columns_are_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.txt").write_text("Ada O\nran O\n", encoding="utf-8")
    (tmp_path / "a.ann").touch()
    assert open_corpus_file(tmp_path / "a.txt").dialect.layout.kind == "brat"
    for asked in (Asked(columns="form=1,ner=2"), Asked(separator=" "), Asked(dialect="columns")):
        (sentence,) = open_corpus_file(tmp_path / "a.txt", asked)
        assert sentence.forms == ("Ada", "ran")


@pytest.mark.parametrize("name", ["plus.conllup", "words.pairs", "docstart.conll", "uner.iob2"])
def test_lines_at_hand_are_read_as_a_file_is(name: str) -> None:
    corpus = open_corpus_file(FIXTURES / name)
    text = (FIXTURES / name).read_text(encoding="utf-8")
    layout = corpus.dialect.layout
    assert list(parse_text(text, corpus.path, layout)) == list(corpus.with_empty())
    bare = parse_text(text, corpus.path, layout, tags=False)
    assert [s.forms for s in bare] == [s.forms for s in corpus.with_empty()]
    later = [s.source.line for s in parse_text(text, "x", layout, 11) if s.source]
    assert later == [s.source.line + 10 for s in corpus.with_empty() if s.source]
