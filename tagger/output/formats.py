"""All formats by name."""

from tagger.output.brat import BRAT
from tagger.output.conll import CONLL
from tagger.output.conllu import CONLLU
from tagger.output.entities import ENTITIES
from tagger.output.html import HTML
from tagger.output.inline import INLINE
from tagger.output.jsonl import JSONL
from tagger.output.style import Format
from tagger.output.tsv import TSV

FORMATS: dict[str, Format] = {
    format.name: format for format in (CONLLU, CONLL, TSV, JSONL, INLINE, ENTITIES, BRAT, HTML)
}
