"""`tokenizer.json` spoilt at random: other parts, other pieces, tables of other numbers."""

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any

FORMS = ("the", "peter", "##a", "a", "b", "é", "▁", "Ġ", "", "[UNK]", "[SEP]", "x" * 500, "\n", " ")
EXPRESSIONS = (" {2,}", "(a+)+$", "(", "", ".*", "(?<=a)b")


def _words(random: Random) -> list[str]:
    return [random.choice(FORMS) + random.choice(("", "", "a", "#")) for _ in range(20)]


def _numbers(random: Random) -> int:
    return random.choice((0, 1, 2, 60, 100, 2**31 - 1, 2**32 - 1, 2**40, -1))


def _charsmap(random: Random) -> str:
    units = [random.choice((0, 256 << 10, 97 | 256 | 1 << 10, 2**31 + random.randrange(9)))]
    units += [random.choice((0, i & 255 | 256, 2**31, random.getrandbits(32))) for i in range(511)]
    trie = b"".join(unit.to_bytes(4, "little") for unit in units[: random.choice((1, 300, 512))])
    size = random.choice((len(trie), len(trie), len(trie), 0, 3, 2**31))
    strings = random.choice(
        ("é\0日\0a\0".encode(), b"a\0", b"\xff\0", b"a", b"", b"a" * 900 + b"\0")
    )
    return base64.b64encode(size.to_bytes(4, "little") + trie + strings).decode()


def _normalizer(random: Random) -> Any:
    pattern = {random.choice(("String", "Regex")): random.choice((*EXPRESSIONS, *FORMS))}
    options: tuple[Any, ...] = (
        None,
        {"type": "Replace", "pattern": pattern, "content": random.choice(FORMS)},
        {"type": "Precompiled", "precompiled_charsmap": _charsmap(random)},
        {"type": random.choice(("NFC", "NFKD", "Nmt", "Lowercase", "StripAccents", "Evil"))},
        {"type": "Strip", "strip_left": True, "strip_right": True},
        {"type": "Prepend", "prepend": "a"},
    )
    if random.random() < 0.2:
        parts = [random.choice(options) for _ in range(random.randrange(12))]
        return {"type": "Sequence", "normalizers": parts}
    return random.choice(options)


def _pre_tokenizer(random: Random) -> Any:
    options: tuple[Any, ...] = (
        None,
        {"type": "ByteLevel", "add_prefix_space": random.random() < 0.5},
        {"type": "Metaspace", "replacement": random.choice(FORMS), "prepend_scheme": "first"},
        {"type": "Punctuation", "behavior": random.choice(("Removed", "Isolated", "x"))},
        {"type": "Digits", "individual_digits": True},
        {"type": random.choice(("Whitespace", "WhitespaceSplit", "BertPreTokenizer", "Split"))},
    )
    if random.random() < 0.2:
        parts = [random.choice(options) for _ in range(random.randrange(12))]
        return {"type": "Sequence", "pretokenizers": parts}
    return random.choice(options)


def _model(random: Random) -> Any:
    words = _words(random)
    vocab = {word: i for i, word in enumerate(dict.fromkeys(words))}
    if random.random() < 0.3:
        vocab[random.choice(words)] = _numbers(random)
    merges: list[Any] = [[random.choice(words), random.choice(words)] for _ in range(3)]
    scores = [[word, random.choice((0, -1.5, 1e6, -1e6, 1e300))] for word in words]
    return random.choice(
        (
            {"type": "BPE", "vocab": vocab, "merges": []},
            {"type": "BPE", "vocab": vocab, "merges": merges, "byte_fallback": True},
            {"type": "BPE", "vocab": vocab, "merges": [], "unk_token": random.choice(FORMS)},
            {"type": "BPE", "vocab": vocab, "merges": [], "continuing_subword_prefix": "#"},
            {"type": "Unigram", "vocab": scores, "unk_id": _numbers(random)},
            {"type": "Unigram", "vocab": [[w, -1.0] for w in words], "unk_id": 0},
            {"type": "Unigram", "vocab": [[w, -1.0] for w in words], "byte_fallback": True},
            {
                "type": "WordPiece",
                "vocab": vocab,
                "unk_token": random.choice(("[UNK]", "a", "zz")),
                "continuing_subword_prefix": random.choice(("##", "", "é")),
                "max_input_chars_per_word": abs(_numbers(random)),
            },
        )
    )


def _added(random: Random) -> Any:
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return [
        {"id": _numbers(random), "content": random.choice(FORMS)}
        | {flag: random.random() < 0.5 for flag in flags}
        for _ in range(random.choice((0, 1, 3, 30)))
    ]


PARTS: dict[str, Callable[[Random], Any]] = {
    "normalizer": _normalizer,
    "pre_tokenizer": _pre_tokenizer,
    "model": _model,
    "added_tokens": _added,
}


def another_part(random: Random, data: bytes) -> bytes:
    """A tokenizer with one or two parts of another kind; as it is where it is none."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(content, dict):
        return data
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice(sorted(PARTS))
        content[name] = PARTS[name](random)
    return json.dumps(content).encode()
