"""Sweep: every combination of given values, for one or more named scenarios side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sludgesim.scenario import Scenario
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import OK, Progress, without_empty
from sludgesim.studies.names import Target, require_values
from sludgesim.studies.plan import Plan
from sludgesim.studies.stored_cases import Cases
from sludgesim.studies.study import Study, chosen, run_plan
from sludgesim.studies.vary import Grid, Vary
from sludgesim.studies.warned import summary
from sludgesim.studies.workers import HERE, Execution


def sweep(
    scenario: Scenario | Mapping[str, Scenario],
    vary: Vary,
    *,
    routes: Sequence[str] | None = None,
    kpis: Sequence[str] = (),
    progress: Progress = None,
    execution: Execution = HERE,
) -> Study:
    """Run every combination of the values of some parameters.

    Parameters
    ----------
    scenario : one scenario, or several by the name that their rows are to carry
    vary : path -> `1350:1650:25 degC`, `a, b, c`, or a sequence of values in the declared unit;
        may be empty where several scenarios are set side by side
    routes : names; default: those of the (first) scenario
    kpis : what the figures show; the table has all KPIs
    progress : called with cases done and cases in all
    execution : who runs the cases, and whether they are kept in files

    Returns
    -------
    Study; `cases` is the table, one row per case and route. Where sums of KPIs are asked for, the
    table `combinations` has their values, one row per case

    Errors: InputError for unknown names, empty or reversed ranges, values that are not allowed.
    """
    several = {scenario.variant: scenario} if isinstance(scenario, Scenario) else dict(scenario)
    first = next(iter(several.values()))
    names, wanted = chosen(first, routes, kpis)
    grid = Grid({}) if len(several) > 1 and not vary else variation.grid(vary)
    settings = {
        "vary": {path: list(values) for path, values in grid.values.items()},
        "scenarios": list(several),
        "routes": list(names),
        "kpis": [t.text for t in wanted],
    }
    plan = Plan(several, grid, names, execution.cases_per_part, named=True)
    table, warned, notes = run_plan("sweep", plan, settings, execution, progress)
    wanted = require_values(table, wanted)
    failed = int((table["status"] != OK).sum())
    answer = f"{plan.cases} cases of {len(names)} routes; {failed} of {len(table)} rows failed."
    combined = [target for target in wanted if target.is_combined]
    tables = {"combinations": by_case(table, grid.paths, combined)} if combined else {}
    kept = without_empty(table)
    return Study("sweep", settings, tables, answer, first, kept, wanted, summary(warned), notes)


def by_case(cases: Cases, paths: Sequence[str], targets: Sequence[Target]) -> pd.DataFrame:
    """One row per case of a sweep: its number, scenario and parameters, and targets of it.

    Parameters
    ----------
    cases : one row per case and route
    paths : parameters in it
    targets : of routes in it
    """
    heads = cases[["case", "scenario", "route", *paths]]
    first = heads["route"] == heads["route"].iloc[0]
    table = heads.loc[first, ["case", "scenario", *paths]].reset_index(drop=True)
    return table.assign(**{target.text: target.of(cases) for target in targets})
