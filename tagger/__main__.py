"""`python -m tagger` is the same as `tagger`."""

import sys

from tagger.cli.app import app_for


def main() -> None:
    """Runs the command line."""
    app_for(sys.argv[1:])(prog_name="tagger")


if __name__ == "__main__":
    main()
