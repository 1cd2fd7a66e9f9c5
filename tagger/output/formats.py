"""Formats by name; only the one that is asked for is imported."""

from importlib import import_module

from tagger.output.style import Format

FORMAT_NAMES = ("conllu", "conll", "tsv", "jsonl", "inline", "entities", "brat", "html")


def find_format(name: str) -> Format:
    """The format of that name, one of FORMAT_NAMES."""
    format: Format = getattr(import_module(f"tagger.output.{name}"), name.upper())
    return format
