"""Labels that somebody else gave: files of sentences with tags, or with probabilities of tags."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tagger.corpus.files import CorpusFile
from tagger.corpus.soft_lines import Distribution, SoftTags, read_soft_lines
from tagger.errors import TaggerError
from tagger.schemes import OUTSIDE, convert_tags, is_span_tag
from tagger.sentence import UNANNOTATED, Sentence
from tagger.tasks import INSIDE_SCHEME, Task, task_of
from tagger.training.distillation.labels import Floats, LabelWriter, records_of
from tagger.training.distillation.texts import Choice, chosen, write_texts

FINAL = ("S", "E", "U", "L")  # prefixes that IOBES and BILOU have and IOB2 has not


def read_given(path: Path, corpus: CorpusFile | None) -> Iterator[SoftTags]:
    """The sentences of a file of probabilities, or (corpus) of one of tags, each then certain."""
    if corpus is None:
        yield from read_soft_lines(str(path))
        return
    for sentence in corpus:
        yield SoftTags(sentence.forms, {k: _certain(v) for k, v in sentence.columns.items()})


def _certain(tags: Sequence[str]) -> list[Distribution]:
    if any(tag != OUTSIDE for tag in tags) and all(map(is_span_tag, tags)):
        tags = convert_tags(tags, INSIDE_SCHEME)
    return [{} if tag == UNANNOTATED else {tag: 1.0} for tag in tags]


def write_given(
    folder: Path,
    source: Callable[[], Iterable[SoftTags]],
    *,
    top: int,
    most_tokens: int,
    kept_out: frozenset[str],
    told: Callable[[int], None],
) -> Choice:
    """Writes texts and labels of a file, which is read three times; else as `write_texts`."""
    tasks = tasks_of(source())
    if not tasks:
        raise TaggerError("teacher: expected sentences with tags, found none")
    sentences = (Sentence(given.forms) for given in source())
    choice = write_texts(folder, [sentences], most_tokens=most_tokens, kept_out=kept_out, told=told)
    writer = LabelWriter(folder, tasks, top)
    boundary = np.zeros(1, writer.kind).tobytes()
    with writer.open(0) as stream:
        stream.write(boundary)
        for given in chosen(source(), Choice(), most_tokens, kept_out):
            found = {
                task.name: distribution_of(given.distributions[task.name], task)
                for task in tasks
                if task.name in given.distributions
            }
            stream.write(records_of(found, tasks, writer.kind, len(given)).tobytes() + boundary)
    return choice


def tasks_of(sentences: Iterable[SoftTags]) -> tuple[Task, ...]:
    """The columns with all their tags; of spans with those of INSIDE_SCHEME."""
    tags: dict[str, set[str]] = {}
    for sentence in sentences:
        for column, rows in sentence.distributions.items():
            for row in rows:
                tags.setdefault(column, set()).update(row)
    return tuple(task_of(column, found) for column, found in tags.items() if found)


def distribution_of(rows: Sequence[Distribution], task: Task) -> Floats:
    """Probabilities of the task's tags. Shape: (tokens, num_tags).

    Of spans in IOB2 a tag ends its span as likely as the next token does not go on with it.
    """
    found = np.zeros((len(rows), len(task.tags)), np.float32)
    ids = {tag: i for i, tag in enumerate(task.tags)}
    has_ends = any(tag.startswith(FINAL) for row in rows for tag in row)
    for i, row in enumerate(rows):
        after = rows[i + 1] if i + 1 < len(rows) else {}
        for tag, chance in row.items():
            if task.scheme is None or tag == OUTSIDE:
                found[i, ids[tag]] += chance
            elif has_ends:
                prefix = {"U": "S", "L": "E"}.get(tag[0], tag[0])
                found[i, ids[prefix + tag[1:]]] += chance
            else:
                goes_on = min(1.0, after.get(f"I{tag[1:]}", 0.0))
                ending = "S" if tag[0] == "B" else "E"
                found[i, ids[tag]] += chance * goes_on
                found[i, ids[ending + tag[1:]]] += chance * (1.0 - goes_on)
    return found
