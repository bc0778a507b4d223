"""Sensitivity: which parameters a KPI depends on, and where the ranking of routes flips."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import Parameter
from sludgesim.scenario import Scenario
from sludgesim.scenario.wording import listed, nearest, quoted
from sludgesim.studies import vary as variation
from sludgesim.studies.cases import Progress, run_base, without_empty
from sludgesim.studies.design_rows import Designed, OneAtATime
from sludgesim.studies.indices import MorrisDesign, SobolDesign
from sludgesim.studies.names import ROUND_OFF, Target, require_values, routes_of, targets
from sludgesim.studies.plan import Plan
from sludgesim.studies.roots import Bracket, brackets, refine
from sludgesim.studies.sampling import quantile, support
from sludgesim.studies.store import Store
from sludgesim.studies.stored_cases import Cases
from sludgesim.studies.study import Runner, Study, chosen_routes
from sludgesim.studies.vary import Vary, shape_text
from sludgesim.studies.workers import HERE, Execution
from sludgesim.thermo.species import Array

METHODS = ("tornado", "morris", "sobol")
LOW, HIGH = 0.05, 0.95  # probabilities between which a parameter is moved
_SCAN = 9
_BEYOND = 0.5  # an interval of an index that leaves 0 to 1 by more tells nothing
_FLIP_PASSES = 4  # to 1/10,000 of the distance between two points of the scan
_DEFAULT_SAMPLES = {"tornado": _SCAN, "morris": 20, "sobol": 256}
_RANKED_BY = {"morris": "mu_star", "sobol": "total"}


def sensitivity(
    scenario: Scenario,
    kpis: Sequence[str],
    *,
    method: str = "tornado",
    vary: Vary | None = None,
    samples: int | None = None,
    seed: int = 1,
    routes: Sequence[str] | None = None,
    progress: Progress = None,
    execution: Execution = HERE,
) -> Study:
    """Tell how much each parameter moves each KPI.

    Parameters
    ----------
    scenario : the base case; its distributions count
    kpis : `route.kpi`, differences such as `carbothermal.ghg - wet_full.ghg`, or a KPI id for
        that of every route
    method : `tornado` moves one parameter at a time between the 5th and the 95th percentile of its
        distribution, and finds where within its ends the ranking of routes flips; `morris` gives
        elementary effects over the same range; `sobol` shares of variance, first and total order
    vary : path -> `kind(numbers) unit`, `low:high unit`, or None for the declared distribution;
        default: every parameter of the routes with a distribution
    samples : tornado: points per parameter that look for flips (9); morris: trajectories (20);
        sobol: base samples (256)
    seed : of morris and sobol
    routes : that a bare KPI id stands for; default: those of the scenario
    progress : called with cases done and cases in all
    execution : who runs the cases, and whether they are kept in files

    Returns
    -------
    Study with a table named after the method, and for `tornado` the table `flips`

    Errors: InputError for unknown names; `sobol` wants independent parameters and SciPy.
    """
    if method not in METHODS:
        message = f"no method {quoted(method)}{nearest(method, METHODS)}"
        raise InputError(Problem(message, "--method", allowed=listed(METHODS)))
    wanted = targets(kpis, chosen_routes(scenario, routes))
    if not wanted:
        raise InputError(Problem("no KPI is given", "--kpi", allowed="--kpi carbothermal.ghg"))
    # Before anything is varied or written: the routes and parameters that count follow from it.
    wanted = require_values(run_base(scenario, routes_of(wanted)), wanted)
    names = routes_of(wanted)
    variation.require_effect(vary or (), names)
    spread = variation.spread(scenario, vary, names)
    n = _DEFAULT_SAMPLES[method] if samples is None else samples
    if n < 2:
        raise InputError(Problem(f"{n} samples", "--samples", allowed="2 or more"))
    variation.require_few(n * (len(spread) + 2), "--samples")
    tied = [c for c in scenario.correlations if {*c[:2]} <= {*spread}]
    if tied and method != "tornado":
        message = f"{method} wants independent parameters, {tied[0][0]} and {tied[0][1]} are not"
        raise InputError(Problem(message, "--method", allowed="tornado, or --vary without them"))
    settings: dict[str, Any] = {
        "method": method,
        "kpis": [t.text for t in wanted],
        "vary": {path: shape_text(p) for path, p in spread.items()},
        "samples": n,
        "seed": seed,
        "routes": list(names),
    }
    cases = _cases(method, spread, n, seed)
    store = None
    if execution.store is not None:
        plan = Plan({scenario.variant: scenario}, cases, names, execution.cases_per_part)
        store = Store(execution.store, "sensitivity", plan, settings)
    run = Runner(scenario, names, progress, execution, store)
    base = run.base(cases.paths)
    table = run(cases, len(cases) + 1)
    if isinstance(cases, OneAtATime):
        tables = {
            "tornado": _tornado(spread, wanted, base, cases, table),
            "flips": _flips(run, spread, wanted, cases, table),
        }
        answer = _strongest(tables["tornado"], "swing", wanted, {})
    else:
        measure = _RANKED_BY[method]
        found = _global(cases, wanted, table)
        doubts = _doubts(found, wanted)
        ranked = [target for target in wanted if target.text not in doubts]
        tables = {method: _ordered(found, measure, wanted, ranked)}
        answer = _strongest(tables[method], measure, wanted, doubts)
    if store is not None:
        store.finish()
    kept = without_empty(run.table)
    notes = store.notes if store else ()
    return Study(
        "sensitivity", settings, tables, answer, scenario, kept, wanted, run.warnings, notes
    )


def _cases(
    method: str, spread: Mapping[str, Parameter], n: int, seed: int
) -> OneAtATime | Designed:
    """The cases beside that of the scenario as it stands, which follow from the question alone."""
    if method == "morris":
        return Designed(spread, MorrisDesign(n, len(spread), seed), (LOW, HIGH))
    if method == "sobol":
        return Designed(spread, SobolDesign(n, len(spread), seed), (0.0, 1.0))
    moved = _moved(spread)
    ends = np.array([support(p) for p in spread.values()])
    x = np.sort(np.concatenate([moved, np.linspace(ends[:, 0], ends[:, 1], n, axis=1)], axis=1))
    return OneAtATime(tuple(spread), np.repeat(np.arange(len(x)), x.shape[1]), x.ravel())


def _moved(spread: Mapping[str, Parameter]) -> Array:
    """The values between which each parameter is moved, (parameters, 2)."""
    return np.array([quantile(p, np.array([LOW, HIGH])) for p in spread.values()])


def _strongest(
    table: pd.DataFrame, column: str, wanted: Sequence[Target], doubts: Mapping[str, str]
) -> str:
    """One sentence per target: the parameters that move it most, or why none can be told."""
    lines = []
    for target in wanted:
        rows = table[table["kpi"] == target.text].dropna(subset=[column]).head(5)
        rows = rows[rows[column].abs() > (ROUND_OFF if column == "total" else 0.0)]
        moved = listed(rows["parameter"]) or "nothing moves it"
        lines.append(f"{target.text}: {doubts.get(target.text, moved)}.")
    return " ".join(lines)


def _doubts(table: pd.DataFrame, wanted: Sequence[Target]) -> dict[str, str]:
    """Why the measures of a target rank nothing, where they do not."""
    found = {}
    ends = [c for c in table.columns if c in ("first_low", "first_high", "total_low", "total_high")]
    for target in wanted:
        rows = table[table["kpi"] == target.text]
        used, all_ = int(rows["used"].iloc[0]), int(rows["rows"].iloc[0])
        if used < all_ / 2:
            failed = int(rows["failed"].iloc[0])
            found[target.text] = (
                f"no ranking, {used} of {all_} rows of the design are left ({failed} cases failed)"
            )
        elif ((rows[ends] < -_BEYOND) | (rows[ends] > 1 + _BEYOND)).any(axis=None):
            found[target.text] = (
                "no ranking, the intervals of the indices leave 0 to 1 by far; take more --samples"
            )
    return found


def _ordered(
    table: pd.DataFrame, column: str, wanted: Sequence[Target], ranked: Sequence[Target]
) -> pd.DataFrame:
    """The rows of each target by falling magnitude, where it can be ranked."""
    order = {t.text: k for k, t in enumerate(wanted)}
    size = table[column].abs().where(table["kpi"].isin([t.text for t in ranked]), 0.0)
    keys = pd.DataFrame({"t": table["kpi"].map(order), "m": -size})
    by_size = keys.sort_values(["t", "m"], kind="stable").index
    return table.loc[by_size].reset_index(drop=True)


def _tornado(
    spread: Mapping[str, Parameter],
    wanted: Sequence[Target],
    base: Cases,
    cases: OneAtATime,
    table: Cases,
) -> pd.DataFrame:
    moved, x = _moved(spread), cases.x.reshape(len(spread), -1)
    at = np.array([np.searchsorted(row, ends) for row, ends in zip(x, moved, strict=True)])
    rows = []
    for target in wanted:
        y, still = target.of(table).reshape(x.shape), target.round_off(table)
        here = float(target.of(base)[0])
        for k, (path, p) in enumerate(spread.items()):
            low, high = y[k, at[k]]
            swing = 0.0 if abs(high - low) <= still else high - low
            rows.append((target.text, target.unit, path, p.unit, *moved[k], low, here, high,
                         swing, int(np.isnan(y[k]).sum())))  # fmt: skip
    heads = ["kpi", "unit", "parameter", "parameter_unit", "low", "high", "at_low", "base",
             "at_high", "swing", "failed"]  # fmt: skip
    return _ordered(pd.DataFrame(rows, columns=heads), "swing", wanted, wanted)


def _contrasts(wanted: Sequence[Target]) -> list[Target]:
    """Differences of one KPI between two routes; their sign ranks the routes."""
    found = {t.text: t for t in wanted if t.is_difference}
    plain = [t.terms[0] for t in wanted if len(t.terms) == 1]
    for (_, a, kpi), (_, b, other) in itertools.combinations(plain, 2):
        if kpi == other:
            text = f"{a}.{kpi} - {b}.{kpi}"
            found[text] = Target(text, ((1.0, a, kpi), (-1.0, b, kpi)))
    return list(found.values())


def _flips(
    run: Runner,
    spread: Mapping[str, Parameter],
    wanted: Sequence[Target],
    cases: OneAtATime,
    table: Cases,
) -> pd.DataFrame:
    """The values of single parameters at which two routes change places.

    Where they are equal all the way between two values, `value` is the one and `up to` the other.
    """
    paths, x = cases.paths, cases.x.reshape(len(spread), -1)
    contrasts = _contrasts(wanted)
    found: list[Bracket] = []
    whose: list[tuple[int, int]] = []
    still = np.array([contrast.round_off(table) for contrast in contrasts])
    for c, contrast in enumerate(contrasts):
        y = contrast.of(table).reshape(x.shape)
        for k in range(len(paths)):
            new = [b for b in brackets(x[k], y[k], still[c]) if b.turn]
            found += new
            whose += [(c, k)] * len(new)
    contrast_of = np.array([c for c, _ in whose], dtype=np.intp)
    path_of = np.array([k for _, k in whose], dtype=np.intp)

    def evaluate(owner: NDArray[np.intp], at: Array) -> Array:
        done = run(OneAtATime(paths, path_of[owner], at))
        values = np.array([c.of(done) for c in contrasts])
        picked = values[contrast_of[owner], np.arange(len(at))]
        return np.where(np.abs(picked) <= still[contrast_of[owner]], 0.0, picked)

    roots = refine(evaluate, found, passes=_FLIP_PASSES)
    rows = [
        (contrasts[c].text, paths[k], b.root, b.high if b.is_flat else np.nan,
         spread[paths[k]].unit, b.turn > 0)
        for (c, k), b in zip(whose, roots, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["kpi", "parameter", "value", "up to", "unit", "rises"])


def _global(cases: Designed, wanted: Sequence[Target], table: Cases) -> pd.DataFrame:
    parts = []
    for target in wanted:
        y = target.of(table)
        found = cases.design.estimate(y, target.round_off(table))
        part = pd.DataFrame(
            {"kpi": target.text, "unit": target.unit, "parameter": list(cases.spread)}
        )
        for name in found.measures:
            part[name] = found.measures[name]
            part[f"{name}_low"], part[f"{name}_high"] = found.low[name], found.high[name]
        part["used"], part["rows"] = found.used, cases.design.rows
        part["failed"] = int(np.isnan(y).sum())
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
