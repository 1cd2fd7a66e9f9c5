"""Where each token of a sentence stands, also for sentences that were not segmented from text."""

import msgspec

from tagger.sentence import Sentence, multiword_tokens


def located(sentence: Sentence) -> Sentence:
    """The sentence with text and offsets.

    A sentence read from a corpus has none: its tokens are looked for in its `# text`, and where
    one is not found there the text is the forms joined by blanks. Offsets then count from the
    beginning of that text.
    """
    if sentence.offsets is not None:
        return sentence
    text = sentence.text
    offsets = None if text is None else _find_all(sentence.forms, text)
    if text is None or offsets is None:
        text = " ".join(sentence.forms)
        offsets = _joined(sentence.forms)
    return msgspec.structs.replace(sentence, text=text, offsets=offsets, start=0)


def is_line(sentence: Sentence) -> bool:
    """Whether it stands for a line of a text, which formats of one sentence a line keep if empty.

    A block of comments in a corpus is no line.
    """
    return sentence.text is not None and sentence.source is None


def _find_all(forms: tuple[str, ...], text: str) -> tuple[tuple[int, int], ...] | None:
    """Each form's place behind the one before, or None where only blanks may lie between them."""
    offsets = []
    end = 0
    for form in forms:
        start = text.find(form, end)
        if start < 0 or text[end:start].strip():
            return None
        end = start + len(form)
        offsets.append((start, end))
    return tuple(offsets)


def _joined(forms: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    offsets = []
    start = 0
    for form in forms:
        offsets.append((start, start + len(form)))
        start += len(form) + 1
    return tuple(offsets)


def stretches(sentence: Sentence) -> tuple[list[str], list[str], str]:
    """What stands before each word, what each covers, and what stands behind the last.

    Joined in their order they are the text of the sentence, which must be located: of a multiword
    token the first word covers all.
    """
    text, begin = sentence.text or "", sentence.start
    places = [(start - begin, end - begin) for start, end in sentence.offsets or ()]
    for first, last in multiword_tokens(sentence):
        end = places[first][1]
        places[first + 1 : last] = [(end, end)] * (last - first - 1)
    ends = [0, *(end for _, end in places)]
    gaps = [text[end:start] for end, (start, _) in zip(ends, places, strict=False)]
    return gaps, [text[start:end] for start, end in places], text[ends[-1] :]
