"""How a character model reads a sentence: its forms spelled, a blank between them.

    boundary A n n blank s l e e p s blank . boundary

Each form has a blank or a boundary on either side of it.
"""

from tagger.vocabulary import UNKNOWN, Vocabulary

BLANK = " "
SPECIAL = ("", UNKNOWN, BLANK)  # the first characters: boundary, unknown, blank


def spelled(form: str, characters: Vocabulary) -> list[int]:
    """The ids of a form's characters."""
    return characters.ids_or_unknown(form)
