"""Scenario files to resolved inputs: layers stacked, rules checked, every problem reported."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import Inputs
from sludgesim.routes import ROUTES
from sludgesim.scenario import schema
from sludgesim.scenario.document import Node, Scalar, Sequence, Table, parse, read_bytes
from sludgesim.scenario.feed import Assay, assay, feed_problems
from sludgesim.scenario.quantity import QuantityError
from sludgesim.scenario.settings import Setting, SettingsReader, unmet_needs, unreadable
from sludgesim.scenario.spread import (
    Correlation,
    moved_to,
    read_correlation,
    read_distribution,
)
from sludgesim.scenario.thermochemistry import read as read_thermochemistry
from sludgesim.scenario.wording import listed, nearest, quoted, shown
from sludgesim.thermo import Thermochemistry, packaged, using
from sludgesim.units import feed as feed_unit

BASE = "base"
_LONGEST_TEXT = 2000

Settings = Mapping[str, Setting]


@dataclass(frozen=True)
class Scenario:
    """A feed with parameters, resolved to one complete set of inputs.

    `variant` is the chosen one of the file's `scenarios` (empty: the base alone), `sha256` that
    of the file's bytes, `path` the file as it was given, `routes` the routes to compare,
    `inputs` the parameters of all routes for one case, `sources` what the file cites, `balance`
    the element that makes the assay up to 100 %, `correlations` pairs of paths with the
    correlation of their distributions, `thermochemistry` the species and systems that hold for it.
    """

    name: str
    variant: str
    description: str
    sha256: str
    path: str
    routes: tuple[str, ...]
    inputs: Inputs
    sources: tuple[str, ...]
    balance: str = ""
    correlations: tuple[Correlation, ...] = ()
    thermochemistry: Thermochemistry = field(default_factory=packaged, repr=False)


class _File:
    """A scenario file being read: its layers, its texts, and the problems found so far."""

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self.root, self.problems = parse(content, name)
        self.texts = {key: self._text(key) for key in schema.TEXTS}
        self.sources = tuple(self._words(self.root.entries.get("sources"), "sources"))
        self.feed_line = self.root.entries["feed"].line if "feed" in self.root.entries else 1
        self.base = self._base()
        self.overrides = self._overrides()
        self.scenarios = self._scenarios()
        self.distributions = self._distributions()
        self.correlations = self._correlations()

    def problem(self, message: str, key: str, line: int | None, allowed: str = "") -> None:
        self.problems.append(Problem(message, shown(key, 160), self.name, line, allowed))

    def _printable(self, node: Node, key: str) -> str:
        """The text of a scalar; reports print it, so control characters are refused."""
        if not isinstance(node, Scalar):
            self.problem("text is wanted", key, node.line)
            return ""
        text = " ".join((node.text or "").split())
        if not text.isprintable() or len(text) > _LONGEST_TEXT:
            allowed = f"printable text of at most {_LONGEST_TEXT} characters"
            self.problem(f"{quoted(text)} cannot be printed", key, node.line, allowed)
            return ""
        return text

    def _text(self, key: str) -> str:
        node = self.root.entries.get(key)
        if node is None:
            if key == "name":
                self.problem("is missing", key, 1, "a short text")
            return ""
        before = len(self.problems)
        text = self._printable(node, key)
        if key == "name" and not text and len(self.problems) == before:
            self.problem("is empty", key, node.line, "a short text")
        return text

    def _words(self, node: Node | None, key: str) -> list[str]:
        if node is None or (isinstance(node, Scalar) and node.text is None):
            return []
        if not isinstance(node, Sequence):
            self.problem("a list is wanted", key, node.line, "[one, another]")
            return []
        return [self._printable(item, key) for item in node.items]

    def _base(self) -> Settings:
        tree = schema.tree()
        apart = (*schema.TEXTS, *schema.LISTS, *schema.FILES, *schema.STACKING, *schema.SPREAD)
        sections = {}
        for key, node in self.root.entries.items():
            if key in apart:
                continue
            if key.partition(".")[0] not in tree:
                known = (*apart, *tree)
                hint = nearest(key, known)
                self.problem(f"unknown key {quoted(key)}{hint}", key, node.line, listed(known))
            else:
                sections[key] = node
        if "feed" not in self.root.entries:
            self.problem("is missing", "feed", 1, "rate, moisture, solids, ...")
        reader = SettingsReader(self.name, self.problems)
        return reader.read(Table(1, sections), tree)

    def _named(self, key: str) -> Mapping[str, Node]:
        node = self.root.entries.get(key)
        if node is None or (isinstance(node, Scalar) and node.text is None):
            return {}
        if not isinstance(node, Table):
            self.problem("a mapping of names is wanted", key, node.line)
            return {}
        for name, child in node.entries.items():
            if not name or not name.isprintable():
                self.problem("a printable name is wanted", f"{key}.{name}", child.line)
        return node.entries

    def _overrides(self) -> Mapping[str, Settings]:
        out: dict[str, Settings] = {}
        for name, node in self._named("overrides").items():
            reader = SettingsReader(self.name, self.problems, layer=shown(name))
            if isinstance(node, Table):
                out[name] = reader.read(node, schema.tree())
            else:
                out[name] = {}
                if not (isinstance(node, Scalar) and node.text is None):
                    allowed = "{carbothermal.smelter.temperature: 1500 degC}, for example"
                    key = f"overrides.{name}"
                    self.problem("a mapping of paths to values is wanted", key, node.line, allowed)
        return out

    def _scenarios(self) -> Mapping[str, list[str]]:
        out: dict[str, list[str]] = {}
        for name, node in self._named("scenarios").items():
            key = f"scenarios.{name}"
            out[name] = []
            for override in self._words(node, key):
                if override in self.overrides:
                    out[name].append(override)
                else:
                    hint = nearest(override, self.overrides)
                    message = f"unknown override {quoted(override)}{hint}"
                    self.problem(message, key, node.line, listed(self.overrides) or "none is named")
        return out

    def _distributions(self) -> Mapping[str, Mapping[str, tuple[float, ...]]]:
        out = {}
        numeric = {path: p for path, p in schema.flat().items() if p.is_number}
        for path, node in self._named("distributions").items():
            key = f"distributions.{path}"
            if path not in numeric:
                message = f"no numeric parameter {quoted(path)}{nearest(path, numeric)}"
                self.problem(message, key, node.line, "a path such as feed.moisture")
                continue
            try:
                out[path] = read_distribution(self._printable(node, key), numeric[path])
            except QuantityError as error:
                self.problem(str(error), key, node.line, numeric[path].allowed)
        return out

    def _correlations(self) -> tuple[Correlation, ...]:
        node = self.root.entries.get("correlations")
        found = []
        for text in self._words(node, "correlations"):
            try:
                found.append(read_correlation(text, schema.flat()))
            except QuantityError as error:
                line = None if node is None else node.line
                self.problem(str(error), "correlations", line, "feed.a, feed.b = 0.8")
        return tuple(found)

    def thermochemistry(self, folder: Path) -> Thermochemistry:
        """The package's data, or those of the file that the scenario names beside itself."""
        node = self.root.entries.get("thermochemistry")
        if node is None or (isinstance(node, Scalar) and node.text is None):
            return packaged()
        if not isinstance(node, Scalar) or not node.text:
            self.problem("the name of a file is wanted", "thermochemistry", node.line)
            return packaged()
        try:
            return read_thermochemistry(folder / node.text, shown(node.text, 300))
        except InputError as error:
            for problem in error.problems:
                # a file that is not there is a fault of the line that names it
                lost = problem.line is None
                self.problems.append(
                    replace(
                        problem,
                        message=f"{problem.file}: {problem.message}",
                        file=self.name,
                        key="thermochemistry",
                        line=node.line,
                    )
                    if lost
                    else problem
                )
            return packaged()

    @property
    def routes(self) -> tuple[str, ...]:
        named = dict.fromkeys(key.partition(".")[0] for key in self.root.entries)
        return tuple(key for key in named if key in ROUTES) or tuple(ROUTES)

    def stacked(self, variant: str) -> Settings:
        """The base with the overrides of a variant upon it."""
        out = dict(self.base)
        for override in self.scenarios.get(variant, ()):
            out |= self.overrides[override]
        return out

    def rules(self, variant: str) -> tuple[Assay | None, list[Problem]]:
        """What one variant breaks of the rules that need more than one key."""
        if "feed" not in self.root.entries:
            return None, []
        settings = self.stacked(variant)
        solids_line = _solids_line(self.root.entries["feed"], self.feed_line)
        made, problems = assay(settings, self.name, solids_line)
        problems += feed_problems(settings, made, self.name, self.feed_line)
        problems += unmet_needs(settings, self.name)
        for path, parameter in schema.flat().items():
            setting = settings.get(path, Setting(None, self.feed_line))
            optional = parameter.default is not None or path == "feed.oxidised"
            if setting.value is None and not optional and not unreadable(settings, path):
                allowed = parameter.allowed
                problems.append(Problem("is missing", path, self.name, setting.line, allowed))
        return made, problems

    def choose(self, scenario: str | None) -> str:
        """The variant that is asked for; without a wish `base`, or the file without overrides."""
        if scenario is None:
            return BASE if BASE in self.scenarios else ""
        if scenario not in self.scenarios:
            hint = nearest(scenario, self.scenarios)
            message = f"no scenario {quoted(scenario)} in this file{hint}"
            node = self.root.entries.get("scenarios")
            line = None if node is None else node.line
            allowed = listed(self.scenarios) or "none is named"
            self.problem(message, "scenarios", line, allowed)
            return ""
        return scenario


def _solids_line(feed: Node, otherwise: int) -> int:
    solids = feed.entries.get("solids") if isinstance(feed, Table) else None
    return otherwise if solids is None else solids.line


def _in_variants(found: Mapping[Problem, list[str]], checked: int) -> list[Problem]:
    """Problems of the variants; one that not all share names those which have it."""
    return [
        problem
        if len(names) == checked
        else replace(problem, message=f"{problem.message} (in scenario {listed(names)})")
        for problem, names in found.items()
    ]


def _resolve(
    settings: Settings,
    made: Assay,
    file: str,
    shapes: Mapping[str, Mapping[str, tuple[float, ...]]],
) -> Inputs:
    values: dict[str, NDArray[np.float64] | str] = {}
    origin: dict[str, str] = {}

    def place(setting: Setting, note: str = "") -> str:
        notes = ", ".join(filter(None, (setting.layer, note)))
        return f"{file}:{setting.line}" + (f" ({notes})" if notes else "")

    for path, parameter in schema.flat().items():
        setting = settings.get(path, Setting(None, 0))
        section, _, symbol = path.rpartition(".")
        if section == "feed.solids":
            values[path] = np.array([made.fractions[symbol]])
            note = made.notes.get(symbol, "")
            stated = settings["feed.balance"] if note == "balance" else setting
            known = stated.value is not None
            origin[path] = place(stated, note) if known else "default"
            continue
        value = parameter.default if setting.value is None else setting.value
        origin[path] = "default" if setting.value is None else place(setting)
        if parameter.is_number:
            number = parameter.to_si(value) if isinstance(value, float) else math.nan
            values[path] = np.array([number])
        else:
            values[path] = str(value)
    parameters = {p: replace(q, distribution=shapes.get(p) or moved_to(q, values[p], origin[p]))
                  for p, q in schema.flat().items()}  # fmt: skip
    return Inputs(n=1, values=values, parameters=parameters, origin=origin)


def _check(file: _File, variants: Iterable[str]) -> None:
    found: dict[Problem, list[str]] = {}
    checked = list(variants)
    for variant in checked:
        for problem in file.rules(variant)[1]:
            found.setdefault(problem, []).append(variant or BASE)
    problems = [*file.problems, *_in_variants(found, len(checked))]
    if problems:
        raise InputError(sorted(problems, key=lambda p: p.line or 0))


def _can_be_made(inputs: Inputs, path: str) -> None:
    """Let the feed be made once, so that what it finds wrong carries the file's line."""
    try:
        feed_unit.run(inputs.section("feed"))
    except InputError as error:
        placed = []
        for problem in error.problems:
            line = inputs.origin[problem.key].partition(":")[2].split(" ")[0]
            number = int(line) if line.isdigit() else None
            placed.append(replace(problem, file=path, line=number))
        raise InputError(placed) from None


def load(path: str | Path | None = None, scenario: str | None = None) -> Scenario:
    """Read a scenario file and resolve it to one complete set of inputs.

    Parameters
    ----------
    path : YAML file; None takes the packaged reference scenario
    scenario : one of the file's `scenarios`; None takes `base`, or the file without overrides

    Returns
    -------
    Scenario

    Raises
    ------
    InputError : the file cannot be used; every problem found, with file, line and key
    """
    if path is None:
        packaged = resources.files("sludgesim") / "data" / "scenarios" / "reference.yaml"
        shown_path, content = packaged.name, packaged.read_bytes()
    else:
        shown_path = str(path)
        content = read_bytes(Path(path), shown(shown_path, 300))
    file = _File(content, shown(shown_path, 300))
    data = file.thermochemistry(Path(shown_path).parent)
    variant = file.choose(scenario)
    _check(file, dict.fromkeys([*file.scenarios, variant]))
    made, _ = file.rules(variant)
    assert made is not None  # no problem was found, so the assay could be made
    settings = file.stacked(variant)
    inputs = _resolve(settings, made, Path(shown_path).name, file.distributions)
    with using(data):
        _can_be_made(inputs, shown(shown_path, 300))
    return Scenario(
        name=file.texts["name"],
        variant=variant,
        description=file.texts["description"],
        sha256=hashlib.sha256(content).hexdigest(),
        path=shown_path,
        routes=file.routes,
        inputs=inputs,
        sources=file.sources,
        balance=str(settings.get("feed.balance", Setting(None, 0)).value or ""),
        correlations=file.correlations,
        thermochemistry=data,
    )
