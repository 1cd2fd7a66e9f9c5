"""A whole prediction: inputs read one after the other, results written where they belong."""

from contextlib import ExitStack

from tagger.streaming.outputs import Outputs
from tagger.streaming.parts import read_parts
from tagger.streaming.requests import Observer, Opened, Request, check_names
from tagger.streaming.results import results
from tagger.streaming.work import Plan


def run(request: Request, plan: Plan, observer: Observer) -> None:
    """Reads, tags and writes everything.

    Raises TaggerError where an input cannot be read; what came before it has been written, but a
    file appears only if it is complete.
    """
    check_names(request)
    opened: list[Opened] = []
    parts = read_parts(request, plan, observer, opened)
    with ExitStack() as last:
        outputs = Outputs(request, last)
        for result in results(parts, plan, 1 if request.at_once else request.jobs):
            outputs.go_to(result.part_number, opened)
            outputs.write(result.output)
            if result.error is not None:
                raise result.error
            if result.completes:
                outputs.finish()
        outputs.finish()
