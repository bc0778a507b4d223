"""Sweep: every combination of given values, for one or more named scenarios side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sludgesim.scenario import Scenario
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import OK, Progress, without_empty
from sludgesim.studies.names import require_values
from sludgesim.studies.plan import Plan
from sludgesim.studies.study import Study, chosen, run_plan
from sludgesim.studies.vary import Vary
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
    vary : path -> `1350:1650:25 degC`, `a, b, c`, or a sequence of values in the declared unit
    routes : names; default: those of the (first) scenario
    kpis : what the figures show; the table has all KPIs
    progress : called with cases done and cases in all
    execution : who runs the cases, and whether they are kept in files

    Returns
    -------
    Study; `cases` is the table, one row per case and route

    Errors: InputError for unknown names, empty or reversed ranges, values that are not allowed.
    """
    several = {scenario.variant: scenario} if isinstance(scenario, Scenario) else dict(scenario)
    first = next(iter(several.values()))
    names, wanted = chosen(first, routes, kpis)
    grid = variation.grid(vary)
    settings = {
        "vary": {path: list(values) for path, values in grid.values.items()},
        "scenarios": list(several),
        "routes": list(names),
        "kpis": [t.text for t in wanted],
    }
    plan = Plan(several, grid, names, execution.cases_per_part, named=True)
    table = run_plan("sweep", plan, settings, execution, progress)
    require_values(table, wanted)
    failed = int((table["status"] != OK).sum())
    answer = f"{plan.cases} cases of {len(names)} routes; {failed} of {len(table)} rows failed."
    return Study("sweep", settings, {}, answer, first, without_empty(table), wanted)
