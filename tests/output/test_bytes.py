"""Offsets in bytes: what is written cuts each form out of the encoded text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.output.entities import as_entities
from tagger.output.jsonl import as_jsonl, sentence_object
from tagger.output.spans import located_spans
from tagger.output.style import Bytes, Style, bytes_of
from tagger.output.tsv import as_tsv
from tagger.sentence import Sentence
from tests.output.multiword_samples import of_surface
from tests.output.samples import ADA, TWO, rows_of, tags

NER = Style(("ner",), frozenset({"ner"}), in_bytes=True)
IN_BYTES = Style(("ner", "chunk"), frozenset({"ner", "chunk"}), in_bytes=True)

kept_bytes = st.sampled_from([chr(0xDC00 + byte) for byte in range(0x80, 0x100)])
characters = st.characters(codec="utf-8") | kept_bytes | st.sampled_from("\t\r\n é字😀\ufeff")
texts = st.text(characters, max_size=8)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", [0]),
        ("né!", [0, 1, 3, 4]),
        ("\ufeff字😀e\u0301", [0, 3, 6, 10, 11, 13]),
        ("a\udce9\udc80b", [0, 1, 2, 3, 4]),  # bytes that were kept
        ("\udcc3\udca9", [0, 1, 2]),  # together they would be one character, and are two
        ("\r\n\x00\x7f\x80", [0, 1, 2, 3, 4, 6]),
    ],
    ids=ascii,
)
def test_each_character_has_the_byte_at_which_it_begins(text: str, at: list[int]) -> None:
    assert [*bytes_of(text).at] == at
    assert [*map(bytes_of(text, 7, 20), range(7, 7 + len(at)))] == [20 + byte for byte in at]


def test_a_text_of_ascii_needs_no_list() -> None:
    found = bytes_of("It rained.\n", 5, 9)
    assert isinstance(found.at, range)
    assert [found(5), found(6), found(16)] == [9, 10, 20]
    assert not isinstance(bytes_of("Ünï").at, range)


def test_characters_are_written_where_bytes_are_not_asked_for() -> None:
    assert TWO.of_text("né!", 3, 9) is TWO
    assert [TWO.place(i) for i in (0, 3, 1000)] == [0, 3, 1000]


def test_a_style_is_for_one_text_after_another() -> None:
    first = IN_BYTES.of_text("né!")
    second = first.of_text("字", 3, 4)
    assert (first.place(2), second.place(4)) == (3, 7)
    assert second == IN_BYTES.of_text("字", 3, 4)
    assert IN_BYTES.bytes is None


def test_a_part_begins_at_another_character_than_byte() -> None:
    style = NER.of_text("Né fut Zoë.", 100, 150)
    sentence = Sentence(
        ("Zoë", "."), {"ner": ("B-PER", "O")}, ((107, 110), (110, 111)), "Zoë.", 107
    )
    assert as_tsv(sentence, style) == "Zoë\t158\t162\tB-PER\t\n.\t162\t163\tO\t\n\n"
    assert as_entities(sentence, style) == "Zoë\tPER\t158\t162\t\n"
    assert sentence_object(sentence, style) == {
        "start": 158,
        "text": "Zoë.",
        "tokens": [
            {"form": "Zoë", "start": 158, "end": 162, "ner": "B-PER"},
            {"form": ".", "start": 162, "end": 163, "ner": "O"},
        ],
        "ner_spans": [{"label": "PER", "start": 158, "end": 162, "text": "Zoë"}],
    }


def test_words_of_a_multiword_token_share_its_bytes() -> None:
    sentence = of_surface("été dámelo=da+me+lo", 1, ner="O B-X I-X O")
    style = NER.of_text(f"字{sentence.text}")
    assert [row[:3] for row in rows_of(as_tsv(sentence, style))] == [
        ["été", "3", "8"],
        ["da", "9", "16"],
        ["me", "9", "16"],
        ["lo", "9", "16"],
    ]
    assert as_entities(sentence, style) == "dámelo\tX\t9\t16\t\n"


def test_in_ascii_bytes_are_characters() -> None:
    style = IN_BYTES.of_text(f"{'-' * 10}{ADA.text}")
    ada = ADA.with_columns({"chunk": ("O", "B-NP", "I-NP", "O")})
    for written in (as_tsv, as_jsonl, as_entities):
        assert written(ada, style) == written(ada, TWO)


@st.composite
def in_a_text(draw: st.DrawFn) -> tuple[str, str, Sentence]:
    """What stands before a part of a text, that part, and a sentence in it."""
    before, part = draw(texts), draw(texts)
    words = draw(st.lists(st.text(characters, min_size=1, max_size=4), min_size=1, max_size=5))
    start = len(before + part)
    text = ""
    offsets = []
    for word in words:
        text += draw(st.text(characters, max_size=2))
        offsets.append((start + len(text), start + len(text + word)))
        text += word
    columns = {name: draw(st.tuples(*[tags] * len(words))) for name in ("ner", "chunk")}
    sentence = Sentence(tuple(words), columns, tuple(offsets), text, start)
    return before, part + text + draw(texts), sentence


@given(place=in_a_text())
@settings(deadline=None)
def test_every_written_offset_cuts_its_form_out_of_the_bytes(
    place: tuple[str, str, Sentence],
) -> None:
    before, part, sentence = place
    whole = encoded(before + part)
    style = IN_BYTES.of_text(part, len(before), len(encoded(before)))
    forms = [*map(encoded, sentence.forms)]
    rows = rows_of(as_tsv(sentence, style))
    assert [whole[int(start) : int(end)] for _, start, end, *_ in rows] == forms
    row = json.loads(as_jsonl(sentence, style).encode())
    assert whole[row["start"] :].startswith(encoded(sentence.text or ""))
    assert [whole[token["start"] : token["end"]] for token in row["tokens"]] == forms
    spans = [span for name in ("ner", "chunk") for span in located_spans(sentence, name)]
    covered = [encoded(span.text) for span in spans]
    of_row = row["ner_spans"] + row["chunk_spans"]
    assert [whole[span["start"] : span["end"]] for span in of_row] == covered
    places = [cells.split("\t")[2:4] for cells in as_entities(sentence, style).split("\n")[:-1]]
    found = [whole[int(start) : int(end)] for start, end in places]
    assert sorted(found) == sorted(covered)
    assert [int(start) for start, _ in places] == sorted(int(start) for start, _ in places)


@given(text=texts, start=st.integers(0, 99), byte_start=st.integers(0, 99))
def test_the_bytes_of_a_text_are_those_of_its_beginnings(
    text: str, start: int, byte_start: int
) -> None:
    expected = [byte_start + len(encoded(text[:i])) for i in range(len(text) + 1)]
    found = bytes_of(text, start, byte_start)
    assert found == Bytes(start, found.at)
    assert [found(start + i) for i in range(len(text) + 1)] == expected
