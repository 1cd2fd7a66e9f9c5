"""Long sentences cut: where, and that nothing of them is lost."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.corpus.columns import read_columns
from tagger.corpus.conllu import read_conllu
from tagger.corpus.files import open_corpus_file
from tagger.corpus.lengths import cut
from tagger.corpus.lines import decode_lines
from tagger.corpus.pairs import read_pairs
from tagger.corpus.writing import rewrite_sentence
from tagger.errors import UsageError
from tagger.schemes import is_span_tag
from tagger.sentence import Layout, Sentence, Source
from tests.corpus.generated import column_blocks, conllu_blocks, files

FIXTURES = Path(__file__).parents[1] / "fixtures"


def pieces_of(forms: str, max_length: int, **columns: str) -> list[str]:
    sentence = Sentence(tuple(forms.split()), {k: tuple(v.split()) for k, v in columns.items()})
    return [" ".join(piece.forms) for piece in cut(sentence, max_length)]


def tags_of(tags: str, max_length: int) -> list[str]:
    sentence = Sentence(tuple(tags.split()), {"ner": tuple(tags.split())})
    return [" ".join(piece.columns["ner"]) for piece in cut(sentence, max_length)]


def test_a_sentence_that_is_not_too_long_is_the_very_same() -> None:
    sentence = Sentence(("a", "b", "c"))
    assert cut(sentence, 3)[0] is sentence
    assert cut(Sentence(()), 1) == [Sentence(())]
    with pytest.raises(UsageError, match="1 token or more, found 0"):
        cut(sentence, 0)


def test_a_cut_comes_behind_a_sentence_then_behind_a_clause_then_late() -> None:
    assert pieces_of("a b c . d , e f g h", 8) == ["a b c . d ,", "e f g h"]  # . is too early
    assert pieces_of("a b c d . f , h i", 8) == ["a b c d .", "f , h i"]
    assert pieces_of("a b c d e", 2) == ["a b", "c d", "e"]
    assert pieces_of("a b c ... e ?! g h i", 8) == ["a b c ... e ?!", "g h i"]
    assert pieces_of("a . . b", 3) == ["a . .", "b"]


def test_a_closing_quote_stays_with_its_sentence() -> None:
    assert pieces_of("„ a b c . ” d e f", 8) == ["„ a b c . ”", "d e f"]
    assert pieces_of("a b , c . ” d e", 5) == ["a b ,", "c . ” d e"]
    assert pieces_of("„ a b c . ” d", 5) == ["„ a b c .", "” d"]  # there is no other place


def test_a_cut_avoids_the_spans_of_every_column() -> None:
    assert pieces_of("a b c d e f", 4, ner="O O O B-X I-X O") == ["a b c", "d e f"]
    ner = "O O O B-X I-X I-X O O"
    assert pieces_of("a b c . d e f g", 6, ner=ner) == ["a b c . d e", "f g"]
    ner, chunk = "O O O B-X I-X O", "B-NP B-NP I-NP I-NP O O"
    assert pieces_of("a b c d e f", 4, ner=ner, chunk=chunk) == ["a", "b c d e", "f"]
    plain = "NN B-X I-X NN NN NN"
    assert pieces_of("a b c d e f", 2, xpos=plain) == ["a b", "c d", "e f"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-A I-A I-A", ["B-A I-A", "B-A"]),
        ("B-A I-A I-A I-A E-A", ["B-A E-A", "B-A E-A", "S-A"]),
        ("B-A I-A L-A", ["B-A L-A", "U-A"]),
        ("I-A I-A I-A", ["I-A I-A", "I-A"]),
        ("I-A B-A I-A I-A", ["I-A", "I-A I-A", "I-A"]),  # IOB1: no B- where none touches
        ("O O B-A", ["O O", "B-A"]),
        ("B-A I-A _ B-A", ["B-A I-A", "_ B-A"]),
    ],
)
def test_a_span_that_must_be_cut_becomes_two(tags: str, expected: list[str]) -> None:
    assert tags_of(tags, 2) == expected


def test_slips_away_from_the_cut_stay_as_they_are() -> None:
    assert tags_of("O I-A B-B B-B O I-A", 5) == ["O I-A B-B B-B O", "I-A"]


CONLLU = """\
# newdoc id = d
# sent_id = s
# text = Il va au marché, vite.
0.1	E	_	_	_	_	_	_	_	_
1	Il	il	PRON	_	_	2	nsubj	2:nsubj|0.1:x	_
2	va	aller	VERB	_	_	0	root	0:root	_
3-4	au	_	_	_	_	_	_	_	_
3	à	à	ADP	_	_	5	case	5:case	_
4	le	le	DET	_	_	5	det	5:det|4.1:x	_
4.1	E	_	_	_	_	_	_	3:x|5:y	_
5	marché	marché	NOUN	_	_	2	obl	2:obl	SpaceAfter=No
# note
6	,	,	PUNCT	_	_	7	punct	7:punct	_
7	vite	vite	ADV	_	_	2	advmod	2:advmod	SpaceAfter=No
8	.	.	PUNCT	_	_	7	punct	7:punct|5:x	_

"""
FIRST = """\
# newdoc id = d
# sent_id = s/1
# text = Il va
0.1	E	_	_	_	_	_	_	_	_
1	Il	il	PRON	_	_	2	nsubj	2:nsubj|0.1:x	_
2	va	aller	VERB	_	_	0	root	0:root	_

"""
SECOND = """\
# sent_id = s/2
# text = au marché
1-2	au	_	_	_	_	_	_	_	_
1	à	à	ADP	_	_	3	case	3:case	_
2	le	le	DET	_	_	3	det	3:det|2.1:x	_
2.1	E	_	_	_	_	_	_	1:x|3:y	_
3	marché	marché	NOUN	_	_	0	root	_	SpaceAfter=No

"""
THIRD = """\
# sent_id = s/3
# text = , vite.
# note
1	,	,	PUNCT	_	_	2	punct	2:punct	_
2	vite	vite	ADV	_	_	0	root	_	SpaceAfter=No
3	.	.	PUNCT	_	_	2	punct	2:punct	_

"""


def read_text(text: str) -> list[Sentence]:
    return list(read_conllu(decode_lines(BytesIO(text.encode()), "x"), "x"))


def test_conllu_is_numbered_anew_in_each_piece() -> None:
    (sentence,) = read_text(CONLLU)
    first, second, third = cut(sentence, 3)
    assert [rewrite_sentence(p) for p in (first, second, third)] == [FIRST, SECOND, THIRD]
    assert [p.text for p in (first, second, third)] == ["Il va", "au marché", ", vite."]
    for piece in (first, second, third):
        assert piece.source is not None
        (again,) = read_text(piece.source.text)
        assert again.source is not None
        assert again.source.rows == piece.source.rows
        assert (again.forms, again.columns, again.text) == (
            (piece.forms, piece.columns, piece.text)
        )
    assert [p.source.line for p in (first, second, third) if p.source] == [1, 7, 12]


def test_a_range_longer_than_allowed_stays_whole() -> None:
    (sentence,) = read_text(CONLLU)
    assert [len(piece) for piece in cut(sentence, 1)] == [1, 1, 2, 1, 1, 1, 1]


def test_where_several_tokens_lose_their_heads_these_are_unspecified() -> None:
    rows = [f"{i}\tw\t_\t_\t_\t_\t{head}\tdep\t_\t_\n" for i, head in enumerate((4, 4, 1, 0), 1)]
    first, second = cut(read_text("".join(rows))[0], 3)
    assert [line.split("\t")[6:8] for line in rewrite_sentence(first).splitlines() if line] == [
        *(["_", "_"], ["_", "_"], ["1", "dep"]),
    ]
    assert rewrite_sentence(second).split("\t")[6:8] == ["0", "dep"]
    rooted = cut(read_text("".join(rows[:3]).replace("\t1\t", "\t0\t") + rows[3])[0], 3)[0]
    heads = [line.split("\t")[6:8] for line in rewrite_sentence(rooted).splitlines() if line]
    assert heads == [["_", "_"], ["_", "_"], ["0", "dep"]]


def test_a_piece_with_a_root_gets_no_second_one() -> None:
    rows = [f"{i}\tw\t_\t_\t_\t_\t{head}\tdep\t_\t_\n" for i, head in enumerate((0, 3, 1), 1)]
    first, second = cut(read_text("".join(rows))[0], 2)
    heads = [line.split("\t")[6:8] for line in rewrite_sentence(first).splitlines() if line]
    assert heads == [["0", "dep"], ["_", "_"]]
    assert rewrite_sentence(second).split("\t")[6:8] == ["0", "root"]


def test_an_empty_node_stays_behind_its_token() -> None:
    rest = "\t_" * 9
    text = f"1{rest}\n1.1{rest}\n1.2{rest}\n2-3{rest}\n2{rest}\n3{rest}\n3.1{rest}\n"
    ids = [
        [line.partition("\t")[0] for line in rewrite_sentence(piece).splitlines()]
        for piece in cut(read_text(text)[0], 2)
    ]
    assert ids == [["1", "1.1", "1.2", ""], ["1-2", "1", "2", "2.1"]]


def test_a_text_that_is_not_that_of_the_tokens_stays_whole_with_the_first_piece() -> None:
    text = CONLLU.replace("marché, vite.", "marche, vite.")
    pieces = cut(read_text(text)[0], 3)
    assert [p.text for p in pieces] == ["Il va au marche, vite.", None, None]
    assert [rewrite_sentence(p).count("# text = ") for p in pieces] == [1, 0, 0]
    assert "# text = Il va au marche, vite.\n" in rewrite_sentence(pieces[0])


def test_a_cut_span_begins_anew_in_the_lines_too() -> None:
    lines = [f"w{i}\tX\tI-PER\n" if i else "w0\tX\tB-PER\n" for i in range(3)]
    layout = Layout("columns", {"form": 0, "ner": 2}, width=3)
    pieces = cut(next(read_columns([*lines, "\n"], "x", layout)), 2)
    assert [rewrite_sentence(p) for p in pieces] == [
        "w0\tX\tB-PER\nw1\tX\tI-PER\n\n",
        "w2\tX\tB-PER\n\n",
    ]


def test_brackets_are_closed_at_a_cut() -> None:
    layout = Layout("columns", {"form": 0, "ner": 1}, width=2, brackets=frozenset(["ner"]))
    lines = ["a\t(X*\n", "b\t*\n", "c\t*)\n", "\n"]
    pieces = cut(next(read_columns(lines, "x", layout)), 2)
    assert [rewrite_sentence(p) for p in pieces] == ["a\t(X*\nb\t*)\n\n", "c\t(X)\n\n"]


def test_a_column_that_the_lines_lack_is_not_written_before_it_is_asked_for() -> None:
    layout = Layout("columns", {"form": 0, "xpos": 1}, width=2)
    sentence = next(read_columns(["a\tX\n", "b\tX\n"], "x", layout))
    pieces = cut(sentence.with_columns({"ner": ("B-A", "I-A")}), 1)
    assert [rewrite_sentence(p) for p in pieces] == ["a\tX\n\n", "b\tX\n"]
    assert [rewrite_sentence(p, ["ner"]) for p in pieces] == ["a\tX\tB-A\n\n", "b\tX\tB-A\n"]


def test_entity_files_with_numbered_tokens_are_cut_alike() -> None:
    sentence = next(iter(open_corpus_file(FIXTURES / "uner.iob2")))
    pieces = cut(sentence, 2)
    assert [form for piece in pieces for form in piece.forms] == list(sentence.forms)
    for number, piece in enumerate(pieces, 1):
        lines = rewrite_sentence(piece).splitlines()
        assert [line.split("\t")[0] for line in lines if "\t" in line] == (
            [str(i + 1) for i in range(len(piece))]
        )
        assert sum(line.endswith(f"/{number}") for line in lines if "sent_id" in line) == 1


def test_numbers_stay_where_another_column_may_hold_heads() -> None:
    layout = Layout("columns", {"form": 1, "ner": 2}, width=4, ids=0)
    lines = ["1\ta\tO\t2\n", "2\tb\tO\t0\n", "3\tc\tO\t2\n"]
    pieces = cut(next(read_columns(lines, "x", layout)), 2)
    assert [rewrite_sentence(p) for p in pieces] == [f"{lines[0]}{lines[1]}\n", lines[2]]


def test_words_on_one_line_become_several_lines() -> None:
    layout = Layout("pairs", {"form": 0, "xpos": 1}, "/", comments=False, width=2)
    (sentence,) = read_pairs(["\ufeff a/X  b/X c/X  d/X\r\n", "\n"], "x", layout)
    pieces = cut(sentence, 2)
    assert [rewrite_sentence(p) for p in pieces] == ["\ufeff a/X  b/X\r\n", "c/X  d/X\r\n\n"]
    assert rewrite_sentence(pieces[1], ["xpos"]) == "c/X  d/X\r\n\n"


def test_offsets_and_text_are_those_of_the_piece() -> None:
    text = "Ah, no. Yes "
    sentence = Sentence(
        ("Ah", ",", "no", ".", "Yes"),
        offsets=((10, 12), (12, 13), (14, 16), (16, 17), (18, 21)),
        text=text,
        start=10,
        source=Source("x", 1, "{}", (0,) * 5, Layout("jsonl", {})),
    )
    pieces = cut(sentence, 3)
    assert [(p.text, p.start, p.source) for p in pieces] == [
        ("Ah,", 10, None),
        ("no. Yes ", 14, None),
    ]
    for piece in pieces:
        assert piece.text is not None
        for form, (start, end) in zip(piece.forms, piece.offsets or (), strict=True):
            assert piece.text[start - piece.start : end - piece.start] == form


def rows_of(text: str) -> list[list[str]]:
    """What no cut may change: all cells but the ID, the head and what belongs to it."""
    rows = [line.rstrip("\r").split("\t") for line in text.split("\n")]
    return [row[1:6] + row[9:] for row in rows if len(row) == 10]


@given(text=files(conllu_blocks()), max_length=st.integers(1, 3))
@settings(deadline=None, max_examples=60)
def test_nothing_of_any_conllu_file_is_lost(text: str, max_length: int) -> None:
    sentences = read_text(text)
    pieces = [piece for sentence in sentences for piece in cut(sentence, max_length)]
    written = "".join(map(rewrite_sentence, pieces))
    again = read_text(written)
    assert rows_of(written) == rows_of(text)
    assert [p.forms for p in again] == [p.forms for p in pieces]
    for piece, found in zip(pieces, again, strict=True):
        there = {name: tags for name, tags in piece.columns.items() if set(tags) != {"_"}}
        assert found.columns == there
        assert piece.source is not None
        assert found.source is not None
        assert (found.source.text, found.source.rows) == (piece.source.text, piece.source.rows)
        ids = [line.removeprefix("\ufeff").split("\t")[0] for line in piece.source.lines]
        glued = {int(i[2:]) - 1 for i in ids if i[:1].isdecimal() and i[1:2] == "-"}
        assert len(piece) <= max_length or glued >= set(range(max_length, len(piece)))


@given(data=st.data(), separator=st.sampled_from(["\t", " "]), max_length=st.integers(1, 3))
@settings(deadline=None, max_examples=60)
def test_nothing_of_any_column_file_is_lost(
    data: st.DataObject, separator: str, max_length: int
) -> None:
    layout = Layout("columns", {"form": 0, "ner": 2}, separator, comments=False, width=3)
    text = data.draw(files(column_blocks(separator, 3)))

    def read(text: str) -> list[Sentence]:
        return list(read_columns(decode_lines(BytesIO(text.encode()), "x"), "x", layout))

    pieces = [piece for sentence in read(text) for piece in cut(sentence, max_length)]
    written = "".join(map(rewrite_sentence, pieces))
    assert [p.forms for p in read(written)] == [p.forms for p in pieces]
    assert [line for line in written.split("\n") if line.strip(" \t\r")] == (
        [line for line in text.split("\n") if line.strip(" \t\r")]
    )
    for piece in pieces:
        assert piece.source is not None
        lines = [piece.source.lines[row] for row in piece.source.rows]
        marked = [line.startswith("\ufeff") for line in lines]
        assert len(piece) <= max_length or any(marked[max_length:])


@given(
    tags=st.lists(st.sampled_from("O B-A I-A B-B I-B".split()), max_size=9),
    max_length=st.integers(1, 4),
)
@settings(deadline=None, max_examples=60)
def test_forms_and_labels_stay_in_order_whatever_the_spans(
    tags: list[str], max_length: int
) -> None:
    sentence = Sentence(tuple(map(str, range(len(tags)))), {"ner": tuple(tags)})
    pieces = cut(sentence, max_length)
    assert [form for piece in pieces for form in piece.forms] == list(sentence.forms)
    after = [tag for piece in pieces for tag in piece.columns["ner"]]
    assert [tag[2:] for tag in after] == [tag[2:] for tag in tags]
    assert all(map(is_span_tag, after))
    assert all(len(piece) <= max_length for piece in pieces)


def test_cutting_takes_time_by_the_token_not_by_its_square() -> None:
    row = "{0}\tw{0}\t_\tX\t_\t_\t{1}\tdep\t{1}:dep\tNER=B-A\n"
    lines = [row.format(i, i - 1) for i in range(1, 20_001)]
    (sentence,) = read_conllu(lines, "x")
    pieces = cut(sentence, 2)  # by the square it would take minutes
    assert sum(map(len, pieces)) == 20_000
    assert max(map(len, pieces)) == 2
