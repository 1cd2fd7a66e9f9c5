"""Parts to results in the same order, by several processes. They may be killed, and end with us."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext

from tagger.errors import TaggerError
from tagger.streaming.work import Part, Plan, Result, Work, next_part

PARTS_PER_WORKER = 2  # on their way at once
DEAD = (
    "a worker process died (out of memory?): what was written is complete up to here; "
    "--jobs 1 needs the least memory"
)


def by_workers(parts: Iterator[Part], plan: Plan, jobs: int) -> Iterator[Result]:
    """The result of each part, in order.

    Raises TaggerError where a worker dies. An error in reading the parts is raised behind the
    results of those that came before.
    """
    pending: deque[Future[Result]] = deque()
    pool = ProcessPoolExecutor(jobs, _context(), _begin, (plan, os.getpid()))
    error: Exception | None = None
    more = True
    try:
        while more or pending:
            while more and len(pending) < jobs * PARTS_PER_WORKER:
                part, error = next_part(parts)
                more = part is not None
                if part is not None:
                    pending.append(pool.submit(_do, part))
            if pending:
                yield pending.popleft().result()
    except BrokenProcessPool:
        raise TaggerError(DEAD) from None
    finally:
        # Not waiting, the interpreter's exit might wake a pool that is half gone.
        pool.shutdown(wait=True, cancel_futures=True)
    if error is not None:
        raise error


def _context() -> BaseContext:
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
