"""Offsets in bytes, in whole runs: places in the input's bytes, in whatever chunks it is read."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tagger.errors import CorpusError, UsageError
from tagger.output.formats import FormatName
from tagger.output.style import Style
from tagger.streaming.kinds import InputKind, Undecodable
from tagger.text.segmenters import Cutting
from tests.streaming.running import INPUTS, SENTENCES, STYLE, make, predicted

Split = Callable[[int], None]
Place = tuple[bytes, int, int]  # a form or the text of a span, where it begins and ends

IN_BYTES = Style(STYLE.columns, STYLE.spans, in_bytes=True)
WITH_OFFSETS = ("tsv", "jsonl", "entities")
ODD = "e\u0301t\u00e9\u2028字。\t👩\u200d🚀!\n"
TEXT = ("\ufeff" + INPUTS["a.txt"] + ODD).replace("\n", "\r\n")
SPLITS = ((1, 1), (64, 1), (64, 2), (700, 2))  # bytes of a chunk, processes


def found_by(model: Path, *paths: Path, **changes: Any) -> bytes:
    found, error = predicted(model, *paths, **{"style": IN_BYTES, **changes})
    assert error is None
    return found


def rows(found: bytes) -> list[list[bytes]]:
    """The cells of a TSV without its header."""
    return [line.split(b"\t") for line in found.split(b"\n")[1:] if line]


def places_in(found: bytes, format: str) -> list[Place]:
    """The tokens in TSV, the entities, or all of these in JSON lines."""
    if format == "jsonl":
        return [place for line in found.splitlines() for place in _places(json.loads(line))]
    if format == "entities":
        cells = [line.split(b"\t") for line in found.splitlines()]
        return [(text, int(start), int(end)) for text, _, start, end, _ in cells]
    return [(form, int(start), int(end)) for form, start, end, *_ in rows(found)]


def _places(row: dict[str, Any]) -> list[Place]:
    tokens = [(t["form"].encode(), t["start"], t["end"]) for t in row["tokens"]]
    spans = row.get("ner_spans", [])
    return tokens + [(s["text"].encode(), s["start"], s["end"]) for s in spans]


def covers(content: bytes, places: list[Place]) -> bool:
    """Whether each form stands at its place; entities have a blank for any white space."""
    return all(
        content[start:end].decode().split() == form.decode().split() for form, start, end in places
    )


@pytest.mark.parametrize("format", WITH_OFFSETS)
def test_every_offset_cuts_its_form_out_of_the_file(
    tmp_path: Path, model: Path, chunks_of: Split, format: str
) -> None:
    path = make(tmp_path, "a.txt", TEXT)
    whole = found_by(model, path, format=format)
    assert len(places_in(whole, format)) > 40
    assert covers(TEXT.encode(), places_in(whole, format))
    for size, jobs in SPLITS:
        chunks_of(size)
        assert found_by(model, path, format=format, jobs=jobs) == whole, (size, jobs)


@pytest.mark.parametrize("format", WITH_OFFSETS)
def test_bytes_are_those_at_which_the_characters_begin(
    tmp_path: Path, model: Path, chunks_of: Split, format: str
) -> None:
    path = make(tmp_path, "a.txt", TEXT)
    chunks_of(100)
    in_characters = places_in(found_by(model, path, format=format, style=STYLE), format)
    assert places_in(found_by(model, path, format=format), format) == [
        (form, len(TEXT[:start].encode()), len(TEXT[:end].encode()))
        for form, start, end in in_characters
    ]


@pytest.mark.parametrize("kind", ["raw", "lines", "tokens"])
def test_nothing_but_white_space_stands_between_the_offsets(
    tmp_path: Path, model: Path, chunks_of: Split, kind: str
) -> None:
    content = TEXT.encode()
    path = make(tmp_path, "a.txt", content)
    chunks_of(64)
    for changes in ({"jobs": 2}, {"at_once": True}):
        found = found_by(model, path, kind=InputKind(kind), format="tsv", **changes)
        rebuilt = bytearray(b" " * len(content))
        for form, start, end in places_in(found, "tsv"):
            rebuilt[start:end] = form
        assert rebuilt.decode().split() == TEXT[1:].split()


def test_offsets_of_several_files_count_in_each(
    tmp_path: Path, model: Path, chunks_of: Split
) -> None:
    texts = {
        f"{i}.txt": f"{mark}{i}é Ünï 😀.\r\nWhy?\n" * 5
        for i, mark in enumerate(("", "\ufeff", "字"))
    }
    contents = {str(make(tmp_path, name, text)): text.encode() for name, text in texts.items()}
    paths = [*map(Path, contents)]
    whole = found_by(model, *paths, format="tsv")
    for name, content in contents.items():
        places = [
            (form, int(start), int(end))
            for file, form, start, end, *_ in rows(whole)
            if file.decode() == name
        ]
        assert len(places) >= 20
        assert covers(content, places)
        assert places[0][1] in (0, 3)
    for size, jobs in SPLITS:
        chunks_of(size)
        assert found_by(model, *paths, format="tsv", jobs=jobs) == whole


def test_offsets_in_json_lines_count_in_each_text(
    tmp_path: Path, model: Path, chunks_of: Split
) -> None:
    texts = [f"{'é' * i}{SENTENCES[i % 4]}\r\nÜ {i} 😀." for i in range(12)] + ["\ufeffNé.", ""]
    documents = [{"pad": "字" * 9, "text": text} for text in texts]
    lines = [json.dumps(document, ensure_ascii=i % 2 == 0) for i, document in enumerate(documents)]
    path = make(tmp_path, "a.jsonl", "\ufeff" + "\n".join(lines))
    whole = found_by(model, path)
    for text, line in zip(texts, whole.splitlines(), strict=True):
        row = json.loads(line)
        assert row["text"] == text
        for sentence in row["sentences"]:
            assert covers(text.encode(), _places(sentence))
            assert text.encode()[sentence["start"] :].startswith(sentence["text"].encode())
    table = found_by(model, path, format="tsv")
    for name, form, start, end, *_ in rows(table):
        text = texts[int(name.rpartition(b":")[2]) - 1]
        assert text.encode()[int(start) : int(end)] == form
    for size, jobs in SPLITS:
        chunks_of(size)
        assert found_by(model, path, jobs=jobs) == whole
        assert found_by(model, path, format="tsv", jobs=jobs) == table


def test_sentences_over_line_breaks_have_their_bytes(
    tmp_path: Path, model: Path, chunks_of: Split
) -> None:
    text = "Zoë went\r\nto Łódź 😀 and\nstayed.\r\n\r\nNé\nle 3.\n\n" * 8
    path = make(tmp_path, "a.txt", text)
    changes = {"cutting": Cutting(wrapped=True), "format": "jsonl"}
    whole = found_by(model, path, **changes)
    sentences = [*map(json.loads, whole.splitlines())]
    assert len(sentences) == 16
    for sentence in sentences:
        expected = sentence["text"].encode()
        assert b"\n" in expected
        assert text.encode()[sentence["start"] :].startswith(expected)
    assert covers(text.encode(), places_in(whole, "jsonl"))
    for size, jobs in SPLITS:
        chunks_of(size)
        assert found_by(model, path, **changes, jobs=jobs) == whole


def test_a_byte_that_was_kept_counts_as_one(tmp_path: Path, model: Path, chunks_of: Split) -> None:
    content = "Ünï 😀 caf\udce9 Ada\udcff\udcc3!\r\n\udcf0 字 Léa.\n".encode(
        errors="surrogateescape"
    )
    content *= 9
    path = make(tmp_path, "a.txt", content)
    changes: dict[str, Any] = {"undecodable": Undecodable.KEEP, "kind": InputKind.RAW}
    whole = found_by(model, path, format="tsv", **changes)
    places = places_in(whole, "tsv")
    assert [content[start:end] for _, start, end in places] == [form for form, _, _ in places]
    assert b"".join(form for form, _, _ in places) == b"".join(content.split())
    shown = found_by(model, path, format="jsonl", **changes)
    tokens = [token for line in shown.splitlines() for token in json.loads(line)["tokens"]]
    assert [(t["start"], t["end"]) for t in tokens] == [place[1:] for place in places]
    for size, jobs in SPLITS:
        chunks_of(size)
        assert found_by(model, path, format="tsv", jobs=jobs, **changes) == whole
        assert found_by(model, path, format="jsonl", jobs=jobs, **changes) == shown


def test_bytes_of_an_archive_are_those_of_what_is_in_it(
    tmp_path: Path, model: Path, chunks_of: Split
) -> None:
    packed = make(tmp_path, "a.txt.gz", gzip.compress(TEXT.encode()))
    chunks_of(100)
    found = found_by(model, packed, format="tsv", jobs=2)
    assert found == found_by(model, make(tmp_path, "a.txt", TEXT), format="tsv")


@pytest.mark.parametrize("jobs", [1, 2])
def test_offsets_before_an_error_are_those_of_the_good_lines(
    tmp_path: Path, model: Path, chunks_of: Split, jobs: int
) -> None:
    good = "Zoë 😀.\n" * 30
    expected = found_by(model, make(tmp_path, "good.txt", good), format="tsv")
    path = make(tmp_path, "a.txt", good.encode() + b"caf\xe9\n" + good.encode())
    chunks_of(40)
    found, error = predicted(model, path, format="tsv", style=IN_BYTES, jobs=jobs)
    assert isinstance(error, CorpusError)
    assert error.line == 31
    assert found == expected


@pytest.mark.parametrize("format", [None, *sorted({*FormatName} - {*WITH_OFFSETS})])
def test_a_format_without_offsets_in_bytes_is_refused(
    tmp_path: Path, model: Path, format: str | None
) -> None:
    path = make(tmp_path, "a.txt")
    found, error = predicted(model, path, format=format, style=IN_BYTES)
    assert (found, type(error)) == (b"", UsageError)
    assert str(error) == (
        f"{path}: --offsets bytes is for running text written as entities, jsonl, tsv; "
        f"found raw, to be written as {format or 'conllu'}"
    )


@pytest.mark.parametrize("name", ["a.conllu", "a.conll"])
@pytest.mark.parametrize("format", [None, *WITH_OFFSETS])
def test_tokens_that_stand_in_columns_have_no_bytes(
    tmp_path: Path, model: Path, name: str, format: str | None
) -> None:
    path = make(tmp_path, name)
    found, error = predicted(model, path, format=format, style=IN_BYTES)
    assert (found, type(error)) == (b"", UsageError)
    assert f"{path}: --offsets bytes is for running text" in str(error)
    assert "found conll, to be written as" in str(error)
