"""Uncertainty: what the distributions of the parameters make of the KPIs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.routes import kpis as kpi_module
from sludgesim.routes.kpis import NO_PRODUCT
from sludgesim.scenario import Scenario
from sludgesim.scenario.spread import Correlation
from sludgesim.scenario.wording import listed
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import OK, Progress, run_base, without_empty
from sludgesim.studies.names import ROUND_OFF, Target, require_values
from sludgesim.studies.plan import Plan
from sludgesim.studies.sampling import Sample
from sludgesim.studies.stored_cases import Cases
from sludgesim.studies.study import Study, chosen, run_plan
from sludgesim.studies.vary import Vary, shape_text
from sludgesim.studies.warned import summary
from sludgesim.studies.workers import HERE, Execution
from sludgesim.thermo.species import Array

PERCENTILES = (5, 50, 95)
_VALUES = 8_000_000  # of a stored study that are in memory at once


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
    execution: Execution = HERE,
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
    kpis : what is told in terminal and figures, sums of KPIs as well; the tables have all KPIs
    progress : called with cases done and cases in all
    execution : who runs the cases, and whether they are kept in files

    Returns
    -------
    Study with the tables `percentiles` (route, KPI, unit, solved, failed, mean, standard
    deviation, p5, p50, p95, the value of the scenario as it stands and its percentile among the
    cases; of sums of KPIs without a route), `odds` (KPI, route, other, share of cases in which the
    route is better, its bounds should all failed cases go against or for it, and in how many of the
    cases that it wins it makes no product) and `distributions`.

    Errors: InputError for unknown names, and correlations that cannot hold together.
    """
    names, wanted = chosen(scenario, routes, kpis)
    spread = variation.spread(scenario, vary, names)
    if correlations is None:
        correlations = [c for c in scenario.correlations if {*c[:2]} <= {*spread}]
    variation.require_few(samples, "--samples")
    drawn = Sample(spread, samples, sampling, seed, correlations)
    settings = {
        "samples": len(drawn),
        "sampling": sampling,
        "seed": seed,
        "vary": {path: shape_text(p) for path, p in spread.items()},
        "correlations": [list(c) for c in correlations],
        "routes": list(names),
        "kpis": [t.text for t in wanted],
    }
    plan = Plan({scenario.variant: scenario}, drawn, names, execution.cases_per_part)
    table, warned, notes = run_plan("uncertainty", plan, settings, execution, progress)
    wanted = require_values(table, wanted)
    table = without_empty(table)
    solved = (table["status"] == OK).to_numpy()
    if not solved.any():
        raise InputError(
            Problem(f"no case could be run: {table['reason'].iloc[0]}", "distributions",
                    allowed="distributions of which at least some cases can be run")
        )  # fmt: skip
    base = run_base(scenario, names)
    tables = _statistics(table, base, wanted) | {
        "distributions": pd.DataFrame(
            [(path, shape_text(p), p.quality) for path, p in spread.items()],
            columns=["parameter", "distribution", "quality"],
        ),
    }
    failed = int((~solved).sum())
    answer = (
        f"{len(drawn)} cases ({sampling}, seed {seed}) over {len(spread)} parameters; "
        f"{failed} of {len(table)} rows failed."
    )
    notes = [*notes, *_without_product(table), *_off_centre(tables["percentiles"], wanted)]
    return Study(
        "uncertainty", settings, tables, answer, scenario, table, wanted, summary(warned), notes
    )


def _by_kpi(table: Cases) -> Iterator[tuple[str, dict[str, Array]]]:
    """KPIs of a table of cases, each with its values by route; few columns at a time."""
    routes = table["route"].astype(str)
    where = {str(r): (routes == r).to_numpy() for r in routes.unique()}
    there = [kpi for kpi in kpi_module.ids() if kpi in table]
    step = max(1, min(16, _VALUES // len(table)))
    for start in range(0, len(there), step):
        columns = table[there[start : start + step]]
        for kpi in columns:
            values = columns[kpi].to_numpy(float)
            yield str(kpi), {route: values[here] for route, here in where.items()}


def _statistics(table: Cases, base: Cases, wanted: Sequence[Target]) -> dict[str, pd.DataFrame]:
    """The tables `percentiles` and `odds`, in one pass over the KPIs."""
    found, odds = [], []
    empty = _empty(table)
    for kpi, by_route in _by_kpi(table):
        for route, values in by_route.items():
            unit = kpi_module.unit_of(kpi)
            own = Target(kpi, ((1.0, route, kpi),)).of(base)[0]
            found += _percentiles((route, kpi, unit), values, float(own))
        odds += _odds(kpi, by_route, empty)
    for target in wanted:
        if target.is_combined:
            names = ("", target.text, target.unit)
            found += _percentiles(names, target.of(table), float(target.of(base)[0]))
    heads = ["route", "kpi", "unit", "solved", "failed", "mean", "sd"]
    ends = [*(f"p{p}" for p in PERCENTILES), "base", "base_percentile"]
    percentiles = pd.DataFrame(found, columns=[*heads, *ends])
    order = {route: k for k, route in enumerate(dict.fromkeys(row[0] for row in found))}
    heads = ["kpi", "route", "other", "better", "equal", "solved", "failed", "least", "most",
             "without_product"]  # fmt: skip
    return {
        "percentiles": percentiles.sort_values(
            "route", key=lambda column: column.map(order), kind="stable", ignore_index=True
        ),
        "odds": pd.DataFrame(odds, columns=heads),
    }


def _percentiles(names: tuple[str, str, str], column: Array, base: float) -> list[tuple[Any, ...]]:
    """The row of `percentiles` of a route, KPI and unit; none where no case has a value.

    `failed` says how many had none. The percentile of the base is that of the middle of its equals.
    """
    values = column[~np.isnan(column)]
    if not values.size:
        return []
    mid = np.percentile(values, PERCENTILES)
    deviation = float(values.std(ddof=1)) if values.size > 1 else np.nan
    near = ROUND_OFF * np.abs(values).max()
    below, equal = (values < base - near).mean(), (np.abs(values - base) <= near).mean()
    rank = float(100 * (below + equal / 2)) if np.isfinite(base) else np.nan
    return [(*names, values.size, column.size - values.size, float(values.mean()), deviation,
             *map(float, mid), base, rank)]  # fmt: skip


def _empty(table: Cases) -> dict[str, NDArray[np.bool_]]:
    """The cases in which a route makes no product worth the name, by route."""
    if "re_recovery" not in table:
        return {}
    heads = table[["route", "re_recovery"]]
    return {
        str(route): (heads["re_recovery"][heads["route"] == route] < NO_PRODUCT).to_numpy()
        for route in heads["route"].unique()
    }


def _without_product(table: Cases) -> list[str]:
    """A line for every route that makes no product in some cases: it uses little, for nothing."""
    return [
        f"{route} makes no product (RE recovery below {NO_PRODUCT:g} %) in {none.sum()} of "
        f"{none.size} cases; what it needs less of there is no merit"
        for route, none in _empty(table).items()
        if none.any()
    ]


def _off_centre(percentiles: pd.DataFrame, wanted: Sequence[Target]) -> list[str]:
    """A line where the scenario as it stands is a rare case of the KPIs asked for, or of all."""
    asked = {(("", t.text) if t.is_combined else t.terms[0][1:]) for t in wanted}
    rank = percentiles["base_percentile"]
    rare = percentiles[(rank < PERCENTILES[0]) | (rank > PERCENTILES[-1])]
    pairs = list(zip(rare["route"], rare["kpi"], strict=True))
    told = [".".join(filter(None, pair)) for pair in pairs if pair in asked]
    if not asked and pairs:
        told = [f"{len(pairs)} of {len(percentiles)} KPIs"]
    return (
        [
            f"the scenario as it stands is outside P5 to P95 of the cases in {listed(told)}: the "
            "distributions are not centred on it"
        ]
        if told
        else []
    )


def _odds(
    kpi: str, by_route: Mapping[str, Array], empty: Mapping[str, NDArray[np.bool_]]
) -> list[tuple[Any, ...]]:
    """How often a route beats another, where it is known which way is better."""
    better = kpi_module.entry(kpi).get("better")
    if better is None:
        return []
    rows: list[tuple[Any, ...]] = []
    sign = 1 if better == "higher" else -1
    has = {r: sign * v for r, v in by_route.items() if np.isfinite(v).any()}
    for a, b in itertools.permutations(has, 2):
        both = np.isfinite(has[a]) & np.isfinite(has[b])
        won = both & (has[a] > has[b])
        wins, ties = int(won.sum()), int((has[a] == has[b])[both].sum())
        n, solved = both.size, int(both.sum())
        for_nothing = int((won & empty[a]).sum()) if a in empty else 0
        if solved:
            rows.append((kpi, a, b, wins / solved, ties / solved, solved, n - solved,
                         wins / n, (wins + n - solved) / n, for_nothing))  # fmt: skip
    return rows
