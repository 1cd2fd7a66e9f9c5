"""One document of JSON lines to its sentences, by the fields that it has; see `json_lines`."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from tagger.corpus.standoff import GivenTokens, sentences_from_spans
from tagger.errors import CorpusError
from tagger.sentence import UNANNOTATED, Layout, Sentence, Source

SPAN_FIELDS = ("spans", "ents", "entities", "label", "labels")
TOKEN_TAGS = {"pos": "upos", "tag": "xpos", "morph": "feats"}
TAG_LISTS = {"tags": "ner", "labels": "ner", "pos": "xpos", "pos_tags": "xpos"}
TAG_LISTS |= {name: name for name in ("upos", "xpos", "feats", "ner", "chunk")}
LAYOUT = Layout("jsonl", {})
MOST_SHOWN = 60  # characters of a value in a message
Row = dict[str, Any]


class Place(NamedTuple):
    """Where a document stands, and how many columns of spans it is to have at least."""

    path: str
    line: int
    layers: int = 1

    def error(self, problem: str) -> CorpusError:
        """The problem with its place."""
        return CorpusError(self.path, self.line, 1, problem)


def document_sentences(row: Row, place: Place) -> list[Sentence]:
    """The sentences of a document; raises CorpusError where it is of no known kind."""
    tokens: Any = row.get("tokens")
    parts: Any = row.get("sentences")
    text = row.get("text")
    if _all_are(str, tokens):
        return [_from_lists(row, tokens, place)]
    if not isinstance(text, str):
        raise place.error(f"expected a text in the field 'text', found {_shown(text)}")
    if _all_are(dict, parts) and all(_is_tagged(part) for part in parts):
        return [_from_tagger(part, 0, place) for part in parts if part["tokens"]]
    if _all_are(dict, tokens) and _is_tagged(row):
        return [_from_tagger(row, row["start"], place)]
    return _from_spans(row, text, place)


def _from_spans(row: Row, text: str, place: Place) -> list[Sentence]:
    tokens: Any = row.get("tokens")
    given = _given(row, tokens, text, place) if _all_are(dict, tokens) else None
    items = _span_items(row, place)
    if items is None and row.get("answer") == "accept":
        items = []  # Prodigy writes none where the annotator found none
    if items is None and not text.strip():
        return []
    if items is None and not (given and given.columns):
        known = ", ".join(map(repr, row))
        raise place.error(
            f"expected spans in 'spans', 'ents', 'entities' or 'label', found only {known}"
        )
    return sentences_from_spans(
        text,
        [_span(item, place) for item in items or ()],
        path=place.path,
        line=place.line,
        tokens=given,
        column=None if items is None else "ner",
        layers=place.layers,
    )


def _span_items(row: Row, place: Place) -> list[object] | None:
    """The list of spans; None where there is no such field."""
    fields = [field for field in SPAN_FIELDS if isinstance(row.get(field), list)]
    filled = [field for field in fields if row[field]]
    if len(filled) > 1:
        found = " and in ".join(map(repr, filled))
        raise place.error(f"expected spans in one field, found some in {found}")
    if isinstance(row.get("spans"), dict) and any(row["spans"].values()):
        groups = ", ".join(row["spans"])
        raise place.error(f"expected a list in 'spans', found groups of spans: {groups}")
    return row[(filled or fields)[0]] if fields else None


def _span(item: object, place: Place) -> tuple[int, int, str]:
    match item:
        case (
            {"start": start, "end": end, "label": str(label)}
            | {"start_offset": start, "end_offset": end, "label": str(label)}
            | [start, end, str(label)]
        ) if type(start) is type(end) is int:
            return start, end, label
    raise place.error(
        f"expected a span as {{start, end, label}} or [start, end, label], found {_shown(item)}"
    )


def _given(row: Row, tokens: Sequence[Row], text: str, place: Place) -> GivenTokens:
    """Tokens with offsets, their tags and the sentences that they are in, where they have some."""
    offsets = [_offsets(token, "text", text, 0, place) for token in tokens]
    fields = set().union(*tokens)
    columns = {
        name: [_tag(token.get(field) or UNANNOTATED, field, place) for token in tokens]
        for field, name in TOKEN_TAGS.items()
        if field in fields and any(token.get(field) for token in tokens)
    }
    sentences = row.get("sents")
    if sentences is None:
        return GivenTokens(offsets, None, columns)
    if not isinstance(sentences, list):
        raise place.error(
            f"expected a list of {{start, end}} in 'sents', found {_shown(sentences)}"
        )
    starts = [_offsets(sentence, "text", text, 0, place)[0] for sentence in sentences]
    return GivenTokens(offsets, starts, columns)


def _offsets(item: Any, form: str, text: str, base: int, place: Place) -> tuple[int, int]:
    """Where a token stands in a text that begins at `base`; its form must stand there too."""
    start, end = (item.get("start"), item.get("end")) if isinstance(item, dict) else (None, None)
    if type(start) is not int or type(end) is not int:
        raise place.error(f"expected {{start, end}} by characters, found {_shown(item)}")
    if not base <= start <= end <= base + len(text):
        problem = f"expected a token within the text, which is {base}-{base + len(text)}"
        raise place.error(f"{problem}, found {start}-{end}")
    found = text[start - base : end - base]
    expected = item.get(form, found)
    if expected != found:
        raise place.error(f"expected {_shown(expected)} at {start}-{end}, found {_shown(found)}")
    return start - base, end - base


def _is_tagged(row: object) -> bool:
    """Whether this is a sentence as `tagger predict -f jsonl` writes it."""
    match row:
        case {"start": start, "text": str(), "tokens": list(tokens)} if type(start) is int:
            return all(isinstance(token, dict) and "form" in token for token in tokens)
    return False


def _from_tagger(row: Row, base: int, place: Place) -> Sentence:
    """Such a sentence; `base` is where the document begins in what its offsets count."""
    text, start, tokens = row["text"], row["start"], row["tokens"]
    inside = [_offsets(token, "form", text, start, place) for token in tokens]
    names = [name for name, tag in tokens[0].items() if name != "form" and isinstance(tag, str)]
    columns = {name: tuple([_tag(t.get(name), name, place) for t in tokens]) for name in names}
    offsets = tuple([(begin + start - base, end + start - base) for begin, end in inside])
    forms = tuple([text[begin:end] for begin, end in inside])
    source = Source(place.path, place.line, "", (0,) * len(forms), LAYOUT)
    return Sentence(forms, columns, offsets, text, start - base, source)


def _from_lists(row: Row, forms: Sequence[str], place: Place) -> Sentence:
    """A list of words and lists of as many tags."""
    columns = {}
    for field, tags in row.items():
        name = TAG_LISTS.get(field) or (field[:-5] if field.endswith("_tags") else "")
        if not name or not isinstance(tags, list):
            continue
        if len(tags) != len(forms):
            raise place.error(f"expected {len(forms)} tags in {field!r}, found {len(tags)}")
        if name in columns:
            raise place.error(f"expected one list of {name} tags, found another in {field!r}")
        columns[name] = tuple([_tag(tag, field, place) for tag in tags])
    if not columns:
        known = ", ".join(map(repr, row))
        raise place.error(f"expected lists of tags such as 'ner_tags', found only {known}")
    source = Source(place.path, place.line, "", (0,) * len(forms), LAYOUT)
    return Sentence(tuple(forms), columns, source=source)


def _tag(tag: object, field: str, place: Place) -> str:
    if isinstance(tag, int):
        hint = "the dataset's features have the names: int2str"
        raise place.error(f"expected tags in words in {field!r}, found the number {tag} ({hint})")
    if not isinstance(tag, str) or not tag.strip() or any(sign in tag for sign in "\t\r\n"):
        raise place.error(f"expected a tag on one line in {field!r}, found {_shown(tag)}")
    return tag


def _all_are(kind: type, items: object) -> bool:
    return isinstance(items, list) and bool(items) and all(isinstance(item, kind) for item in items)


def _shown(value: object) -> str:
    """The beginning of a value as it stands in JSON."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
