"""Heads: losses against torch's own and against brute force, and tags that are not there."""

from itertools import product

import pytest
import torch
from torch import Tensor

from tagger.inference.decoding import FORBIDDEN, legal_transitions
from tagger.network.heads import CRFHead, SoftmaxHead
from tagger.tasks import IGNORED

TAGS = ["O", "B-X", "I-X"]
LEGAL = legal_transitions(TAGS, "IOB2")


def random_emissions(batch: int = 3, length: int = 4) -> Tensor:
    torch.manual_seed(1)
    return 2 * torch.randn(batch, length, len(TAGS))


def test_a_head_gives_one_score_per_tag() -> None:
    head = SoftmaxHead(input_size=5, legal=LEGAL)
    assert head(torch.randn(2, 4, 5)).shape == (2, 4, 3)


def test_the_softmax_loss_is_torchs_cross_entropy_over_tagged_tokens() -> None:
    emissions = random_emissions()
    tags = torch.tensor([[0, 1, 2, 0], [1, IGNORED, 0, IGNORED], [IGNORED] * 4])
    found = SoftmaxHead(input_size=5, legal=LEGAL).loss(emissions, tags)
    tagged = tags != IGNORED
    log_probabilities = emissions[tagged].log_softmax(-1)
    expected = -log_probabilities[torch.arange(6), tags[tagged]].sum()
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_crf_loss_is_the_sum_over_tagged_sentences() -> None:
    head = CRFHead(input_size=5, legal=LEGAL)
    torch.nn.init.normal_(head.crf.between)
    emissions = random_emissions()
    gold = [[0, 1, 2, 0], [1, 0]]
    tags = torch.tensor([gold[0], [IGNORED] * 4, [*gold[1], IGNORED, IGNORED]])

    def score(row: int, sequence: tuple[int, ...] | list[int]) -> float:
        start, between, end = head.crf.scores()
        total = start[sequence[0]] + end[sequence[-1]]
        for position, tag in enumerate(sequence):
            total = total + emissions[row, position, tag]
            if position:
                total = total + between[sequence[position - 1], tag]
        return total.item()

    expected = 0.0
    for row, sequence in ((0, gold[0]), (2, gold[1])):
        every = [score(row, tags) for tags in product(range(3), repeat=len(sequence))]
        expected += torch.tensor(every).logsumexp(0).item() - score(row, sequence)
    assert head.loss(emissions, tags).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", [SoftmaxHead, CRFHead])
def test_a_batch_without_gold_tags_has_a_loss_of_0_and_no_slope(
    kind: type[SoftmaxHead] | type[CRFHead],
) -> None:
    emissions = random_emissions().requires_grad_()
    loss = kind(input_size=5, legal=LEGAL).loss(emissions, torch.full((3, 4), IGNORED))
    loss.backward()
    assert loss.item() == 0.0
    assert emissions.grad is not None
    assert not emissions.grad.any()


@pytest.mark.parametrize("hole", [0, 1, 2])
def test_a_sentence_with_an_unannotated_token_inside_teaches_a_crf_nothing(hole: int) -> None:
    head = CRFHead(input_size=5, legal=legal_transitions(TAGS, None))
    torch.nn.init.normal_(head.crf.end)
    emissions = random_emissions()
    tags = torch.tensor([[0, 1, 2, 0], [1, 0, IGNORED, IGNORED], [2, 2, 1, 0]])
    expected = head.loss(emissions[:2], tags[:2])
    tags[2, hole] = IGNORED
    assert head.loss(emissions, tags).item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_softmax_heads_chain_is_what_the_scheme_allows() -> None:
    chain = SoftmaxHead(input_size=5, legal=LEGAL).transitions()
    assert chain.start.tolist() == [0.0, 0.0, FORBIDDEN]
    assert chain.between.tolist() == [[0.0, 0.0, FORBIDDEN], [0.0] * 3, [0.0] * 3]


def test_a_crf_heads_chain_is_learned_where_the_scheme_allows_it() -> None:
    head = CRFHead(input_size=5, legal=LEGAL)
    with torch.no_grad():
        head.crf.start.fill_(2.0)
        head.crf.between.fill_(3.0)
    chain = head.transitions()
    assert chain.start.tolist() == [2.0, 2.0, FORBIDDEN]
    assert chain.between.tolist() == [[3.0, 3.0, FORBIDDEN], [3.0] * 3, [3.0] * 3]


@pytest.mark.parametrize("kind", [SoftmaxHead, CRFHead])
def test_certain_labels_are_learned_like_gold_tags(kind: type[SoftmaxHead | CRFHead]) -> None:
    head, emissions = kind(input_size=5, legal=LEGAL), random_emissions()
    tags = torch.tensor([[0, 1, 2, 0], [1, 0, IGNORED, IGNORED], [IGNORED] * 4])
    certain = torch.zeros(3, 4, 3)
    for row, column in (tags != IGNORED).nonzero().tolist():
        certain[row, column, tags[row, column]] = 1.0
    found = head.soft_loss(emissions, certain, 1.0)
    assert found.item() == pytest.approx(head.loss(emissions, tags).item(), rel=1e-5)


def test_a_chain_learns_nothing_of_a_sentence_with_an_unlabelled_token() -> None:
    head, emissions = CRFHead(input_size=5, legal=LEGAL), random_emissions(batch=2)
    chances = torch.full((2, 4, 3), 1 / 3)
    whole = head.soft_loss(emissions[:1], chances[:1], 1.0)
    chances[1, 2] = 0.0
    assert head.soft_loss(emissions, chances, 1.0).item() == pytest.approx(whole.item())
    assert head.soft_loss(emissions, torch.zeros(2, 4, 3), 1.0).item() == 0.0


def test_the_softmax_against_a_teacher_is_their_cross_entropy_at_the_temperature() -> None:
    emissions = random_emissions(batch=1, length=1)
    chances = torch.tensor([[[0.7, 0.2, 0.1]]])
    found = SoftmaxHead(input_size=5, legal=LEGAL).soft_loss(emissions, chances, 2.0)
    student = (emissions / 2.0).softmax(-1)
    assert found.item() == pytest.approx(-(chances * student.log()).sum().item(), rel=1e-5)
