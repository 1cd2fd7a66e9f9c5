"""A whole prediction: inputs opened one after the other, results written where they belong."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from tagger.compression import reading, uncompressed_name
from tagger.corpus.lines import open_file
from tagger.errors import UsageError
from tagger.output.files import open_output
from tagger.output.formats import find_format
from tagger.output.style import Format, Style
from tagger.streaming.chunks import Chunk, read_chunks
from tagger.streaming.inputs import PEEKED_BYTES, Input, InputKind, examine
from tagger.streaming.results import results
from tagger.streaming.work import Part, Plan

STDIN = "-"
CHUNK_BYTES = {InputKind.CONLL: 1_048_576}  # some 15,000 tokens
TEXT_CHUNK_BYTES = 98_304  # some 18,000 tokens


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be read and where it goes.

    `format` None is CoNLL-U, or for inputs in columns and JSON lines what they are in already.
    `at_once` answers every line or block before the next is read. `jobs` is the most processes.
    """

    paths: Sequence[Path]
    kind: InputKind
    columns: str | None
    format: str | None
    style: Style
    output: Path | None
    out_dir: Path | None
    at_once: bool
    jobs: int


class Observer(msgspec.Struct, frozen=True):
    """Who is told of each input as it is opened, and of bytes that were read from it."""

    opened: Callable[[Input], None]
    read: Callable[[int], None]


def run(request: Request, plan: Plan, observer: Observer) -> None:
    """Reads, tags and writes everything.

    Raises TaggerError where an input cannot be read; what came before it has been written, but a
    file appears only if it is complete.
    """
    _check_names(request)
    inputs: list[tuple[Input, Format, Style]] = []
    parts = _parts(request, plan, observer, inputs)
    with ExitStack() as last:
        outputs = _Outputs(request, last)
        for result in results(parts, plan, 1 if request.at_once else request.jobs):
            outputs.go_to(result.part_number, inputs)
            outputs.write(result.output)
            if result.error is not None:
                raise result.error
            if result.completes:
                outputs.finish()
        outputs.finish()


def _parts(
    request: Request,
    plan: Plan,
    observer: Observer,
    inputs: list[tuple[Input, Format, Style]],
) -> Iterator[Part]:
    """The chunks of all inputs, at least one of each; `inputs` grows as they are opened."""
    for number, path in enumerate(request.paths):
        with open_input(path) as (name, raw):
            stream = reading(raw, name)
            found = examine(stream, name, request.kind, request.columns, plan.field)
            observer.opened(found)
            format = find_format(request.format or _default_format(found))
            _check_format(format, found, request)
            style = msgspec.structs.replace(
                request.style, file=name if _is_named(found, format, request) else None
            )
            inputs.append((found, format, style))
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


def _is_named(found: Input, format: Format, request: Request) -> bool:
    """Whether the output says which input a sentence is from: several inputs, or documents."""
    is_one_of_many = len(request.paths) > 1 and request.out_dir is None
    return is_one_of_many or (found.kind is InputKind.JSONL and format.name != "jsonl")


def _check_format(format: Format, found: Input, request: Request) -> None:
    """Raises UsageError for brat where its offsets would not point into one text."""
    if format.name != "brat":
        return
    if found.layout is not None or found.kind is InputKind.JSONL:
        raise UsageError(f"{found.name}: expected running text for brat, found {found.kind}")
    if len(request.paths) > 1 and request.out_dir is None:
        raise UsageError("--format brat of several files needs --out-dir: one .ann for each")


@contextmanager
def open_input(path: Path) -> Iterator[tuple[str, BufferedReader]]:
    """A name for messages and the bytes as they lie there; `-` is standard input."""
    if str(path) == STDIN:
        stdin = FileIO(sys.stdin.fileno(), closefd=False)
        yield "<stdin>", BufferedReader(stdin, PEEKED_BYTES)
    else:
        with open_file(path) as stream:
            yield str(path), BufferedReader(cast(BufferedReader, stream).raw, PEEKED_BYTES)


def _default_format(found: Input) -> str:
    if found.kind is InputKind.JSONL:
        return "jsonl"
    in_columns = found.layout is not None and found.layout.kind == "columns"
    return "conll" if in_columns else "conllu"


def _begins_itself(found: Input, format: Format) -> bool:
    """Whether the input has marks of its own: documents, or CoNLL-U that stays CoNLL-U."""
    is_conllu = found.layout is not None and found.layout.kind == "conllu"
    return found.kind is InputKind.JSONL or (is_conllu and format.name == "conllu")


def _check_names(request: Request) -> None:
    """Raises UsageError where two inputs would have one output."""
    if request.out_dir is None:
        return
    seen: dict[str, Path] = {}
    for path in request.paths:
        if str(path) == STDIN:
            raise UsageError("--out-dir names its files after the input's: give files, not stdin")
        stem = _stem(path)
        if stem in seen:
            raise UsageError(f"--out-dir: {seen[stem]} and {path} would be one file there")
        seen[stem] = path


def _stem(path: Path) -> str:
    return Path(uncompressed_name(path.name)).stem


class _Outputs:
    """One output, or one for each input; opened as results come."""

    def __init__(self, request: Request, last: ExitStack) -> None:
        self._request = request
        self._last = last
        self._current = ExitStack()
        self._number = -1
        self._stream: BinaryIO | None = None
        self._format: Format | None = None
        last.push(self._leave)

    def _leave(self, *error: object) -> bool | None:
        return self._current.__exit__(*error)  # type: ignore[arg-type]

    def go_to(self, number: int, inputs: Sequence[tuple[Input, Format, Style]]) -> None:
        """Begins input after input until this one."""
        while self._number < number:
            self._number += 1
            self._begin(*inputs[self._number])

    def _begin(self, found: Input, format: Format, style: Style) -> None:
        each = self._request.out_dir is not None
        if each:
            self.finish()
        if self._stream is None:
            path = self._path(found, format) if each else self._request.output
            self._stream = self._current.enter_context(open_output(path))
            self.write(format.header(style).encode())
        self._format = format
        if not _begins_itself(found, format):
            self.write(format.begin(style, found.name).encode("utf-8", "surrogateescape"))

    def _path(self, found: Input, format: Format) -> Path:
        assert self._request.out_dir is not None
        self._request.out_dir.mkdir(parents=True, exist_ok=True)
        path = self._request.out_dir / (_stem(Path(found.name)) + format.suffix)
        if path.exists() and path.samefile(found.name):
            raise UsageError(f"{path}: is the input itself; choose another --out-dir")
        return path

    def write(self, output: bytes) -> None:
        """Writes to the output of the day."""
        assert self._stream is not None
        self._stream.write(output)
        if self._request.at_once:
            self._stream.flush()

    def finish(self) -> None:
        """Completes the output."""
        if self._stream is not None and self._format is not None:
            self.write(self._format.footer().encode())
        self._current.close()
        self._stream = None
