"""A model on disk: JSON, safetensors and ONNX in one folder; no pickle, so loading runs no code.

`model.json` says what the model is; `vocabulary.json` holds its words, characters, affixes and the
words of its pretrained vectors, if it has such;
`lexical.onnx` and `sentence.onnx` are what predict runs; `table.npy` is what the lexical graph
gives for the commonest forms, `forms.json`; `weights.safetensors` is what training goes on from,
and may be left out. A model fine-tuned from a transformer has that as `transformer.onnx`, with its
`tokenizer.json`; one that reads a language model over characters has that as `characters.onnx`,
with its characters in `characters.json`. A model that learned to cut raw text has a second such
folder within, `segmenter`, with `multiword.json` beside its graphs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tagger.atomic import atomic_folder
from tagger.errors import ModelError, shortened
from tagger.evaluation.scores import RawScore, Score
from tagger.inference.decoding import Transitions
from tagger.inference.model_files import read_bytes, read_json
from tagger.inference.records import (
    CorpusRecord,
    DistillationRecord,
    LanguageModelRecord,
    TransformerRecord,
    VectorsRecord,
)
from tagger.inference.table import Rows, read_rows
from tagger.inference.task_check import check_tasks
from tagger.tasks import Task
from tagger.text.multiword import Multiword
from tagger.vocabulary import PAD, UNKNOWN, Vocabularies, Vocabulary

FORMAT = 1
DESCRIPTION, VOCABULARY = "model.json", "vocabulary.json"
LEXICAL, SENTENCE = "lexical.onnx", "sentence.onnx"
FORMS, TABLE = "forms.json", "table.npy"
WEIGHTS, CARD, METRICS = "weights.safetensors", "README.md", "metrics.jsonl"
TRANSFORMER, TOKENIZER = "transformer.onnx", "tokenizer.json"
CHARACTER_GRAPH, CHARACTERS = "characters.onnx", "characters.json"
SEGMENTER, MULTIWORD = "segmenter", "multiword.json"
MOST_SCORE = 1e30  # of a transition
NORMALISATION = "nfc-lowercase-digits0"
Precision = Literal["int8", "fp32"]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A task, how it is decided, and the scores of the chain that decodes it."""

    task: Task
    kind: Literal["softmax", "crf"]
    start: list[float]
    between: list[list[float]]
    end: list[float]

    def transitions(self) -> Transitions:
        """The scores as arrays; raises ModelError where their shapes do not fit the tags."""
        size = len(self.task.tags)
        rows = [self.start, *self.between, self.end]
        if [len(row) for row in rows] != [size] * (size + 2):
            raise ModelError(
                f"head {self.task.name!r}: expected transitions between {size} tags, found others"
            )
        if not all(abs(score) < MOST_SCORE for row in rows for score in row):
            raise ModelError(f"head {self.task.name!r}: expected transitions that can be added up")
        return Transitions(
            *(np.array(part, np.float32) for part in (self.start, self.between, self.end))
        )


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What model.json holds.

    `scores` are those on dev, of the weights that were exported; `raw_scores` those on the raw text
    of dev, cut by the model's own segmenter, where it has one. `num_weights` are those that were
    learned; pretrained vectors do not count.
    """

    format: int
    tagger_version: str
    heads: tuple[Head, ...]
    precision: Precision
    num_words: int
    num_weights: int
    normalisation: str
    seed: int
    settings: dict[str, Any]
    data: tuple[CorpusRecord, ...]
    vectors: VectorsRecord | msgspec.UnsetType = msgspec.UNSET
    language_model: LanguageModelRecord | msgspec.UnsetType = msgspec.UNSET
    distillation: DistillationRecord | msgspec.UnsetType = msgspec.UNSET
    transformer: TransformerRecord | msgspec.UnsetType = msgspec.UNSET
    command: str
    epoch: int
    scores: tuple[Score, ...] = ()
    raw_scores: tuple[RawScore, ...] = ()


class Strings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What vocabulary.json holds, in the order of their ids; the last two where there are such."""

    words: list[str]
    characters: list[str]
    affixes: list[str]
    vectors: list[str] | None = None
    language_model: "Strings | None" = None

    @classmethod
    def of(cls, known: Vocabularies) -> "Strings":
        """Those of a model's vocabularies."""
        return cls(
            words=list(known.words.strings),
            characters=list(known.characters.strings),
            affixes=list(known.affixes.strings),
            vectors=None if known.vectors is None else list(known.vectors.strings),
            language_model=None if known.language_model is None else cls.of(known.language_model),
        )

    def vocabularies(self) -> Vocabularies:
        """The same as vocabularies; raises ModelError where a string is there twice."""
        for strings in (self.words, self.characters, self.affixes, self.vectors):
            if strings is not None and strings[:2] != [PAD, UNKNOWN]:
                raise ModelError(f"expected vocabularies that begin with {PAD} and {UNKNOWN}")
        of_language_model = None
        if self.language_model is not None:
            of_language_model = self.language_model.vocabularies()
        return Vocabularies(
            words=Vocabulary(self.words),
            characters=Vocabulary(self.characters),
            affixes=Vocabulary(self.affixes),
            vectors=None if self.vectors is None else Vocabulary(self.vectors),
            language_model=of_language_model,
        )


def emissions_of(task: str) -> str:
    """The name of a task's output of the sentence graph."""
    return f"emissions.{task}"


def read_description(folder: Path) -> Description:
    """What a model is; raises ModelError where the folder is none or of an unknown format."""
    path = folder / DESCRIPTION
    if not folder.is_dir():
        raise ModelError(f"{folder}: not a tagger model: no such folder")
    if not path.is_file():
        raise ModelError(f"{folder}: not a tagger model: {DESCRIPTION} is missing")
    check_format(path, FORMAT, "model format")
    description = read_json(path, Description)
    check_tasks([head.task for head in description.heads], str(path))
    return description


class Formatted(msgspec.Struct, frozen=True):
    """What is read of a description before all else."""

    format: Any = None


def check_format(path: Path, expected: int, what: str) -> None:
    """Raises ModelError that says what to do where the description is of another format."""
    found = read_json(path, Formatted).format
    if found != expected:
        raise ModelError(
            f"{path}: expected {what} {expected}, found {shortened(repr(found))} "
            "(made by another version of tagger? install that one, or a newer one, to read it)"
        )


def read_vocabularies(folder: Path) -> Vocabularies:
    """What the model knows of words."""
    strings = read_json(folder / VOCABULARY, Strings)
    try:
        return strings.vocabularies()
    except ModelError as error:
        raise ModelError(f"{folder / VOCABULARY}: {error}") from None


def read_graph(folder: Path, name: str) -> bytes:
    """The bytes of an ONNX graph."""
    return read_bytes(folder, name)


def read_table(folder: Path) -> tuple[Rows, list[str]]:
    """Inputs of the tabulated forms, mapped into memory, and the forms.

    Shape: (forms, 2, 4 hidden_size).
    """
    forms = read_json(folder / FORMS, list[str])
    table = read_rows(folder, TABLE)
    if len(table) != len(forms):
        raise ModelError(
            f"{folder / TABLE}: expected floats of the shape ({len(forms)}, 2, …), "
            f"found {table.dtype} of the shape {table.shape}"
        )
    return table, forms


def read_multiword(folder: Path) -> Multiword:
    """How a segmenter splits tokens of several words; raises ModelError where no words come out."""
    path = folder / MULTIWORD
    multiword = read_json(path, Multiword)
    if not multiword.is_usable():
        raise ModelError(f"{path}: expected rules that split tokens in words, found others")
    return multiword


class ModelFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a model folder holds; `weights`, `card` and `metrics` may be left out of a segmenter.

    `multiword` is there for segmenters only, `tokenizer` where there is a transformer, `characters`
    where there is a language model over them.
    """

    description: Description
    vocabularies: Vocabularies
    graphs: Mapping[str, bytes]
    forms: Sequence[str]
    table: Rows
    weights: Mapping[str, NDArray[Any]] = {}
    card: str = ""
    metrics: Sequence[Mapping[str, Any]] = ()
    multiword: Multiword | None = None
    tokenizer: bytes = b""
    characters: Sequence[str] = ()


def write_folder(folder: Path, files: ModelFiles, segmenter: ModelFiles | None = None) -> None:
    """Writes a whole model folder or nothing; an older folder of that name is replaced."""
    with atomic_folder(folder) as new:
        _write_files(new, files)
        if segmenter is not None:
            (new / SEGMENTER).mkdir()
            _write_files(new / SEGMENTER, segmenter)


def _write_files(folder: Path, files: ModelFiles) -> None:
    encode = msgspec.json.Encoder().encode
    strings = Strings.of(files.vocabularies)
    description = msgspec.json.format(encode(files.description), indent=1)
    (folder / DESCRIPTION).write_bytes(description + b"\n")
    (folder / VOCABULARY).write_bytes(msgspec.json.format(encode(strings), indent=0) + b"\n")
    for name, graph in files.graphs.items():
        (folder / name).write_bytes(graph)
    (folder / FORMS).write_bytes(encode(files.forms) + b"\n")
    np.save(folder / TABLE, files.table, allow_pickle=False)
    if files.weights:
        from safetensors.numpy import save_file

        save_file(dict(files.weights), folder / WEIGHTS)
    if files.card:
        (folder / CARD).write_text(files.card, encoding="utf-8", newline="\n")
    if files.metrics:
        rows = b"".join(encode(row) + b"\n" for row in files.metrics)
        (folder / METRICS).write_bytes(rows)
    if files.tokenizer:
        (folder / TOKENIZER).write_bytes(files.tokenizer)
    if files.characters:
        (folder / CHARACTERS).write_bytes(encode(files.characters) + b"\n")
    if files.multiword is not None:
        (folder / MULTIWORD).write_bytes(encode(files.multiword) + b"\n")
