"""Dropout: what is dropped, how much of it, and that nothing is outside training."""

import pytest
import torch

from tagger.network.dropout import LockedDropout, WordDropout


def test_a_locked_mask_is_the_same_over_positions_and_differs_between_sentences() -> None:
    torch.manual_seed(1)
    dropped = LockedDropout(0.4)(torch.ones(3, 7, 200))
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])


def test_locked_dropout_keeps_the_expected_value() -> None:
    torch.manual_seed(1)
    dropped = LockedDropout(0.4)(torch.ones(4, 2, 5000))
    assert sorted(dropped.unique().tolist()) == pytest.approx([0.0, 1 / 0.6])
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.02)


def test_nothing_is_dropped_outside_training_or_at_rate_0() -> None:
    states, words = torch.randn(2, 3, 4), torch.arange(6).view(2, 3)
    assert LockedDropout(0.5).eval()(states) is states
    assert LockedDropout(0.0)(states) is states
    assert WordDropout(0.5, 1).eval()(words) is words
    assert WordDropout(0.0, 1)(words) is words


def test_dropped_words_become_the_unknown_word_at_about_the_rate() -> None:
    torch.manual_seed(1)
    words = torch.arange(10, 20_010).view(100, 200)
    found = WordDropout(0.15, 1)(words)
    changed = found != words
    assert (found[changed] == 1).all()
    assert changed.float().mean().item() == pytest.approx(0.15, abs=0.01)
    assert words.min() == 10, "the words given in stay as they were"
