"""The transformer on other devices than the CPU, as far as that shows without one.

What it computes is compared with Hugging Face's in tests/training/test_transformer_folder.py.
"""

import torch

from tagger.network.transformer import Transformer, TransformerSizes

SIZES = TransformerSizes(
    num_pieces=20, positions=12, hidden_size=8, inner_size=16, layers=2, heads=2
)


def test_all_is_computed_on_the_device_of_the_pieces() -> None:
    with torch.device("meta"):  # like a GPU it refuses to meet the CPU's tensors
        transformer = Transformer(SIZES)
        pieces, lengths = torch.zeros(3, 5, dtype=torch.long), torch.ones(3, dtype=torch.long)
    assert transformer(pieces, lengths).device.type == "meta"
