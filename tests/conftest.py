"""What several test modules share: tiny settings, sentences by hand, a small trained model."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports torch

import hypothesis
import numpy as np
import pytest

from tagger.corpus.files import read_all
from tagger.inference.folder import (
    CHARACTERS,
    FORMS,
    SEGMENTER,
    TABLE,
    TOKENIZER,
    VOCABULARY,
    Precision,
    Strings,
)
from tagger.inference.records import CorpusRecord
from tagger.sentence import Sentence
from tagger.training.settings import Settings, settings_from
from tagger.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from tagger.evaluation.raw_text import RawText
    from tagger.inference.export import Export
    from tagger.inference.runtime import Runtime
    from tagger.network.model import Network
    from tagger.training.data import TrainingData
    from tagger.training.loop import Training
    from tagger.training.pretraining import Pretraining

hypothesis.settings.register_profile("tagger", deadline=None)  # machines may be busy
hypothesis.settings.load_profile("tagger")

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "corpora" / "demo-en"
CORPORA = Path(os.environ.get("TAGGER_CORPORA") or ROOT.parent / "shared" / "corpora")
TINY: dict[str, dict[str, Any]] = {
    "words": {"size": 8, "min_count": 1, "dropout": 0.1},
    "characters": {"kind": "cnn", "size": 6, "filters": 4, "widths": [2, 3], "hidden_size": 5},
    "affixes": {"size": 4, "min_count": 1},
    "encoder": {"hidden_size": 8, "layers": 1, "dropout": 0.1},
    "optimisation": {
        "epochs": 2,
        "batch_tokens": 100,
        "least_steps": 1,
        "learning_rate": 0.02,
        "average": 0.9,
        "patience": 50,
    },
}


def tiny_settings(seed: int = 1, threads: int = 1, **tables: dict[str, Any]) -> Settings:
    """Settings of a network of a few hundred weights; each table may change some of its keys."""
    changed = {name: TINY.get(name, {}) | tables.get(name, {}) for name in {*TINY, *tables}}
    return settings_from({"seed": seed, "threads": threads, **changed})


def sentence(forms: str, **columns: str) -> Sentence:
    """A sentence of words with blanks between, its columns likewise."""
    return Sentence(
        tuple(forms.split()), {name: tuple(tags.split()) for name, tags in columns.items()}
    )


def train_to_the_end(training: "Training") -> "Training":
    """The same training when it has run."""
    for _ in training.run():
        pass
    return training


def assert_near(
    found: "Sequence[NDArray[Any]]",
    expected: "Mapping[str, Tensor]",
    sentences: Sequence[Sentence],
    most: float,
) -> None:
    """A graph's emissions differ from torch's by less than `most` at all tokens of upos and ner."""
    for name, emissions in zip(["upos", "ner"], found, strict=True):
        for i, one in enumerate(sentences):
            real = slice(0, len(one))
            difference = np.abs(emissions[i, real] - expected[name][i, real].numpy()).max()
            assert difference < most


def gone_on_with(make: "Callable[[], Training]", path: Path) -> "Training":
    """A training that ran to its end from a state saved behind the third step."""
    from tagger.training.checkpoint import load_state, save_state

    begun = make()
    reports = begun.run()
    for _ in range(3):
        next(reports)
    save_state(path, begun.state.as_dict())
    resumed = make()
    saved = load_state(path, warn=pytest.fail)
    assert saved is not None
    resumed.state.restore(saved)
    return train_to_the_end(resumed)


def export_of(network: "Network", data: "TrainingData", precision: Precision) -> "Export":
    """A network as it is, exported with the three shortest forms tabulated."""
    from tagger.inference.export import export
    from tagger.training.finish import weights_of

    return export(
        weights_of(network, data),
        tasks=[task.name for task in data.tasks],
        vocabularies=data.vocabularies,
        forms=list(data.train_lexicon.ids)[:3],
        precision=precision,
        transformer=None if data.transformer is None else data.transformer.record,
    )


def runtime_of(
    folder: Path, network: "Network", data: "TrainingData", precision: Precision = "fp32"
) -> "Runtime":
    """A network as it is, exported, written to the folder and opened there."""
    import msgspec

    from tagger.inference.runtime import Runtime

    exported = export_of(network, data, precision)
    strings = Strings.of(data.vocabularies)
    (folder / VOCABULARY).write_bytes(msgspec.json.encode(strings))
    for name, graph in exported.graphs.items():
        (folder / name).write_bytes(graph)
    (folder / FORMS).write_bytes(msgspec.json.encode(exported.forms))
    np.save(folder / TABLE, exported.table)
    if data.transformer is None:
        reader = data.language_model
        if reader is None:
            return Runtime(folder, data.tasks)
        (folder / CHARACTERS).write_bytes(msgspec.json.encode(reader.characters))
        return Runtime(folder, data.tasks, language_model=reader.record)
    (folder / TOKENIZER).write_bytes(data.transformer.tokenizer)
    return Runtime(folder, data.tasks, transformer=data.transformer.record)


def randomise(network: "Network", seed: int = 1) -> "Network":
    """The network in eval mode with every weight random, so that no bias is 0 and no gate alike."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weights in network.named_parameters():
            weights.normal_(0.0, 0.4, generator=generator)
            if name.endswith(("embedding.weight", "affixes.weight")):
                weights[Vocabulary.pad_id] = 0.0
    return network.eval()


def longest_difference(found: Iterable[np.ndarray], expected: Iterable[np.ndarray]) -> float:
    """The largest absolute difference between arrays of the same shapes."""
    return max(float(np.abs(a - b).max()) for a, b in zip(found, expected, strict=True))


def toy_segmenter_settings(epochs: int = 20, variants: int = 0) -> Settings:
    """Settings of a segmenter of a few hundred weights."""
    return tiny_settings(
        segmenter={
            "words": {"size": 8, "min_count": 1, "dropout": 0.1},
            "characters": {"size": 6, "filters": 4, "widths": [3]},
            "affixes": {"size": 6, "min_count": 1},
            "encoder": {"hidden_size": 12, "dropout": 0.1},
            "optimisation": {**TINY["optimisation"], "epochs": epochs},
            "variants": variants,
        }
    )


def write_segmenter(folder: Path, raw: "RawText", settings: Settings) -> Path:
    """Trains a segmenter on a gold raw text, which is dev too, and writes its folder."""
    from tagger.inference.folder import write_folder
    from tagger.training.segmenter import segmenter_files, train_segmenter

    training = train_to_the_end(train_segmenter(raw, raw, settings))
    write_folder(folder, segmenter_files(training, raw, records=[], command="tagger train"))
    return folder


@pytest.fixture(autouse=True)
def _corpora_are_there(request: pytest.FixtureRequest) -> None:
    """Tests marked `corpora` are skipped where these are not; where CI=true they fail."""
    if request.node.get_closest_marker("corpora") and not CORPORA.is_dir():
        reason = f"no shared corpora at {CORPORA} (TAGGER_CORPORA names another place)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def toy_segmenter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a segmenter that learned the toy treebank of `tests.training.raw_corpus`."""
    from tests.training.raw_corpus import raw_text

    folder = tmp_path_factory.mktemp("segmenters")
    return write_segmenter(folder / "toy", raw_text(folder), toy_segmenter_settings())


@pytest.fixture(scope="session")
def toy_model(
    tiny_model: Path, toy_segmenter: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of `tiny_model` with that segmenter."""
    folder = tmp_path_factory.mktemp("models") / "toy"
    shutil.copytree(tiny_model, folder)
    shutil.copytree(toy_segmenter, folder / SEGMENTER)
    return folder


@pytest.fixture(scope="session")
def demo() -> tuple[list[Sentence], list[Sentence]]:
    """Thirty sentences to train on and ten to choose on, with upos, xpos and ner."""
    return read_all([DEMO / "train.conllu"])[:30], read_all([DEMO / "dev.conllu"])[:10]


@pytest.fixture(scope="session")
def tiny_training(demo: tuple[list[Sentence], list[Sentence]]) -> "Training":
    """A finished training of upos and ner on `demo`."""
    from tagger.training.data import prepare
    from tagger.training.loop import Training

    settings = tiny_settings(optimisation={"epochs": 8, "batch_tokens": 50})
    return train_to_the_end(Training(prepare(*demo, ["upos", "ner"], settings), settings))


@pytest.fixture(scope="session")
def tiny_model(tiny_training: "Training", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its model folder; copy it before you break it."""
    from tagger.training.finish import write_model

    folder = tmp_path_factory.mktemp("models") / "tiny"
    record = CorpusRecord(split="train", name="a.conllu", sha256="0" * 64, sentences=30, tokens=4)
    write_model(tiny_training, folder, records=[record], command="tagger train a.conllu")
    return folder


@pytest.fixture(scope="session")
def language_training(tmp_path_factory: pytest.TempPathFactory) -> "Pretraining":
    """A finished training of a tiny language model on sentences of a small grammar."""
    from tests.training.language_corpus import language_data, pretrained

    folder = tmp_path_factory.mktemp("tokens")
    return pretrained(language_data(folder), epochs=2.5)


@pytest.fixture(scope="session")
def language_model(
    language_training: "Pretraining", tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of that language model; copy it before you break it."""
    from tests.training.language_corpus import write_language

    return write_language(language_training, tmp_path_factory.mktemp("models") / "lm")


@pytest.fixture(scope="session")
def character_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny language model over characters; copy it before you break it."""
    from tests.training.character_corpus import character_data, spelling_model
    from tests.training.language_corpus import write_language

    training = spelling_model(character_data(tmp_path_factory.mktemp("tokens")), epochs=10.0)
    return write_language(training, tmp_path_factory.mktemp("models") / "characters")
