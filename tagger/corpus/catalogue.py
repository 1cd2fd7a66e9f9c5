"""Public corpora by name: whose they are, where they lie, what their files must be.

The catalogue itself is `catalogue.toml`, beside this file. `download` fetches what it names.
"""

import tomllib
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec
from msgspec import Meta

from tagger.errors import UsageError

CATALOGUE = Path(__file__).parent / "catalogue.toml"
SOURCE_NOTE = "SOURCE.md"  # what is written beside each fetched corpus

# no hidden files, no `..`, no backslash or colon (a drive), nothing absolute
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_PATH = rf"^{_PART}(/{_PART})*\Z"


class RemoteFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a repository: its path there, its size in bytes, the SHA-256 of its content."""

    path: Annotated[str, Meta(pattern=_PATH)]
    size: Annotated[int, Meta(gt=0)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]

    @property
    def name(self) -> str:
        """What it is called once it is here."""
        return PurePosixPath(self.path).name


class PublicCorpus(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A corpus in a public repository, at one commit; `licence` is an SPDX identifier.

    `licence_file` is the repository's own text of the licence, None where it has none.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z")]
    title: str
    about: str
    licence: str
    licence_url: str
    attribution: str
    repository: Annotated[str, Meta(pattern=rf"^{_PART}/{_PART}\Z")]
    commit: Annotated[str, Meta(pattern=r"^[0-9a-f]{40}\Z")]
    files: Annotated[tuple[RemoteFile, ...], Meta(min_length=1)]
    licence_file: RemoteFile | None = None

    def __post_init__(self) -> None:
        names = [SOURCE_NOTE.lower(), *(file.name.lower() for file in self.all_files)]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: two files would have one name")

    @property
    def all_files(self) -> tuple[RemoteFile, ...]:
        """The corpus, then its licence."""
        return self.files if self.licence_file is None else (*self.files, self.licence_file)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.all_files)


class _Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    corpora: tuple[PublicCorpus, ...]


def parse_catalogue(text: str) -> dict[str, PublicCorpus]:
    """The corpora of a catalogue in TOML, by name; msgspec.ValidationError where one is wrong."""
    corpora = msgspec.convert(tomllib.loads(text), _Catalogue).corpora
    by_name = {corpus.name: corpus for corpus in corpora}
    if len(by_name) < len(corpora):
        raise ValueError("two corpora have one name")
    return by_name


@cache
def public_corpora() -> dict[str, PublicCorpus]:
    """All corpora that can be fetched, by name."""
    return parse_catalogue(CATALOGUE.read_text(encoding="utf-8"))


def find_public_corpus(name: str) -> PublicCorpus:
    """The corpus of that name; raises UsageError with the closest name where there is none."""
    corpora = public_corpora()
    if name in corpora:
        return corpora[name]
    close = get_close_matches(name.lower(), corpora, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise UsageError(
        f"{name}: expected the name of a public corpus, found none so called "
        f"({hint}tagger fetch --list shows them all)"
    )


def source_note(corpus: PublicCorpus) -> str:
    """What stands beside a fetched corpus: source, licence, attribution, checksums (Markdown)."""
    rows = [f"| {file.path} | {file.size} | {file.sha256} |" for file in corpus.all_files]
    return "\n".join(
        [
            f"# {corpus.title}",
            "",
            f"- Source: https://github.com/{corpus.repository}, commit {corpus.commit}",
            f"- Licence: {corpus.licence} ({corpus.licence_url})",
            f"- Attribution: {corpus.attribution}",
            "",
            f"Fetched by `tagger fetch {corpus.name}`; nothing was changed.",
            "",
            "| file in the source | bytes | SHA-256 |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )
