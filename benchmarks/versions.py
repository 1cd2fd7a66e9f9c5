"""The lowest and the newest versions that pyproject.toml allows, with each Python at hand; as JSON.

    python -m benchmarks.versions [PYTHON ...] [--only lowest|newest]
    python -m benchmarks.versions --short

For each Python (those of the PATH and of pyenv, 3.11 and newer) and each set a virtual environment
is made in a temporary folder, the wheel is installed there, and then a short form of the tests runs
in it: a tagger is trained on corpora/demo-en for two epochs, it tags, and the model `en` of the
wheel gives the tags that models/en gives here. torch is the one version that constraints.txt pins,
from wheels that pip finds without an index; for a Python that it has no wheel for, only prediction
is tried. Of a version that has no wheel for a Python the next one is taken, and told. Exits with 1
where anything failed.

--short tries the lowest set with the Python that runs it, whose torch it borrows, with what torch
needs: what is not in the set is found there too. CI runs it.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "corpora" / "demo-en"
PINNED = "torch"
SETS = ("lowest", "newest")
SOURCES = ("seqeval",)  # has no wheels; plain Python
WHEELS = ("--only-binary=:all:", *(f"--no-binary={name}" for name in SOURCES))
MOST_STEPS = 30  # from the lowest version to one that has a wheel
EPOCHS = """
optimisation = { epochs = 2, least_steps = 1 }
segmenter = { optimisation = { epochs = 1, least_steps = 1 } }
"""
_range = re.compile(r"([A-Za-z0-9_.-]+)>=([0-9.]+)").match
_missing = re.compile(r"find a version that satisfies the requirement ([\w.-]+)==(\S+)").search
_offered = re.compile(r"\(from versions: ([^)]*)\)").search


def requirements() -> list[str]:
    """What is installed beside torch: that of the package, and tokenizers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = [*project["dependencies"], *project["optional-dependencies"]["teacher"]]
    return [one for one in every if not one.startswith(PINNED)]


def lowest(wanted: Sequence[str]) -> dict[str, str]:
    """Names and the versions from which on they are allowed."""
    found = {}
    for one in wanted:
        match = _range(one)
        assert match is not None, f"{one} has no lowest version"
        found[match[1]] = match[2]
    return found


def pinned_torch() -> str:
    """The version in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{PINNED}=="))


def pythons() -> list[str]:
    """Interpreters of 3.11 and newer, one of each version."""
    folders = [*os.get_exec_path(), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]
    by_version: dict[str, str] = {}
    for folder in folders:
        for path in sorted(Path(folder).glob("python3.*")):
            version = re.fullmatch(r"python3\.(\d+)", path.name)
            if version and int(version[1]) >= 11 and runs(str(path)):
                by_version.setdefault(path.name, str(path))
    return list(by_version.values())


def runs(python: str) -> bool:
    """Whether it starts; a shim of pyenv need not."""
    command = [python, "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Environment:
    """A virtual environment in a folder."""

    def __init__(self, python: str, folder: Path) -> None:
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        self._folder = folder
        self.python = str(folder / "bin" / "python")

    def pip(self, *arguments: str) -> str:
        """What pip says against it, empty where it is done."""
        command = [self.python, "-m", "pip", "install", "-q", "--no-compile"]
        command.append("--disable-pip-version-check")
        run = self._run([*command, *arguments])
        return run.stderr if run.returncode else ""

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Away from the checkout, which neither pip nor Python may find."""
        found = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=found, cwd=self._folder
        )

    def install(self, wanted: Sequence[str], which: str) -> tuple[str, list[str]]:
        """Installs a set; what pip says against it, and what was taken instead of what."""
        if which == "newest":
            return self.pip(*WHEELS, "--upgrade", *wanted), []
        versions, instead = lowest(wanted), []
        said = ""
        for _ in range(MOST_STEPS):
            exact = [f"{name}=={version}" for name, version in versions.items()]
            said = self.pip(*WHEELS, *exact)
            match, offered = _missing(said), _offered(said)
            if not (match and offered):
                break
            name, version = match[1], match[2]
            following = [v for v in offered[1].split(", ") if _key(v) > _key(version)]
            if not following:
                break
            versions[name] = min(following, key=_key)
            instead.append(f"{name} {version}: {versions[name]}")
        return said, instead

    def install_torch(self) -> bool:
        """Whether there is a wheel of it at hand; then what it needs comes too."""
        if self.pip("--no-index", "--no-deps", pinned_torch()):
            return False
        return not self.pip(pinned_torch())

    def borrow_torch(self) -> bool:
        """Has what is not installed here found where this runs; true, as there is torch."""
        command = [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        own = self._run(command).stdout.strip()
        borrowed = sysconfig.get_path("purelib") + "\n"
        (Path(own) / "borrowed.pth").write_text(borrowed, encoding="utf-8")
        return True

    def tagger(self, *arguments: str) -> str:
        """What a command of the installed tagger prints; raises CalledProcessError."""
        command = [self.python, "-W", "ignore", "-m", "tagger", *arguments]
        run = self._run(command)
        run.check_returncode()
        return run.stdout


def _key(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def errors_of(said: str) -> str:
    """The last lines but pip's warnings."""
    lines = [line for line in said.splitlines() if not line.startswith("WARNING")]
    return "\n".join(lines)[-600:]


def built(folder: Path) -> str:
    """The wheel, built of this checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    (wheel,) = folder.glob("*.whl")
    return str(wheel)


def attempt(
    python: str, which: str, wheel: str, expected: str, *, borrows: bool
) -> dict[str, object]:
    """One Python and set: what became of it."""
    began = time.monotonic()
    told: dict[str, object] = {"python": python, "set": which}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = Environment(python, folder / "venv")
        said, told["instead"] = environment.install(requirements(), which)
        said = said or environment.pip("--no-deps", wheel)
        if said:
            return told | {"result": f"not installed: {errors_of(said)}"}
        install_torch = environment.borrow_torch if borrows else environment.install_torch
        told["torch"] = has_torch = install_torch()
        try:
            told["result"] = check(environment, folder, expected, has_torch=has_torch)
        except subprocess.CalledProcessError as error:
            told["result"] = f"{error.cmd[5]} failed: {errors_of(error.stderr)}"
    return told | {"seconds": round(time.monotonic() - began)}


def check(environment: Environment, folder: Path, expected: str, *, has_torch: bool) -> str:
    """`ok` or what is wrong."""
    shipped = environment.tagger("predict", "-m", "en", str(DEMO / "news.txt"))
    if shipped != expected:
        return "the model of the wheel gives other tags"
    if not has_torch:
        return "ok"
    (folder / "two.toml").write_text(EPOCHS, encoding="utf-8")
    made = str(folder / "model")
    data = [str(DEMO / "train.conllu"), "--dev", str(DEMO / "dev.conllu")]
    environment.tagger("train", *data, "--config", str(folder / "two.toml"), "-o", made)
    tagged = environment.tagger("predict", "-m", made, str(DEMO / "news.txt"))
    return "ok" if tagged.count("\n") > 10 else "the new model gives no tags"


def main() -> int:
    """Prints a JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    parser.add_argument("--only", choices=SETS)
    parser.add_argument("--short", action="store_true", help="the lowest, with this Python's torch")
    options = parser.parse_args()
    found = [sys.executable] if options.short else options.pythons or pythons()
    sets = ["lowest"] if options.short else [options.only] if options.only else list(SETS)
    command = [sys.executable, "-m", "tagger", "predict", "-m", "models/en", str(DEMO / "news.txt")]
    here = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    is_bad = False
    with tempfile.TemporaryDirectory() as folder:
        wheel = built(Path(folder))
        for python in found:
            for which in sets:
                python = shutil.which(python) or python
                told = attempt(python, which, wheel, here, borrows=options.short)
                is_bad |= told["result"] != "ok"
                print(json.dumps(told), flush=True)
    return 1 if is_bad else 0


if __name__ == "__main__":
    sys.exit(main())
