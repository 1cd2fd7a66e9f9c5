"""What `train` says of memory before it begins."""

import pytest

from tagger.cli import headroom as told
from tagger.cli.console import Verbosity
from tagger.training.headroom import Headroom
from tagger.training.loop import Training
from tests.training.test_loop import make_training

FREE = "memory: 2.0 GB free for the CPU"
HEADROOM = Headroom(free=2 * 10**9, needed=80_400_000, fullest=1000, longest=99, largest=24_000)


@pytest.fixture(scope="module")
def training() -> Training:
    return make_training()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            HEADROOM,
            f"{FREE}; the fullest batch, of 1,000 tokens, takes about 80 MB; batch_tokens up to "
            "24,000 would fit\n",
        ),
        (
            HEADROOM._replace(fullest=64_000, needed=5_040_000_000),
            f"warning: {FREE}, but the fullest batch, of 64,000 tokens, takes about 5.0 GB: it "
            "will be read in parts (--batch-tokens 24000 would fit)\n",
        ),
        (
            HEADROOM._replace(largest=90),
            f"warning: {FREE}, which is too little for the longest sentence, of 99 tokens (a "
            "smaller hidden_size helps, or preprocess --max-length)\n",
        ),
        (None, ""),
    ],
    ids=["fits", "too large", "not one sentence fits", "not known"],
)
def test_what_is_free_and_what_would_fit_is_said(
    found: Headroom | None,
    expected: str,
    training: Training,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(told, "headroom", lambda training: found)
    told.tell_headroom(training)
    assert capsys.readouterr().err == expected


def test_who_wants_quiet_does_not_wait_for_it(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Verbosity, "quiet", True)
    monkeypatch.setattr(told, "headroom", None)
    told.tell_headroom(training)
