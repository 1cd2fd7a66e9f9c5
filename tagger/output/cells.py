"""What stands in a cell of a table: text without tabs and line breaks, and probabilities."""

import re
from collections.abc import Sequence

from tagger.sentence import Sentence

_breaks = re.compile(r"[\t\r\n]")


def cell(text: str) -> str:
    """The text with a blank for every tab and line break.

    >>> cell("New\\tYork")
    'New York'
    """
    return _breaks.sub(" ", text)


def form_cells(forms: tuple[str, ...], empty: str = "") -> Sequence[str]:
    """Each form as a cell; `empty` stands for a form of no characters."""
    if _breaks.search("".join(forms)):
        forms = tuple([_breaks.sub(" ", form) for form in forms])
    if empty and "" in forms:
        return [form or empty for form in forms]
    return forms


def probability_cell(probability: float | None) -> str:
    """Four decimals, or nothing where there is no probability."""
    return "" if probability is None else f"{probability:.4f}"


def probability_cells(sentence: Sentence, name: str) -> Sequence[str]:
    """A cell for each token: how probable its tag in the column is."""
    confidence = sentence.confidence.get(name)
    if confidence is None:
        return ("",) * len(sentence)
    return [f"{probability:.4f}" for probability in confidence.tokens]
