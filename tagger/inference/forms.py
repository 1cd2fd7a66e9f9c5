"""Forms to rows of a table: what the LSTM's gates get from each form, computed once per form.

The commonest forms of the training split were tabulated at export. Others go through the lexical
graph, which is loaded when the first of them comes.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.encoding import (
    encode_forms,
    encode_word,
    last_ids,
)
from tagger.inference.folder import (
    LEXICAL,
    TABLE,
    VOCABULARY,
    read_graph,
    read_table,
    read_vocabularies,
)
from tagger.inference.graph_kinds import FORMS_AT_ONCE
from tagger.inference.sessions import Session
from tagger.inference.table import Rows
from tagger.vocabulary import Vocabularies

LARGEST = 6e4  # of what a gate gets: a table in half precision holds no more
MOST_FORMS = 16_000  # in a tagger's table: 51 MB with 200 units in half precision
MOST_BYTES = 100_000_000  # of it, which with a language model is reached before


class Lexicon:
    """The lexical graph with the vocabularies that number its inputs; `name` is for messages."""

    def __init__(
        self, graph: bytes, vocabularies: Vocabularies, name: str, threads: int = 1
    ) -> None:
        self.vocabularies = vocabularies
        self._name = name
        self.session = Session(graph, name, threads)
        problem = "does not fit the vocabularies"
        self.session.run(last_ids(vocabularies), problem=problem)

    def is_known(self, form: str) -> bool:
        """Whether the word is in the vocabulary."""
        words = self.vocabularies.words
        return encode_word(form, words) != words.unknown_id

    def inputs(self, forms: Sequence[str]) -> Rows:
        """What both directions get from each form. Shape: (forms, 2, 4 hidden_size).

        Raises ModelError where it is no number that the table can hold.
        """
        inputs: Rows = self.session.run(encode_forms(forms, self.vocabularies))[0]
        if inputs.size and not np.abs(inputs).max() < LARGEST:
            raise ModelError(f"{self._name}: gives numbers that are beyond all use")
        return inputs


class FormTable:
    """Two rows, one per direction, for each form that was met, up to `most` forms.

    Of a full table those stay that were used last. It holds more only where one call brings more.
    """

    def __init__(self, folder: Path, threads: int, most: int | None = None) -> None:
        for name in (VOCABULARY, LEXICAL):  # read later, or never
            if not (folder / name).is_file():
                raise ModelError(f"{folder}: not a tagger model: {name} is missing")
        self._folder = folder
        self._threads = threads
        self._exported, forms = read_table(folder)
        self._tabulated = {form: i for i, form in enumerate(forms)}
        self._time = 0
        if most is None:
            most = min(MOST_FORMS, MOST_BYTES // max(1, self._bytes_per_form))
        self._begin(max(1, most))

    @property
    def _bytes_per_form(self) -> int:
        return int(self._exported.itemsize * np.prod(self._exported.shape[1:]))

    def _begin(self, size: int) -> None:
        """An empty table; the system gives the memory when it is first written to."""
        self._numbers: dict[str, int] = {}
        self._used = np.zeros(size, np.int64)
        self._pairs = np.empty((size, *self._exported.shape[1:]), self._exported.dtype)

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

    def numbers(self, forms: Sequence[str]) -> NDArray[np.int64]:
        """The number of each form in the table; valid until the next call. Shape: (forms,)."""
        self._time += 1
        found = self._find(forms)
        if -1 in found:
            self._used[[number for number in found if number >= 0]] = self._time
            self._learn(self._with_room(set(forms)))
            found = self._find(forms)
        numbers = np.array(found)
        self._used[numbers] = self._time
        return numbers

    def _find(self, forms: Iterable[str]) -> list[int]:
        find = self._numbers.get
        return [find(form, -1) for form in forms]

    def _with_room(self, forms: set[str]) -> set[str]:
        """Which of these forms are new, when there is room for them."""
        size = len(self._pairs)
        new = forms - self._numbers.keys()
        if len(self._numbers) + len(new) <= size:
            return new
        if len(forms) > size:
            self._begin(len(forms))
            return forms
        self._forget_all_but(max(len(forms) - len(new), min(size // 2, size - len(new))))
        return new

    def _forget_all_but(self, number: int) -> None:
        """Keeps that many forms, those used last, at the beginning of the table."""
        met = len(self._numbers)
        kept = np.sort(np.argsort(-self._used[:met], kind="stable")[:number])
        for start in range(0, number, FORMS_AT_ONCE):  # none moves up, so none is overwritten
            some = kept[start : start + FORMS_AT_ONCE]
            self._pairs[start : start + len(some)] = self._pairs[some]
        self._used[:number] = self._used[kept]
        forms = list(self._numbers)
        self._numbers = {forms[i]: number for number, i in enumerate(kept.tolist())}

    def _learn(self, forms: Iterable[str]) -> None:
        """Gives each of these new forms its rows."""
        new = sorted(forms, key=lambda form: (len(form), form))  # padded to the longest at once
        self._numbers.update(zip(new, range(len(self._numbers), len(self._pairs)), strict=False))
        tabulated = [form for form in new if form in self._tabulated]
        exported = self._exported[[self._tabulated[form] for form in tabulated]]
        self._pairs[self._find(tabulated)] = exported
        others = [form for form in new if form not in self._tabulated]
        for start in range(0, len(others), FORMS_AT_ONCE):
            some = others[start : start + FORMS_AT_ONCE]
            self._pairs[self._find(some)] = self.lexicon.inputs(some)
