"""JSON lines as spaCy and Prodigy take them: one sentence a line, its tokens and its spans.

Format: https://prodi.gy/docs/api-interfaces#ner_manual. Offsets count from the beginning of the
sentence's own text; `token_start` and `token_end` are numbers of tokens, both inclusive. The spans
of all columns stand in one list. `sents`, as in spaCy's `Doc.to_json`, says that the line is one
sentence, so that reading it gives the same sentence again.
"""

from collections.abc import Mapping, Sequence

from tagger.output.jsonl import json_line
from tagger.output.offsets import is_line, located
from tagger.output.style import Format, Style
from tagger.schemes import spans_from_tags
from tagger.sentence import Sentence, surface_tokens

TOKEN_KEYS: Mapping[str, str] = {"upos": "pos", "xpos": "tag", "feats": "morph"}


def as_spacy(sentence: Sentence, style: Style) -> str:
    """A line of JSON for the sentence; for an empty line of a text one without tokens."""
    if not sentence.forms and not is_line(sentence):
        return ""
    sentence = located(sentence)
    surface = surface_tokens(sentence)
    row: dict[str, object] = {"text": sentence.text, "tokens": _tokens(sentence, style, surface)}
    if style.span_columns:
        row["spans"] = _spans(sentence, style, surface)
    row["sents"] = [{"start": 0, "end": len(sentence.text or "")}] if sentence.forms else []
    if style.file is not None:
        row["meta"] = {"source": style.file}
    return json_line(row)


def _tokens(
    sentence: Sentence, style: Style, surface: Sequence[tuple[int, int]]
) -> list[dict[str, object]]:
    """Each surface token with its offsets, whether white space follows it, and its plain tags.

    Those of several words are joined by a plus sign.
    """
    text, begin, offsets = sentence.text or "", sentence.start, sentence.offsets or ()
    plain = [name for name in style.columns if name not in style.spans]
    tokens: list[dict[str, object]] = []
    for i, (first, last) in enumerate(surface):
        start, end = offsets[first][0] - begin, offsets[first][1] - begin
        form = sentence.forms[first] if last - first == 1 else text[start:end]
        is_followed = text[end : end + 1].isspace()
        token = {"text": form, "start": start, "end": end, "id": i, "ws": is_followed}
        for name in plain:
            token[TOKEN_KEYS.get(name, name)] = "+".join(sentence.columns[name][first:last])
        tokens.append(token)
    return tokens


def _spans(
    sentence: Sentence, style: Style, surface: Sequence[tuple[int, int]]
) -> list[dict[str, object]]:
    """The spans of all columns by their beginnings, the longer before those within.

    One that covers no character of the text is left out: it could not be read again.
    """
    if not sentence.forms:
        return []
    begin, offsets = sentence.start, sentence.offsets or ()
    token_of = [i for i, (first, last) in enumerate(surface) for _ in range(first, last)]
    spans = [
        span for name in style.span_columns for span in spans_from_tags(sentence.columns[name])
    ]
    return [
        {
            "start": offsets[span.start][0] - begin,
            "end": offsets[span.end - 1][1] - begin,
            "label": span.label,
            "token_start": token_of[span.start],
            "token_end": token_of[span.end - 1],
        }
        for span in sorted(spans, key=lambda span: (span.start, -span.end))
        if offsets[span.start][0] < offsets[span.end - 1][1]
    ]


SPACY = Format(name="spacy", suffix=".spacy.jsonl", sentence=as_spacy)
