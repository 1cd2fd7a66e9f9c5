"""The lines that a sentence was read from, for formats that are read too."""

from tagger.corpus.writing import rewrite_sentence, with_blank_line
from tagger.output.style import Style
from tagger.sentence import Kind, Sentence


def kept_lines(sentence: Sentence, style: Style, kind: Kind) -> str | None:
    """The sentence's own lines with the columns to write changed, None if it has none of `kind`.

    Lines without a token (comments, document marks) are given back too.
    """
    if sentence.source is None or sentence.source.layout.kind != kind:
        return None
    text = rewrite_sentence(sentence, style.columns if sentence.forms else ())
    return text if style.file is None else with_blank_line(text)
