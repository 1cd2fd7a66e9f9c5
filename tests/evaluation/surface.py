"""Sentences written in a line: `a bc=b+c d | e` is two, the first with a multiword token `bc`."""

from tagger.sentence import Sentence


def text_of(line: str) -> str:
    """Surface tokens with blanks between, as raw text has them."""
    return " ".join(token.partition("=")[0] for token in line.split() if token != "|")


def sentences(line: str, **columns: str) -> list[Sentence]:
    """The sentences with offsets in `text_of(line)`; columns are tags of all words, with blanks."""
    found = []
    tags = {name: column.split() for name, column in columns.items()}
    at = first = 0
    for part in line.split("|"):
        forms: list[str] = []
        offsets: list[tuple[int, int]] = []
        start = at
        for token in part.split():
            surface, _, words = token.partition("=")
            of_token = words.split("+") if words else [surface]
            forms += of_token
            offsets += [(at, at + len(surface))] * len(of_token)
            at += len(surface) + 1
        text = text_of(part)
        own = {name: tuple(column[first : first + len(forms)]) for name, column in tags.items()}
        found.append(Sentence(tuple(forms), own, offsets=tuple(offsets), text=text, start=start))
        first += len(forms)
    return found
