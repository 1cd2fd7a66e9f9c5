"""`python -m tagger` is the same as `tagger`."""

import gc
import io
import os
import sys
import threading

from tagger.cli.app import app_for

GARBAGE_THRESHOLD = 20_000  # new objects before a look for cycles, which are few here


def main() -> None:
    """Runs the command line."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    _write_utf8()
    try:
        app_for(sys.argv[1:])(prog_name="tagger")
    except SystemExit as end:
        _leave(end.code)
        raise


def _write_utf8() -> None:
    """Text goes out as UTF-8 with LF whatever the locale; names of files as they are."""
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors, newline="\n")


def _leave(code: object) -> None:
    """Ends the process at once where nothing is left to do.

    Taking down modules and sessions one by one would cost a short command a sixth of its time.
    """
    if threading.active_count() > 1 or not isinstance(code, int | None):
        return
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            return
    os._exit(code or 0)


if __name__ == "__main__":
    main()
