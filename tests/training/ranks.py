"""What two processes find out about one network that they train together, for test_distributed.

    RANK=0 WORLD_SIZE=2 MASTER_ADDR=… MASTER_PORT=… python -m tests.training.ranks FOLDER

Dropout is off, so that one process that reads whole batches can be compared.
"""

import sys
from pathlib import Path
from typing import Any

import torch

from tagger.inference.language_folder import read_language_folder
from tagger.training.data import prepare
from tagger.training.distributed import Group, joined
from tagger.training.language_data import LanguageData
from tagger.training.language_inputs import WordReader
from tagger.training.loop import Training
from tagger.training.pretraining import Pretraining
from tests.conftest import sentence, tiny_settings, train_to_the_end
from tests.training.language_corpus import language_data, language_settings, write_language
from tests.training.test_language_inputs import RECORD
from tests.training.test_loop import QUICK, TOY

# Of a batch of two the ranks read one each: here one has tags alone and one has entities alone.
PARTLY = [sentence("Ann saw", upos="N V"), sentence("Bob Lee", ner="B-PER I-PER")]
BATCHES = [[0, 1, 2, 3], [4], [6, 7], [5, 6, 0]]
STILL = {"dropout": 0.0}
LANGUAGE: dict[str, Any] = {"dropout": 0.0, "words": {"size": 8, "min_count": 1, "dropout": 0.0}}


def tagger_training(group: Group, **optimisation: Any) -> Training:
    settings = tiny_settings(words=STILL, encoder=STILL, optimisation=optimisation)
    return Training(prepare([*TOY, *PARTLY], TOY, ["upos", "ner"], settings), settings, group)


def tuning_training(group: Group, folder: Path) -> Training:
    """A tagger that fine-tunes a language model whose weights are as they were drawn."""
    own = {"size": 5, "dropout": 0.0, "fine_tune": True}
    settings = tiny_settings(words=STILL, encoder=STILL, language_model=own)
    files = read_language_folder(folder)
    data = prepare(
        *([*TOY, *PARTLY], TOY, ["upos", "ner"], settings),
        language_model=WordReader(files, RECORD),
    )
    return Training(data, settings, group)


def language_training(data: LanguageData, group: Group, **changed: Any) -> Pretraining:
    return Pretraining(
        data, language_settings(**LANGUAGE, epochs=0.15, reports=2, **changed), group
    )


def gradients_of(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Copies; a weight that has none is absent."""
    return {
        name: weight.grad.clone()
        for name, weight in network.named_parameters()
        if weight.grad is not None
    }


def found_by(group: Group, folder: Path) -> dict[str, Any]:
    """Gradients and losses of some batches in float64, and two whole trainings.

    The gradients of a language model that is fine-tuned too.
    """
    training = tagger_training(group)
    training.state.network.double()
    found: dict[str, Any] = {"batches": []}
    for indices in BATCHES:
        loss, _ = training.gradients(training.data.sentences(indices))
        found["batches"].append((loss, gradients_of(training.state.network)))
    whole = train_to_the_end(tagger_training(group, **QUICK | {"epochs": 4}))
    found["weights"] = whole.state.network.state_dict()
    found["scores"] = [(entry["loss"], entry["score"]) for entry in whole.state.history]
    tokens = folder / f"tokens-{group.rank}-of-{group.size}"
    tokens.mkdir()
    data = language_data(tokens)
    language = language_training(data, group)
    tuning = tuning_training(group, write_language(language, tokens / "lm"))
    tuning.state.network.double()
    loss, _ = tuning.gradients(tuning.data.sentences(BATCHES[0]))
    found["tuning"] = (loss, gradients_of(tuning.state.network))
    for report in language.run():
        del report
    found["language"] = language.state.network.state_dict()
    found["states"] = language.state.states
    found["perplexities"] = [entry["held_out"]["forward"] for entry in language.state.history]
    return found


def main() -> None:
    """Writes what this rank found."""
    folder = Path(sys.argv[1])
    with joined() as group:
        (folder / f"joined-{group.rank}").touch()
        found = found_by(group, folder)
        found["highest"] = group.highest(7 if group.rank else 3)
        found["gathered"] = group.gathered(f"rank {group.rank}")
        found["of_first"] = group.of_first(lambda: f"of {group.rank}")
    torch.save(found, folder / f"rank-{group.rank}.pt")


if __name__ == "__main__":
    main()
