"""How `tagger preprocess` goes: what is read, what is done to it, what is written and said."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from tagger.cli.console import note, warn
from tagger.cli.conversion import Corpora, Wishes
from tagger.cli.corpora import open_all
from tagger.cli.statistics import show_statistics
from tagger.corpus.operations import Operations, Tally, operated, sampled
from tagger.corpus.overruling import Asked
from tagger.corpus.splits import parse_shares, split
from tagger.corpus.statistics import Measuring
from tagger.errors import UsageError
from tagger.sentence import Sentence

PARTS = ("train", "dev", "test")


class Part(msgspec.Struct, frozen=True):
    """One output: its name for people, where it goes, its sentences, to be read once."""

    name: str
    path: Path | None
    sentences: Iterable[Sentence]


def run(files: Sequence[Path], said: Asked, operations: Operations, wishes: Wishes) -> None:
    """Reads, does, writes; a summary is noted."""
    tally = Tally()
    corpora = Corpora(open_all(files, said), wishes, tally)
    if wishes.merge is not None:
        corpora.join(wishes.merge, said.encoding)
    sentences: Iterable[Sentence] = operated(corpora.sentences(), operations, tally)
    if wishes.sample is not None:
        sentences = sampled(sentences, wishes.sample, wishes.seed)
    measured = []
    for part in _parts(sentences, corpora, wishes):
        measuring = Measuring()
        passing = _passing(part.sentences, tally, measuring if wishes.stats else None)
        if part.path is None and wishes.stats:
            for _ in passing:
                pass
        else:
            corpora.write(passing, part.path)
        measured.append((part.name, measuring))
    _summarise(tally, operations)
    if wishes.stats:
        show_statistics(measured, as_json=wishes.json)


def _parts(sentences: Iterable[Sentence], corpora: "Corpora", wishes: Wishes) -> Iterator[Part]:
    """What goes where; to be taken one after the other."""
    if wishes.split is not None:
        yield from _split_parts(list(sentences), corpora, wishes)
    elif wishes.stats and wishes.output is None:
        for path, of_file in groupby(sentences, lambda s: s.source.path if s.source else ""):
            yield Part(Path(path).name, None, of_file)
    else:
        yield Part(str(wishes.output or "-"), wishes.output, sentences)


def _split_parts(sentences: list[Sentence], corpora: "Corpora", wishes: Wishes) -> Iterator[Part]:
    wanted = parse_shares(wishes.split or "")
    if wishes.output is not None:
        _make_folder(wishes.output)
    found = split(sentences, wanted, wishes.seed)
    tokens = [sum(len(sentences[i]) for i in part) for part in found.parts]
    shares = ", ".join(
        f"{name} {100 * count / max(1, sum(tokens)):.1f} %"
        for name, count in zip(PARTS, tokens, strict=False)
    )
    note(f"split by {found.unit} ({found.units:,}), in tokens: {shares}")
    if found.apart:
        warn(f"{found.apart:,} sentences have a near-duplicate in an earlier part")
    for name, part in zip(PARTS, found.parts, strict=False):
        path = None if wishes.output is None else wishes.output / f"{name}{corpora.suffix}"
        yield Part(name, path, [sentences[i] for i in part])


def _make_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path}: expected a folder for the splits, found a file")
    path.mkdir(parents=True, exist_ok=True)


def _passing(
    sentences: Iterable[Sentence], tally: Tally, measuring: Measuring | None
) -> Iterator[Sentence]:
    """The sentences, counted and measured on their way."""
    for sentence in sentences:
        tally.count_written(sentence)
        if measuring is not None:
            measuring.add(sentence)
        yield sentence


def _summarise(tally: Tally, operations: Operations) -> None:
    """What was read, changed and written."""
    note(f"{tally.sentences_read:,} sentences, {tally.tokens_read:,} tokens read")
    for code, count in tally.repairs.most_common():
        note(f"{count:>8,} repairs: {code}")
    for label in [*operations.mapping, *sorted(operations.dropped)]:
        what = f"became {operations.mapping[label]}" if label in operations.mapping else "dropped"
        if tally.labels[label]:
            note(f"{tally.labels[label]:>8,} {label} {what}")
        else:
            warn(f"{label} does not occur")
    if tally.retagged:
        note(f"{tally.retagged:>8,} tags written in {operations.scheme}")
    if tally.unfit:
        warn(
            f"{tally.unfit:,} sentences hold a tag of no scheme and were left as they were "
            "(tagger check names every such tag)"
        )
    if tally.cut:
        note(f"{tally.cut:>8,} sentences cut into {tally.pieces:,}")
    if tally.repeated:
        note(f"{tally.repeated:>8,} repeated sentences left out")
    note(f"{tally.sentences_written:,} sentences, {tally.tokens_written:,} tokens written")
