"""Uncertainty: what the distributions of the parameters make of the KPIs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario
from sludgesim.scenario.spread import Correlation
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import Progress, without_empty
from sludgesim.studies.names import require_values, targets
from sludgesim.studies.sampling import sample
from sludgesim.studies.study import Runner, Study, chosen_routes
from sludgesim.studies.vary import Vary, shape_text

PERCENTILES = (5, 50, 95)


def uncertainty(
    scenario: Scenario,
    *,
    samples: int = 1000,
    sampling: str = "lhs",
    seed: int = 1,
    vary: Vary | None = None,
    correlations: Sequence[Correlation] | None = None,
    routes: Sequence[str] | None = None,
    kpis: Sequence[str] = (),
    progress: Progress = None,
) -> Study:
    """Draw parameters from their distributions and tell how the KPIs spread.

    Parameters
    ----------
    scenario : its distributions and correlations count
    samples : cases; rounded up to a power of two for Sobol sequences
    sampling : `lhs` (Latin hypercube), `random` (Monte Carlo) or `sobol`
    seed : the same seed gives the same table
    vary : path -> `kind(numbers) unit`, `low:high unit`, or None for the declared distribution;
        default: every parameter of the routes with a distribution
    correlations : (path, path, coefficient); default: those of the scenario that apply
    routes : names; default: those of the scenario
    kpis : what is told in terminal and figures; the tables have all KPIs
    progress : called with cases done and cases in all

    Returns
    -------
    Study with the tables `percentiles` (route, KPI, unit, solved, failed, mean, standard
    deviation, p5, p50, p95), `odds` (KPI, route, other, share of cases in which the route is
    better, its bounds should all failed cases go against or for it) and `distributions`.

    Errors: InputError for unknown names, and correlations that cannot hold together.
    """
    names = chosen_routes(scenario, routes)
    wanted = targets(kpis, names)
    names = tuple(dict.fromkeys([*names, *(r for t in wanted for r in t.routes)]))
    spread = variation.spread(scenario, vary, names)
    if correlations is None:
        correlations = [c for c in scenario.correlations if {*c[:2]} <= {*spread}]
    drawn = sample(spread, samples, sampling, seed, correlations)
    run = Runner(scenario, names, progress)
    run(drawn, len(drawn))
    require_values(run.table, wanted)
    table = without_empty(run.table)
    if (table["status"] != "ok").all():
        raise InputError(
            Problem(f"no case could be run: {table['reason'].iloc[0]}", "distributions",
                    allowed="distributions of which at least some cases can be run")
        )  # fmt: skip
    tables = {
        "percentiles": percentiles(table),
        "odds": _odds(table, names),
        "distributions": pd.DataFrame(
            [(path, shape_text(p), p.quality) for path, p in spread.items()],
            columns=["parameter", "distribution", "quality"],
        ),
    }
    settings = {
        "samples": len(drawn),
        "sampling": sampling,
        "seed": seed,
        "vary": {path: shape_text(p) for path, p in spread.items()},
        "correlations": [list(c) for c in correlations],
        "routes": list(names),
        "kpis": [t.text for t in wanted],
    }
    failed = int((table["status"] != "ok").sum())
    answer = (
        f"{len(drawn)} cases ({sampling}, seed {seed}) over {len(spread)} parameters; "
        f"{failed} of {len(table)} rows failed."
    )
    return Study("uncertainty", scenario, settings, table, tables, answer, wanted)


def _kpis_of(table: pd.DataFrame) -> list[str]:
    return [kpi for kpi in kpi_module.ids() if kpi in table]


def percentiles(table: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation and percentiles of every KPI of every route in a table of cases.

    They are those of the cases with a value; `failed` says how many had none.
    """
    rows = []
    for route, part in table.groupby("route", sort=False):
        for kpi in _kpis_of(table):
            values = part[kpi].dropna().to_numpy(float)
            if values.size == 0:
                continue
            mid = np.percentile(values, PERCENTILES)
            deviation = float(values.std(ddof=1)) if values.size > 1 else np.nan
            rows.append(
                (route, kpi, kpi_module.unit_of(kpi), values.size, len(part) - values.size,
                 float(values.mean()), deviation, *map(float, mid))
            )  # fmt: skip
    heads = ["route", "kpi", "unit", "solved", "failed", "mean", "sd"]
    return pd.DataFrame(rows, columns=[*heads, *(f"p{p}" for p in PERCENTILES)])


def _odds(table: pd.DataFrame, routes: Sequence[str]) -> pd.DataFrame:
    """How often a route beats another, for KPIs of which it is known which way is better."""
    rows = []
    for kpi in _kpis_of(table):
        better = kpi_module.entry(kpi).get("better")
        if better is None:
            continue
        sign = 1 if better == "higher" else -1
        values = {r: sign * table.loc[table["route"] == r, kpi].to_numpy(float) for r in routes}
        has = {r: v for r, v in values.items() if np.isfinite(v).any()}
        for a, b in itertools.permutations(has, 2):
            both = np.isfinite(has[a]) & np.isfinite(has[b])
            wins, ties = int((has[a] > has[b])[both].sum()), int((has[a] == has[b])[both].sum())
            n, solved = both.size, int(both.sum())
            if solved:
                rows.append((kpi, a, b, wins / solved, ties / solved, solved, n - solved,
                             wins / n, (wins + n - solved) / n))  # fmt: skip
    heads = ["kpi", "route", "other", "better", "equal", "solved", "failed", "least", "most"]
    return pd.DataFrame(rows, columns=heads)
