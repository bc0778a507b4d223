"""Modules import from their own floor and those below, in no circle; late imports count."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import sludgesim

PACKAGE = Path(sludgesim.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "model.md"

FLOORS = (  # from the top
    {"cli"},  # and cli_*
    {"reports", "listings"},
    {"studies"},
    {"scenario"},
    {"routes"},
    {"flowsheet"},
    {"units"},
    {"ledger"},
    {"thermo"},
    {"equilibrium"},
    {"parameters", "errors", "data"},
)
LEVEL = {name: level for level, names in enumerate(reversed(FLOORS)) for name in names}


def _name(path):
    parts = ("sludgesim", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def _nodes(tree, types):
    """All nodes of a tree, in functions too; without `types`, not those for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        only_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if types or not only_types:
            yield node
            yield from _nodes(node, types)


def _imported(path, types):
    """Modules of the package that a file names in an import, anywhere in it."""
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), types):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}:{node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            found = name if name in MODULES else name.rpartition(".")[0]
            if name.partition(".")[0] == "sludgesim":
                assert found in MODULES, f"{path.name}:{node.lineno}: no module {name}"
                yield found


def _floor(module):
    _, _, inside = module.partition(".")
    top = inside.partition(".")[0]
    return LEVEL["cli" if top.startswith("cli_") else top]


@pytest.mark.parametrize("module", [m for m in MODULES if m != "sludgesim"])
def test_imports_lead_down(module):
    imported = set(_imported(MODULES[module], types=True))
    assert not {m for m in imported if m == "sludgesim" or _floor(m) > _floor(module)}


def test_no_circle_of_imports():
    graph = {}
    for module, path in MODULES.items():
        imported = set(_imported(path, types=False))
        # A module brings with it the packages that it lies in, but for those of the importer.
        packages = {p for m in imported for p in _packages(m)} - {module} - _packages(module)
        graph[module] = imported | packages
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def _packages(module):
    parts = module.split(".")
    return {".".join(parts[:k]) for k in range(2, len(parts))}


def test_the_documentation_names_the_same_floors():
    table = PAGE.read_text(encoding="utf-8").partition("## Floors")[2]
    cells = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    told = [{name.rstrip("/") for name in re.findall(r"`(.+?)`", cell)} for cell in cells]
    assert told == [set(names) for names in FLOORS]
