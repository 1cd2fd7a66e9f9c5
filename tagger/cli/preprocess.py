"""`tagger preprocess`: any dialect in, converted as asked, written as a stream."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, note
from tagger.cli.options import Columns, Output

if TYPE_CHECKING:
    from tagger.sentence import Sentence

TagScheme = StrEnum("TagScheme", ["IO", "IOB1", "IOB2", "IOBES", "BILOU"])
CorpusFormat = StrEnum("CorpusFormat", ["same", "conllu"])


@command
def preprocess(
    files: Annotated[list[Path], typer.Argument(help="Corpus files of any dialect.")],
    output: Output = None,
    to: Annotated[CorpusFormat, typer.Option(help="What to write.")] = CorpusFormat["same"],
    scheme: Annotated[
        TagScheme | None,
        typer.Option(help="Rewrite span tags in this scheme.", case_sensitive=False),
    ] = None,
    columns: Columns = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Convert corpora: column files to CoNLL-U, one tag scheme to another.

    What is not asked for does not change: without an option the bytes come out as they went in.

    Examples:

    \b
        tagger preprocess wikigold.conll.txt --scheme IOB2 -o wikigold.iob2
        tagger preprocess train.conll --to conllu --columns form=1,xpos=2,ner=4 > train.conllu
    """
    from tagger.cli.corpora import open_all
    from tagger.corpus.overruling import Asked
    from tagger.corpus.writing import rewrite_sentence, with_blank_line
    from tagger.output.conllu import as_conllu
    from tagger.output.files import open_output
    from tagger.output.style import Style

    num_sentences = num_tokens = 0
    with open_output(output) as out:
        for corpus in open_all(files, Asked(columns=columns)):
            for sentence in corpus.with_empty():
                converted, changed = _in_scheme(sentence, scheme)
                if to is CorpusFormat["conllu"] and corpus.dialect.layout.kind != "conllu":
                    text = as_conllu(converted, Style(tuple(converted.columns), frozenset()))
                else:
                    text = rewrite_sentence(converted, changed)
                out.write((with_blank_line(text) if len(files) > 1 else text).encode())
                num_sentences += bool(sentence.forms)
                num_tokens += len(sentence)
    note(f"{num_sentences:,} sentences, {num_tokens:,} tokens written")


def _in_scheme(sentence: "Sentence", scheme: TagScheme | None) -> "tuple[Sentence, list[str]]":
    """The sentence with its span columns in `scheme`, and the names of those columns."""
    from tagger.schemes import OUTSIDE, SCHEMES, convert_tags, is_span_tag

    if scheme is None:
        return sentence, []
    wanted = next(name for name in SCHEMES if name.lower() == scheme.value)
    changed = {
        name: tuple(convert_tags(tags, wanted))
        for name, tags in sentence.columns.items()
        if all(map(is_span_tag, tags)) and set(tags) != {OUTSIDE}
    }
    return sentence.with_columns(changed), list(changed)
