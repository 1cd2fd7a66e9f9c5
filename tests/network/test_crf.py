"""The CRF against brute force over all tag sequences, in float64."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from torch import Tensor

from tagger.inference.decoding import FORBIDDEN, Transitions, decode, legal_transitions
from tagger.network.crf import CRF

NUM_TAGS, LENGTHS = 3, (4, 1, 3, 2)
FREE = Transitions(np.zeros(3), np.zeros((3, 3)), np.zeros(3))
# Tag 2 may not begin, 0 may not be followed by 2, 1 may not end.
STRICT = Transitions(
    np.array([0, 0, FORBIDDEN]),
    np.array([[0, 0, FORBIDDEN], [0, 0, 0], [0, 0, 0]]),
    np.array([0, FORBIDDEN, 0]),
)
MASK = torch.arange(4) < torch.tensor(LENGTHS).unsqueeze(1)


def random_crf(legal: Transitions) -> CRF:
    torch.manual_seed(1)
    crf = CRF(legal).double()
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter)
    return crf


def random_emissions(scale: float = 2.0) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return scale * torch.randn(4, 4, NUM_TAGS, generator=generator, dtype=torch.float64)


def is_legal(tags: tuple[int, ...], legal: Transitions) -> bool:
    steps = sum(legal.between[step] for step in pairwise(tags))
    forbidden = legal.start[tags[0]] + legal.end[tags[-1]] + steps
    return bool(forbidden == 0)


def score_by_hand(crf: CRF, emissions: Tensor, tags: tuple[int, ...]) -> float:
    """The score of one sequence from the learned weights, legal or not."""
    score = crf.start[tags[0]] + crf.end[tags[-1]]
    for position, tag in enumerate(tags):
        score = score + emissions[position, tag]
        if position:
            score = score + crf.between[tags[position - 1], tag]
    return score.item()


def legal_sequences(length: int, legal: Transitions) -> list[tuple[int, ...]]:
    return [t for t in product(range(NUM_TAGS), repeat=length) if is_legal(t, legal)]


@pytest.mark.parametrize("legal", [FREE, STRICT], ids=["free", "strict"])
def test_the_log_partition_equals_brute_force(legal: Transitions) -> None:
    crf, emissions = random_crf(legal), random_emissions()
    found = crf.log_partition(emissions, MASK)
    for i, length in enumerate(LENGTHS):
        sequences = legal_sequences(length, legal)
        scores = torch.tensor([score_by_hand(crf, emissions[i], tags) for tags in sequences])
        assert found[i].item() == pytest.approx(scores.double().logsumexp(0).item(), abs=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_the_soft_loss_is_the_mean_loss_of_tags_drawn_token_by_token(temperature: float) -> None:
    crf, emissions = random_crf(FREE), random_emissions()
    chances = torch.rand(4, 4, NUM_TAGS, dtype=torch.float64) * MASK.unsqueeze(2)
    chances = chances / chances.sum(2, keepdim=True).clamp(min=1e-9)
    found = crf.soft_loss(emissions, chances, MASK, temperature)
    for i, length in enumerate(LENGTHS):
        sequences = legal_sequences(length, FREE)
        scores = np.array([score_by_hand(crf, emissions[i], tags) for tags in sequences])
        losses = np.logaddexp.reduce(scores / temperature) - scores / temperature
        drawn = [chances[i, range(length), tags].prod().item() for tags in sequences]
        assert found[i].item() == pytest.approx(float(losses @ drawn), rel=1e-6)


def test_the_soft_loss_of_certain_tags_is_the_loss() -> None:
    crf, emissions = random_crf(STRICT), random_emissions()
    tags = torch.tensor([[0, 1, 2, 0], [0, 0, 0, 0], [1, 2, 2, 0], [0, 0, 0, 0]])
    certain = torch.nn.functional.one_hot(tags, NUM_TAGS).double() * MASK.unsqueeze(2)
    expected = crf.loss(emissions, tags, MASK)
    assert crf.soft_loss(emissions, certain, MASK).tolist() == pytest.approx(expected.tolist())


def test_the_soft_loss_stays_finite_where_forbidden_steps_are_drawn() -> None:
    crf, emissions = random_crf(STRICT), random_emissions()
    even = torch.full((4, 4, NUM_TAGS), 1 / 3, dtype=torch.float64) * MASK.unsqueeze(2)
    assert (crf.soft_loss(emissions, even, MASK).abs() < 100).all()


@pytest.mark.parametrize("legal", [FREE, STRICT], ids=["free", "strict"])
def test_score_and_loss_equal_brute_force_for_every_legal_sequence(legal: Transitions) -> None:
    crf, emissions = random_crf(legal), random_emissions()
    for i, length in enumerate(LENGTHS):
        sequences = legal_sequences(length, legal)
        scores = [score_by_hand(crf, emissions[i], tags) for tags in sequences]
        normaliser = float(np.logaddexp.reduce(scores))
        num = len(sequences)
        tags = torch.full((num, 4), -100)  # what stands beyond the end must not matter
        tags[:, :length] = torch.tensor(sequences)
        mask, repeated = MASK[i].expand(num, 4), emissions[i].expand(num, 4, NUM_TAGS)
        assert crf.score(repeated, tags, mask).tolist() == pytest.approx(scores)
        expected = [normaliser - score for score in scores]
        assert crf.loss(repeated, tags, mask).tolist() == pytest.approx(expected)


def test_the_gradients_are_right() -> None:
    crf, emissions = random_crf(STRICT), random_emissions().requires_grad_()
    tags = torch.tensor([[0, 1, 2, 0], [0, 0, 0, 0], [1, 2, 2, 0], [1, 0, 0, 0]])

    def loss(emissions: Tensor, *_: Tensor) -> Tensor:
        return crf.loss(emissions, tags, MASK)

    assert torch.autograd.gradcheck(loss, (emissions, *crf.parameters()))


def test_a_forbidden_step_never_wins_and_has_no_probability() -> None:
    crf, emissions = random_crf(STRICT), random_emissions()
    with torch.no_grad():
        for parameter in crf.parameters():  # whatever is learned for a forbidden step
            parameter[:] = 0.0
        crf.start[2] = crf.between[0, 2] = crf.end[1] = 30.0
    forbidden = [t for t in product(range(3), repeat=4) if not is_legal(t, STRICT)]
    assert len(forbidden) > 40
    with torch.no_grad():
        log_partition = crf.log_partition(emissions[:1], MASK[:1])
        for tags in forbidden:
            score = crf.score(emissions[:1], torch.tensor([tags]), MASK[:1])
            assert (score - log_partition).exp().item() < 1e-12
    best = decode(emissions.numpy(), LENGTHS, crf.transitions())
    assert all(is_legal(tuple(tags), STRICT) for tags in best)


def test_probabilities_of_all_sequences_add_up_to_one() -> None:
    crf, emissions = random_crf(STRICT), random_emissions()
    tags = torch.tensor(list(product(range(3), repeat=4)))
    mask = torch.ones(len(tags), 4, dtype=torch.bool)
    losses = crf.loss(emissions[0].expand(len(tags), 4, NUM_TAGS), tags, mask)
    assert (-losses).exp().sum().item() == pytest.approx(1.0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_extreme_scores_have_finite_losses_and_gradients(dtype: torch.dtype) -> None:
    tags = ["O", *(f"{prefix}-{label}" for label in ("LOC", "PER") for prefix in "BIES")]
    crf = CRF(legal_transitions(tags, "IOBES")).to(dtype)
    generator = torch.Generator().manual_seed(3)
    signs = torch.randint(0, 2, (8, 12, len(tags)), generator=generator)
    emissions = (100.0 * signs - 50.0).to(dtype).requires_grad_()
    gold = torch.zeros(8, 12, dtype=torch.long)
    gold[:, 3:6] = torch.tensor([1, 2, 3])
    mask = torch.ones(8, 12, dtype=torch.bool)
    losses = crf.loss(emissions, gold, mask)
    losses.sum().backward()
    assert losses.isfinite().all()
    assert (losses >= 0).all()
    for tensor in (emissions, *crf.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


def test_the_longer_of_two_sentences_changes_nothing_in_the_shorter() -> None:
    crf, emissions = random_crf(FREE), random_emissions()
    together = crf.log_partition(emissions, MASK)
    for i, length in enumerate(LENGTHS):
        alone = crf.log_partition(emissions[i : i + 1, :length], MASK[i : i + 1, :length])
        assert together[i].item() == pytest.approx(alone.item(), abs=1e-12)


@pytest.mark.parametrize("largest", [1.0, 10.0, 30.0, 100.0])
def test_scaling_loses_nothing_of_large_scores(largest: float) -> None:
    tags = ["O", *(f"{prefix}-{label}" for label in ("LOC", "PER") for prefix in "BIES")]
    crf = CRF(legal_transitions(tags, "IOBES"))
    generator = torch.Generator().manual_seed(4)
    emissions = largest * (2 * torch.rand(50, 12, len(tags), generator=generator) - 1).sign()
    found = crf.log_partition(emissions, torch.ones(50, 12, dtype=torch.bool))
    start, between, end = (scores.detach().double() for scores in crf.scores())
    alphas = start + emissions[:, 0].double()
    for position in range(1, 12):
        alphas = (alphas.unsqueeze(2) + between).logsumexp(1) + emissions[:, position]
    expected = (alphas + end).logsumexp(1)
    assert torch.allclose(found.double(), expected, atol=1e-3)
