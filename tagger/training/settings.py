"""Settings of a training: TOML to frozen structs. Unknown keys are refused with a suggestion.

The defaults are the good ones; docs/experiments.md says how they were found.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from tagger.errors import SettingsError

Rate = Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)]
Size = Annotated[int, msgspec.Meta(ge=1)]
T = TypeVar("T")
Positive = Annotated[float, msgspec.Meta(gt=0.0)]
FINE_TUNING_RATE = 1e-3  # of a language model


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings file."""


class Words(Table, frozen=True):
    """Word vectors: their size, which words have one, how often it is hidden in training.

    A word must occur `min_count` times and be among the `most` frequent (None: all).
    """

    size: Size = 100
    min_count: Size = 1
    most: Size | None = None
    dropout: Rate = 0.15


class Vectors(Table, frozen=True):
    """Pretrained vectors, where a file of such is given: whose are kept, how often one is hidden.

    Those of the training files' words are kept, and those of the first `keep` others in the file.
    """

    keep: Annotated[int, msgspec.Meta(ge=0)] = 50_000
    dropout: Rate = 0.15


class LanguageStates(Table, frozen=True):
    """What is read of a language model, where one is given: its states, projected to `size`.

    `dropout` is of the states before that. With `fine_tune` the language model is trained too, at a
    `learning_rate` of its own (None: FINE_TUNING_RATE), which rises and falls as the others' does.
    """

    size: Size = 128
    dropout: Rate = 0.5
    fine_tune: bool = False
    learning_rate: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec words as its own, for a rate of nothing."""
        if self.learning_rate is not None and not self.fine_tune:
            raise ValueError("learning_rate: expected fine_tune = true beside it, found none")

    @property
    def rate(self) -> float:
        """The language model's learning rate where it is fine-tuned."""
        return FINE_TUNING_RATE if self.learning_rate is None else self.learning_rate


class Distillation(Table, frozen=True):
    """How a student learns from a teacher, where there is one.

    `tokens` of raw text are labelled, `top` tags of each kept, and all is read `passes` times in
    the course of the epochs, or in the first `until` of them (a share), beside the gold corpus.
    Their loss counts `weight` times. At a higher `temperature` unlikely tags count for more
    (Hinton et al. 2015). Words that occur `min_count` times in the texts get a vector, up to
    `most` of them.
    """

    tokens: Size = 10_000_000
    top: Size = 4
    passes: Positive = 1.0
    until: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 1.0
    weight: Positive = 1.0
    temperature: Positive = 1.0
    min_count: Size = 20
    most: Size = 30_000


class TransformerStates(Table, frozen=True):
    """How a pretrained transformer is fine-tuned, where one is given, and its states are read.

    They are projected to `size`; `dropout` is of the states before that. The transformer has a
    `learning_rate` of its own, which rises and falls as the others' does. `precision` is that of
    its products in training: auto is bf16 where the processor computes with it.
    """

    size: Size = 192
    dropout: Rate = 0.2
    learning_rate: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 1.5e-4
    precision: Literal["auto", "bf16", "fp32"] = "auto"


class Characters(Table, frozen=True):
    """The character representation: a convolution or an LSTM, and its sizes.

    `filters` are per width for the convolution; `hidden_size` is per direction for the LSTM. Only
    the `most` frequent characters are told apart (None: all).
    """

    kind: Literal["cnn", "lstm"] = "cnn"
    size: Size = 32
    most: Size | None = None
    filters: Size = 50
    widths: Annotated[tuple[Size, ...], msgspec.Meta(min_length=1)] = (3, 5)
    hidden_size: Size = 50


class Affixes(Table, frozen=True):
    """Vectors of prefixes, suffixes and shape, summed; which have one is said as of words."""

    size: Size = 64
    min_count: Size = 2
    most: Size | None = None


class Encoder(Table, frozen=True):
    """The sentence LSTM: units per direction, layers, dropout before and after it."""

    hidden_size: Size = 200
    layers: Size = 1
    dropout: Rate = 0.4


class Optimisation(Table, frozen=True):
    """AdamW with warm-up and linear decay to 0 over `epochs`, clipping and averaged weights.

    `warm_up` is a share of all steps. `average` is the decay of the exponential moving average.
    `precision` is what is computed in: fp32, bf16 or, on a GPU, fp16; auto is bf16 where the device
    has it. Weights stay in fp32. A loss that is no number takes the training back to its last
    checkpoint, with half the learning rate, up to `setbacks` times. Training stops when `patience`
    epochs in a row were no better on dev. What is not given of `epochs` and `batch_tokens` is the
    usual, or for a small corpus what makes about `least_steps` steps: smaller batches first, then
    more epochs.
    """

    epochs: Size | None = None
    batch_tokens: Size | None = None
    usual_epochs: Size = 15
    usual_batch_tokens: Size = 1000
    least_steps: Size = 2000
    learning_rate: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 0.003
    warm_up: Rate = 0.05
    weight_decay: Annotated[float, msgspec.Meta(ge=0.0)] = 0.01
    clip: Positive = 5.0
    average: Rate = 0.998
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "fp32"
    setbacks: Annotated[int, msgspec.Meta(ge=0)] = 3
    patience: Size = 10


class SegmenterWords(Words, frozen=True):
    """Vectors of letters and digits in a row and of signs."""

    size: Size = 20
    min_count: Size = 2
    most: Size | None = 5000
    dropout: Rate = 0.4


class SegmenterCharacters(Characters, frozen=True):
    """What their characters say; Chinese ones are units of their own, with vectors as such."""

    size: Size = 16
    most: Size | None = 200
    filters: Size = 32
    widths: Annotated[tuple[Size, ...], msgspec.Meta(min_length=1)] = (3, 4)


class SegmenterAffixes(Affixes, frozen=True):
    """Their prefixes, suffixes and shape."""

    size: Size = 20
    most: Size | None = 2400


class SegmenterEncoder(Encoder, frozen=True):
    """The LSTM that reads the text."""

    hidden_size: Size = 64
    layers: Size = 2


class SegmenterOptimisation(Optimisation, frozen=True):
    """As the tagger's, but for small batches and few epochs: there are two copies of the text."""

    usual_epochs: Size = 8
    usual_batch_tokens: Size = 500


class Segmenter(Table, frozen=True):
    """The network that cuts raw text, over runs of letters, runs of digits and signs.

    `variants` is how many changed copies of the training text it reads beside the text itself:
    paragraphs joined, lines wrapped, sentences in lower case or without their full stop, each with
    the probability `change`. Where words are written without blanks, most units are one character,
    of which nothing is left when it is hidden: `dropout_without_blanks` is how often they are then.
    """

    words: SegmenterWords = SegmenterWords()
    characters: SegmenterCharacters = SegmenterCharacters()
    affixes: SegmenterAffixes = SegmenterAffixes()
    encoder: SegmenterEncoder = SegmenterEncoder()
    optimisation: SegmenterOptimisation = SegmenterOptimisation()
    variants: Annotated[int, msgspec.Meta(ge=0)] = 1
    change: Rate = 0.1
    dropout_without_blanks: Rate = 0.1


class Settings(Table, frozen=True):
    """Everything that decides what a training does, but for the data.

    `heads` names the kind of a head by task where it is not the default (CRF for span tasks,
    softmax for others). `precision` is that of the exported graphs. `threads` is how many cores
    torch uses: results are repeatable bit for bit with the same number.
    """

    seed: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 1
    threads: Size = 1
    precision: Literal["int8", "fp32"] = "int8"
    heads: dict[str, Literal["softmax", "crf"]] = {}
    words: Words = Words()
    vectors: Vectors = Vectors()
    language_model: LanguageStates = LanguageStates()
    distillation: Distillation = Distillation()
    transformer: TransformerStates = TransformerStates()
    characters: Characters = Characters()
    affixes: Affixes = Affixes()
    encoder: Encoder = Encoder()
    optimisation: Optimisation = Optimisation()
    segmenter: Segmenter = Segmenter()

    def of_segmenter(self, *, has_blanks: bool) -> "Settings":
        """What holds for the segmenter's training, on a text with blanks between words or not."""
        own = self.segmenter
        dropout = own.words.dropout if has_blanks else own.dropout_without_blanks
        return msgspec.structs.replace(
            self,
            heads={},
            words=msgspec.structs.replace(own.words, dropout=dropout),
            characters=own.characters,
            affixes=own.affixes,
            encoder=own.encoder,
            optimisation=own.optimisation,
        )


PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": {"encoder": {"hidden_size": 96}},  # a quarter of the LSTM's work per token
}

# What else is usual beside one of these, before a settings file and options: a transformer needs
# few epochs, and a student has too much to read to learn it by heart.
BESIDE: dict[str, dict[str, Any]] = {
    "transformer": {"optimisation": {"usual_epochs": 6, "learning_rate": 0.002, "warm_up": 0.1}},
    "teacher": {
        "words": {"dropout": 0.05},
        "vectors": {"dropout": 0.05},
        "encoder": {"dropout": 0.2},
    },
}


def merged(tables: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables in which the keys of `over` replace or join those that were there.

    >>> merged({"seed": 1, "encoder": {"layers": 1}}, {"encoder": {"hidden_size": 96}})
    {'seed': 1, 'encoder': {'layers': 1, 'hidden_size': 96}}
    """
    both = {**tables}
    for key, value in over.items():
        is_table = isinstance(value, Mapping) and isinstance(tables.get(key), Mapping)
        both[key] = merged(tables[key], value) if is_table else value
    return both


def load_tables(path: Path) -> dict[str, Any]:
    """The tables of a TOML file, unchecked; raises SettingsError where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: expected TOML: {error}") from None


def settings_from(tables: Mapping[str, Any], origin: str = "settings") -> Settings:
    """Settings of parsed TOML; raises SettingsError that names `origin` and the key."""
    return convert_settings(tables, Settings, origin)


def convert_settings(tables: Mapping[str, Any], kind: type[T], origin: str) -> T:
    """The same for settings of any kind."""
    try:
        return msgspec.convert(tables, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{origin}: {_explain(str(error), kind)}") from None


_unknown_field = re.compile(r"unknown field `(?P<key>[^`]*)`").search
_place = re.compile(r" - at `\$(?:\.(?P<place>[^`]*))?`").search


def _explain(problem: str, kind: type[Any]) -> str:
    """msgspec's message as a sentence about a settings file, with a suggestion for a wrong key."""
    place = _place(problem)
    where = f"{place['place']}: " if place and place["place"] else ""
    unknown = _unknown_field(problem)
    if unknown is None:
        problem = problem.split(" - at ")[0]
        return where + problem[:1].lower() + problem[1:]
    known = [name for table in _tables(kind) for name in table.__struct_fields__]
    near = difflib.get_close_matches(unknown["key"], known, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"{where}unknown key {unknown['key']!r}{hint}"


def _tables(kind: type[Any]) -> Iterator[type[msgspec.Struct]]:
    """A kind of settings and the tables within."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in msgspec.structs.fields(kind):
            yield from _tables(field.type)
