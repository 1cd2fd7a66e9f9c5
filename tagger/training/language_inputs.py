"""What a tagger reads of a language model: of each form its vector, of each token its states.

Where the language model is not trained any more, both are computed once; the states of a whole
corpus lie in a file that is mapped into memory, in 16 bits. Where it is fine-tuned, a copy of it is
a part of the tagger's network.
"""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.errors import UsageError
from tagger.inference.encoding import LANGUAGE_MODEL, encode_forms
from tagger.inference.language_folder import WordFiles
from tagger.inference.records import LanguageModelRecord
from tagger.network.language_encoder import FormIds, LanguageEncoder
from tagger.training.batches import EncodedSentence, LanguageInputs, Lexicon, plan_batches
from tagger.training.build import network_from
from tagger.training.form_ids import BOUNDARY, LanguageForms
from tagger.vocabulary import Vocabularies

FORMS_AT_ONCE = 1_000
BATCH_TOKENS = 4_000
HALF = np.float16


class LanguageReader(Protocol):
    """A language model of any kind at work on sentences, each read by itself from its beginning."""

    record: LanguageModelRecord

    @property
    def table_units(self) -> int:
        """Units per direction whose gates are looked up by form in the exported tagger."""

    @property
    def characters(self) -> Sequence[str]:
        """Those of a model over characters, in the order of their ids; else none."""

    @property
    def vector_size(self) -> int:
        """Of a form's vector."""

    @property
    def state_size(self) -> int:
        """Of both directions' states together."""

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All that the exported graphs need of it, by the names that they have there."""

    def beside(self, vocabularies: Vocabularies) -> Vocabularies:
        """A tagger's vocabularies, and what the language model knows of forms."""

    def vectors(self, forms: Sequence[str]) -> Tensor:
        """Of forms, which should come in order of length. Shape: (forms, vector_size)."""

    def states_of(
        self, sentences: Sequence[EncodedSentence], forms: Sequence[str], vectors: Tensor
    ) -> Tensor:
        """The states at the tokens of some sentences, one behind the other, (tokens, state_size).

        `forms` are those that the sentences number, `vectors` are theirs.
        """


class WordReader:
    """A language model over words; both directions begin behind the boundary between sentences."""

    characters: Sequence[str] = ()

    def __init__(self, files: WordFiles, record: LanguageModelRecord) -> None:
        self.record = record
        self.table_units = record.hidden_size
        self._known: Vocabularies = files.vocabularies
        self._network = LanguageEncoder(network_from(files, record.name)).eval()
        with torch.no_grad():
            self._begins = self._network.begins(self.vectors([BOUNDARY]))

    @property
    def vector_size(self) -> int:
        """Of a form's vector."""
        return self._network.vector_size

    @property
    def state_size(self) -> int:
        """Of both directions' states together."""
        return self._network.state_size

    def beside(self, vocabularies: Vocabularies) -> Vocabularies:
        """A tagger's vocabularies, and what the language model knows of forms."""
        return msgspec.structs.replace(vocabularies, language_model=self._known)

    def copy(self) -> LanguageEncoder:
        """The language model as a part of a network that may change it."""
        return deepcopy(self._network)

    def forms(self, lexicon: Lexicon) -> LanguageForms:
        """What that part reads of a data set's forms."""
        return LanguageForms([*lexicon.ids], self._known)

    @torch.no_grad()
    def weights(self, tuned: LanguageEncoder | None = None) -> dict[str, NDArray[np.float32]]:
        """All that the exported graphs need of it, or of what training made of its copy.

        By the names that they have there.
        """
        network = tuned or self._network
        found = {LANGUAGE_MODEL + name: weight for name, weight in network.state_dict().items()}
        begins = network.begins(self.vectors([BOUNDARY], network))
        found[f"{LANGUAGE_MODEL}begins"] = torch.stack([torch.cat([*state]) for state in begins])
        return {name: np.ascontiguousarray(weight.numpy()) for name, weight in found.items()}

    @torch.no_grad()
    def vectors(self, forms: Sequence[str], tuned: LanguageEncoder | None = None) -> Tensor:
        """Of forms, which should come in order of length. Shape: (forms, vector_size)."""
        network, parts = tuned or self._network, []
        for start in range(0, len(forms), FORMS_AT_ONCE):
            ids = encode_forms(forms[start : start + FORMS_AT_ONCE], self._known)
            of_some = (torch.from_numpy(ids[name]) for name in FormIds._fields)
            parts.append(network.words.of_forms(*of_some))
        return torch.cat(parts)

    @torch.no_grad()
    def states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Shapes: vectors (length, batch, vector_size), lengths (batch,) -> (…, state_size)."""
        return self._network.states(vectors, lengths, self._begins)

    def states_of(
        self, sentences: Sequence[EncodedSentence], forms: Sequence[str], vectors: Tensor
    ) -> Tensor:
        """As `LanguageReader.states_of`."""
        lengths = torch.tensor([len(sentence) for sentence in sentences])
        rows = torch.zeros(int(lengths.max()), len(sentences), dtype=torch.int64)
        for lane, sentence in enumerate(sentences):
            rows[: len(sentence), lane] = torch.from_numpy(sentence.forms)
        states = self.states(vectors[rows], lengths)
        return torch.cat([states[: len(s), lane] for lane, s in enumerate(sentences)])


def tunable(reader: LanguageReader) -> WordReader:
    """The reader, if its language model can be fine-tuned; raises UsageError for another kind."""
    if isinstance(reader, WordReader):
        return reader
    record = reader.record
    raise UsageError(
        f"{record.name}: expected a language model over words to fine-tune, found one over "
        f"{record.kind} (leave fine_tune out of the settings: it is read as it is)"
    )


def read_corpus(
    reader: LanguageReader, lexicon: Lexicon, sentences: Sequence[EncodedSentence], path: Path
) -> LanguageInputs:
    """Reads a corpus; the states of its sentences go into a file, unless it has them already."""
    forms = [*lexicon.ids]
    vectors = reader.vectors(forms)
    shape = (sum(map(len, sentences)), reader.state_size)
    if not path.exists():
        new = path.with_name(path.name + ".new")
        rows = np.memmap(new, HALF, "w+", shape=shape)
        lengths = [len(sentence) for sentence in sentences]
        for indices in plan_batches(lengths, BATCH_TOKENS, None):
            batch = [sentences[i] for i in indices]
            _fill(rows, batch, reader.states_of(batch, forms, vectors))
        rows.flush()
        new.replace(path)
    return LanguageInputs(vectors, np.memmap(path, HALF, "r", shape=shape))


def _fill(rows: NDArray[np.float16], batch: Sequence[EncodedSentence], states: Tensor) -> None:
    """The states of some sentences into their rows."""
    of_sentences = states.numpy(force=True)
    end = 0
    for sentence in batch:
        start, end = end, end + len(sentence)
        rows[sentence.start : sentence.start + len(sentence)] = of_sentences[start:end]
