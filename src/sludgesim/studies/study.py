"""A study: cases of a scenario, how they are run, and what they tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario, check_routes, flat
from sludgesim.scenario.wording import listed, quoted
from sludgesim.studies import cases as runner
from sludgesim.studies.findings import Findings, records
from sludgesim.studies.names import Target, require_values, targets
from sludgesim.studies.plan import Part, Plan, Rows, Table
from sludgesim.studies.store import Stage, Store
from sludgesim.studies.stored_cases import Cases, StoredCases
from sludgesim.studies.warned import Warned, at_answer, summary
from sludgesim.studies.workers import HERE, Execution, run_tasks


@dataclass(frozen=True, eq=False)
class Study(Findings):
    """Many cases of a scenario and what they tell.

    `cases` is every case that was run (one row per case and route; columns of it are read from
    files where the study has a store), `warnings` what the model warned of in them
    (`warned.summary`), `notes` what has to be known beside the answer.
    """

    scenario: Scenario
    cases: Cases
    targets: Sequence[Target]
    warnings: pd.DataFrame
    notes: Sequence[str] = ()

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

        The cases are in that of a sweep, whose answer they are, unless they are in files.
        """
        tables = dict(self.tables)
        if self.kind == "sweep" and not isinstance(self.cases, StoredCases):
            tables["cases"] = self.cases
        return self._document(
            tables,
            self.scenario,
            notes=list(self.notes),
            warnings=records(self.warnings),
            counts=records(self.counts),
            failures=records(self.failures),
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


def one_target(scenario: Scenario, text: str, routes: Sequence[str], key: str) -> Target:
    """Read what a search looks at; a bare KPI id will do where one route alone has it.

    Errors: InputError for unknown names, and an id that several routes have; `key` is blamed.
    """
    found = targets([text], routes, key)
    if len(found) > 1:
        found = require_values(runner.run_base(scenario, routes), found, key)
    if len(found) > 1:
        allowed = listed(t.text for t in found)
        raise InputError(Problem(f"{quoted(text)} of which route?", key, allowed=allowed))
    return found[0]


class Ran(NamedTuple):
    """The cases that were run, what the model warned of in them, and what to tell of the run."""

    cases: Cases
    warned: list[Warned]
    notes: Sequence[str] = ()


def run_plan(
    kind: str,
    plan: Plan,
    settings: Mapping[str, Any],
    execution: Execution = HERE,
    progress: runner.Progress = None,
) -> Ran:
    """Run all cases of a plan; their table is in the order of cases, then routes.

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
    ran = _run(plan, execution, store.stage(plan), progress)
    store.finish()
    return ran._replace(notes=store.notes)


def _run(plan: Plan, execution: Execution, stage: Stage | None, progress: runner.Progress) -> Ran:
    numbers = list(range(plan.parts)) if stage is None else stage.missing()
    done = plan.cases - sum(map(plan.cases_in, numbers))
    if progress:
        progress(done, plan.cases)
    parts: dict[int, Part] = {}
    with closing(run_tasks(plan.tasks(numbers), execution)) as results:
        for number, part in results:
            if stage is None:
                parts[number] = part
            else:
                stage.write(number, part)
            done += plan.cases_in(number)
            if progress:
                progress(done, plan.cases)
    if stage is None:
        tables = [parts[number].table for number in numbers]
        warned = [one for number in numbers for one in parts[number].warned]
        return Ran(pd.concat(tables, ignore_index=True), warned)
    return Ran(stage.cases(), stage.warned())


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
        self._warned: list[Warned] = []

    def __call__(self, cases: Rows, total: int | None = None) -> Cases:
        """Run cases; returns their table. `total` is what the whole study may come to."""
        before = self.done

        def progress(done: int, _: int | None) -> None:
            if self.progress:
                self.progress(before + done, total)

        size = self.execution.cases_per_part
        plan = Plan({"": self.scenario}, cases, self.routes, size, first=before)
        stage = self.store.stage(plan) if self.store else None
        ran = _run(plan, self.execution, stage, progress)
        self.done += len(cases)
        self._warned += ran.warned
        if isinstance(ran.cases, pd.DataFrame):
            self._tables.append(ran.cases)
        return ran.cases

    def base(self, paths: Sequence[str] = ()) -> Cases:
        """Run the scenario as it stands; nothing in the columns of `paths`."""
        return self(Table(pd.DataFrame(np.nan, index=range(1), columns=list(paths))))

    def warned_at(self, points: pd.DataFrame) -> list[str]:
        """What the model warns of at an answer, which is run once more apart from other cases."""
        before = len(self._warned)
        self(Table(points.reset_index(drop=True)))
        return at_answer(self._warned[before:])

    @property
    def warnings(self) -> pd.DataFrame:
        """What the model warned of in all cases, as `warned.summary` tells it."""
        return summary(self._warned)

    @property
    def table(self) -> Cases:
        """Every case that was run."""
        return self.store.cases() if self.store else pd.concat(self._tables, ignore_index=True)
