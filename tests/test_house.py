"""The house of DESIGN.md: who may import whom, and that what is imported is declared."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = (
    "errors sentence atomic compression schemes vocabulary tasks text corpus evaluation inference "
    "network training output streaming cli __main__"
).split()
WITH_TORCH = {"network", "training"}
MODULES = sorted((ROOT / "tagger").rglob("*.py"))


def imports_of(path: Path, *, lazy: bool = True) -> Iterator[str]:
    """Dotted names that a module imports; those inside functions only if `lazy`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if lazy else iter(tree.body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(path: Path) -> str:
    return path.relative_to(ROOT / "tagger").parts[0].removesuffix(".py")


def test_every_module_has_its_floor() -> None:
    assert {floor_of(path) for path in MODULES} - {"__init__"} == set(FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_floors_below_or_its_own(path: Path) -> None:
    if floor_of(path) == "__init__":
        return
    here = FLOORS.index(floor_of(path))
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "tagger" and parts[1] != "__version__":
            assert FLOORS.index(parts[1]) <= here, f"{path} imports {name}, which stands above it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_network_and_training_import_torch(path: Path) -> None:
    if floor_of(path) not in WITH_TORCH:
        assert not {name for name in imports_of(path) if name.split(".")[0] == "torch"}


def test_there_is_no_import_circle_between_modules() -> None:
    modules = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in MODULES}
    graph = {
        name: {
            found
            for imported in imports_of(path, lazy=False)
            for found in (imported, imported.rpartition(".")[0])
            if found in modules and found != name
        }
        for name, path in modules.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"circle: {' -> '.join([*trail, name])}"
        if name not in done:
            for other in graph[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_every_imported_distribution_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["teacher"]]
    declared = {re.split(r"[<>=~!\[; ]", line)[0] for line in lines}
    imported = {name.split(".")[0] for path in MODULES for name in imports_of(path)}
    foreign = imported - set(sys.stdlib_module_names) - {"tagger"}
    assert foreign <= declared
    assert declared <= foreign, "declared but never imported"


def test_what_only_an_extra_brings_is_imported_where_it_is_used() -> None:
    for path in MODULES:
        assert "tokenizers" not in {name.split(".")[0] for name in imports_of(path, lazy=False)}, (
            path
        )


def test_prediction_needs_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys, tagger.cli.app, tagger.inference.pipeline, tagger.output.formats;"
        "import tagger.evaluation.model;"
        "heavy = ('torch', 'onnx', 'seqeval', 'sklearn', 'scipy', 'tokenizers');"
        "print([m for m in heavy if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_no_file_is_opened_without_saying_its_encoding() -> None:
    for path in MODULES:
        for call in re.findall(r"\b(?:read_text|write_text)\([^)]*\)", path.read_text("utf-8")):
            assert "encoding=" in call, f"{path}: {call}"
