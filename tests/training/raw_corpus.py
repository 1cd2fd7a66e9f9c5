"""A toy treebank with raw text: what a tiny segmenter can learn by heart."""

from itertools import cycle, islice
from pathlib import Path

from tagger.corpus.files import open_corpus_file
from tagger.evaluation.raw_text import RawText, read_raw_text

SENTENCES = (
    "Ann sees Bob .",
    "Bob does+n't see Ann !",
    "( Ann 's dog sees Bob )",
    "Why do+n't Bob and Ann see it ?",
    "Bob is well ,_ not ill .",
)


def block(words: str, number: int) -> str:
    """A sentence in CoNLL-U: `+` joins the words of a multiword token, `_` glues it to the next."""
    rows, text = [], ""
    tokens = words.split()
    count = 0
    for i, token in enumerate(tokens):
        parts = token.removesuffix("_").split("+")
        following = tokens[i + 1] if i + 1 < len(tokens) else "x"
        is_glued = token.endswith("_") or following[0] in ".,!?)'" or token == "("
        misc = "SpaceAfter=No" if is_glued else "_"
        surface = "".join(parts)
        text += surface if is_glued else f"{surface} "
        if len(parts) > 1:
            rows.append((f"{count + 1}-{count + len(parts)}", surface, misc))
        for part in parts:
            count += 1
            rows.append((str(count), part, misc if len(parts) == 1 else "_"))
    lines = [f"{n}\t{form}\t_\tX\t_\t_\t_\t_\t_\t{misc}\n" for n, form, misc in rows]
    mark = "# newpar\n" if number % 3 == 0 else ""
    return f"{mark}# text = {text.strip()}\n{''.join(lines)}\n"


def conllu(number: int, sentences: tuple[str, ...] = SENTENCES) -> str:
    """So many sentences, every third of which begins a paragraph."""
    return "".join(block(words, i) for i, words in enumerate(islice(cycle(sentences), number)))


def raw_text(folder: Path, number: int = 60) -> RawText:
    """The raw text of such a file."""
    path = folder / f"raw-{number}.conllu"
    path.write_text(conllu(number), encoding="utf-8", newline="\n")
    return read_raw_text([open_corpus_file(path)])
