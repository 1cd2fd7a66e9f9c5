"""Inputs to parts: each is opened in its turn, examined, and cut into chunks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import cast

import msgspec

from tagger.compression import reading
from tagger.corpus.lines import open_file
from tagger.errors import UsageError
from tagger.output.formats import find_format
from tagger.output.style import Format
from tagger.streaming.chunks import Chunk, read_chunks
from tagger.streaming.heads import PEEKED_BYTES
from tagger.streaming.inputs import Input, check_segmenter, examine
from tagger.streaming.kinds import STDIN, InputKind
from tagger.streaming.requests import Observer, Opened, Request
from tagger.streaming.work import Part, Plan

CHUNK_BYTES = {InputKind.CONLL: 2_097_152}  # some 30,000 tokens
WITH_OFFSETS = frozenset(["tsv", "jsonl", "entities"])  # brat and spaCy count characters
TEXT_CHUNK_BYTES = 65_536  # some 13,000 tokens


def read_parts(
    request: Request, plan: Plan, observer: Observer, opened: list[Opened]
) -> Iterator[Part]:
    """The chunks of all inputs, at least one of each; `opened` grows with the inputs."""
    for number, path in enumerate(request.paths):
        with open_input(path) as (name, raw):
            found, stream = examine(
                reading(raw, name),
                name,
                request.kind,
                request.columns,
                plan.field,
                request.cutting,
                at_once=request.at_once,
            )
            check_segmenter(found, plan.by_rules)
            observer.opened(found)
            format = _format(found, request, opened)
            named = _is_named(found, format, request)
            style = msgspec.structs.replace(request.style, file=name if named else None)
            opened.append(Opened(found, format, style))
            size = 1 if request.at_once else CHUNK_BYTES.get(found.kind, TEXT_CHUNK_BYTES)
            chunks = read_chunks(
                stream, name, cut=found.cut, size=size, undecodable=plan.undecodable
            )
            yield Part(number, found, format.name, style, Chunk(""))
            before = 0
            for chunk in chunks:
                yield Part(number, found, format.name, style, chunk)
                if raw.seekable():
                    observer.read(raw.tell() - before)
                    before = raw.tell()
            if request.out_dir is not None:
                yield Part(number, found, format.name, style, Chunk(""), completes=True)


@contextmanager
def open_input(path: Path) -> Iterator[tuple[str, BufferedReader]]:
    """A name for messages and the bytes as they lie there; `-` is standard input."""
    if str(path) != STDIN:
        with open_file(path) as stream:
            yield str(path), BufferedReader(cast(BufferedReader, stream).raw, PEEKED_BYTES)
    elif sys.stdin is None:
        raise UsageError("expected files or standard input, found it closed")
    else:
        stdin = FileIO(sys.stdin.fileno(), closefd=False)
        yield "<stdin>", BufferedReader(stdin, PEEKED_BYTES)


def _format(found: Input, request: Request, before: list[Opened]) -> Format:
    """The format asked for, or the one that is natural for the input.

    Raises UsageError where it cannot hold this input, or others in the same output.
    """
    format = find_format(request.format or _natural_format(found))
    alone = request.out_dir is not None
    if not alone and before and before[0].format.name != format.name:
        raise UsageError(
            f"{found.name} would be written as {format.name}, {before[0].input.name} as "
            f"{before[0].format.name}: choose one --format, or --out-dir"
        )
    if request.style.in_bytes and (found.layout is not None or format.name not in WITH_OFFSETS):
        raise UsageError(
            f"{found.name}: --offsets bytes is for running text written as "
            f"{', '.join(sorted(WITH_OFFSETS))}; found {found.kind}, to be written as {format.name}"
        )
    if format.name == "brat" and (found.layout is not None or found.kind is InputKind.JSONL):
        raise UsageError(f"{found.name}: expected running text for brat, found {found.kind}")
    if format.name == "brat" and len(request.paths) > 1 and not alone:
        raise UsageError("--format brat of several files needs --out-dir: one .ann for each")
    return format


def _natural_format(found: Input) -> str:
    if found.kind is InputKind.JSONL:
        return "jsonl"
    in_columns = found.layout is not None and found.layout.kind == "columns"
    return "conll" if in_columns else "conllu"


def _is_named(found: Input, format: Format, request: Request) -> bool:
    """Whether the output says which input a sentence is from: several inputs, or documents."""
    is_one_of_many = len(request.paths) > 1 and request.out_dir is None
    return is_one_of_many or (found.kind is InputKind.JSONL and format.name != "jsonl")
