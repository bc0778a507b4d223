"""Goal seek: the value of a parameter at which a KPI meets a target, or the nearest there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import Progress, without_empty
from sludgesim.studies.names import Target, parameter, require_values, single_target
from sludgesim.studies.plan import Table
from sludgesim.studies.roots import PASSES, Bracket, brackets, refine
from sludgesim.studies.study import Runner, Study, chosen_routes
from sludgesim.studies.vary import Vary, value_text
from sludgesim.thermo.species import Array

SCAN = 41  # points of the first look; two crossings between two of them are not seen
_TOLD = 4  # solutions that the answer spells out
TOLERANCE = 1e-6  # of the KPI's range in the scan: less is a solution, more a jump


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
    kpi : `route.kpi`, or a sum of such; a bare KPI id where there is one route
    value : the target, in the KPI's unit
    points : of the scan
    routes : that a bare KPI id stands for
    progress : called with cases done and None

    Returns
    -------
    Study with the tables `solutions` (value, KPI there), `nearest` (one row: the value that comes
    nearest to the target) and `scan`; the answer says in words what was found

    Errors: InputError for unknown names, more than one parameter, an empty interval, and where no
    case can be run. Range: crossings closer together than two points of the scan are not seen.
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
    target = single_target(kpi, chosen_routes(scenario, routes), "--target")
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

    def evaluate(_: NDArray[np.intp], at: Array) -> Array:
        return miss(at)

    closed = refine(evaluate, brackets(x, y))
    scale = max(float(np.nanmax(y) - np.nanmin(y)), abs(value) * 1e-6)
    at = np.array([_better_end(b) for b in closed])
    reached = miss(at) if at.size else np.empty(0)
    solved = np.abs(reached) <= TOLERANCE * scale
    solutions = pd.DataFrame({path: at[solved], target.text: reached[solved] + value})
    jumps = pd.DataFrame({path: at[~solved], target.text: reached[~solved] + value})
    nearest_at, nearest_miss = _nearest(miss, x, y) if not solved.any() else (at[0], reached[0])
    nearest = pd.DataFrame({path: [nearest_at], target.text: [nearest_miss + value]})
    tables = {
        "solutions": solutions,
        "jumps": jumps,
        "nearest": nearest,
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
    cases = without_empty(run.table)
    return Study("goal-seek", settings, tables, answer, scenario, cases, [target])


def _better_end(b: Bracket) -> float:
    return min(max(b.root, b.low), b.high)


def _nearest(miss: Callable[[Array], Array], x: Array, y: Array) -> tuple[float, float]:
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
        at = " and at ".join(value_text(p, v) for v in solutions[path].head(_TOLD))
        more = f" and {len(solutions) - _TOLD} more" if len(solutions) > _TOLD else ""
        text = f"{wish} at {path} = {at}{more}."
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
