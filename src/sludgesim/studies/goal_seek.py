"""Goal seek: the value of a parameter at which a KPI meets a target, or the nearest there is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario
from sludgesim.studies import assay
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import Progress, without_empty
from sludgesim.studies.names import Target, parameter, require_values
from sludgesim.studies.plan import Table
from sludgesim.studies.roots import PASSES, Bracket, brackets, refine
from sludgesim.studies.study import Runner, Study, chosen_routes, one_target
from sludgesim.studies.vary import Vary, value_text
from sludgesim.thermo.species import Array

SCAN = 41  # points of the first look; two crossings between two of them are not seen
_TOLD = 4  # solutions that the answer spells out
TOLERANCE = 1e-6  # of the KPI's range in the scan: less is a solution, more a jump
_SAME = 5e-6  # of the target: a KPI so near to it is the target in five figures
_DIGITS = range(2, 13)  # of an answer, counted from the width of the interval; as many as it takes

Miss = Callable[[Array], Array]  # from values of the parameter to KPI - target


def goal_seek(
    scenario: Scenario,
    vary: Vary,
    kpi: str,
    value: float,
    *,
    points: int = SCAN,
    routes: Sequence[str] | None = None,
    progress: Progress = None,
) -> Study:
    """Find all values of one parameter at which a KPI meets a target.

    The interval is scanned; every change of sign of KPI - target is narrowed by evaluations in
    batches, and what is reported has been run.

    Parameters
    ----------
    scenario : gives everything else
    vary : one path -> `low:high unit`, a pair of numbers, or None for the declared bounds
    kpi : `route.kpi`, or a sum of such; a bare KPI id where one route has it
    value : the target, in the KPI's unit
    points : of the scan
    routes : that a bare KPI id stands for
    progress : called with cases done and None

    Returns
    -------
    Study with the tables `solutions` (value, KPI there; `up to` where the KPI stays at the target
    from the value to another), `jumps` across the target, `nearest` (one row: the value that comes
    nearest to the target) and `scan`; the answer says in words what was found

    Errors: InputError for unknown names, more than one parameter, one that no route of the target
    has, an empty interval, and where no case can be run. Range: crossings closer together than two
    points of the scan are not seen.
    """
    found = variation.intervals(vary)
    if len(found) != 1:
        allowed = "one --vary path=low:high"
        raise InputError(Problem(f"{len(found)} parameters are given", "--vary", allowed=allowed))
    if not np.isfinite(value):
        raise InputError(Problem("the target is not a finite number", "--target"))
    if points < 2:
        raise InputError(Problem(f"{points} points", "--points", allowed="2 or more"))
    variation.require_few(points, "--points")
    ((path, (low, high)),) = found.items()
    target = one_target(scenario, kpi, chosen_routes(scenario, routes), "--target")
    variation.require_effect([path], target.routes)
    run = Runner(scenario, target.routes, progress)

    def miss(at: Array) -> Array:
        return target.of(run(Table(pd.DataFrame({path: at})))) - value

    x = np.linspace(low, high, points)
    scanned = run(Table(pd.DataFrame({path: x})))
    require_values(scanned, [target], "--target")
    y = target.of(scanned) - value
    if not np.isfinite(y).any():
        reason = scanned["reason"][scanned["status"] != "ok"]
        why = reason.iloc[0] if len(reason) else f"{target.text} has no value"
        raise InputError(Problem(f"no case between {low:g} and {high:g} can be run: {why}", path))

    met = search(miss, x, y, value, target.round_off(scanned))
    tables = {
        "solutions": pd.DataFrame({path: met.at, "up to": met.to, target.text: met.missed + value}),
        "jumps": pd.DataFrame({path: met.jump_at, target.text: met.jump_missed + value}),
        "nearest": pd.DataFrame({path: [met.nearest], target.text: [met.nearest_missed + value]}),
        "scan": pd.DataFrame({path: x, target.text: y + value}),
    }
    settings: dict[str, Any] = {
        "vary": {path: [low, high]},
        "kpi": target.text,
        "value": value,
        "points": points,
        "routes": list(target.routes),
    }
    failed = int((run.table["status"] != "ok").sum())
    answer = _answer(path, (low, high), target, value, tables, failed)
    notes = []
    for at in met.at[:_TOLD] if met.at.size else [met.nearest]:
        point = pd.DataFrame({path: [at]})
        place = f"at {path} = {_exact(path, at)}"
        notes += [f"{place}: {text}" for text in run.warned_at(point)]
        notes += [f"{place}: {text}" for text in assay.told(scenario, point)]
    cases = without_empty(run.table)
    return Study(
        "goal-seek", settings, tables, answer, scenario, cases, [target], run.warnings, notes
    )


@dataclass(frozen=True)
class Met:
    """Where a target is met, crossed in a jump, or nearest; arrays with one entry per place.

    `to` is the other end of a stretch all of which meets the target, else nan. `missed` and its
    like are KPI - target.
    """

    at: Array
    to: Array
    missed: Array
    jump_at: Array
    jump_missed: Array
    nearest: float
    nearest_missed: float


def search(miss: Miss, x: Array, y: Array, value: float, still: float) -> Met:
    """Find where a function meets a target.

    Parameters
    ----------
    miss : function - target at any points; nan where a case fails
    x, y : the points of a scan in rising order, and what they miss the target by
    value : the target
    still : round-off of the function

    Returns
    -------
    Met; a value that meets the target has as few digits as it can have and still meet it
    """
    closed = refine(lambda _, at: miss(at), brackets(x, y, still), still=still)
    scale = max(float(np.nanmax(y) - np.nanmin(y)), abs(value) * 1e-6)
    at = np.array([_better_end(b) for b in closed])
    reached = miss(at) if at.size else np.empty(0)
    flat = np.array([b.is_flat for b in closed], dtype=bool)
    solved = flat | (np.abs(reached) <= max(TOLERANCE * scale, still))
    jump_at, jump_missed = at[~solved], reached[~solved]
    enough = max(min(TOLERANCE * scale, _SAME * abs(value) or np.inf), still)
    places, missed = at.copy(), reached.copy()
    for k in np.flatnonzero(solved & ~flat):
        places[k], missed[k] = _shortened(miss, at[k], reached[k], enough, (x[0], x[-1]))
    if solved.any():
        best = int(np.argmin(np.where(solved, np.abs(missed), np.inf)))
        nearest, nearest_missed = float(places[best]), float(missed[best])
    else:
        order = np.argsort(np.concatenate([x, at]), kind="stable")
        every = np.concatenate([x, at])[order], np.concatenate([y, reached])[order]
        nearest, nearest_missed = _nearest(miss, *every)
    to = np.array([b.high if b.is_flat else np.nan for b in closed])
    return Met(places[solved], to[solved], missed[solved], jump_at, jump_missed,
               nearest, nearest_missed)  # fmt: skip


def _better_end(b: Bracket) -> float:
    return min(max(b.root, b.low), b.high)


def _shortened(
    miss: Miss, at: float, missed: float, enough: float, ends: tuple[float, float]
) -> tuple[float, float]:
    """A value with no more digits than meeting the target takes, and what it misses it by."""
    size = math.floor(math.log10(ends[1] - ends[0]))
    short = np.array([round(float(at), digits - size) for digits in _DIGITS])
    tried = miss(short)
    good = np.abs(tried) <= max(enough, 2 * abs(missed))
    good &= (short >= ends[0]) & (short <= ends[1])
    if not good.any():
        return float(at), float(missed)
    first = int(np.argmax(good))
    return float(short[first]), float(tried[first])


def _nearest(miss: Miss, x: Array, y: Array) -> tuple[float, float]:
    """The point nearest to the target: the best of the scan, then ever closer about it."""
    for _ in range(PASSES):
        k = int(np.nanargmin(np.abs(y)))
        low, high = x[max(k - 1, 0)], x[min(k + 1, len(x) - 1)]
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            break
        new = np.linspace(low, high, 11)[1:-1]
        order = np.argsort(np.concatenate([x, new]), kind="stable")
        y = np.concatenate([y, miss(new)])[order]
        x = np.concatenate([x, new])[order]
    k = int(np.nanargmin(np.abs(y)))
    return float(x[k]), float(y[k])


def _exact(path: str, value: float) -> str:
    """A value with all its digits and its unit: rounded once more it might miss the target."""
    unit = parameter(path).unit
    return f"{value:.12g}" if unit == "1" else f"{value:.12g} {unit}"


def _answer(
    path: str,
    interval: tuple[float, float],
    target: Target,
    value: float,
    tables: dict[str, pd.DataFrame],
    failed: int,
) -> str:
    p = parameter(path)
    kpi_unit = f" {target.unit}" if target.unit else ""
    wish = f"{target.text} = {value:g}{kpi_unit}"
    solutions, jumps, nearest = (tables[name] for name in ("solutions", "jumps", "nearest"))
    span = f"between {interval[0]:g} and {value_text(p, interval[1])}"
    if len(solutions):
        told = solutions.head(_TOLD)
        places = [
            _exact(path, v) if np.isnan(to) else f"anywhere from {v:.6g} to {value_text(p, to)}"
            for v, to in zip(told[path], told["up to"], strict=True)
        ]
        more = f" and {len(solutions) - _TOLD} more" if len(solutions) > _TOLD else ""
        text = f"{wish} at {path} = {' and at '.join(places)}{more}."
    else:
        text = (
            f"No value of {path} {span} gives {wish}; nearest is {nearest[target.text].iloc[0]:.6g}"
            f"{kpi_unit} at {value_text(p, nearest[path].iloc[0])}."
        )
    for at in jumps[path].head(_TOLD):
        text += f" It jumps across the target at {value_text(p, at)}."
    if failed:
        text += f" {failed} cases failed; there may be more to find where they lie."
    return text
