"""What is wrong inside a sentence that can be read: tokens, empty fields, comments, lengths."""

import re
from collections.abc import Iterator

from tagger.corpus.columns import is_document_mark
from tagger.corpus.conllu import TEXT_COMMENT
from tagger.corpus.problems.characters import unwanted_in_token
from tagger.corpus.problems.codes import Finding
from tagger.corpus.problems.rows import surface_text
from tagger.sentence import FORM, Sentence, Source

SENT_ID = "# sent_id ="
LONGEST_SENTENCE = 200  # tokens; one in 10,000 sentences of edited text has more
LONGEST_WORD = 200  # characters; hardly a URL has more
_text = re.compile(rf"^\ufeff?{TEXT_COMMENT}(.*)", re.MULTILINE).search


class ContentChecks:
    """Looks at the sentences of one file, one after the other."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._sent_ids: dict[str, int] = {}

    def check(self, sentence: Sentence) -> Iterator[Finding]:
        """Findings about one sentence, which has a source."""
        source = sentence.source
        assert source is not None
        if not sentence.forms:
            if source.layout.kind in ("conllu", "columns"):
                yield from self._check_empty(source)
            return
        yield from self._check_tokens(sentence, source)
        yield from self._check_tags(sentence, source)
        if source.layout.comments and SENT_ID in source.text:
            yield from self._check_sent_id(source)
        is_right = sentence.text is not None and is_text_of(sentence, source, sentence.text)
        if not is_right and source.layout.comments and TEXT_COMMENT in source.text:
            yield from self._check_text(sentence, source)
        if len(sentence) > LONGEST_SENTENCE:
            expected = f"expected at most {LONGEST_SENTENCE} tokens, found {len(sentence):,}"
            yield self._at(source, 0, 1, "long-sentence", expected)

    def _check_empty(self, source: Source) -> Iterator[Finding]:
        lines = source.text.removeprefix("\ufeff").split("\n")
        comments = [i for i, line in enumerate(lines) if line.startswith("#")]
        if comments and not any(map(is_document_mark, lines)):
            number = source.line + comments[0]
            problem = "expected tokens below the comment, found none"
            yield Finding(self._path, number, 1, "empty-sentence", problem)

    def _check_tokens(self, sentence: Sentence, source: Source) -> Iterator[Finding]:
        joined = "".join(sentence.forms)
        is_plain = joined.isascii() and " " not in joined and "\t" not in joined
        is_short = len(joined) < LONGEST_WORD or max(map(len, sentence.forms)) <= LONGEST_WORD
        if is_plain and is_short and "" not in sentence.forms:
            return
        field = source.layout.columns.get(FORM, 0) + 1
        in_columns = source.layout.kind == "columns"
        for i, form in enumerate(sentence.forms):
            problem = _token_problem(form, in_columns)
            if problem is not None:
                yield self._at(source, i, field, *problem)

    def _check_tags(self, sentence: Sentence, source: Source) -> Iterator[Finding]:
        columns = source.layout.columns
        for name, tags in sentence.columns.items():
            if name not in columns:
                continue
            if "" in tags or " " in "".join(tags):
                for i, tag in enumerate(tags):
                    if not tag:
                        problem = "empty-tag", f"expected a {name} tag, found an empty field"
                    elif " " in tag:
                        problem = "blank-in-tag", f"expected a {name} tag, found {tag!r}"
                    else:
                        continue
                    yield self._at(source, i, columns[name] + 1, *problem)

    def _check_sent_id(self, source: Source) -> Iterator[Finding]:
        text = source.text
        is_first = text.startswith((SENT_ID, f"\ufeff{SENT_ID}"))
        begin = 0 if is_first else text.find(f"\n{SENT_ID}") + 1
        if begin == 0 and not is_first:
            return
        name = text[text.index("=", begin) + 1 :].partition("\n")[0].strip(" \t\r")
        line = source.line + text.count("\n", 0, begin)
        earlier = self._sent_ids.setdefault(name, line)
        if earlier != line:
            problem = f"expected another sent_id than {name!r}, found in line {earlier} too"
            yield Finding(self._path, line, 1, "duplicate-sent-id", problem)

    def _check_text(self, sentence: Sentence, source: Source) -> Iterator[Finding]:
        match = _text(source.text)
        if match is None:
            return
        problem = _text_problem(match[1].rstrip("\r"), sentence, source)
        if problem:
            line = source.line + source.text.count("\n", 0, match.start())
            yield Finding(self._path, line, 1, "text-mismatch", problem)

    def _at(self, source: Source, i: int, column: int, code: str, problem: str) -> Finding:
        """A finding at token i; in pairs the tokens of a line are its fields."""
        column = i + 1 if source.layout.kind == "pairs" else column
        return Finding(source.path, source.line + source.rows[i], column, code, problem)


def _token_problem(form: str, in_columns: bool) -> tuple[str, str] | None:
    if not form:
        return "empty-token", "expected a token, found an empty field"
    if not form.strip(" \t"):
        return "blank-token", f"expected a token, found {form!r}"
    if len(form) > LONGEST_WORD:
        return "long-word", f"expected at most {LONGEST_WORD} characters, found {len(form):,}"
    if in_columns and " " in form:
        return "blank-in-token", f"expected a token without blanks, found {form!r}"
    return None if form.isascii() else unwanted_in_token(form)


def is_text_of(sentence: Sentence, source: Source, text: str) -> bool:
    """Whether the tokens of CoNLL-U make up a text, to the last blank."""
    return source.layout.kind == "conllu" and surface_text(sentence, source) == text.rstrip()


def _text_problem(text: str, sentence: Sentence, source: Source) -> str | None:
    """What is wrong with `# text`, None if it fits the tokens.

    Blanks count in CoNLL-U alone, where SpaceAfter=No says which there are.
    """
    if source.layout.kind == "conllu":
        rebuilt = surface_text(sentence, source)
        if rebuilt == text.rstrip() or rebuilt.split() == text.split():
            return None
    else:
        rebuilt = "".join(sentence.forms).replace(" ", "")
        if rebuilt == text.replace(" ", ""):
            return None
        text = text.replace(" ", "")
    at = next((i for i, (a, b) in enumerate(zip(rebuilt, text, strict=False)) if a != b), None)
    at = min(len(rebuilt), len(text)) if at is None else at
    begin = max(0, at - 10)
    return (
        f"expected the tokens' {rebuilt[begin : at + 10]!r} at character {at + 1}, "
        f"found {text[begin : at + 10]!r}"
    )
