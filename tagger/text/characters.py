"""Replace characters one by one, each for one that is worked out when it is first met."""

from collections.abc import Callable


class ByCharacter(dict[int, str]):
    """A table for `str.translate` that fills itself: `replaced` is asked once for each character.

    >>> "Año".translate(ByCharacter(str.upper))
    'AÑO'
    """

    def __init__(self, replaced: Callable[[str], str]) -> None:
        super().__init__()
        self._replaced = replaced

    def __missing__(self, code: int) -> str:
        self[code] = found = self._replaced(chr(code))
        return found
