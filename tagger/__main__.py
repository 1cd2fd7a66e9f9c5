"""`python -m tagger` is the same as `tagger`."""

from tagger.cli.app import app


def main() -> None:
    """Runs the command line."""
    app(prog_name="tagger")


if __name__ == "__main__":
    main()
