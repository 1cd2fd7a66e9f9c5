"""What int8 costs, on real text: tags against those of fp32, from the same weights."""

from pathlib import Path

import msgspec
import pytest

from tagger.corpus.files import read_all
from tagger.inference.folder import Precision
from tagger.inference.pipeline import Tagger
from tagger.sentence import Sentence
from tagger.training.data import prepare
from tagger.training.finish import write_model
from tagger.training.loop import Training
from tagger.training.settings import settings_from
from tests.conftest import CORPORA, train_to_the_end

pytestmark = pytest.mark.corpora
EWT = CORPORA / "ud-english-ewt"
MOST_DIFFERENT = 0.001  # of all tags


@pytest.mark.timeout(600)
def test_int8_changes_one_tag_in_a_thousand_at_most(tmp_path: Path) -> None:
    train = read_all([EWT / "en_ewt-ud-train.conllu"])[:3000]
    dev = read_all([EWT / "en_ewt-ud-dev.conllu"])
    small = {"optimisation": {"epochs": 5, "least_steps": 1}, "encoder": {"hidden_size": 64}}
    settings = settings_from(small)
    training = train_to_the_end(
        Training(prepare(train, dev[:100], ["upos", "xpos"], settings), settings)
    )

    def tagged(precision: Precision) -> list[Sentence]:
        training.settings = msgspec.structs.replace(settings, precision=precision)
        write_model(training, tmp_path / precision, records=[], command="")
        return list(Tagger(tmp_path / precision).tag_sentences(s.without_columns() for s in dev))

    pairs = [
        (left, right)
        for int8, fp32 in zip(tagged("int8"), tagged("fp32"), strict=True)
        for name in ("upos", "xpos")
        for left, right in zip(int8.columns[name], fp32.columns[name], strict=True)
    ]
    different = sum(left != right for left, right in pairs)
    assert 0 < different / len(pairs) <= MOST_DIFFERENT
