"""A stranger's tokenizer.json: what pretrained encoders have is read, all else is refused before.

Each of those that are refused with "panic" ends Rust's search, some of them the process, unless
they are refused before.
"""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tagger.errors import ModelError
from tagger.inference.subwords import Frame, Subwords
from tagger.inference.tokenizer_file import MOST_TOKENIZER, checked

FRAME = Frame(first_id=1, last_id=2, pad_id=0, unknown_id=3, positions=64)
WORDPIECE = {
    "type": "WordPiece",
    "unk_token": "[UNK]",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100,
    "vocab": {"[UNK]": 0, "a": 1, "##a": 2},
}
BYTES = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}
METASPACE = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
SPACES = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
UNIGRAM: list[Any] = [["<unk>", 0], ["▁", -1.5], ["▁a", -1.0], ["a", -2]]
ADDED = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


def tokenizer(**parts: object) -> bytes:
    return json.dumps({"version": "1.0", "model": WORDPIECE, **parts}).encode()


def charsmap(units: list[int], strings: bytes) -> dict[str, str]:
    """A precompiled table of these units."""
    trie = b"".join(unit.to_bytes(4, "little") for unit in units)
    table = len(trie).to_bytes(4, "little") + trie + strings
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}


def tree(place: int, child: int = 97) -> list[int]:
    """Units of which one, for the byte `child`, has a leaf that points to a place."""
    units = [0] * 512
    units[0] = 256 << 10  # its children begin at 256
    units[256 ^ child] = (1 << 10) | 256 | child  # one further is its leaf
    units[256 ^ child ^ 1] = (1 << 31) | place
    return units


@pytest.mark.parametrize(
    ("parts", "form", "pieces"),
    [
        ({}, "aa", (1, 2)),
        ({"normalizer": charsmap(tree(0), b"aa\0")}, "a", (1, 2)),
        (
            {"normalizer": {"type": "Sequence", "normalizers": [SPACES, {"type": "NFKC"}]}},
            "a",
            (1,),
        ),
        ({"pre_tokenizer": METASPACE, "model": {"vocab": UNIGRAM, "unk_id": 0}}, "aa", (2, 3)),
        (
            {
                "pre_tokenizer": BYTES,
                "model": {"vocab": {"Ġ": 0, "a": 1, "Ġa": 2}, "merges": ["Ġ a"]},
            },
            "aa",
            (2, 1),
        ),
    ],
)
def test_the_kinds_that_encoders_have_are_read(
    parts: dict[str, object], form: str, pieces: tuple[int, ...]
) -> None:
    assert Subwords(tokenizer(**parts), "t").pieces(form, FRAME) == pieces


def of_model(**values: object) -> dict[str, object]:
    return {"model": {"type": "BPE", "vocab": {"a": 0, "é": 1, "aé": 2}, "merges": []} | values}


def of_added(**values: object) -> dict[str, object]:
    return {"added_tokens": [{"id": 1, "content": "b", "special": True, **ADDED} | values]}


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "a regular expression": (
        {"normalizer": SPACES | {"pattern": {"Regex": "(a+)+$"}}},
        "a Replace that no known",
    ),
    "a text that grows": (
        {"normalizer": {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}},
        "a Replace that no known encoder has",
    ),
    "nothing replaced": (
        {"normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "a"}},
        "a Replace that no known encoder has",
    ),
    "steps without end": (
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}] * 9}},
        "length <= 8",
    ),
    "steps within steps": (
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Sequence"}]}},
        "Invalid value 'Sequence'",
    ),
    "cuts by an expression": (
        {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a*)*"}}},
        "Invalid value 'Split'",
    ),
    "another model": ({"model": WORDPIECE | {"type": "WordLevel"}}, "Invalid value 'WordLevel'"),
    "no pieces, a panic": (of_model(merges=["a b"]), "a merge of what is not among the pieces"),
    "a prefix, a panic": (of_model(continuing_subword_prefix="#"), "Invalid enum value"),
    "chance": (of_model(dropout=0.5), "Expected `null`, got `float`"),
    "an id below 0": (of_model(vocab={"a": -1}), "`int` >= 0"),
    "an id beyond all": (of_added(id=2**40), "`int` <"),
    "a long piece to look for": (of_added(content="a" * 101), "length <= 100"),
    "many to look for": (
        {"added_tokens": [{"id": 1, "content": "b", "special": True, **ADDED}] * 5_001},
        "length <= 5000",
    ),
    "a part more": ({"evil": 1}, "unknown field `evil`"),
    "a trie that ends, a panic": ({"normalizer": charsmap(tree(0)[:300], b"a\0")}, "leads out of"),
    "no trie, a panic": ({"normalizer": charsmap([], b"a\0")}, "without its parts"),
    "no string, a panic": ({"normalizer": charsmap(tree(9), b"a\0")}, "that is in no string"),
    "half a sign, a panic": (
        {"normalizer": charsmap(tree(1), "é\0".encode())},
        "that is in no string",
    ),
    "no UTF-8, a panic": ({"normalizer": charsmap(tree(0), b"\xff\0")}, "codec can't decode"),
    "a sign that becomes a book": ({"normalizer": charsmap(tree(0), b"a" * 300 + b"\0")}, "256"),
    "pieces of gigabytes": (
        {"model": {"type": "Unigram", "vocab": [["a" * 1_000, -1.0]] * 4_200}},
        "at most 4,194,304 bytes, found 4,200,000",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_tokenizer_that_could_do_harm_is_refused_before(what: str) -> None:
    parts, problem = REFUSED[what]
    with pytest.raises(ModelError, match=r"^t: not a usable tokenizer: ") as caught:
        checked(tokenizer(**parts), "t")
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{}", "missing required field `model`"),
        (b"\xff", "malformed"),
        (b'{"model": {}, "padding": ' + b"[" * 100_000, "nested too deep"),
        (b'{"model": ' + b"[" * 100_000, "not a usable tokenizer"),
        (b" " * (MOST_TOKENIZER + 1), "expected at most 33,554,432 bytes, found 33,554,433"),
    ],
)
def test_what_is_no_tokenizer_is_one_sentence(content: bytes, problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        checked(content, "t")


def test_what_is_handed_on_was_all_checked() -> None:
    twice = tokenizer().replace(b'"model"', b'"model": {"type": "Evil"}, "model"')
    handed = json.loads(checked(twice, "t"))
    assert b"Evil" not in checked(twice, "t")
    assert handed["model"] == WORDPIECE


@pytest.mark.parametrize(
    ("vocab", "problem"),
    [({"b": 1}, "Missing [UNK] token"), ({"[UNK]": 1}, None)],
)
def test_what_fails_at_a_form_is_one_sentence_too(
    vocab: dict[str, int], problem: str | None
) -> None:
    subwords = Subwords(tokenizer(model=WORDPIECE | {"vocab": vocab}), "t")
    if problem is None:
        assert subwords.pieces("a", FRAME) == (1,)
        return
    with pytest.raises(ModelError, match=r"^t: not a usable tokenizer: .*") as caught:
        subwords.pieces("a", FRAME)
    assert problem in str(caught.value)


def test_a_panic_of_rust_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    class Panicking:
        def encode(self, *_: object, **__: object) -> None:
            raise PanicException("index out of bounds")

    subwords = Subwords(tokenizer(), "t")
    monkeypatch.setattr(subwords, "_tokenizer", Panicking())
    with pytest.raises(ModelError, match="t: not a usable tokenizer: index out of bounds"):
        subwords.pieces("a", FRAME)
    monkeypatch.setattr(Panicking, "encode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        subwords.pieces("a", FRAME)


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_without_the_check_such_a_file_ends_the_process(tmp_path: Path) -> None:
    """Why there is a check; if this fails, tokenizers has become kinder."""
    merges = {"merges": ["a é"], "continuing_subword_prefix": "#"}
    (tmp_path / "t.json").write_bytes(tokenizer(**of_model(**merges)))
    code = "import sys, tokenizers; tokenizers.Tokenizer.from_file(sys.argv[1])"
    command = [sys.executable, "-c", code, str(tmp_path / "t.json")]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
