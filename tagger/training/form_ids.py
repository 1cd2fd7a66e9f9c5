"""Distinct forms as tables of ids, for the tagger and for a language model that is fine-tuned."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.inference.encoding import encode_forms
from tagger.network.language_encoder import FormIds
from tagger.vocabulary import Vocabularies, Vocabulary

FORMS_AT_ONCE = 5_000  # as lists of ids they take a kilobyte each
BOUNDARY = ""  # the form between sentences, to a language model


def encoded(forms: Sequence[str], vocabularies: Vocabularies) -> dict[str, Tensor]:
    """What `encode_forms` gives, in 32 bits, for any number of forms."""
    parts = []
    for start in range(0, len(forms) or 1, FORMS_AT_ONCE):
        of_some = encode_forms(forms[start : start + FORMS_AT_ONCE], vocabularies)
        parts.append({name: ids.astype(np.int32) for name, ids in of_some.items()})
    return {name: torch.from_numpy(_stacked([p[name] for p in parts])) for name in parts[0]}


def _stacked(parts: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Rows of several arrays, padded to the longest ones."""
    if parts[0].ndim == 1:
        return np.concatenate(parts)
    longest = max(part.shape[1] for part in parts)
    table = np.full((sum(map(len, parts)), longest), Vocabulary.pad_id, np.int32)
    start = 0
    for part in parts:
        table[start : start + len(part), : part.shape[1]] = part
        start += len(part)
    return table


class LanguageForms:
    """What a language model reads of the boundary between sentences and of distinct forms."""

    def __init__(self, forms: Sequence[str], known: Vocabularies) -> None:
        ids = encoded([BOUNDARY, *forms], known)
        self._ids = FormIds(ids["words"], ids["characters"], ids["affixes"])
        self._num_characters = (self._ids.characters != Vocabulary.pad_id).sum(1)

    def of(self, forms: Tensor) -> FormIds:
        """The boundary and some forms, read as far as the longest of them. Shape: (forms,)."""
        rows = torch.cat([forms.new_zeros(1), forms + 1])
        longest = max(1, int(self._num_characters[rows].max()))
        words, characters, affixes = (part[rows].long() for part in self._ids)
        return FormIds(words, characters[:, :longest], affixes)
