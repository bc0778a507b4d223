"""A user's own thermochemistry: species and phases out of a file beside the scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import QUALITIES
from sludgesim.scenario.document import Node, Scalar, Sequence, Table, parse, read_bytes
from sludgesim.scenario.wording import listed, nearest, quoted, shown
from sludgesim.thermo import Species, Thermochemistry, packaged, symbols

USER = "user file"
_KEYS = ("name", "composition", "thermo", "source", "quality", "note")
_THERMO = ("model", "temperature-ranges", "data")
_WANTED = "a mapping with species, or systems, or both"
_TERMS = 9
_SLACK = 1e-6  # K


def read(path: Path, name: str) -> Thermochemistry:
    """Read a user's file on top of the package's data.

    Parameters
    ----------
    path : YAML file. `species` is a list of entries as in `data/thermo/*.yaml` (NASA-9); one of a
        name that the package has replaces it whole, with the same composition. `systems` maps
        system -> phase -> species that join it; a phase that the system lacks is made.
    name : how messages call the file

    Returns
    -------
    Thermochemistry

    Raises
    ------
    InputError : the file cannot be used; every problem found, with file, line and key
    """
    root, problems = parse(read_bytes(path, name), name, _WANTED)
    reader = _Reader(name, problems)
    made = reader.thermochemistry(root)
    if reader.problems:
        raise InputError(sorted(reader.problems, key=lambda p: p.line or 0))
    return made


class _Reader:
    """Takes a tree apart and keeps every problem on the way."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.base = packaged()
        self.lines: dict[str, int] = {}

    def problem(self, message: str, key: str, line: int, allowed: str = "") -> None:
        self.problems.append(Problem(message, shown(key, 160), self.file, line, allowed))

    def known(self, node: Table, allowed: tuple[str, ...], key: str = "") -> None:
        for name, child in node.entries.items():
            if name not in allowed:
                where = f"{key}.{name}" if key else name
                hint = nearest(name, allowed)
                self.problem(
                    f"unknown key {quoted(name)}{hint}", where, child.line, listed(allowed)
                )

    def text(self, node: Node | None, key: str, line: int, required: bool = True) -> str:
        if node is None and not required:
            return ""
        if not isinstance(node, Scalar) or not (node.text or "").strip():
            self.problem("text is wanted", key, line if node is None else node.line)
            return ""
        return " ".join((node.text or "").split())

    def number(self, node: Node, key: str) -> float:
        try:
            value = float(node.text or "") if isinstance(node, Scalar) else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            text = quoted(node.text or "") if isinstance(node, Scalar) else "a list or mapping"
            self.problem(f"a number is wanted, not {text}", key, node.line)
        return value

    def numbers(self, node: Node | None, key: str, line: int) -> tuple[float, ...]:
        if not isinstance(node, Sequence):
            where = line if node is None else node.line
            self.problem("a list of numbers is wanted", key, where)
            return ()
        return tuple(self.number(item, key) for item in node.items)

    def thermochemistry(self, root: Table) -> Thermochemistry:
        self.known(root, ("species", "systems"))
        species: dict[str, Species] = {}
        entries = root.entries.get("species")
        if isinstance(entries, Sequence):
            for k, node in enumerate(entries.items):
                made = self.species(node, f"species[{k + 1}]")
                if made is None:
                    continue
                if made.name in species:
                    first = self.lines[made.name]
                    message = f"is given twice, first in line {first}"
                    self.problem(message, f"species.{made.name}", node.line)
                species[made.name] = made
                self.lines.setdefault(made.name, node.line)
        elif entries is not None:
            self.problem("a list of species is wanted", "species", entries.line)
        phases = self.systems(root.entries.get("systems"), {**self.base.species, **species})
        user = {s: f"{self.file}:{self.lines[s]}" for s in species}
        found = self.base.extended(species, phases, user)
        if not self.problems:
            self.ranges(found)
        return found

    def species(self, node: Node, key: str) -> Species | None:
        before = len(self.problems)
        if not isinstance(node, Table):
            self.problem("a mapping is wanted", key, node.line, listed(_KEYS))
            return None
        name = self.text(node.entries.get("name"), f"{key}.name", node.line)
        key = f"species.{name}" if name else key
        self.known(node, _KEYS, key)
        suffixes = sorted({s.phase for s in self.base.species.values()})
        if name and (not name.endswith(")") or name[name.rfind("(") + 1 : -1] not in suffixes):
            allowed = "a name that ends in " + listed(f"({s})" for s in suffixes)
            self.problem("the name does not end in its kind of phase", key, node.line, allowed)
        composition = self.composition(node, key)
        edges, data = self.polynomials(node.entries.get("thermo"), f"{key}.thermo", node.line)
        sources = node.entries.get("source")
        cited = [] if sources is None else [sources]
        if isinstance(sources, Sequence):
            cited = sources.items
        texts = [self.text(item, f"{key}.source", node.line) for item in cited]
        if not cited:
            self.problem("is missing", f"{key}.source", node.line, "[where the data come from]")
        quality_node = node.entries.get("quality")
        quality = self.text(quality_node, f"{key}.quality", node.line)
        if quality and quality_node is not None and quality not in QUALITIES:
            message = f"{quoted(quality)} is no quality"
            self.problem(message, f"{key}.quality", quality_node.line, listed(QUALITIES))
        note = self.text(node.entries.get("note"), f"{key}.note", node.line, required=False)
        old = self.base.species.get(name)
        if old is not None and composition and composition != old.composition:
            message = f"{name} has another composition in the package"
            self.problem(message, f"{key}.composition", node.line, str(dict(old.composition)))
        if len(self.problems) > before:
            return None
        note = "; ".join(filter(None, (*texts, note)))
        return Species(name, composition, edges, data, (USER,), quality, note)

    def composition(self, entry: Table, key: str) -> dict[str, float]:
        node = entry.entries.get("composition")
        key = f"{key}.composition"
        if not isinstance(node, Table) or not node.entries:
            line = entry.line if node is None else node.line
            self.problem("a mapping of elements to atoms is wanted", key, line, "{Nd: 1, O: 1.5}")
            return {}
        atoms = {}
        for element, child in node.entries.items():
            atoms[element] = self.number(child, f"{key}.{element}")
            if element not in symbols():
                hint = nearest(element, symbols())
                message = f"unknown element {quoted(element)}{hint}"
                self.problem(message, f"{key}.{element}", child.line, listed(symbols()))
            elif atoms[element] == 0 or (atoms[element] < 0 and element != symbols()[-1]):
                self.problem("atoms are not more than 0", f"{key}.{element}", child.line)
        return atoms

    def polynomials(
        self, node: Node | None, key: str, line: int
    ) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
        if not isinstance(node, Table):
            where = line if node is None else node.line
            self.problem("a mapping is wanted", key, where, listed(_THERMO))
            return (), ()
        self.known(node, _THERMO, key)
        model = self.text(node.entries.get("model"), f"{key}.model", node.line)
        if model and model != "NASA9":
            place = node.entries["model"].line
            self.problem(f"unknown model {quoted(model)}", f"{key}.model", place, "NASA9")
        ranges = node.entries.get("temperature-ranges")
        edges = self.numbers(ranges, f"{key}.temperature-ranges", node.line)
        sound = len(edges) > 1 and edges[0] > 0 and all(a < b for a, b in pairwise(edges))
        if edges and not sound and not any(map(math.isnan, edges)):
            place = node.line if ranges is None else ranges.line
            message = "temperatures in K that rise are wanted"
            self.problem(message, f"{key}.temperature-ranges", place, "[298.15, 2000]")
        rows = node.entries.get("data")
        if not isinstance(rows, Sequence) or len(rows.items) != len(edges) - 1:
            place = node.line if rows is None else rows.line
            message = f"{max(len(edges) - 1, 1)} lists of coefficients are wanted"
            self.problem(message, f"{key}.data", place, "one list for each temperature range")
            return edges, ()
        data = []
        for row in rows.items:
            before = len(self.problems)
            values = self.numbers(row, f"{key}.data", row.line)
            if len(values) != _TERMS and len(self.problems) == before:
                message = f"a polynomial has {len(values)} coefficients"
                self.problem(message, f"{key}.data", row.line, f"{_TERMS}: a1 to a7, b1, b2")
            data.append(values)
        return edges, tuple(data)

    def systems(
        self, node: Node | None, species: Mapping[str, Species]
    ) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        for system, phases in self.tables(node, "systems"):
            key = f"systems.{system}"
            if system not in self.base.systems:
                hint = nearest(system, self.base.systems)
                message = f"unknown system {quoted(system)}{hint}"
                self.problem(message, key, phases.line, listed(self.base.systems))
                continue
            present = self.base.systems[system]["phases"]
            found[system] = {}
            for phase, names in self.tables(phases, key):
                where = f"{key}.{phase}"
                if not isinstance(names, Sequence):
                    self.problem("a list of species is wanted", where, names.line)
                    continue
                members = list(present.get(phase, ()))
                for item in names.items:
                    name = self.text(item, where, item.line)
                    self.member(name, members, species, where, item.line)
                    members.append(name)
                found[system][phase] = members[len(present.get(phase, ())) :]
        return found

    def member(
        self, name: str, members: list[str], species: Mapping[str, Species], key: str, line: int
    ) -> None:
        """What speaks against a species joining a phase that has members already."""
        if name not in species:
            self.problem(f"unknown species {quoted(name)}{nearest(name, species)}", key, line)
        elif name in members:
            self.problem(f"{name} is in this phase already", key, line)
        elif members and members[0] in species and species[members[0]].phase != species[name].phase:
            allowed = f"species with the ending ({species[members[0]].phase})"
            self.problem(f"{name} is of another kind of phase", key, line, allowed)

    def tables(self, node: Node | None, key: str) -> list[tuple[str, Node]]:
        if node is None:
            return []
        if not isinstance(node, Table):
            self.problem("a mapping is wanted", key, node.line)
            return []
        return list(node.entries.items())

    def ranges(self, data: Thermochemistry) -> None:
        """Data of a user's species must hold at all temperatures of the systems it is in."""
        for system, entry in data.systems.items():
            low, high = map(float, entry["temperature"])
            for name in dict.fromkeys(s for p in entry["phases"].values() for s in p):
                s = data.species[name]
                if s.edges[0] <= low + _SLACK and s.edges[-1] >= high - _SLACK:
                    continue
                message = f"its data hold from {s.edges[0]:g} to {s.edges[-1]:g} K"
                allowed = f"at least {low:g} to {high:g} K, which the system {system} needs"
                key = f"species.{name}.thermo.temperature-ranges"
                self.problem(message, key, self.lines.get(name, 1), allowed)
