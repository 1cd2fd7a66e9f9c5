"""A Hugging Face folder read: the same states as `transformers` computes, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tagger.errors import ModelError
from tagger.network.transformer import Transformer
from tagger.training.transformer_folder import read_transformer
from tests.training.encoders import CONFIGS, change_config, reference, write_encoder


def states_of(folder: Path, pieces: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    found = read_transformer(folder)
    network = Transformer(found.sizes)
    network.load_state_dict(found.weights)
    with torch.inference_mode():
        states: torch.Tensor = network.eval()(pieces, lengths)
    return states


@pytest.mark.parametrize(
    ("family", "activation"),
    [*((family, "gelu") for family in CONFIGS), ("bert", "gelu_new"), ("bert", "relu")],
)
def test_states_are_those_of_the_reference(tmp_path: Path, family: str, activation: str) -> None:
    name = "activation" if family == "distilbert" else "hidden_act"
    sizes = {name: activation}
    folder = write_encoder(tmp_path / "e", family, **sizes)
    model = reference(family, **sizes)
    pad = model.config.pad_token_id
    pieces = torch.tensor([[2, 12, 13, 14, 3], [2, 15, 3, pad, pad]])
    lengths = torch.tensor([5, 3])
    mask = (torch.arange(5) < lengths[:, None]).long()
    with torch.inference_mode():
        expected = model(input_ids=pieces, attention_mask=mask).last_hidden_state
    found = states_of(folder, pieces, lengths)
    real = mask.bool()
    assert torch.allclose(found[real], expected[real], atol=2e-5)
    assert expected[real].std() > 0.1


def test_what_the_folder_says_of_itself_is_recorded(tmp_path: Path) -> None:
    record = read_transformer(write_encoder(tmp_path / "tiny")).record
    assert (record.name, record.family, record.license) == ("tiny", "bert", "apache-2.0")
    assert (record.layers, record.hidden_size, record.heads) == (2, 16, 2)
    assert record.frame.positions == 32
    assert (record.frame.first_id, record.frame.last_id, record.frame.unknown_id) == (2, 3, 1)
    assert len(record.sha256) == 64


def test_roberta_counts_its_positions_behind_that_of_padding(tmp_path: Path) -> None:
    record = read_transformer(write_encoder(tmp_path / "r", "roberta", pad_token_id=1)).record
    assert record.frame.positions == 30
    assert record.frame.pad_id == 1


def unlink(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def overwrite(name: str, content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (unlink("model.safetensors"), r"expected a Hugging Face encoder .*, found no model\.safet"),
        (unlink("tokenizer.json"), r"found no tokenizer\.json"),
        (overwrite("config.json", b"{"), r"config\.json: not what"),
        (overwrite("tokenizer.json", b"{}"), r"tokenizer\.json: not a usable tokenizer"),
        (overwrite("model.safetensors", b"pickle"), r"safetensors: not readable as weights"),
        (
            lambda f: change_config(f, model_type="gpt2"),
            r"expected a model_type among bert, .*gpt2",
        ),
        (lambda f: change_config(f, hidden_act="silu"), r"an activation among gelu, .*'silu'"),
        (lambda f: change_config(f, num_hidden_layers=None), r"not the sizes of an encoder"),
        (
            lambda f: change_config(f, num_hidden_layers=3),
            r"weights encoder\.layer\.2\..*, found no",
        ),
        (lambda f: change_config(f, num_attention_heads=3), r"16 units .*found 3 heads"),
        (lambda f: change_config(f, vocab_size=20), r"expected the shape \(20, 16\) of pieces"),
        (lambda f: change_config(f, hidden_size=32), r"expected the shape"),
        (lambda f: change_config(f, position_embedding_type="relative_key"), r"absolute positions"),
        (lambda f: change_config(f, embedding_size=8), r"an embedding_size equal to"),
    ],
)
def test_a_folder_of_another_kind_is_refused(
    tmp_path: Path, damage: Callable[[Path], None], problem: str
) -> None:
    folder = write_encoder(tmp_path / "e")
    damage(folder)
    with pytest.raises(ModelError, match=problem):
        read_transformer(folder)


def test_a_tokenizer_with_more_pieces_than_there_are_vectors_is_refused(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "e", vocab_size=20)
    with pytest.raises(ModelError, match=r"at most 20 pieces in tokenizer\.json.*found \d\d"):
        read_transformer(folder)
