"""Optimise: the best settings for a KPI or a weighted cost, or the trade-off between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import Progress, without_empty
from sludgesim.studies.evolution import search
from sludgesim.studies.names import limits, parameter, require_values, routes_of, single_target
from sludgesim.studies.plan import Table
from sludgesim.studies.study import Runner, Study, chosen_routes
from sludgesim.studies.vary import Vary, value_text
from sludgesim.thermo.species import Array


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
    objectives and what the constraints look at; every point of it has been run

    Errors: InputError for unknown names, none or more than two objectives, empty intervals, and
    where no case can be run.
    """
    names = chosen_routes(scenario, routes)
    box = variation.intervals(vary)
    goals = [single_target(text, names, "--minimise") for text in minimise]
    goals += [single_target(text, names, "--maximise") for text in maximise]
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
    met = limits(where, names)
    watched = {t.text: t for t in (*goals, *(limit.target for limit in met))}
    run = Runner(scenario, routes_of(watched.values()), progress)
    base = run.base()
    require_values(base, goals, "--minimise, --maximise")
    require_values(base, [limit.target for limit in met], "--where")
    low, high = np.array(list(box.values())).T

    def evaluate(x: Array) -> tuple[Array, Array]:
        table = run(Table(pd.DataFrame(x, columns=list(box))), total)
        values = np.stack([t.of(table) for t in goals], axis=1) * signs
        missed = sum((limit.violation(table) for limit in met), np.zeros(len(x)))
        return values, np.where(np.isfinite(missed), missed, np.inf)

    today = [parameter(p).from_si(float(scenario.inputs[p][0])) for p in box]
    start = np.where(np.isfinite(today), today, (low + high) / 2)
    found = search(evaluate, low, high, start=start, population=size,
                   generations=generations, seed=seed)  # fmt: skip
    best = found.best
    if not best.size:
        raise InputError(Problem(f"no case can be run: {run.table['reason'].iloc[-1]}", "--vary"))
    table = pd.DataFrame(found.x[best], columns=list(box))
    for text, target in watched.items():
        # The base case was run first: the search begins with case 1.
        table[text] = target.of(run.table)[best + 1]
    table["missed"] = found.violation[best]
    kind = "optimum" if len(goals) == 1 else "front"
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
    answer = _answer(table, list(box), [t.text for t in goals], at_base)
    tables = {kind: table, "base": at_base}
    cases = without_empty(run.table)
    watching = list(watched.values())
    return Study("optimise", settings, tables, answer, scenario, cases, watching)


def _answer(table: pd.DataFrame, paths: list[str], goals: list[str], base: pd.DataFrame) -> str:
    if (table["missed"] > 0).all():
        text = f"No case meets all constraints; the nearest misses them by {table['missed'][0]:.3g}"
        text += " relative. "
    else:
        text = ""
    if len(goals) == 2:
        return f"{text}{len(table)} points of the front of {goals[0]} and {goals[1]}."
    row = table.iloc[0]
    at = ", ".join(f"{p} = {value_text(parameter(p), row[p])}" for p in paths)
    return f"{text}{goals[0]} = {row[goals[0]]:.6g} (scenario: {base[goals[0]][0]:.6g}) at {at}."
