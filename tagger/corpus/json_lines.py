"""JSON lines to sentences: one document a line, whichever tool wrote it.

| a line has | from |
|---|---|
| `text`, `spans` of `{start, end, label}`, `tokens` of `{start, end}` | Prodigy, `-f spacy` |
| `text`, `ents` of the same, `tokens` of `{start, end, pos, tag, morph}`, `sents` | spaCy |
| `text`, `entities` of the same, of `[start, end, label]` or of `{start_offset, …}` | doccano |
| `text`, `label` or `labels` of `[start, end, label]` | doccano |
| `[text, {entities: [[start, end, label]]}]` | spaCy 2's training data |
| `start`, `text`, `tokens` of `{form, start, end, upos, ner, …}` | `tagger predict -f jsonl` |
| `text`, `sentences` of such | the same, of JSON lines |
| `tokens` of strings; `ner_tags`, `tags`, `upos`, … of as many strings | Hugging Face datasets |

Offsets count characters from the text's beginning, the end exclusive. `pos` becomes `upos`, `tag`
`xpos`, `morph` `feats`. Where spans nest the inner ones stand in `ner2`, `ner3`, … Other fields
are not read. Neither are lines that the annotator did not accept in Prodigy (`answer` is `reject`
or `ignore`): their spans are known to be wrong or not to have been looked at.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tagger.corpus.json_documents import Place, Row, document_sentences
from tagger.corpus.lines import BLANKS
from tagger.sentence import Sentence
from tagger.text.paragraphs import BYTE_ORDER_MARK

REFUSED = ("reject", "ignore")


def read_json_lines(
    lines: Iterable[str],
    path: str,
    first_line: int = 1,
    *,
    layers: int = 1,
    remarks: list[str] | None = None,
) -> Iterator[Sentence]:
    """Sentences of all documents, each with its document's line as its own; blank lines are none.

    Every text with spans has at least `layers` columns of them, for files in which some nest. What
    was not read is added to `remarks` at the end. Raises CorpusError at a line of no known kind.
    """
    refused: list[int] = []
    for number, line in enumerate(lines, first_line):
        line = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if not line.strip(BLANKS):
            continue
        place = Place(path, number, layers)
        row = _decode(line, place)
        if row.get("answer") in REFUSED:
            refused.append(number)
        else:
            yield from document_sentences(row, place)
    if refused and remarks is not None:
        remarks.append(
            f"{path}: {len(refused)} lines not read because their answer is reject or ignore "
            f"(the first is line {refused[0]})"
        )


def _decode(line: str, place: Place) -> Row:
    try:
        row = msgspec.json.decode(line)
        _once.decode(line.strip(BLANKS))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise place.error(f"expected a JSON object: {error}") from None
    match row:
        case dict():
            return row
        case [str(text), dict(annotations)]:
            return {**annotations, "text": text}
    raise place.error(f"expected a JSON object, found {type(row).__name__}")


def _pairs_once(pairs: list[tuple[str, Any]]) -> Row:
    """An object's keys and values; ValueError where a key stands twice, which msgspec lets pass."""
    row = dict(pairs)
    if len(row) != len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {key!r} stands in it twice")
    return row


_once = json.JSONDecoder(object_pairs_hook=_pairs_once)
