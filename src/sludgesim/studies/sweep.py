"""Sweep: every combination of given values, for one or more named scenarios side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sludgesim.scenario import Scenario
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import Progress, run_all, without_empty
from sludgesim.studies.names import require_values, targets
from sludgesim.studies.study import Study, chosen_routes
from sludgesim.studies.vary import Vary


def sweep(
    scenario: Scenario | Mapping[str, Scenario],
    vary: Vary,
    *,
    routes: Sequence[str] | None = None,
    kpis: Sequence[str] = (),
    progress: Progress = None,
) -> Study:
    """Run every combination of the values of some parameters.

    Parameters
    ----------
    scenario : one scenario, or several by the name that their rows are to carry
    vary : path -> `1350:1650:25 degC`, `a, b, c`, or a sequence of values in the declared unit
    routes : names; default: those of the (first) scenario
    kpis : what the figures show; the table has all KPIs
    progress : called with cases done and cases in all

    Returns
    -------
    Study; `cases` is the table, one row per case and route

    Errors: InputError for unknown names, empty or reversed ranges, values that are not allowed.
    """
    several = {scenario.variant: scenario} if isinstance(scenario, Scenario) else dict(scenario)
    first = next(iter(several.values()))
    names = chosen_routes(first, routes)
    wanted = targets(kpis, names)
    names = tuple(dict.fromkeys([*names, *(r for t in wanted for r in t.routes)]))
    grid = variation.grid(vary)
    parts = []
    for k, (name, one) in enumerate(several.items()):

        def stage(done: int, _: int | None, before: int = k * len(grid)) -> None:
            if progress:
                progress(before + done, len(several) * len(grid))

        numbered = grid.set_axis(range(k * len(grid), (k + 1) * len(grid)))
        part = run_all(one, numbered, names, progress=stage)
        part.insert(1, "scenario", name)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    require_values(table, wanted)
    failed = int((table["status"] != "ok").sum())
    count = len(several) * len(grid)
    answer = f"{count} cases of {len(names)} routes; {failed} of {len(table)} rows failed."
    settings = {
        "vary": {path: grid[path].drop_duplicates().tolist() for path in grid},
        "scenarios": list(several),
        "routes": list(names),
        "kpis": [t.text for t in wanted],
    }
    return Study("sweep", first, settings, without_empty(table), {}, answer, wanted)
