"""The adaptive softmax against one whole softmax over all targets, written out."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from tagger.network.adaptive_softmax import AdaptiveSoftmax

SIZE = 8


def softmax_of(num_targets: int = 11, cutoffs: tuple[int, ...] = (4, 7)) -> AdaptiveSoftmax:
    """Every weight random, biases too."""
    softmax = AdaptiveSoftmax(input_size=SIZE, num_targets=num_targets, cutoffs=cutoffs)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in softmax.parameters():
            weights.normal_(0.0, 0.7, generator=generator)
    return softmax


def states_of(number: int) -> Tensor:
    return torch.randn(number, SIZE, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def in_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made fp32 for the sake of bf16 stays as it is."""
    monkeypatch.setattr(Tensor, "float", lambda self: self)


@pytest.mark.usefixtures("in_float64")
def test_a_target_has_the_probability_of_its_class_times_its_own_within_it() -> None:
    """Classes 4..6 and 7..10, in half and a quarter of the dimensions but at least 4."""
    softmax, states = softmax_of().double(), states_of(5).double()
    found = softmax.log_probabilities(states).exp()
    for state, probabilities in zip(states, found, strict=True):
        head = (softmax.head.weight @ state + softmax.head.bias).exp()
        expected = (head[:4] / head.sum()).tolist()
        for i in range(2):
            narrow, rare = softmax.narrow[i].weight, softmax.classes[i]
            within = (rare.weight @ (narrow @ state) + rare.bias).exp()
            expected += (head[4 + i] / head.sum() * within / within.sum()).tolist()
        assert probabilities.tolist() == pytest.approx(expected, rel=1e-12)


def test_rarer_classes_have_fewer_dimensions() -> None:
    softmax = AdaptiveSoftmax(input_size=32, num_targets=100, cutoffs=(10, 20, 40, 80))
    assert [narrow.out_features for narrow in softmax.narrow] == [16, 8, 4, 4]
    assert [rare.out_features for rare in softmax.classes] == [10, 20, 40, 20]
    assert softmax.head.out_features == 10 + 4


@pytest.mark.parametrize(
    ("num_targets", "cutoffs"),
    [(11, (4, 7)), (11, (4,)), (11, ()), (3, (4, 7)), (4, (4, 7)), (5, (4, 7)), (1, (1,))],
)
def test_probabilities_sum_to_1_and_losses_are_their_logarithms(
    num_targets: int, cutoffs: tuple[int, ...]
) -> None:
    softmax = softmax_of(num_targets, cutoffs)
    targets = torch.arange(num_targets).repeat(3)
    states = states_of(len(targets))
    told = softmax.log_probabilities(states)
    assert told.shape == (len(targets), num_targets)
    assert torch.allclose(told.exp().sum(1), torch.ones(len(targets)))
    expected = -told.gather(1, targets[:, None])[:, 0]
    assert torch.allclose(softmax.losses(states, targets), expected, atol=1e-5)


@pytest.mark.parametrize("targets", [(0, 3, 1), (5, 4), (10, 9, 10), (0, 9), (2,)])
def test_a_batch_may_lack_targets_of_a_class(targets: Sequence[int]) -> None:
    softmax = softmax_of()
    given, states = torch.tensor(targets), states_of(len(targets))
    losses = softmax.losses(states, given)
    expected = -softmax.log_probabilities(states).gather(1, given[:, None])[:, 0]
    assert torch.allclose(losses, expected, atol=1e-5)
    losses.sum().backward()
    for i, (start, end) in enumerate([(4, 7), (7, 11)]):
        is_there = any(start <= target < end for target in targets)
        assert (softmax.classes[i].weight.grad is not None) == is_there
        assert (softmax.narrow[i].weight.grad is not None) == is_there


@pytest.mark.usefixtures("in_float64")
def test_gradients_are_those_of_finite_differences() -> None:
    softmax, states = softmax_of().double(), states_of(6).double().requires_grad_()
    targets = torch.tensor([0, 3, 4, 6, 10, 7])
    names = [name for name, _ in softmax.named_parameters()]

    def losses(states: Tensor, *weights: Tensor) -> Tensor:
        given = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(_Losses(softmax), _prefixed(given), (states, targets))

    weights = [weight.detach().clone().requires_grad_() for weight in softmax.parameters()]
    assert torch.autograd.gradcheck(losses, (states, *weights))


class _Losses(torch.nn.Module):
    """A softmax whose forward is its losses."""

    def __init__(self, softmax: AdaptiveSoftmax) -> None:
        super().__init__()
        self.softmax = softmax

    def forward(self, states: Tensor, targets: Tensor) -> Tensor:
        return self.softmax.losses(states, targets)


def _prefixed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"softmax.{name}": weight for name, weight in weights.items()}


def test_losses_are_fp32_under_autocast() -> None:
    softmax, targets = softmax_of(), torch.arange(11)
    states = states_of(len(targets))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = softmax.losses(states, targets)
        told = softmax.log_probabilities(states)
    assert losses.dtype == told.dtype == torch.float32
    assert torch.allclose(losses, softmax.losses(states, targets), atol=0.1)
    assert torch.allclose(told.exp().sum(1), torch.ones(11), atol=1e-5)
