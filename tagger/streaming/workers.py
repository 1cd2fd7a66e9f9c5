"""Parts to results in the same order, in this process or in several."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

from tagger.errors import TaggerError
from tagger.streaming.work import Part, Plan, Result, Work

PARTS_PER_WORKER = 2  # on their way at once
PARTS_ALONE = 3  # as many and no more are done in this process: workers would cost more


def results(parts: Iterable[Part], plan: Plan, jobs: int) -> Iterator[Result]:
    """The result of each part, in order, by up to `jobs` processes.

    An error in reading the parts is raised behind the results of those that came before.
    """
    stream = iter(parts)
    if jobs > 1:
        first, error = _some(stream, PARTS_ALONE + 1)
        if len(first) > PARTS_ALONE:
            yield from _by_workers(chain(first, stream), plan, jobs)
            return
        stream = chain(first, _raising(error))
    work = Work(plan)
    for part in stream:
        yield work(part)


def _some(stream: Iterator[Part], number: int) -> tuple[list[Part], Exception | None]:
    """Up to so many parts, and the error that came instead of the next."""
    found: list[Part] = []
    try:
        for part in islice(stream, number):
            found.append(part)
    except (TaggerError, OSError) as error:
        return found, error
    return found, None


def _raising(error: Exception | None) -> Iterator[Part]:
    if error is not None:
        raise error
    yield from ()


def _by_workers(parts: Iterator[Part], plan: Plan, jobs: int) -> Iterator[Result]:
    pending: deque[Future[Result]] = deque()
    pool = ProcessPoolExecutor(jobs, _context(), _begin, (plan, os.getpid()))
    try:
        more = True
        while more or pending:
            if more and len(pending) < jobs * PARTS_PER_WORKER:
                some, error = _some(parts, 1)
                more = bool(some)
                pending.extend(pool.submit(_do, part) for part in some)
                if error is not None:
                    yield from (future.result() for future in pending)
                    raise error
            else:
                yield pending.popleft().result()
    except BrokenProcessPool:
        raise TaggerError(
            "a worker process died (out of memory?); what was written is complete up to here; "
            "--jobs 1 needs the least memory"
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _context() -> multiprocessing.context.BaseContext:
    """Forked where that is safe and fast: this process has no threads and no sessions yet."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


_plan: Plan | None = None
_work: Work | None = None


def _begin(plan: Plan, parent: int) -> None:
    """A worker's beginning: Ctrl-C is the parent's business; it ends when the parent is gone."""
    global _plan
    _plan = plan
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _do(part: Part) -> Result:
    """The model is loaded with the first part, so that an error of loading comes back as one."""
    global _work
    if _work is None:
        assert _plan is not None
        _work = Work(_plan)
    return _work(part)
