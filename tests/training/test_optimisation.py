"""How weights change: the rate's course, the average, what decays."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from tagger.training.optimisation import (
    LEAST_BATCH_TOKENS,
    learning_rate,
    make_optimiser,
    plan_schedule,
    update_average,
)
from tagger.training.settings import Optimisation


def test_the_rate_rises_to_its_highest_over_the_warm_up_and_falls_to_0() -> None:
    settings = Optimisation(learning_rate=2.0, warm_up=0.1)
    rates = [learning_rate(step, 100, settings) for step in range(101)]
    assert rates[:10] == pytest.approx([0.2 * (i + 1) for i in range(10)])
    assert rates[10] == pytest.approx(2.0)
    assert rates[55] == pytest.approx(1.0)
    assert all(a > b for a, b in pairwise(rates[10:]))
    assert rates[100] == 0.0


@pytest.mark.parametrize("num_steps", [1, 2, 3])
def test_every_step_of_a_very_short_training_has_a_rate(num_steps: int) -> None:
    settings = Optimisation(learning_rate=2.0, warm_up=0.9)
    assert all(0 < learning_rate(step, num_steps, settings) <= 2.0 for step in range(num_steps))
    assert learning_rate(num_steps + 5, num_steps, settings) >= 0.0, "steps beyond the plan"


def test_the_average_follows_the_weights_faster_at_the_beginning() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.ones_(network.weight)
    early, late = ({"weight": torch.zeros(1, 1)} for _ in range(2))
    update_average(early, network, 0.99, 0)
    update_average(late, network, 0.99, 10_000)
    assert early["weight"].item() == pytest.approx(0.9)
    assert late["weight"].item() == pytest.approx(0.01)
    assert network.weight.item() == 1.0


def test_weights_decay_and_biases_do_not() -> None:
    network = nn.Linear(2, 2)
    nn.init.ones_(network.weight)
    nn.init.ones_(network.bias)
    optimiser = make_optimiser(network, Optimisation(learning_rate=0.1, weight_decay=0.5))
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    assert network.weight.flatten().tolist() == pytest.approx([0.95] * 4)
    assert network.bias.tolist() == [1.0, 1.0]


def test_what_is_given_is_kept_for_a_corpus_of_any_size() -> None:
    settings = Optimisation(epochs=3, batch_tokens=70, least_steps=2000)
    assert {plan_schedule(settings, n) for n in (1, 5000, 10**7)} == {(3, 70)}


def test_a_large_corpus_is_read_15_times_in_batches_of_1000_tokens() -> None:
    assert plan_schedule(Optimisation(), 200_000) == (15, 1000)
    assert plan_schedule(Optimisation(), 10**8) == (15, 1000)


def test_a_small_corpus_gets_smaller_batches_and_then_more_epochs() -> None:
    settings = Optimisation(least_steps=2000)
    assert plan_schedule(settings, 60_000) == (16, 450)
    assert plan_schedule(settings, 5000) == (40, LEAST_BATCH_TOKENS)
    assert plan_schedule(settings, 1) == (2000, LEAST_BATCH_TOKENS)


def test_what_is_given_decides_what_is_left_open() -> None:
    assert plan_schedule(Optimisation(epochs=30), 60_000) == (30, 450)
    assert plan_schedule(Optimisation(epochs=1), 200_000) == (1, 1000)
    assert plan_schedule(Optimisation(batch_tokens=500), 5000) == (200, 500)
