"""Many cases of a scenario: a table of parameter values in, a table of KPIs out, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import SludgesimError
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario
from sludgesim.studies import assay
from sludgesim.studies.comparison import compare
from sludgesim.studies.names import parameter
from sludgesim.studies.stored_cases import Cases, frames
from sludgesim.studies.warned import Warned, of_batch
from sludgesim.thermo.species import Array

BLOCK = 1000  # cases that are solved together; more costs memory and gains little speed
OK, FAILED = "ok", "failed"
HEAD = ("case", "scenario", "route", "status", "reason")

Progress = Callable[[int, int | None], None] | None  # cases done, cases in all if known
Warn = Callable[[list[Warned]], None] | None


def run_cases(
    scenario: Scenario,
    cases: pd.DataFrame,
    routes: Sequence[str] | None = None,
    *,
    block: int = BLOCK,
    progress: Progress = None,
    warn: Warn = None,
) -> Iterator[pd.DataFrame]:
    """Run a scenario once for every row of a table of parameter values.

    Assay: elements that a case gives have that value. The scenario's balance element makes up the
    rest to 100 %; without one, the elements that the case does not give share it in the
    proportions of the scenario.

    Parameters
    ----------
    scenario : gives everything that the table does not
    cases : one row per case, its index the case ids; columns are paths of parameters, values in
        the declared units, or words; nan leaves the scenario's value
    routes : names; default: those of the scenario
    block : cases that are solved together; bounds the memory
    progress : called with cases done and cases in all after every block
    warn : called with what the model warns of in a block

    Returns
    -------
    iterator of one table per block: one row per case and route with the columns `case`, those of
    `cases`, `route`, `status` (`ok` or `failed`), `reason`, and every KPI (nan where it does not
    apply, and in failed cases). All tables have the same columns.

    Errors: InputError for a column that is no parameter. What cannot be run or solved is a row
    with a reason.
    """
    check_columns(scenario, tuple(cases.columns))
    names = tuple(routes or scenario.routes)
    for start in range(0, len(cases), block):
        part = cases.iloc[start : start + block]
        warned: list[Warned] = []
        yield _run_block(scenario, part, names, warned)
        if warn:
            warn(warned)
        if progress:
            progress(start + len(part), len(cases))


def run_all(
    scenario: Scenario,
    cases: pd.DataFrame,
    routes: Sequence[str] | None = None,
    *,
    progress: Progress = None,
    warn: Warn = None,
) -> pd.DataFrame:
    """One table of all blocks of `run_cases`, in the order of cases, then routes."""
    table = pd.concat(list(run_cases(scenario, cases, routes, progress=progress, warn=warn)))
    return table.sort_values("case", kind="stable", ignore_index=True)


def run_base(scenario: Scenario, routes: Sequence[str]) -> pd.DataFrame:
    """The table of the scenario as it stands, one row per route."""
    return run_all(scenario, pd.DataFrame(index=range(1)), routes)


def without_empty(table: Cases) -> Cases:
    """The table without KPIs that no route has and reagents that no case uses."""
    kpis = [kpi for kpi in kpi_module.ids() if kpi in table]
    used: set[str] = set()
    for part in frames(table, kpis):
        for kpi in kpis:
            if kpi not in used:
                values = part[kpi].to_numpy()
                empty = np.isnan(values) | (kpi.startswith("reagent.") & (values == 0))
                if not empty.all():
                    used.add(kpi)
    return table.drop(columns=[kpi for kpi in kpis if kpi not in used])


def counts(table: Cases) -> pd.DataFrame:
    """Cases, solved cases and failed cases of every route."""
    heads = table[["route", "status"]]
    solved = (heads["status"] == OK).groupby(heads["route"].astype(str), sort=False)
    out = pd.DataFrame({"cases": solved.size(), "solved": solved.sum()}).reset_index()
    out["failed"] = out["cases"] - out["solved"]
    return out


def failures(table: Cases) -> pd.DataFrame:
    """How often each reason of failure occurred, by route."""
    heads = table[["route", "status", "reason"]]
    failed = heads.loc[heads["status"] == FAILED, ["route", "reason"]].astype(str)
    sizes = failed.groupby(["route", "reason"], sort=False).size()
    return sizes.rename("cases").reset_index()


def check_columns(scenario: Scenario, cases: Sequence[str]) -> None:
    """Refuse columns that are no parameter, or that mean nothing for the scenario."""
    for path in cases:
        parameter(path, "cases")
    assay.check(scenario, cases)


def _run_block(
    scenario: Scenario, part: pd.DataFrame, routes: Sequence[str], warned: list[Warned]
) -> pd.DataFrame:
    n = len(part)
    numbers, words, reason = resolve(scenario, part)
    kpis = {r: {k: np.full(n, np.nan) for k in kpi_module.ids()} for r in routes}
    reasons = {r: reason.copy() for r in routes}
    # A word, such as the kind of furnace, holds for a whole batch.
    group = words.groupby(list(words.columns)).ngroup() if len(words.columns) else None
    for g in (0,) if group is None else sorted(set(group)):
        member = np.ones(n, bool) if group is None else (group == g).to_numpy()
        rows = np.flatnonzero(member & (reason == ""))
        if rows.size:
            chosen = {k: str(v) for k, v in words.iloc[rows[0]].items()}
            _solve(scenario, numbers, chosen, rows, kpis, reasons, warned)
    tables = []
    for route in routes:
        head = part.rename_axis("case").reset_index()
        head["route"] = route
        head["status"] = np.where(reasons[route] == "", OK, FAILED)
        head["reason"] = reasons[route]
        tables.append(pd.concat([head, pd.DataFrame(kpis[route])], axis=1))
    return pd.concat(tables, ignore_index=True)


def _solve(
    scenario: Scenario,
    numbers: dict[str, Array],
    words: dict[str, str],
    rows: NDArray[np.intp],
    kpis: dict[str, dict[str, Array]],
    reasons: dict[str, NDArray[np.object_]],
    warned: list[Warned],
) -> None:
    """Run some rows together, enter KPIs, reasons, warnings; halve them where a run stops."""
    # A single case stops at a fault, a batch reports it: even one case runs as a batch.
    batch = np.resize(rows, max(2, rows.size))
    changes = {path: values[batch] for path, values in numbers.items()} | words
    inputs = scenario.inputs.with_values(changes)
    if inputs.n == 1:  # nothing but words to change: nothing that could make it a batch
        inputs = inputs.with_values({"feed.rate": np.repeat(inputs["feed.rate"], 2)})
    try:
        result = compare(replace(scenario, inputs=inputs), list(kpis))
    except SludgesimError as error:
        if rows.size > 1:
            for half in np.array_split(rows, 2):
                _solve(scenario, numbers, words, half, kpis, reasons, warned)
        else:
            for reason in reasons.values():
                reason[rows] = " ".join(str(error).split())
        return
    for name, route in result.routes.items():
        solved = route.reason[: rows.size] == ""
        reasons[name][rows] = route.reason[: rows.size]
        warned += of_batch(name, route.warnings, rows.size)
        for kpi, column in kpis[name].items():
            absent = np.zeros(inputs.n) if kpi.startswith("reagent.") else np.full(inputs.n, np.nan)
            column[rows] = np.where(solved, route.kpis.get(kpi, absent)[: rows.size], np.nan)


def resolve(
    scenario: Scenario, part: pd.DataFrame
) -> tuple[dict[str, Array], pd.DataFrame, NDArray[np.object_]]:
    """Numbers in SI units, words, and why a case cannot be run, empty where it can.

    Parameters
    ----------
    scenario, part : as for `run_cases`; an assay is made up to 100 %
    """
    reason = np.full(len(part), "", dtype=object)

    def refuse(bad: NDArray[np.bool_], why: str) -> None:
        reason[bad & (reason == "")] = why

    numbers: dict[str, Array] = {}
    words: dict[str, pd.Series[str]] = {}
    given: dict[str, Array] = {}
    for path in part.columns:
        p, stated = parameter(path, "cases"), scenario.inputs[path]
        column = part[path]
        if isinstance(stated, str):
            words[path] = column.where(column.notna(), stated)
            refuse(~words[path].isin(p.words).to_numpy(), f"{path}: allowed is {p.allowed}")
            continue
        assert p.bounds is not None
        if column.dtype == float:  # no words among them
            values = column.to_numpy()
            is_word, empty = np.zeros(values.size, bool), np.isnan(values)
        else:
            is_word, empty = column.isin(p.words).to_numpy(), column.isna().to_numpy()
            values = pd.to_numeric(column.where(~is_word), errors="coerce").to_numpy(float)
        slack = 1e-9 * max(map(abs, p.bounds))
        inside = (values >= p.bounds[0] - slack) & (values <= p.bounds[1] + slack)
        refuse(~(inside | is_word | empty), f"{path}: allowed is {p.allowed}")
        given[path] = p.to_si(np.clip(values, *p.bounds))
        numbers[path] = np.where(empty, stated[0], given[path])
    numbers |= assay.made_up(scenario, given, refuse)
    wet = [numbers.get(p, scenario.inputs[p]) for p in ("feed.moisture", "feed.oil")]
    refuse(np.broadcast_to(wet[0] + wet[1] >= 1, reason.shape), "feed: no solids are left")
    return numbers, pd.DataFrame(words, index=part.index), reason
