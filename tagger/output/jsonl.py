"""JSON lines: one sentence a line, with its text, tokens, spans and n best tag sequences."""

import re
from collections.abc import Mapping

import msgspec

from tagger.output.offsets import is_line, located
from tagger.output.spans import LocatedSpan, located_spans
from tagger.output.style import Format, Style
from tagger.sentence import Ranked, Sentence

DECIMALS = 4
_surrogates = re.compile("[\ud800-\udfff]")


def as_jsonl(sentence: Sentence, style: Style) -> str:
    """A line of JSON for the sentence; for an empty line of a text one without tokens."""
    has_line = sentence.forms or is_line(sentence)
    return json_line(sentence_object(sentence, style)) if has_line else ""


def sentence_object(sentence: Sentence, style: Style) -> dict[str, object]:
    """What the line of a sentence says, as plain dicts and lists."""
    sentence = located(sentence)
    row: dict[str, object] = {} if style.file is None else {"file": style.file}
    row |= {"start": style.place(sentence.start), "text": sentence.text, "tokens": []}
    if not sentence.forms:
        return row
    row["tokens"] = _tokens(sentence, style)
    for name in style.span_columns:
        row[f"{name}_spans"] = [_span(span, style) for span in located_spans(sentence, name)]
    for name in style.columns:
        confidence = sentence.confidence.get(name)
        if confidence is not None and confidence.best:
            row[f"{name}_best"] = [_ranked(ranked) for ranked in confidence.best]
    return row


def json_line(row: Mapping[str, object]) -> str:
    """A line of JSON; U+FFFD stands for what UTF-8 cannot say, such as half a surrogate pair."""
    try:
        return msgspec.json.encode(row).decode() + "\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(_without_surrogates(row)).decode() + "\n"


def _tokens(sentence: Sentence, style: Style) -> list[dict[str, object]]:
    places = zip(sentence.forms, sentence.offsets or (), strict=True)
    tokens: list[dict[str, object]] = [
        {"form": form, "start": style.place(start), "end": style.place(end)}
        for form, (start, end) in places
    ]
    for name in style.columns:
        for token, tag in zip(tokens, sentence.columns[name], strict=True):
            token[name] = tag
    for name in style.columns:
        if name in sentence.confidence:
            key, probabilities = f"{name}_p", sentence.confidence[name].tokens
            for token, probability in zip(tokens, probabilities, strict=True):
                token[key] = round(probability, DECIMALS)
    return tokens


def _span(span: LocatedSpan, style: Style) -> dict[str, object]:
    places = {"start": style.place(span.start), "end": style.place(span.end)}
    row: dict[str, object] = {"label": span.label, **places, "text": span.text}
    if span.probability is not None:
        row["p"] = round(span.probability, DECIMALS)
    return row


def _ranked(ranked: Ranked) -> dict[str, object]:
    return {"p": round(ranked.probability, DECIMALS), "tags": list(ranked.tags)}


def _without_surrogates(value: object) -> object:
    """The same value with U+FFFD for every surrogate, which keeps all offsets."""
    if isinstance(value, str):
        return _surrogates.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(of) for key, of in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value


JSONL = Format(name="jsonl", suffix=".jsonl", sentence=as_jsonl, probabilities=True)
