"""Parts to results in the same order: a few in this process, many in several."""

from collections.abc import Iterable, Iterator
from itertools import chain

from tagger.streaming.work import Part, Plan, Result, Work, next_part

PARTS_ALONE = 2  # as many and no more are done in this process: workers would cost more


def results(parts: Iterable[Part], plan: Plan, jobs: int) -> Iterator[Result]:
    """The result of each part, in order, by up to `jobs` processes.

    An error in reading the parts is raised behind the results of those that came before.
    """
    stream = iter(parts)
    if jobs > 1:
        first: list[Part] = []
        error = None
        while len(first) <= PARTS_ALONE:
            part, error = next_part(stream)
            if part is None:
                break
            first.append(part)
        else:
            from tagger.streaming.workers import by_workers

            yield from by_workers(chain(first, stream), plan, jobs)
            return
        stream = chain(first, _raising(error))
    work = Work(plan)
    for part in stream:
        yield work(part)


def _raising(error: Exception | None) -> Iterator[Part]:
    if error is not None:
        raise error
    yield from ()
