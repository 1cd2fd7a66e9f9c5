"""Where blanks stand between the words that a language model draws."""

from collections.abc import Sequence

_OPENING = frozenset("([{“‘«$£€#-/")  # hyphens have no blank before them either


class Spacing:
    """Words to pieces of text, one after the other, behind those of a prompt.

    The empty word is the boundary between sentences. `joined` are those that mostly stand without a
    blank before them.
    """

    def __init__(self, joined: frozenset[str], prompt: Sequence[str]) -> None:
        self._joined = joined
        self._is_quoted = sum(form == '"' for form in prompt) % 2 == 1
        self._begins = self._begins_behind(prompt[-1] if prompt else "")

    def piece(self, form: str) -> str:
        """The word with the blank before it, if any; a line break for a boundary."""
        joins = self._is_quoted if form == '"' else form in self._joined
        if form == '"':
            self._is_quoted = not self._is_quoted
        begins, self._begins = self._begins, self._begins_behind(form)
        if form == "":
            return "\n"
        return form if begins or joins else f" {form}"

    def _begins_behind(self, form: str) -> bool:
        """Whether no blank follows: a sentence, a bracket or a quotation begins, or it joins."""
        return form == "" or form in _OPENING or (form == '"' and self._is_quoted)
