"""`tagger check`: everything that is wrong with corpus files, a line for each finding."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.console import Quiet, Verbose, command, note, warn
from tagger.cli.options import (
    Columns,
    Comments,
    Dialect,
    Encoding,
    Separator,
    TagScheme,
    asked,
    scheme_named,
)
from tagger.errors import CorpusError, EmptyCorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tagger.corpus.overruling import Asked
    from tagger.corpus.problems.checker import Checker
    from tagger.corpus.problems.codes import Finding

EXIT_FOUND = 1


def _show_codes(value: bool) -> None:
    if value:
        from tagger.corpus.problems.codes import CODES

        for name, code in CODES.items():
            print(f"{name}\t{code.meaning}\t{code.mend}")
        raise typer.Exit


@command
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Corpus files, the training file first; stdin if there are none."),
    ] = None,
    select: Annotated[
        list[str] | None, typer.Option(help="Look for these codes alone, such as `leak,crlf`.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Do not tell of these codes.")] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair the files in place as far as it is safe.")
    ] = False,
    audit: Annotated[
        bool, typer.Option("--audit", help="Train small models to find doubtful tags, too.")
    ] = False,
    doubts: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of the tags that an audit tells of.")
    ] = 1.0,
    json: Annotated[bool, typer.Option("--json", help="A finding as a line of JSON.")] = False,
    scheme: Annotated[
        TagScheme | None,
        typer.Option(help="What span tags should be in. [found out]", case_sensitive=False),
    ] = None,
    dialect: Dialect = None,
    columns: Columns = None,
    separator: Separator = None,
    comments: Comments = None,
    encoding: Encoding = "utf-8",
    codes: Annotated[
        bool,
        typer.Option("--codes", callback=_show_codes, is_eager=True, help="List the codes."),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what is wrong with a corpus: file, line, field, a code, what was expected and found.

    Several files are looked at as splits, the training file first: what they have in common is
    told too. The exit code is 1 if anything was found. docs/check.md explains each code.

    Examples:

    \b
        tagger check corpora/demo-en/train.conllu corpora/demo-en/dev.conllu
        tagger check train.conll dev.conll test.conll --ignore duplicate-sentence,near-duplicate
        tagger check train.conllu --audit --doubts 2 --select doubtful-tag
        tagger check train.conll --json | jq -r .code | sort | uniq -c
    """
    from tagger.corpus.lines import STDIN
    from tagger.corpus.problems.checker import Checker
    from tagger.corpus.problems.codes import chosen_codes

    chosen = chosen_codes(select or (), ignore or ())
    said = asked(
        dialect=dialect,
        columns=columns,
        separator=separator,
        comments=comments,
        encoding=encoding,
    )
    checker = Checker(scheme_named(scheme))
    counts: Counter[str] = Counter()

    def tell(findings: "Iterable[Finding]") -> None:
        for finding in findings:
            if finding.code in chosen:
                counts[finding.code] += 1
                print(_as_json(finding) if json else _visible(str(finding)))

    paths = files or [Path(STDIN)]
    said_of: dict[Path, Asked] = {}
    for path in paths:
        said_of[path] = _fixed(path, said) if fix else said
        tell(checker.check(path, said_of[path]))
        note(f"{path}: {checker.reasons}")
    if audit:
        from tagger.cli.auditing import audit as audited

        tell(audited(said_of, doubts))
    _summarise(counts, checker)
    if counts:
        raise typer.Exit(EXIT_FOUND)


def _as_json(finding: "Finding") -> str:
    import msgspec

    path, problem = (
        text.encode(errors="backslashreplace").decode() for text in (finding.path, finding.problem)
    )
    return msgspec.json.encode(
        msgspec.structs.replace(finding, path=path, problem=problem)
    ).decode()


def _visible(text: str) -> str:
    """The text with all escaped that no terminal should get, such as bytes that are not UTF-8."""
    if text.isprintable():
        return text
    return "".join([sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text])


def _fixed(path: Path, said: "Asked") -> "Asked":
    """Replaces a file by its repaired self, as `tagger preprocess --fix` writes it: in UTF-8.

    One that cannot be read as a whole stays as it is. Gives what is now to be said of the file.
    """
    import msgspec

    from tagger.corpus.files import open_corpus_file
    from tagger.corpus.lines import UTF8
    from tagger.corpus.repairs import repair_file

    try:
        for repair in repair_file(open_corpus_file(path, said)):
            note(str(repair))
    except (CorpusError, EmptyCorpusError) as error:
        warn(f"not repaired: {error}")
        return said
    return msgspec.structs.replace(said, encoding=UTF8)


def _summarise(counts: Counter[str], checker: "Checker") -> None:
    size = f"{checker.num_sentences:,} sentences, {checker.num_tokens:,} tokens"
    if not counts:
        note(f"{size}: nothing found")
        return
    from tagger.corpus.problems.codes import CODES

    for code, count in counts.most_common():
        note(f"{count:>8,} {code:<22}  {CODES[code].meaning}")
    total = counts.total()
    note(f"{size}: {total:,} finding{'s' if total > 1 else ''}")
