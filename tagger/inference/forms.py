"""Forms to rows of a table: what the LSTM's gates get from each form, computed once per form.

The commonest forms of the training split were tabulated at export. Others go through the lexical
graph, which is loaded when the first of them comes.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from tagger.errors import ModelError
from tagger.inference.encoding import (
    NUM_AFFIXES,
    encode_affixes,
    encode_characters,
    encode_word,
    encode_words,
)
from tagger.inference.folder import (
    LEXICAL,
    TABLE,
    VOCABULARY,
    Rows,
    read_graph,
    read_table,
    read_vocabularies,
)
from tagger.inference.sessions import Session, one_line
from tagger.vocabulary import Vocabularies

MOST_FORMS = 16_000  # in the table: 51 MB with 200 units in half precision
FORMS_AT_ONCE = 256  # through the lexical graph


class Lexicon:
    """The lexical graph with the vocabularies that number its inputs; `name` is for messages."""

    def __init__(
        self, graph: bytes, vocabularies: Vocabularies, name: str, threads: int = 1
    ) -> None:
        self.vocabularies = vocabularies
        self.session = Session(graph, name, threads)
        self._try(name)

    def _try(self, name: str) -> None:
        """Raises ModelError where graph and vocabularies are not of one model."""
        known = self.vocabularies
        last = {
            "words": np.array([len(known.words) - 1]),
            "characters": np.array([[len(known.characters) - 1]]),
            "affixes": np.full((1, NUM_AFFIXES), len(known.affixes) - 1),
        }
        try:
            self.session.run(last)
        except Exception as error:  # onnxruntime has a class per status, all plain Exceptions
            raise ModelError(f"{name}: does not fit the vocabularies: {one_line(error)}") from error

    def is_known(self, form: str) -> bool:
        """Whether the word is in the vocabulary."""
        words = self.vocabularies.words
        return encode_word(form, words) != words.unknown_id

    def inputs(self, forms: Sequence[str]) -> Rows:
        """What both directions get from each form. Shape: (forms, 2, 4 hidden_size)."""
        known = self.vocabularies
        ids = {
            "words": encode_words(forms, known.words),
            "characters": encode_characters(forms, known.characters),
            "affixes": encode_affixes(forms, known.affixes),
        }
        inputs: Rows = self.session.run(ids)[0]
        return inputs


class FormTable:
    """Two rows, one per direction, for each form that was met, up to MOST_FORMS forms.

    A full table begins anew. It holds more only where one call brings more.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        for name in (VOCABULARY, LEXICAL):  # read later, or never
            if not (folder / name).is_file():
                raise ModelError(f"{folder}: not a tagger model: {name} is missing")
        self._folder = folder
        self._threads = threads
        self._exported, forms = read_table(folder)
        self._tabulated = {form: i for i, form in enumerate(forms)}
        self._numbers: dict[str, int] = {}
        self._pairs = self._empty(max(1, MOST_FORMS))

    @cached_property
    def lexicon(self) -> Lexicon:
        """The lexical graph; raises ModelError where it does not fit the table."""
        name = str(self._folder / LEXICAL)
        graph = read_graph(self._folder, LEXICAL)
        lexicon = Lexicon(graph, read_vocabularies(self._folder), name, self._threads)
        found, expected = lexicon.inputs(["a"]).shape[1:], self._exported.shape[1:]
        if found != expected:
            raise ModelError(
                f"{name}: expected {expected} figures per form as in {TABLE}, found {found}"
            )
        return lexicon

    @property
    def rows(self) -> Rows:
        """The table. Shape: (2 forms, 4 hidden_size)."""
        return self._pairs.reshape(-1, self._pairs.shape[2])

    def numbers(self, forms: Sequence[str]) -> list[int]:
        """The number of each form in the table; valid until the next call."""
        found = [self._numbers.get(form, -1) for form in forms]
        if -1 not in found:
            return found
        new = {form for form, number in zip(forms, found, strict=True) if number < 0}
        if len(self._numbers) + len(new) > len(self._pairs):
            self._numbers, new = {}, set(forms)
            if len(new) > len(self._pairs):
                self._pairs = self._empty(len(new))
        self._learn(new)
        return self._at(forms)

    def _empty(self, num_forms: int) -> Rows:
        """Room for forms; the system gives the memory when it is first written to."""
        return np.empty((num_forms, *self._exported.shape[1:]), self._exported.dtype)

    def _learn(self, forms: Iterable[str]) -> None:
        """Gives each of these new forms its rows."""
        new = sorted(forms, key=lambda form: (len(form), form))  # padded to the longest at once
        self._numbers.update(zip(new, range(len(self._numbers), len(self._pairs)), strict=False))
        tabulated = [form for form in new if form in self._tabulated]
        exported = self._exported[[self._tabulated[form] for form in tabulated]]
        self._pairs[self._at(tabulated)] = exported
        others = [form for form in new if form not in self._tabulated]
        for start in range(0, len(others), FORMS_AT_ONCE):
            some = others[start : start + FORMS_AT_ONCE]
            self._pairs[self._at(some)] = self.lexicon.inputs(some)

    def _at(self, forms: Iterable[str]) -> list[int]:
        return [self._numbers[form] for form in forms]
