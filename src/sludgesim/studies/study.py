"""A study: cases of a scenario, how they are run, and what they tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario, check_routes, flat
from sludgesim.studies import cases as runner
from sludgesim.studies.findings import Findings, records
from sludgesim.studies.names import Target, targets
from sludgesim.studies.plan import Plan, Rows, Table
from sludgesim.studies.store import Stage, Store
from sludgesim.studies.stored_cases import Cases, StoredCases
from sludgesim.studies.workers import HERE, Execution, run_tasks


@dataclass(frozen=True, eq=False)
class Study(Findings):
    """Many cases of a scenario and what they tell.

    `cases` is every case that was run (one row per case and route; columns of it are read from
    files where the study has a store).
    """

    scenario: Scenario
    cases: Cases
    targets: Sequence[Target] = ()

    @property
    def columns(self) -> pd.DataFrame:
        """Parameters and KPIs in the columns of `cases`, with unit and definition."""
        rows = []
        for name in self.cases.columns:
            if name in flat():
                rows.append((name, flat()[name].unit, flat()[name].description))
            elif name in kpi_module.ids():
                rows.append((name, kpi_module.unit_of(name), kpi_module.entry(name)["definition"]))
        return pd.DataFrame(rows, columns=["column", "unit", "definition"])

    @property
    def counts(self) -> pd.DataFrame:
        """Cases, solved and failed, by route."""
        return runner.counts(self.cases)

    @property
    def failures(self) -> pd.DataFrame:
        """Reasons of failed cases and how often each occurred."""
        return runner.failures(self.cases)

    def to_document(self) -> dict[str, Any]:
        """The document `sludgesim.<kind>/1`.

        The cases are in it where nothing else was made of them and they are not in files.
        """
        tables = self.tables
        if not tables and not isinstance(self.cases, StoredCases):
            tables = {"cases": self.cases}
        return self._document(
            tables, self.scenario, counts=records(self.counts), failures=records(self.failures)
        )


def chosen_routes(scenario: Scenario, routes: Sequence[str] | None) -> tuple[str, ...]:
    """The routes asked for, in their order, or those of the scenario.

    Errors: InputError for an unknown route.
    """
    return tuple(check_routes(routes or scenario.routes))


def chosen(
    scenario: Scenario, routes: Sequence[str] | None, kpis: Sequence[str]
) -> tuple[tuple[str, ...], list[Target]]:
    """Routes and targets: the routes asked for and those that the KPIs need.

    Errors: InputError for unknown names.
    """
    names = chosen_routes(scenario, routes)
    wanted = targets(kpis, names)
    return tuple(dict.fromkeys([*names, *(r for t in wanted for r in t.routes)])), wanted


def run_plan(
    kind: str,
    plan: Plan,
    settings: Mapping[str, Any],
    execution: Execution = HERE,
    progress: runner.Progress = None,
) -> Cases:
    """Run all cases of a plan; returns their table, in the order of cases, then routes.

    Parameters
    ----------
    kind, settings : of the study, for the manifest of a store
    plan : the cases
    execution : who runs them, and where they are kept; parts that are there already stay
    progress : called with cases done and cases in all

    Errors: InputError as for `Store` and `run_tasks`.
    """
    if execution.store is None:
        return _run(plan, execution, None, progress)
    store = Store(execution.store, kind, plan, settings)
    table = _run(plan, execution, store.stage(plan), progress)
    store.finish()
    return table


def _run(plan: Plan, execution: Execution, stage: Stage | None, progress: runner.Progress) -> Cases:
    numbers = list(range(plan.parts)) if stage is None else stage.missing()
    done = plan.cases - sum(map(plan.cases_in, numbers))
    if progress:
        progress(done, plan.cases)
    tables: dict[int, pd.DataFrame] = {}
    with closing(run_tasks(plan.tasks(numbers), execution)) as results:
        for number, table in results:
            if stage is None:
                tables[number] = table
            else:
                stage.write(number, table)
            done += plan.cases_in(number)
            if progress:
                progress(done, plan.cases)
    if stage is None:
        return pd.concat([tables[number] for number in numbers], ignore_index=True)
    return stage.cases()


class Runner:
    """Runs cases of a scenario in stages and keeps all of them, numbered in the order of running.

    They are kept in memory, or in the files of `store`, whose parameters every stage then has.
    """

    def __init__(
        self,
        scenario: Scenario,
        routes: Sequence[str],
        progress: runner.Progress = None,
        execution: Execution = HERE,
        store: Store | None = None,
    ) -> None:
        self.scenario, self.routes, self.progress = scenario, tuple(routes), progress
        self.execution, self.store = execution, store
        self.done = 0
        self._tables: list[pd.DataFrame] = []

    def __call__(self, cases: Rows, total: int | None = None) -> Cases:
        """Run cases; returns their table. `total` is what the whole study may come to."""
        before = self.done

        def progress(done: int, _: int | None) -> None:
            if self.progress:
                self.progress(before + done, total)

        size = self.execution.cases_per_part
        plan = Plan({"": self.scenario}, cases, self.routes, size, first=before)
        stage = self.store.stage(plan) if self.store else None
        table = _run(plan, self.execution, stage, progress)
        self.done += len(cases)
        if isinstance(table, pd.DataFrame):
            self._tables.append(table)
        return table

    def base(self, paths: Sequence[str] = ()) -> Cases:
        """Run the scenario as it stands; nothing in the columns of `paths`."""
        return self(Table(pd.DataFrame(np.nan, index=range(1), columns=list(paths))))

    @property
    def table(self) -> Cases:
        """Every case that was run."""
        return self.store.cases() if self.store else pd.concat(self._tables, ignore_index=True)
