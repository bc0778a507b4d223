"""Settings: what one layer of a scenario file (the base, or an override) says of each parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sludgesim.errors import Problem
from sludgesim.parameters import Parameter
from sludgesim.scenario.document import Node, Scalar, Table
from sludgesim.scenario.quantity import QuantityError, read
from sludgesim.scenario.schema import Tree, flat
from sludgesim.scenario.wording import listed, nearest, quoted, shown


@dataclass(frozen=True)
class Setting:
    """A value in the parameter's declared unit, or a word; None takes the setting back.

    `layer` is the override's name, empty for the base. A `broken` setting (an unknown key, too)
    has been reported already: rules that would need its value keep silent.
    """

    value: float | str | None
    line: int
    layer: str = ""
    broken: bool = False


def unreadable(settings: Mapping[str, Setting], path: str) -> bool:
    """True if a value, its section, or a key beside it (perhaps itself, misspelt) was refused.

    Calling the value missing would then be noise.
    """
    section = path.rpartition(".")[0]
    known = flat()
    return any(
        s.broken and (p in (path, section) or (p.rpartition(".")[0] == section and p not in known))
        for p, s in settings.items()
    )


def unmet_needs(settings: Mapping[str, Setting], file: str) -> list[Problem]:
    """Values that need a word which another parameter of their unit does not have."""
    known, out = flat(), []
    for path, setting in settings.items():
        if path not in known or setting.value in (None, known[path].default):
            continue
        for other, words in known[path].needs.items():
            beside = f"{path.rpartition('.')[0]}.{other}"
            given = settings.get(beside, Setting(None, 0))
            word = str(given.value or known[beside].default)
            if word not in words and not given.broken:
                message = f"does not go with {other} {word}"
                allowed = f"leave it out, or {other} {listed(words)}"
                out.append(Problem(message, path, file, setting.line, allowed))
    return out


@dataclass
class SettingsReader:
    """Reads one layer of a file; problems are collected, nothing is raised."""

    file: str
    problems: list[Problem]
    layer: str = ""

    def _problem(self, path: str, line: int, message: str, allowed: str = "") -> None:
        key = f"overrides.{self.layer}.{path}" if self.layer else path
        self.problems.append(
            Problem(message, key=shown(key, 160), file=self.file, line=line, allowed=allowed)
        )

    def read(self, table: Table, tree: Tree) -> dict[str, Setting]:
        """The settings of a mapping, nested or with dotted keys, by path."""
        found: dict[str, Setting] = {}
        for path, setting in self._walk(table, tree, ""):
            if path in found:
                self._problem(path, setting.line, f"also given in line {found[path].line}")
            else:
                found[path] = setting
        return found

    def _walk(self, table: Table, tree: Tree, prefix: str) -> Iterator[tuple[str, Setting]]:
        for key, child in table.entries.items():
            path = prefix + key
            target = self._descend(key, tree, prefix, child.line)
            broken = Setting(None, child.line, self.layer, broken=True)
            if target is None:
                yield path, broken
            elif isinstance(target, Parameter):
                yield path, self._value(child, target, path)
            elif isinstance(child, Table):
                yield from self._walk(child, target, path + ".")
            elif not (isinstance(child, Scalar) and child.text is None):
                self._problem(path, child.line, "a mapping is wanted here", listed(target))
                yield path, broken

    def _descend(self, key: str, tree: Tree, prefix: str, line: int) -> Tree | Parameter | None:
        node: Tree | Parameter = tree
        above = prefix
        for part in key.split("."):
            if isinstance(node, Parameter):
                self._problem(prefix + key, line, f"nothing lies below {shown(above[:-1])}")
                return None
            if part not in node:
                hint = _elsewhere(part, node) or nearest(part, node)
                message = f"unknown key {quoted(part)}{hint}"
                self._problem(prefix + key, line, message, listed(node))
                return None
            node = node[part]
            above += part + "."
        return node

    def _value(self, node: Node, parameter: Parameter, path: str) -> Setting:
        if not isinstance(node, Scalar):
            self._problem(path, node.line, "a single value is wanted", parameter.allowed)
            return Setting(None, node.line, self.layer, broken=True)
        if node.text is None:
            return Setting(None, node.line, self.layer)
        try:
            return Setting(read(node.text, parameter), node.line, self.layer)
        except QuantityError as error:
            self._problem(path, node.line, str(error), parameter.allowed)
            return Setting(None, node.line, self.layer, broken=True)


def _elsewhere(name: str, tree: Tree) -> str:
    """The hint to a parameter of this name further down."""
    for label, child in tree.items():
        if not isinstance(child, Parameter):
            if name in child:
                return f", did you mean {label}.{name}?"
            if below := _elsewhere(name, child):
                return below.replace("did you mean ", f"did you mean {label}.")
    return ""
