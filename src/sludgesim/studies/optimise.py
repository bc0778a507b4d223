"""Optimise: the best settings for a KPI or a weighted cost, or the trade-off between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario
from sludgesim.scenario.wording import listed
from sludgesim.studies import assay
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import Progress, without_empty
from sludgesim.studies.evolution import search
from sludgesim.studies.names import Target, parameter, require_values, routes_of
from sludgesim.studies.names import limits as read_limits
from sludgesim.studies.plan import Table
from sludgesim.studies.study import Runner, Study, chosen_routes, one_target
from sludgesim.studies.vary import Vary, value_text
from sludgesim.thermo.species import Array

_AT_BOUND = 1e-3  # of an interval: nearer to its end than that is at its end


def optimise(
    scenario: Scenario,
    vary: Vary,
    *,
    minimise: Sequence[str] = (),
    maximise: Sequence[str] = (),
    where: Sequence[str] = (),
    generations: int = 100,
    population: int | None = None,
    seed: int = 1,
    routes: Sequence[str] | None = None,
    progress: Progress = None,
) -> Study:
    """Find the settings that minimise or maximise a KPI, or the Pareto front of two.

    Parameters
    ----------
    scenario : gives everything else; its own settings are the first guess
    vary : path -> `low:high unit`, a pair of numbers, or None for the declared bounds
    minimise, maximise : one or two objectives in all: `route.kpi`, or a weighted cost such as
        `0.12*carbothermal.electricity + 0.3*carbothermal.acid_use`
    where : constraints such as `carbothermal.reo_purity >= 99`
    generations, population, seed : of the search (`evolution.search`)
    routes : that a bare KPI id stands for
    progress : called with cases done and the most that there may be

    Returns
    -------
    Study with the table `optimum` (one row) or `front` (by the first objective): parameters,
    objectives and what the constraints look at; every point of it has been run. Where nothing meets
    the constraints it is called `nearest optimum` or `nearest front`, and `constraints` tells by
    how much each is missed

    Errors: InputError for unknown names, none or more than two objectives, empty intervals,
    parameters of routes that nothing asks for, and where no case can be run.
    """
    names = chosen_routes(scenario, routes)
    box = variation.intervals(vary)
    goals = [one_target(scenario, text, names, "--minimise") for text in minimise]
    goals += [one_target(scenario, text, names, "--maximise") for text in maximise]
    if not 1 <= len(goals) <= 2:
        message = f"{len(goals)} objectives are given"
        raise InputError(Problem(message, "--minimise, --maximise", allowed="one, or two"))
    size = max(24, 12 * len(box)) if population is None else population
    for number, least, key in ((generations, 1, "--generations"), (size, 4, "--population")):
        if number < least:
            raise InputError(Problem(f"{number} is too few", key, allowed=f"{least} or more"))
    total = 1 + size * (generations + 1)
    variation.require_few(total, "--generations, --population")
    signs = np.array([1.0] * len(minimise) + [-1.0] * len(maximise))
    limits = read_limits(where, lambda text: one_target(scenario, text, names, "--where"))
    watched = {t.text: t for t in (*goals, *(limit.target for limit in limits))}
    run = Runner(scenario, routes_of(watched.values()), progress)
    variation.require_effect(box, run.routes)
    base = run.base()
    require_values(base, goals, "--minimise, --maximise")
    require_values(base, [limit.target for limit in limits], "--where")
    low, high = np.array(list(box.values())).T
    # Constraints in different units add up as shares of their sizes.
    at_start = [float(np.nan_to_num(limit.target.of(base)[0])) for limit in limits]
    sizes = [abs(c.value) or abs(own) or 1.0 for c, own in zip(limits, at_start, strict=True)]

    def evaluate(x: Array) -> tuple[Array, Array]:
        table = run(Table(pd.DataFrame(x, columns=list(box))), total)
        values = np.stack([t.of(table) for t in goals], axis=1) * signs
        shares = [limit.missed(table) / s for limit, s in zip(limits, sizes, strict=True)]
        missed = sum(shares, np.zeros(len(x)))
        return values, np.where(np.isfinite(missed), missed, np.inf)

    today = [parameter(p).from_si(float(scenario.inputs[p][0])) for p in box]
    start = np.where(np.isfinite(today), today, (low + high) / 2)
    found = search(evaluate, low, high, start=start, population=size,
                   generations=generations, seed=seed)  # fmt: skip
    best = found.best
    if not best.size:
        raise InputError(Problem(f"no case can be run: {run.table['reason'].iloc[-1]}", "--vary"))
    # The base case was run first: the search begins with case 1.
    cases = run.table
    points = pd.DataFrame(found.x[best], columns=list(box))
    told = points.assign(**{text: t.of(cases)[best + 1] for text, t in watched.items()})
    at_limits = pd.DataFrame(
        [(limit.text, limit.target.unit, told[limit.target.text][0],
          limit.missed(cases)[best[0] + 1]) for limit in limits],
        columns=["constraint", "unit", "value", "missed by"],
    )  # fmt: skip
    met = bool(found.violation[best[0]] == 0)
    at_base = pd.DataFrame({text: t.of(base) for text, t in watched.items()})
    settings: dict[str, Any] = {
        "vary": {path: list(ends) for path, ends in box.items()},
        "minimise": [t.text for t in goals[: len(minimise)]],
        "maximise": [t.text for t in goals[len(minimise) :]],
        "where": list(where),
        "generations": generations,
        "population": size,
        "seed": seed,
        "routes": list(run.routes),
    }
    kind = "optimum" if len(goals) == 1 else "front"
    tables = {kind if met else f"nearest {kind}": told, "base": at_base}
    if limits:
        tables["constraints"] = at_limits
    answer = _answer(told, list(box), goals, at_base, at_limits)
    notes = []
    if len(goals) == 1:
        notes = [*_at_bounds(points, box), *assay.told(scenario, points)]
    place = "on the front" if len(goals) == 2 else "at the optimum" if met else "there"
    notes += [f"{place}: {text}" for text in run.warned_at(points)]
    kept = without_empty(run.table)
    watching = list(watched.values())
    return Study(
        "optimise", settings, tables, answer, scenario, kept, watching, run.warnings, notes
    )


def _at_bounds(point: pd.DataFrame, box: Mapping[str, tuple[float, float]]) -> list[str]:
    """A line for every parameter that ended at an end of what was searched."""
    notes = []
    for path, ends in box.items():
        at = float(point[path][0])
        for end, name in zip(ends, ("lower", "upper"), strict=True):
            if abs(at - end) <= _AT_BOUND * (ends[1] - ends[0]):
                p = parameter(path)
                own = p.bounds is not None and bool(np.isclose(end, p.bounds, rtol=1e-9).any())
                beyond = "nothing beyond it is allowed" if own else "beyond it may be better"
                notes.append(f"{path} lies at the {name} end of its interval: {beyond}")
    return notes


def _answer(
    table: pd.DataFrame,
    paths: list[str],
    goals: list[Target],
    base: pd.DataFrame,
    limits: pd.DataFrame,
) -> str:
    missed = limits[limits["missed by"] > 0]
    text = ""
    if len(missed):
        by = [
            f"{row['constraint']} by {row['missed by']:.3g} {row['unit']}".rstrip()
            for row in missed.to_dict("records")
        ]
        text = f"No case meets all constraints; the nearest misses {listed(by)}. "
    if len(goals) == 2:
        of = "near the constraints" if len(missed) else f"of {goals[0].text} and {goals[1].text}"
        return f"{text}{len(table)} points of the front {of}."
    (goal,) = goals
    row = table.iloc[0]
    at = ", ".join(f"{p} = {value_text(parameter(p), row[p])}" for p in paths)
    best = f"{row[goal.text]:.6g} {goal.unit}".rstrip()
    there = "" if not len(missed) else "There "
    return f"{text}{there}{goal.text} = {best} (scenario: {base[goal.text][0]:.6g}) at {at}."
