"""Formats by name; only the one that is asked for is imported."""

from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.output.style import Format

FormatName = StrEnum(
    "FormatName",
    "conllu conllup conll pairs tsv jsonl spacy inline entities brat html",
)


def find_format(name: str) -> "Format":
    """The format of that name, one of FormatName."""
    format: Format = getattr(import_module(f"tagger.output.{name}"), name.upper())
    return format
