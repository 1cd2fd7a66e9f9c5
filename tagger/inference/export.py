"""Trained weights to what predict runs: two graphs, and the commonest forms computed in advance."""

from collections.abc import Sequence

import msgspec
import numpy as np

from tagger.inference.character_graph import export_characters
from tagger.inference.folder import CHARACTER_GRAPH, LEXICAL, SENTENCE, TRANSFORMER, Precision
from tagger.inference.forms import Lexicon
from tagger.inference.layers import Weights, has_character_model
from tagger.inference.lexical_graph import export_lexical
from tagger.inference.records import TransformerRecord
from tagger.inference.sentence_graph import export_sentence
from tagger.inference.table import Rows
from tagger.inference.transformer_graph import export_transformer
from tagger.vocabulary import Vocabularies


class Export(msgspec.Struct, frozen=True):
    """The graphs by their names in a model folder, and the inputs of the forms.

    Shape of `table`: (forms, 2, 4 hidden_size).
    """

    graphs: dict[str, bytes]
    forms: Sequence[str]
    table: Rows


def export(
    weights: Weights,
    *,
    tasks: Sequence[str],
    vocabularies: Vocabularies,
    forms: Sequence[str],
    precision: Precision,
    transformer: TransformerRecord | None = None,
) -> Export:
    """The weights of `network.model.Network` as graphs, in int8 or as they are.

    In int8 the LSTM's and the heads' matrices are whole numbers of 7 bits with a scale per column,
    word and affix vectors have 8 with a scale per row, what the gates take from them and the table
    16. Pretrained vectors have 8 in any case.
    """
    lexical = export_lexical(weights, precision)
    inputs = Lexicon(lexical, vocabularies, LEXICAL).inputs(forms)
    table: Rows = inputs.astype(np.float16) if precision == "int8" else inputs
    graphs = {LEXICAL: lexical, SENTENCE: export_sentence(weights, tasks, precision)}
    if transformer is not None:
        graphs[TRANSFORMER] = export_transformer(weights, transformer, precision)
    if has_character_model(weights):
        graphs[CHARACTER_GRAPH] = export_characters(weights, precision)
    return Export(
        graphs=graphs,
        forms=forms,
        table=table,
    )
