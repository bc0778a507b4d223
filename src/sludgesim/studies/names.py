"""Names in studies: paths of parameters and KPIs of routes, unknown ones met with the nearest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import Parameter
from sludgesim.routes import ROUTES
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import flat
from sludgesim.scenario.wording import listed, nearest, quoted
from sludgesim.studies.stored_cases import Cases
from sludgesim.thermo.species import Array

ROUND_OFF = 1e-9  # of the size of a KPI: a smaller change is arithmetic, not the plant's

_TERM = re.compile(
    r"\s*(?P<sign>[+-]?)\s*(?:(?P<weight>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*\*\s*)?"
    r"(?P<name>[A-Za-z_][\w.]*)\s*"
)
_LIMIT = re.compile(
    r"(?P<what>.+?)\s*(?P<sense><=|>=)\s*"
    r"(?P<limit>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*"
)


def _hint(name: str, names: Sequence[str]) -> str:
    """The nearest names; those that end in what was written come first."""
    ends = [n for n in names if n.endswith("." + name)]
    if ends:
        return f", did you mean {listed(ends[:5])}?"
    return nearest(name, names)


def parameter(path: str, key: str = "--vary") -> Parameter:
    """The declaration of a parameter.

    Errors: InputError with the nearest paths; `key` is what the message blames.
    """
    known = flat()
    if path not in known:
        message = f"no parameter {quoted(path)}{_hint(path, list(known))}"
        allowed = "a path that `sludgesim show parameters` lists"
        raise InputError(Problem(message, key, allowed=allowed))
    return known[path]


@dataclass(frozen=True)
class Target:
    """A KPI of a route, or a weighted sum of such: `carbothermal.ghg - wet_full.ghg`.

    `terms` holds weight, route and KPI; `bare` is the id where only that was asked for: of the
    routes that have it.
    """

    text: str
    terms: tuple[tuple[float, str, str], ...]
    bare: str = ""

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that have to be run for it."""
        return tuple(dict.fromkeys(route for _, route, _ in self.terms))

    @property
    def unit(self) -> str:
        """The unit of all terms; empty where they differ, as in a weighted cost."""
        units = {kpi_module.unit_of(kpi) for _, _, kpi in self.terms}
        return units.pop() if len(units) == 1 else ""

    @property
    def is_difference(self) -> bool:
        """True where a KPI of a route less that of another is asked for: its sign ranks the two."""
        weights, routes, kpis = zip(*self.terms, strict=True)
        return sorted(weights) == [-1.0, 1.0] and len({*routes}) == 2 and len({*kpis}) == 1

    @property
    def is_combined(self) -> bool:
        """True for anything but the KPI of one route as it is."""
        return len(self.terms) > 1 or self.terms[0][0] != 1

    def of(self, table: Cases) -> Array:
        """Its value in every case of a table of cases; nan where a route failed."""
        total: Array | float = 0.0
        for weight, route, kpi in self.terms:
            here = (table["route"] == route).to_numpy()
            total = total + weight * table[kpi].to_numpy(float)[here]
        return np.asarray(total)

    def round_off(self, table: Cases) -> float:
        """What a change of it must exceed to be one: a share of the size of its terms."""
        size: Array | float = 0.0
        for weight, route, kpi in self.terms:
            here = (table["route"] == route).to_numpy()
            size = size + np.abs(weight * table[kpi].to_numpy(float)[here])
        return ROUND_OFF * float(np.nanmax(size, initial=0.0, where=np.isfinite(size)))


def targets(texts: Iterable[str], routes: Sequence[str], key: str = "--kpi") -> list[Target]:
    """Read what a study looks at.

    Parameters
    ----------
    texts : `route.kpi`, sums of them with weights, or a bare KPI id for that of every route that
        has it (see `require_values`)
    routes : routes that a bare KPI id may stand for
    key : what a message blames

    Errors: InputError for unknown names, with the nearest.
    """
    found: dict[str, Target] = {}
    for text in texts:
        bare = text.strip()
        if bare in kpi_module.ids():
            new = [Target(f"{route}.{bare}", ((1.0, route, bare),), bare) for route in routes]
        else:
            new = [_target(text, key)]
        found |= {t.text: t for t in new}
    return list(found.values())


def _target(text: str, key: str) -> Target:
    terms: list[tuple[float, str, str]] = []
    place = 0
    while place < len(text) or not terms:
        match = _TERM.match(text, place)
        if match is None or (terms and not match["sign"]):
            allowed = "route.kpi, or a sum such as 2*carbothermal.ghg - wet_full.ghg"
            raise InputError(Problem(f"{quoted(text)} is no KPI", key, allowed=allowed))
        weight = float(match["weight"] or 1) * (-1 if match["sign"] == "-" else 1)
        terms.append((weight, *_route_and_kpi(match["name"], key)))
        place = match.end()
    return Target(" ".join(text.split()), tuple(terms))


def _route_and_kpi(name: str, key: str) -> tuple[str, str]:
    route, _, kpi = name.partition(".")
    if route in ROUTES and kpi in kpi_module.ids():
        return route, kpi
    known = [f"{r}.{k}" for r in ROUTES for k in kpi_module.ids()]
    hint = _hint(name, known) if route in ROUTES else nearest(name, [*kpi_module.ids(), *known])
    message = f"no KPI {quoted(name)}{hint}"
    allowed = "<route>.<id>, with an id that `sludgesim show kpis` lists"
    raise InputError(Problem(message, key, allowed=allowed))


@dataclass(frozen=True)
class Limit:
    """A constraint: a target at least or at most a value."""

    target: Target
    sense: str
    value: float

    @property
    def text(self) -> str:
        """The constraint as it is written."""
        return f"{self.target.text} {self.sense} {self.value:g}"

    def missed(self, table: Cases) -> Array:
        """By how much each case misses it, in the target's unit; 0 where it is met."""
        excess = self.target.of(table) - self.value
        return np.maximum(-excess if self.sense == ">=" else excess, 0.0)


def limits(
    texts: Iterable[str], target: Callable[[str], Target], key: str = "--where"
) -> list[Limit]:
    """Read constraints such as `carbothermal.reo_purity >= 99`; `target` reads what is limited."""
    found = []
    for text in texts:
        match = _LIMIT.fullmatch(text.strip())
        if match is None:
            allowed = "route.kpi >= number, or <="
            raise InputError(Problem(f"{quoted(text)} is no constraint", key, allowed=allowed))
        found.append(Limit(target(match["what"]), match["sense"], float(match["limit"])))
    return found


def routes_of(wanted: Iterable[Target]) -> tuple[str, ...]:
    """All routes that the targets need, in the order of `ROUTES`."""
    needed = {route for target in wanted for route in target.routes}
    return tuple(route for route in ROUTES if route in needed)


def require_values(table: Cases, wanted: Iterable[Target], key: str = "--kpi") -> list[Target]:
    """The targets that have values; a bare KPI id falls away for routes that do not have it.

    Errors: InputError where a route solved cases, the KPI has no value in any of them, and it was
    asked for by name or no other route has it.
    """
    refused: dict[str, InputError] = {}
    found = []
    for target in wanted:
        error = _without_value(table, target, key)
        if error is None:
            found.append(target)
        elif not target.bare:
            raise error
        else:
            refused.setdefault(target.bare, error)
    for bare, error in refused.items():
        if bare not in {target.bare for target in found}:
            raise error
    return found


def _without_value(table: Cases, target: Target, key: str) -> InputError | None:
    """What is wrong with a target that no case has a value of."""
    heads = table[["route", "status"]]
    for _, route, kpi in target.terms:
        here = (heads["route"] == route) & (heads["status"] == "ok")
        if here.any() and table[kpi][here].isna().all():
            has = [k for k in kpi_module.ids() if table[k][here].notna().any()]
            message = f"{route} has no KPI {kpi}{nearest(kpi, has)}"
            return InputError(Problem(message, key, allowed=listed(has)))
    return None
