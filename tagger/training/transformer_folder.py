"""A Hugging Face encoder in a local folder: `config.json`, `model.safetensors`, `tokenizer.json`.

Nothing is fetched and no code of the folder is run. The families that are read have one
architecture under several names: BERT, RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA, DistilBERT.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tagger.corpus.lines import sha256_of
from tagger.errors import ModelError
from tagger.inference.model_files import read_json
from tagger.inference.records import TransformerRecord
from tagger.inference.subwords import Pieces, Subwords
from tagger.network.transformer import Transformer, TransformerSizes

CONFIG, WEIGHTS, TOKENIZER, CARD = "config.json model.safetensors tokenizer.json README.md".split()
FAMILIES = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert")
NAMED_APART = "distilbert"
SHIFTED = ("roberta", "xlm-roberta", "camembert")  # position 0 comes behind that of padding
ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_new": "gelu_new",
    "gelu_pytorch_tanh": "gelu_new",
    "relu": "relu",
}
NAMES = {
    "hidden_size": "dim",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "intermediate_size": "hidden_dim",
    "hidden_act": "activation",
    "hidden_dropout_prob": "dropout",
    "attention_probs_dropout_prob": "attention_dropout",
}  # BERT's of a setting, DistilBERT's
OF_LAYER = {
    "attention_output": ("attention.output.dense", "attention.out_lin"),
    "attention_norm": ("attention.output.LayerNorm", "sa_layer_norm"),
    "inner": ("intermediate.dense", "ffn.lin1"),
    "outer": ("output.dense", "ffn.lin2"),
    "norm": ("output.LayerNorm", "output_layer_norm"),
}  # our name of a part: BERT's, DistilBERT's
ATTENTION_INPUTS = (
    tuple(f"attention.self.{name}" for name in ("query", "key", "value")),
    tuple(f"attention.{name}_lin" for name in "qkv"),
)


class PretrainedTransformer(msgspec.Struct, frozen=True, kw_only=True):
    """A pretrained transformer: its sizes, its weights by our names, how words are cut for it."""

    record: TransformerRecord
    sizes: TransformerSizes
    weights: Mapping[str, Tensor]
    tokenizer: bytes
    subwords: Subwords

    def pieces(self, form: str) -> Pieces:
        """The ids of a form's pieces."""
        return self.subwords.pieces(form, self.record.frame)


def read_transformer(folder: Path) -> PretrainedTransformer:
    """The encoder of a folder; raises ModelError where something is missing or of another kind."""
    for name in (CONFIG, WEIGHTS, TOKENIZER):
        if not (folder / name).is_file():
            raise ModelError(
                f"{folder}: expected a Hugging Face encoder ({CONFIG}, {WEIGHTS}, {TOKENIZER}), "
                f"found no {name}"
            )
    whole = (folder / CONFIG).resolve()  # in a hub's cache all files are links out of the folder
    config = read_json(whole, dict[str, Any])
    family = config.get("model_type")
    if family not in FAMILIES:
        raise ModelError(
            f"{folder / CONFIG}: expected a model_type among {', '.join(FAMILIES)}, "
            f"found {family!r}"
        )
    sizes, first_position = _sizes(config, folder / CONFIG)
    weights = _weights(folder / WEIGHTS, sizes, first_position, is_distilbert=family == NAMED_APART)
    tokenizer = (folder / TOKENIZER).read_bytes()
    subwords = Subwords(tokenizer, str(folder / TOKENIZER))
    if subwords.size > sizes.num_pieces:
        raise ModelError(
            f"{folder}: expected at most {sizes.num_pieces} pieces in {TOKENIZER}, as {WEIGHTS} "
            f"has vectors, found {subwords.size}"
        )
    pad_id = config.get("pad_token_id")
    record = TransformerRecord(
        name=folder.resolve().name,
        sha256=sha256_of(folder / WEIGHTS),
        family=family,
        license=_license(folder / CARD),
        hidden_size=sizes.hidden_size,
        layers=sizes.layers,
        heads=sizes.heads,
        activation=sizes.activation,
        epsilon=sizes.epsilon,
        frame=subwords.frame(positions=sizes.positions, pad_id=pad_id or 0),
    )
    return PretrainedTransformer(
        record=record, sizes=sizes, weights=weights, tokenizer=tokenizer, subwords=subwords
    )


def _sizes(config: Mapping[str, Any], path: Path) -> tuple[TransformerSizes, int]:
    """The sizes, and which row of the position vectors is that of the first piece."""
    is_apart = config["model_type"] == NAMED_APART
    found = {name: config.get(other if is_apart else name) for name, other in NAMES.items()}
    activation = ACTIVATIONS.get(str(found["hidden_act"]))
    if activation is None:
        known = ", ".join(ACTIVATIONS)
        raise ModelError(
            f"{path}: expected an activation among {known}, found {found['hidden_act']!r}"
        )
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise ModelError(
            f"{path}: expected absolute positions, found {config['position_embedding_type']!r}"
        )
    if config.get("embedding_size", found["hidden_size"]) != found["hidden_size"]:
        raise ModelError(f"{path}: expected an embedding_size equal to the hidden_size")
    is_shifted = config["model_type"] in SHIFTED
    try:
        first = config["pad_token_id"] + 1 if is_shifted else 0
        sizes = {
            "num_pieces": config["vocab_size"],
            "positions": config["max_position_embeddings"] - first,
            "hidden_size": found["hidden_size"],
            "inner_size": found["intermediate_size"],
            "layers": found["num_hidden_layers"],
            "heads": found["num_attention_heads"],
            "activation": activation,
            "epsilon": config.get("layer_norm_eps", 1e-12),
            "dropout": found["hidden_dropout_prob"],
            "attention_dropout": found["attention_probs_dropout_prob"],
        }
        converted = msgspec.convert(sizes, TransformerSizes)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise ModelError(f"{path}: not the sizes of an encoder: {error}") from None
    if converted.hidden_size % converted.heads:
        raise ModelError(
            f"{path}: expected {converted.hidden_size} units to be shared by heads, "
            f"found {converted.heads} heads"
        )
    return converted, first


def _weights(
    path: Path, sizes: TransformerSizes, first_position: int, *, is_distilbert: bool
) -> dict[str, Tensor]:
    """The weights by the names of `network.transformer.Transformer`, in fp32."""
    try:
        stored = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not readable as weights: {error}") from None
    prefix = next(
        (
            name.removesuffix("embeddings.word_embeddings.weight")
            for name in stored
            if name.endswith("embeddings.word_embeddings.weight")
        ),
        "",
    )

    def get(name: str) -> Tensor:
        older = name.replace("LayerNorm.weight", "LayerNorm.gamma")
        older = older.replace("LayerNorm.bias", "LayerNorm.beta")
        for candidate in (prefix + name, prefix + older):
            if candidate in stored:
                return stored[candidate].float()
        raise ModelError(f"{path}: expected the weights {prefix + name}, found none of that name")

    positions = get("embeddings.position_embeddings.weight")[first_position:]
    if not is_distilbert:
        positions = positions + get("embeddings.token_type_embeddings.weight")[0]
    found = {
        "pieces.weight": get("embeddings.word_embeddings.weight"),
        "positions.weight": positions,
    }
    for kind in ("weight", "bias"):
        found[f"norm.{kind}"] = get(f"embeddings.LayerNorm.{kind}")
        for i in range(sizes.layers):
            at = f"transformer.layer.{i}" if is_distilbert else f"encoder.layer.{i}"
            found[f"layers.{i}.attention_inputs.{kind}"] = torch.cat(
                [get(f"{at}.{name}.{kind}") for name in ATTENTION_INPUTS[is_distilbert]]
            )
            for own, theirs in OF_LAYER.items():
                found[f"layers.{i}.{own}.{kind}"] = get(f"{at}.{theirs[is_distilbert]}.{kind}")
    _check_shapes(found, sizes, path)
    return found


def _check_shapes(weights: Mapping[str, Tensor], sizes: TransformerSizes, path: Path) -> None:
    with torch.device("meta"):
        expected = Transformer(sizes).state_dict()
    for name, of_ours in expected.items():
        shape = tuple(weights[name].shape)
        if shape != tuple(of_ours.shape):
            raise ModelError(
                f"{path}: expected the shape {tuple(of_ours.shape)} of {name}, as {CONFIG} has it, "
                f"found {shape}"
            )


_license_line = re.compile(r"^license:\s*(\S+)\s*$", re.MULTILINE).search


def _license(card: Path) -> str:
    """What the head of the folder's README says, or nothing."""
    if not card.is_file():
        return ""
    text = card.read_text(encoding="utf-8", errors="replace")
    head = text.split("---", 2)[1] if text.startswith("---") and text.count("---") > 1 else ""
    found = _license_line(head)
    return found[1] if found else ""
