"""Can it name a symbol that it saw 200 steps ago? An LSTM and plain RNNs, as JSON.

    python benchmarks/long_memory.py [--kinds 3] [--shortest 1] [--updates 2500] [--plot FILE.svg]

Symbols pass by, one of eight at each step; now and then one carries a mark, of one of several
kinds. At the end the net names the last symbol of each kind. The last marked ones come together,
in any order, then unmarked symbols for as long as the delay. So a mark must replace what was kept
and 200 symbols that look alike must not.

Nets learn from fresh random sequences with delays from `--shortest` to 200 (uniform in logarithm),
the same for all, with Adam, clipped gradients and a rate that falls to 0, until all is named in
validation or the updates are used up; kept are the weights that were best in validation. Each kind
of net chooses its learning rate, and the RNN its initialisation too, on a seed of its own. The LSTM
begins as the tagger's do. It does not say what an RNN could learn in another way.
"""

import argparse
import copy
import json
import time
from pathlib import Path
from statistics import geometric_mean, mean, stdev
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tagger.atomic import atomic_file
from tagger.network.lstm import initialise

SYMBOLS, PRELUDE, BATCH, HIDDEN = 8, 10, 32, 32
DELAYS = (10, 25, 50, 100, 200)
RATES = (1e-2, 3e-3, 1e-3)
BEGINNINGS = {"lstm": ("tagger",), "rnn": ("orthogonal", "identity")}
CHOOSING, SEEDS = 100, (1, 2, 3)
VALIDATION, TEST = 1_000_001, 1_000_002
ENOUGH, EVERY = 0.998, 50


class Setting(NamedTuple):
    """What is chosen for a kind of net."""

    beginning: str
    rate: float


class Net(nn.Module):
    """A recurrent net of one layer; names the kept symbols from its last state.

    Shape: inputs (length, batch, symbols + kinds) -> (batch, kinds, symbols).
    """

    def __init__(self, name: str, beginning: str, *, kinds: int, hidden_size: int) -> None:
        super().__init__()
        layer = nn.LSTM if name == "lstm" else nn.RNN
        self.layer = layer(SYMBOLS + kinds, hidden_size)
        if name == "lstm":
            initialise(self.layer)
        else:
            initialise_rnn(self.layer, beginning)
        self.head = nn.Linear(hidden_size, kinds * SYMBOLS)

    def forward(self, inputs: Tensor) -> Tensor:
        """Scores of the symbols, per kind of mark."""
        states, _ = self.layer(inputs)
        return self.head(states[-1]).unflatten(1, (-1, SYMBOLS))


def initialise_rnn(rnn: nn.RNN, beginning: str) -> None:
    """Glorot input weights, orthogonal recurrent ones or the identity, biases 0."""
    nn.init.xavier_uniform_(rnn.weight_ih_l0)
    (nn.init.orthogonal_ if beginning == "orthogonal" else nn.init.eye_)(rnn.weight_hh_l0)
    nn.init.zeros_(rnn.bias_ih_l0)
    nn.init.zeros_(rnn.bias_hh_l0)


def sequences(
    number: int, *, delay: int, kinds: int, source: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Inputs (length, number, symbols + kinds) and the symbols to name (number, kinds)."""
    symbols = torch.randint(SYMBOLS, (PRELUDE + kinds + delay, number), generator=source)
    early = torch.randint(-2 * kinds, kinds, (PRELUDE, number), generator=source)
    last = torch.rand(kinds, number, generator=source).argsort(0)
    marks = torch.cat([early, last, torch.full((delay, number), -1)])
    marked = marks.unsqueeze(-1) == torch.arange(kinds)
    inputs = torch.cat([nn.functional.one_hot(symbols, SYMBOLS), marked], dim=-1).float()
    return inputs, symbols[PRELUDE : PRELUDE + kinds].gather(0, last.argsort(0)).T


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", type=int, default=3, help="of marks, so symbols to remember")
    parser.add_argument("--shortest", type=int, default=1, help="the shortest delay learned from")
    parser.add_argument("--updates", type=int, default=2500, help="of the weights, at most")
    parser.add_argument("--plot", type=Path, help="an SVG file to write")
    options = parser.parse_args()
    torch.set_num_threads(1)
    task = {"kinds": options.kinds, "shortest": options.shortest, "updates": options.updates}
    weights = weights_of(Net("lstm", "tagger", kinds=options.kinds, hidden_size=HIDDEN))
    wide = HIDDEN
    while weights_of(Net("rnn", "identity", kinds=options.kinds, hidden_size=wide)) < weights:
        wide += 1
    nets = {
        "lstm": measure("lstm", HIDDEN, task),
        "rnn": measure("rnn", HIDDEN, task),
        "rnn_of_as_many_weights": measure("rnn", wide, task),
    }
    if options.plot:
        plot(nets, options.plot)
    print(json.dumps({**task, "chance": 1 / SYMBOLS, "seeds": SEEDS, "nets": nets}))


def weights_of(net: Net) -> int:
    """How many numbers it learns."""
    return sum(parameter.numel() for parameter in net.parameters())


def measure(name: str, hidden_size: int, task: dict[str, int]) -> dict[str, Any]:
    """Chooses a setting on one seed, then learns and is tested on the others."""
    begun = time.process_time()
    sizes = {"kinds": task["kinds"], "hidden_size": hidden_size}
    tried = {}
    for setting in [Setting(b, rate) for b in BEGINNINGS[name] for rate in RATES]:
        torch.manual_seed(CHOOSING)
        net = Net(name, setting.beginning, **sizes)
        tried[setting] = learn(net, setting.rate, CHOOSING, task)
    # the best in validation; of equals the one that was there first
    setting = max(tried, key=lambda s: (min(tried[s][0], ENOUGH), -tried[s][1]))
    tests, updates, slopes = [], [], {"untrained": [], "trained": []}
    for seed in SEEDS:
        torch.manual_seed(seed)
        net = Net(name, setting.beginning, **sizes)
        slopes["untrained"].append(gradients(net, task["kinds"]))
        updates.append(learn(net, setting.rate, seed, task)[1])
        slopes["trained"].append(gradients(net, task["kinds"]))
        tests.append([accuracy(net, d, task["kinds"], TEST, 1000) for d in DELAYS])
    return {
        "hidden_size": hidden_size,
        "weights": weights_of(net),
        "chosen": setting._asdict(),
        "validation": {
            f"{s.beginning} {s.rate:g}": round(found[0], 3) for s, found in tried.items()
        },
        "accuracy": {d: by_seed([t[i] for t in tests]) for i, d in enumerate(DELAYS)},
        "updates": updates,
        "gradient": {
            when: {
                d: f"{geometric_mean(g[i] for g in found):.1e}" for i, d in enumerate((1, *DELAYS))
            }
            for when, found in slopes.items()
        },
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def by_seed(values: list[float]) -> dict[str, Any]:
    """Mean and standard deviation, and what they are made of."""
    rounded = [round(value, 4) for value in values]
    return {"mean": round(mean(values), 4), "sd": round(stdev(values), 4), "seeds": rounded}


def learn(net: Net, rate: float, seed: int, task: dict[str, int]) -> tuple[float, int]:
    """Trains a net; its best accuracy in validation, and after how many updates training ended."""
    source = torch.Generator().manual_seed(1000 + seed)
    optimiser = torch.optim.Adam(net.parameters(), lr=rate, betas=(0.9, 0.99))
    updates, shortest, kinds = task["updates"], task["shortest"], task["kinds"]
    best, kept, update = -1.0, {}, 0
    for update in range(1, updates + 1):
        optimiser.param_groups[0]["lr"] = rate * (1 - (update - 1) / updates)
        grown = (DELAYS[-1] / shortest) ** torch.rand(1, generator=source).item()
        delay = min(DELAYS[-1], round(shortest * grown))
        inputs, targets = sequences(BATCH, delay=delay, kinds=kinds, source=source)
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(inputs).flatten(0, 1), targets.flatten()).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        if update % EVERY == 0 or update == updates:
            found = mean(accuracy(net, d, kinds, VALIDATION, 100) for d in DELAYS)
            if found > best:
                best, kept = found, copy.deepcopy(net.state_dict())
            if found >= ENOUGH:
                break
    net.load_state_dict(kept)
    return best, update


@torch.no_grad()
def accuracy(net: Net, delay: int, kinds: int, seed: int, number: int) -> float:
    """The share of symbols named rightly at one delay."""
    source = torch.Generator().manual_seed(seed + delay)
    inputs, targets = sequences(number, delay=delay, kinds=kinds, source=source)
    return (net(inputs).argmax(-1) == targets).float().mean().item()


def gradients(net: Net, kinds: int) -> list[float]:
    """How much of the gradient at delay 1 is left at each delay, at the first of the last marks.

    The gradient is that of the right symbols' scores, not of the loss, which is nearly 0 once
    all is learned and would hide what comes back.
    """
    exact, norms = copy.deepcopy(net).double(), []
    for delay in (1, *DELAYS):
        source = torch.Generator().manual_seed(TEST + delay)
        inputs, targets = sequences(BATCH, delay=delay, kinds=kinds, source=source)
        inputs = inputs.double().requires_grad_()
        scores = exact(inputs).gather(-1, targets.unsqueeze(-1)).sum()
        (gradient,) = torch.autograd.grad(scores, inputs)
        norms.append(gradient[PRELUDE].norm(dim=-1).mean().item())
    return [max(norm / norms[0], 1e-30) for norm in norms]  # 0 has no logarithm


def plot(nets: dict[str, Any], path: Path) -> None:
    """Accuracy and gradient against the delay."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "tagger", "svg.fonttype": "none", "font.size": 9}
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for i, (name, net) in enumerate(nets.items()):
        label = f"{name.split('_')[0].upper()}, {net['hidden_size']} units"
        found = net["accuracy"]
        means, deviations = ([100 * a[k] for a in found.values()] for k in ("mean", "sd"))
        left.errorbar(DELAYS, means, deviations, marker="o", color=f"C{i}", label=label, capsize=3)
        for when, style in (("trained", "-"), ("untrained", "--")):
            shares = [float(share) for share in net["gradient"][when].values()]
            tail = f"{label}, {when}"
            right.plot((1, *DELAYS), shares, style, marker=".", color=f"C{i}", label=tail)
    left.axhline(100 / SYMBOLS, color="grey", linestyle=":", label="chance")
    left.set(xlabel="delay, steps", ylabel="symbols named rightly, %", ylim=(0, 104), xscale="log")
    right.set(xlabel="delay, steps", ylabel="gradient left, of that at delay 1", yscale="log")
    for axes, ticks in ((left, DELAYS), (right, (1, 50, 100, 200))):
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.legend(fontsize=7)
    with atomic_file(path) as stream:
        figure.savefig(stream, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
