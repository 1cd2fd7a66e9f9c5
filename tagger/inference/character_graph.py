"""Weights to the character graph: sentences spelled in, of each token what the LSTM gets of them.

What the gates of a language model over characters get from each character is a table. Both
directions step together, as in the sentence graph; of their states those at the tokens are taken,
side by side, projected and squashed.
"""

import numpy as np
from onnx import TensorProto, helper

from tagger.inference.folder import Precision
from tagger.inference.graph import GraphBuilder, Multiplier
from tagger.inference.graph_kinds import CONTEXT
from tagger.inference.layers import (
    CHARACTER_MODEL,
    DIRECTIONS,
    Weights,
    context_size,
    language_layer,
    part_of,
)
from tagger.inference.lstm_graph import Given, read_layer, rows_by_step
from tagger.inference.sentence_graph import TABLE_TYPES, squashed

PLACES = ("behind", "before")


def export_characters(weights: Weights, precision: Precision) -> bytes:
    """Graph: symbols (length, batch), lengths (batch,), behind and before (tokens,) -> context.

    They are as in `SpelledBatch`. `context` (tokens, size) are the projected states, between -1
    and 1.
    """
    graph = GraphBuilder()
    multiplier = Multiplier(graph, precision)
    own = part_of(weights, CHARACTER_MODEL)
    layer = language_layer(own)
    of_directions = [
        own["characters.weight"] @ layer.of(direction).inputs + layer.of(direction).bias
        for direction in DIRECTIONS
    ]
    table = np.stack(of_directions, 1).reshape(-1, 4 * layer.hidden_size)
    graph.constant("table", table, helper.tensor_dtype_to_np_dtype(TABLE_TYPES[precision]).type)
    rows = [rows_by_step(graph, "symbols", direction) for direction in DIRECTIONS]
    states = read_layer(graph, multiplier, layer, Given(rows), "characters")
    flat = graph.constant("flat", [-1, layer.hidden_size], np.int64)
    picked = []
    for of_direction, places in zip(states, PLACES, strict=True):
        in_a_row = graph.add("Reshape", [of_direction, flat], f"{of_direction}.flat")
        picked.append(graph.add("Gather", [in_a_row, places], f"{of_direction}.{places}"))
    both = graph.add("Concat", picked, "both", axis=1)
    squashed(graph, multiplier, weights, both, CONTEXT)
    size = context_size(weights)
    return graph.model(
        [
            helper.make_tensor_value_info("symbols", TensorProto.INT64, ["length", "batch"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
            *(
                helper.make_tensor_value_info(places, TensorProto.INT64, ["tokens"])
                for places in PLACES
            ),
        ],
        [helper.make_tensor_value_info(CONTEXT, TensorProto.FLOAT, ["tokens", size])],
    )
