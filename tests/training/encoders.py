"""Tiny Hugging Face encoders with random weights, written as such folders are."""

import json
from pathlib import Path
from typing import Any

CONFIGS = {
    "bert": "Bert",
    "roberta": "Roberta",
    "xlm-roberta": "XLMRoberta",
    "camembert": "Camembert",
    "electra": "Electra",
    "distilbert": "DistilBert",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["the", "dog", "cat", "saw", "un", "##ed", *LETTERS, *(f"##{c}" for c in LETTERS)]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *".,!'-", *WORDS]
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}


def write_tokenizer(path: Path) -> None:
    """An uncased WordPiece tokenizer of some seventy pieces."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = {piece: i for i, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=12)
    tokenizer.save(str(path))


def reference(family: str, **sizes: Any) -> Any:
    """The encoder of `transformers`, with random weights, in eval mode."""
    import torch
    import transformers

    own = dict(vocab_size=len(PIECES), max_position_embeddings=32, **SIZES) | sizes
    if family == "distilbert":
        own |= {"hidden_dim": 24, "dim": 16, "n_layers": 2, "n_heads": 2}
    else:
        own |= {"intermediate_size": 24}
    if family == "electra":
        own |= {"embedding_size": 16}
    config = getattr(transformers, f"{CONFIGS[family]}Config")(**own)
    torch.manual_seed(1)
    model = getattr(transformers, f"{CONFIGS[family]}Model")(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.normal_(0.0, 0.3)
    return model.eval()


def write_encoder(folder: Path, family: str = "bert", **sizes: Any) -> Path:
    """A folder with such an encoder and that tokenizer."""
    model = reference(family, **sizes)
    model.save_pretrained(folder)
    write_tokenizer(folder / "tokenizer.json")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n", encoding="utf-8")
    return folder


def change_config(folder: Path, **values: Any) -> None:
    """Sets some values of a folder's config.json; None takes one out."""
    path = folder / "config.json"
    config = json.loads(path.read_bytes()) | values
    config = {name: value for name, value in config.items() if value is not None}
    path.write_text(json.dumps(config), encoding="utf-8")
