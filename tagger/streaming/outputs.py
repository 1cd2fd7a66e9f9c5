"""Where results go: one output, or one for each input."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from tagger.errors import UsageError
from tagger.output.files import open_output
from tagger.output.style import Format
from tagger.streaming.inputs import Input
from tagger.streaming.kinds import InputKind
from tagger.streaming.requests import Opened, Request, stem


class Outputs:
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

    def go_to(self, number: int, inputs: Sequence[Opened]) -> None:
        """Begins input after input until the one of this number."""
        while self._number < number:
            self._number += 1
            self._begin(inputs[self._number])

    def _begin(self, opened: Opened) -> None:
        found, format, style = opened.input, opened.format, opened.style
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
        path = self._request.out_dir / (stem(Path(found.name)) + format.suffix)
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


def _begins_itself(found: Input, format: Format) -> bool:
    """Whether the input has marks of its own: documents, or CoNLL-U that stays CoNLL-U."""
    is_conllu = found.layout is not None and found.layout.kind == "conllu"
    return found.kind is InputKind.JSONL or (is_conllu and format.name == "conllu")
