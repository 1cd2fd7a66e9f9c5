"""How well a network in training tags dev, in torch; the finished model is scored anew."""

from collections.abc import Sequence
from itertools import chain

import torch

from tagger.evaluation.scores import Score, score_task
from tagger.inference.decoding import decode
from tagger.network.model import Network
from tagger.sentence import Sentence
from tagger.tasks import Task
from tagger.training.batches import Batch, plan_batches
from tagger.training.data import TrainingData
from tagger.training.device import device_of
from tagger.training.distributed import ALONE, Group

BATCH_TOKENS = 4000


@torch.inference_mode()
def score_network(network: Network, data: TrainingData, group: Group = ALONE) -> list[Score]:
    """Scores of a network on dev, one per task; each rank tags its share."""
    transitions = {name: network.head(name).transitions() for name in network.names}
    predicted: dict[str, list[list[int]]] = {name: [[]] * len(data.dev) for name in transitions}
    tagged: list[tuple[str, list[int], list[list[int]]]] = []
    plan = plan_batches([len(s) for s in data.dev_encoded], BATCH_TOKENS, None)
    for indices in group.share(plan):
        batch = Batch([data.dev_encoded[i] for i in indices], data.dev_lexicon, ())
        batch = batch.to(device_of(network))
        lengths = batch.inputs.lengths.tolist()
        for name, emissions in network(batch.inputs).items():
            tagged.append(
                (name, indices, decode(emissions.cpu().numpy(), lengths, transitions[name]))
            )
    for name, indices, found in chain.from_iterable(group.gathered(tagged)):
        for i, ids in zip(indices, found, strict=True):
            predicted[name][i] = ids
    return [_score(task, data.dev, predicted[task.name]) for task in data.tasks]


def _score(task: Task, dev: Sequence[Sentence], predicted: Sequence[Sequence[int]]) -> Score:
    tagged = [i for i, sentence in enumerate(dev) if task.name in sentence.columns]
    gold = [dev[i].columns[task.name] for i in tagged]
    return score_task(task, gold, [task.decode(predicted[i]) for i in tagged])
