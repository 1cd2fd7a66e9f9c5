"""The command line as a whole: help, version, examples, wrong use."""

import re
import shlex
from pathlib import Path

import pytest

from tagger import __version__
from tagger.cli.app import app_for
from tests.cli.conftest import ROOT, Run

COMMANDS = {c.callback.__name__: c.callback for c in app_for().registered_commands if c.callback}


def test_version_is_told(run: Run) -> None:
    assert run("--version").stdout.decode() == f"tagger {__version__}\n"


def test_without_arguments_there_is_help(run: Run) -> None:
    shown = run()
    assert b"predict" in shown.stdout + shown.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(run: Run, name: str) -> None:
    shown = run(name, "--help")
    assert shown.returncode == 0
    assert b"Examples" in shown.stdout
    assert f"tagger {name}".encode() in shown.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_in_every_example_exist(run: Run, name: str) -> None:
    known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", run(name, "--help").stdout.decode()))
    examples = [line for line in (COMMANDS[name].__doc__ or "").splitlines() if "tagger " in line]
    mine = [e for e in examples if f"tagger {name}" in e and line_is_command(e)]
    assert mine, "no example"
    for example in mine:
        words = shlex.split(example[example.index("tagger ") :].split("|")[0].split(">")[0])
        for option in (word for word in words if word.startswith("-") and word != "-"):
            assert option in known, f"{option} in {example.strip()}"


def line_is_command(line: str) -> bool:
    return line.startswith("        ")


def test_an_unknown_option_ends_with_2(run: Run) -> None:
    shown = run("predict", "--no-such-option")
    assert shown.returncode == 2
    assert shown.stdout == b""


def test_readme_names_every_command(run: Run) -> None:
    readme = Path(ROOT, "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"tagger {name}" not in readme] == []
