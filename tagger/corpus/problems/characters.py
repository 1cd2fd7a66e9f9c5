"""What is wrong with the lines of a file as such: their ends, their blanks, their characters."""

import re
from array import array
from collections.abc import Iterable, Iterator

from tagger.corpus.columns import is_comment
from tagger.corpus.lines import BLANKS, Block
from tagger.corpus.problems.codes import Finding
from tagger.sentence import Layout

_suspicious = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_c1_control = re.compile(b"\xc2[\x80-\x9f]").search  # U+0080 to U+009F in UTF-8
_harmless = bytes({*range(256)} - {*range(32), 127} | {9, 10})
INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
_breaking = re.compile("[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_joiners = re.compile("[\u200c\u200d]")
_fields = re.compile(r"[^ \t]+").findall
_joined = re.compile(  # what joiners belong into: scripts that need them, and pictures
    "[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u18af\u2190-\u2bff"
    "\ufe0e\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)


class LineChecks:
    """Looks at the blocks of one file in order; `finish` tells what shows only at the end."""

    def __init__(self, path: str, layout: Layout) -> None:
        self._path = path
        self._layout = layout
        self._last = Block(1, "")
        self._with_cr: array[int] = array("L")

    def check_all(self, text: str, blocks: Iterable[Block]) -> Iterator[Finding]:
        """Findings about the lines of a text, of which these are the blocks."""
        is_sound = _is_sound(text)
        for block in blocks:
            self._last = block
            if not is_sound:
                yield from self.check(block)

    def check(self, block: Block) -> Iterator[Finding]:
        """Findings about the lines of a block."""
        text = block.text
        self._last = block
        if block.line == 1 and text.startswith("\ufeff"):
            yield self._finding(
                1, 1, "byte-order-mark", "expected the first token or comment, found U+FEFF"
            )
        if _suspicious.search(text):
            for number, line in enumerate(block.lines, block.line):
                yield from self._check_characters(number, line)
        if "\n " in text or "\n\t" in text or text[0] in " \t":
            yield from self._check_blank_lines(block)

    def _check_blank_lines(self, block: Block) -> Iterator[Finding]:
        for number, line in enumerate(block.lines, block.line):
            if line[0] in " \t" and not line.strip(BLANKS) and len(line.rstrip("\r\n")):
                found = repr(line.rstrip("\r\n"))
                yield self._finding(
                    number, 1, "blank-line-with-blanks", f"expected an empty line, found {found}"
                )

    def _check_characters(self, number: int, line: str) -> Iterator[Finding]:
        content = line[:-1] if line.endswith("\n") else line
        if content.endswith("\r"):
            content = content[:-1]
            self._with_cr.append(number)
        seen: set[str] = set()  # one finding of a kind is enough in a line
        for match in _suspicious.finditer(content):
            code, problem = _named(match[0])
            if code not in seen:
                seen.add(code)
                field = field_at(content, match.start(), self._layout)
                yield self._finding(number, field, code, problem)

    def finish(self) -> Iterator[Finding]:
        """Findings about the file as a whole."""
        line, text = self._last
        num_lines = line - 1 + text.count("\n")
        if not text.endswith("\n") and text:
            num_lines += 1
            problem = "expected a line end, found the file's"
            yield self._finding(num_lines, 1, "no-final-newline", problem)
        yield from self._check_line_ends(num_lines)

    def _check_line_ends(self, num_lines: int) -> Iterator[Finding]:
        """One finding where most lines end in CR LF, else one for each that does."""
        count = len(self._with_cr)
        if 2 * count > num_lines:
            found = f"expected LF, found CR LF at the end of {count:,} of {num_lines:,} lines"
            yield self._finding(self._with_cr[0], 1, "crlf", found)
            return
        for number in self._with_cr:
            yield self._finding(number, 1, "crlf", "expected LF at the line's end, found CR LF")

    def _finding(self, line: int, column: int, code: str, problem: str) -> Finding:
        return Finding(self._path, line, column, code, problem)


def _is_sound(text: str) -> bool:
    """Whether nothing is wrong with the lines of a text as such; quick, may say no too often."""
    if text.startswith(("\ufeff", " ", "\t")) or "\n " in text or "\n\t" in text:
        return False
    try:
        encoded = text.encode()
    except UnicodeEncodeError:  # a byte that is not UTF-8
        return False
    return not (encoded.translate(None, _harmless) or "\ufffd" in text or _c1_control(encoded))


def field_at(content: str, position: int, layout: Layout) -> int:
    """The field, from 1, in which a character of a line stands; 1 in a comment."""
    if content.startswith("#") and (layout.kind == "conllu" or is_comment(content, layout)):
        return 1
    if layout.separator == "\t":
        return content.count("\t", 0, position) + 1
    return len(_fields(content[: position + 1])) or 1


def _named(character: str) -> tuple[str, str]:
    """Code and problem of a character that no line should hold."""
    if character == "\x00":
        return "nul", "expected text, found NUL"
    if character == "\r":
        return "lone-cr", "expected CR only before LF, found one inside the line"
    if character == "\ufffd":
        return "replacement-character", "expected text, found U+FFFD"
    if character >= "\ud800":
        found = f"the byte 0x{ord(character) - 0xDC00:02x}"
        return "invalid-utf-8", f"expected UTF-8, found {found}"
    return "control-character", f"expected text, found U+{ord(character):04X}"


def unwanted_in_token(form: str) -> tuple[str, str] | None:
    """Code and problem of the first character in a token that cannot be seen or that breaks it."""
    for code, expected, pattern in (
        ("invisible-character", "a token that can be seen", INVISIBLE),
        ("no-break-space", "a token without blanks", _breaking),
    ):
        match = pattern.search(form)
        if match:
            return code, f"expected {expected}, found U+{ord(match[0]):04X} in {form!r}"
    match = _joiners.search(form)
    if match and not _joined.search(form):
        return "invisible-character", f"expected a joiner between letters that it joins in {form!r}"
    return None
