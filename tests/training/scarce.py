"""What a training does that may use so much memory and no more, for test_memory.

    python -m tests.training.scarce tagger|one|language FOLDER MEGABYTES
    python -m tests.training.scarce taken FOLDER 0

Gradients of a batch before and under the limit, in float32, without dropout. Prints parts and the
largest difference. Or, without a limit, prints what was estimated that a step takes, and what its
first one takes, in bytes.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path

from torch import nn

from tagger.errors import TaggerError
from tagger.training.data import prepare
from tagger.training.headroom import headroom
from tagger.training.loop import Training
from tagger.training.pretraining import Pretraining
from tests.conftest import sentence, tiny_settings
from tests.training.language_corpus import language_data, language_settings
from tests.training.ranks import STILL, gradients_of

FORMS, TAGS = ["the dog saw Ann"] * 100, ["D N V N"] * 100
Learn = Callable[[], tuple[float, int]]


def of_tagger(size: int, times: int) -> tuple[nn.Module, Learn]:
    """A batch of so many sentences of 400 tokens or a multiple: some 130 MB for 6,400 tokens."""
    sentences = [sentence(" ".join(FORMS * times), upos=" ".join(TAGS * times))] * size
    settings = tiny_settings(words=STILL, encoder={"hidden_size": 128, **STILL})
    training = Training(prepare(sentences, sentences[:1], ["upos"], settings), settings)
    return training.state.network, lambda: training.gradients(training.data.sentences(range(size)))


def of_language_model(folder: Path) -> tuple[nn.Module, Learn]:
    """A window of 32 lanes of 128 tokens: some 120 MB."""
    settings = language_settings(
        words={"size": 8, "min_count": 1, "dropout": 0.0},
        dropout=0.0,
        lanes=32,
        window=128,
        hidden_size=256,
    )
    training = Pretraining(language_data(folder, 1500), settings)
    tokens = [lanes.next(128, lanes.positions < 0)[0] for lanes in training._lanes]
    number = 2 * tokens[0][:-1].size

    def learn() -> tuple[float, int]:
        training.state.states.zero_()
        return training.gradients(tokens, number)

    return training.state.network, learn


def used(what: str = "VmSize:") -> int:
    """Bytes of address space, or what else is asked for."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


def taken() -> tuple[int, int]:
    """What a step was thought to take, and took, of some 6,400 tokens."""
    sentences = [sentence(" ".join(FORMS), upos=" ".join(TAGS))] * 16
    settings = tiny_settings(encoder={"hidden_size": 128}, optimisation={"batch_tokens": 6400})
    training = Training(prepare(sentences, sentences[:1], ["upos"], settings), settings)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is what is now
    before = used("VmRSS:")
    training.gradients(training.data.sentences(range(16)))
    after = used("VmHWM:")
    found = headroom(training)
    assert found is not None
    return found.needed, after - before


def main(what: str, folder: str, megabytes: str) -> None:
    """Prints, or says in a sentence why not."""
    if what == "taken":
        sys.stdout.write("{} {}".format(*taken()))
        return
    if what == "language":
        network, learn = of_language_model(Path(folder))
    else:
        network, learn = of_tagger(1, 16) if what == "one" else of_tagger(16, 1)
    expected_loss, parts = learn()
    assert parts == 1
    expected = gradients_of(network)
    limit = used() + int(megabytes) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        loss, parts = learn()
    except TaggerError as error:
        sys.stdout.write(type(error).__name__)
        return
    found = gradients_of(network)
    assert found.keys() == expected.keys()
    differences = [float((found[name] - expected[name]).abs().max()) for name in expected]
    sys.stdout.write(f"{parts} {max([*differences, abs(loss - expected_loss)])}")


if __name__ == "__main__":
    main(*sys.argv[1:])
