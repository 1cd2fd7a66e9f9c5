"""How fast language models are trained, beside the kernels that it cannot do without, as JSON.

    python benchmarks/pretraining.py [--pairs 15] [--tokens 300000] [--seed 1]

It trains with default settings on made-up text whose words are as frequent as Zipf's law has them.
A step, everything counted, and its kernels alone are timed in turns, in CPU seconds of one thread,
in fp32 and, where the processor has it, in bf16: both LSTMs, and the adaptive softmax's matrix
products and losses on as many targets of each class, forward and backward. The medians are given,
and that of the ratios. `peak_mib` is the most memory that the process has had.
"""

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tagger.sentence import Sentence
from tagger.training.device import CPU, checked_precision
from tagger.training.language_data import Lanes, prepare_language_data
from tagger.training.language_settings import LanguageModelSettings
from tagger.training.pretraining import Pretraining, PretrainingStep
from tagger.training.token_files import open_token_files, write_token_files

FORMS, SENTENCE = 100_000, 25  # distinct forms, most tokens of a sentence
LETTERS = "etaoinshrdlcumwfgypbvkjxqz"
WARM_UP = 3


def text(tokens: int, seed: int) -> Iterator[Sentence]:
    """Sentences of made-up words, the n-th of which is drawn n times as rarely as the first."""
    pick = random.Random(seed)
    forms = ["".join(pick.choices(LETTERS, k=pick.randint(1, 12))) for _ in range(FORMS)]
    weights = [*accumulate(1 / n for n in range(1, FORMS + 1))]
    while tokens > 0:
        length = pick.randint(3, SENTENCE)
        yield Sentence(tuple(pick.choices(forms, cum_weights=weights, k=length)))
        tokens -= length


def kernels_of(training: Pretraining) -> Callable[[], None]:
    """What a step cannot do without, on random numbers of the same shapes."""
    settings, network = training.settings, training.state.network
    lanes, window, size = settings.lanes, settings.window, network.softmax.head.in_features
    shape = (window, lanes, network.words.output_size)
    inputs = [torch.randn(shape, requires_grad=True) for _ in network.directions]
    state = (torch.zeros(1, lanes, settings.hidden_size),) * 2
    lstms = [nn.LSTM(shape[2], settings.hidden_size) for _ in inputs]
    back = torch.randn(window, lanes, settings.hidden_size)
    tokens, _ = Lanes(training.data.train, lanes, backward=False).next(
        window, np.zeros(lanes, bool)
    )
    found = training.data.tables.targets[tokens[1:]]
    targets = torch.from_numpy(found.ravel().astype("int64"))
    ends = network.softmax.ends
    classes = [targets[(targets >= a) & (targets < b)] - a for a, b in pairwise(ends)]
    layers = [
        (network.softmax.head, targets.clamp(max=network.softmax.head.out_features - 1)),
        *(
            (nn.Sequential(narrow, rare), own)
            for narrow, rare, own in zip(
                network.softmax.narrow, network.softmax.classes, classes, strict=True
            )
        ),
    ]
    says = [torch.randn(len(own), size, requires_grad=True) for _, own in layers]
    in_bf16 = checked_precision(settings.precision, CPU) == "bf16"

    def run() -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=in_bf16):
            states = [lstm(x, state)[0] for lstm, x in zip(lstms, inputs, strict=True)]
            losses: list[Tensor] = [
                cross_entropy(layer(given).float(), own, reduction="sum")
                for _ in lstms
                for (layer, own), given in zip(layers, says, strict=True)
                if len(own)
            ]
        backs = [back.to(each.dtype) for each in states]
        torch.autograd.backward([*states, *losses], [*backs, *(torch.ones(()) for _ in losses)])
        weights = (weight for module in lstms for weight in module.parameters())
        for each in (*weights, *network.softmax.parameters(), *inputs, *says):
            each.grad = None

    return run


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(training: Pretraining, pairs: int) -> dict[str, float | int]:
    """Steps and kernels in turns."""
    steps, kernels = training.run(), kernels_of(training)

    def step() -> None:
        while not isinstance(next(steps), PretrainingStep):
            pass  # a report

    tokens = training.settings.lanes * training.settings.window
    for _ in range(WARM_UP):
        step()
        kernels()
    times = [(seconds(step), seconds(kernels)) for _ in range(pairs)]
    of_step, of_kernels = (statistics.median(part) for part in zip(*times, strict=True))
    return {
        "tokens_per_cpu_second": round(tokens / of_step),
        "kernels_alone": round(tokens / of_kernels),
        "ratio": round(statistics.median(kernels / step for step, kernels in times), 3),
    }


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--tokens", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        write_token_files(Path(folder), text(options.tokens, options.seed), lambda tokens: None)
        files = open_token_files(Path(folder))
        for precision in ("fp32", "bf16"):
            settings = LanguageModelSettings(precision=precision, reports=1, epochs=10.0)
            has_it = checked_precision("auto", CPU) == "bf16"
            if precision == "bf16" and not has_it:
                continue
            data = prepare_language_data(files, settings)
            result |= {
                "tokens": len(files.train) + len(files.dev),
                "forms": len(files.texts.forms),
                "targets": len(data.targets),
                precision: measure(Pretraining(data, settings), options.pairs),
            }
    result["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
