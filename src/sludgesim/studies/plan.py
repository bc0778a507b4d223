"""What a study runs, cut into parts that any worker can run apart from the others."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple, Protocol

import pandas as pd

from sludgesim.errors import SludgesimError
from sludgesim.scenario import Scenario
from sludgesim.studies.cases import BLOCK, check_columns, run_all
from sludgesim.studies.warned import Warned


class Rows(Protocol):
    """A table of parameter values of which any rows can be had without the others."""

    def __len__(self) -> int: ...

    @property
    def paths(self) -> Sequence[str]: ...

    @property
    def words(self) -> Sequence[str]: ...  # those of the paths that hold words

    @property
    def definition(self) -> dict[str, Any]: ...  # all that the rows follow from, as plain values

    def rows(self, start: int, stop: int) -> pd.DataFrame: ...  # index: number of the case


class Task(NamedTuple):
    """One part of a study: all that a worker needs to run it."""

    number: int
    scenario: bytes
    variant: str | None
    cases: pd.DataFrame
    routes: tuple[str, ...]
    program: str


class Part(NamedTuple):
    """What one part of a study gave: cases, then routes, and what the model warned of."""

    table: pd.DataFrame
    warned: list[Warned]


@dataclass(frozen=True, eq=False)
class Plan:
    """The cases of a study: every scenario with every row, in parts of `size` cases.

    `scenarios` are by the name that their rows carry in the column `scenario`; without such a
    column where `named` is false. The parts, and with them the results to the last bit, follow
    from the plan alone, not from who runs them. The first case has the number `first`.
    """

    scenarios: Mapping[str, Scenario]
    rows: Rows
    routes: tuple[str, ...]
    size: int = BLOCK
    named: bool = False
    first: int = 0

    def __post_init__(self) -> None:
        for scenario in self.scenarios.values():
            check_columns(scenario, self.rows.paths)

    @property
    def cases(self) -> int:
        """Cases in all."""
        return len(self.rows) * len(self.scenarios)

    @property
    def parts(self) -> int:
        """Parts in all."""
        return self._per_scenario * len(self.scenarios)

    @property
    def _per_scenario(self) -> int:
        return -(-len(self.rows) // self.size)

    def cases_in(self, number: int) -> int:
        """Cases of a part."""
        start = number % self._per_scenario * self.size
        return min(self.size, len(self.rows) - start)

    def tasks(self, numbers: Sequence[int]) -> Iterator[Task]:
        """The parts of these numbers."""
        for number in numbers:
            which, k = divmod(number, self._per_scenario)
            name, pickled = self._pickled[which]
            start = k * self.size
            cases = self.rows.rows(start, start + self.cases_in(number))
            cases = cases.set_axis(cases.index + self.first + which * len(self.rows))
            variant = name if self.named else None
            yield Task(number, pickled, variant, cases, self.routes, program_digest())

    @cached_property
    def rows_digest(self) -> str:
        """SHA-256 of all that the rows follow from."""
        exact = json.dumps(self.rows.definition, sort_keys=True)
        return hashlib.sha256(exact.encode()).hexdigest()

    @cached_property
    def _pickled(self) -> list[tuple[str, bytes]]:
        return [(name, pickle.dumps(s)) for name, s in self.scenarios.items()]


def run_task(task: Task) -> Part:
    """Run one part.

    Errors: SludgesimError where another sludgesim than that of the study would run it.
    """
    if task.program != program_digest():
        raise SludgesimError(
            "a worker has another version of sludgesim than the study; install the same on both"
        )
    warned: list[Warned] = []
    table = run_all(_unpickled(task.scenario), task.cases, task.routes, warn=warned.extend)
    if task.variant is not None:
        table.insert(1, "scenario", task.variant)
    return Part(table, warned)


@lru_cache(maxsize=16)
def _unpickled(scenario: bytes) -> Scenario:
    # Once per worker: what is cached by a scenario's thermochemistry stays.
    found: Scenario = pickle.loads(scenario)
    return found


@cache
def program_digest() -> str:
    """SHA-256 of the package's code and data."""
    digest = hashlib.sha256()
    for name, content in sorted(_files(resources.files("sludgesim"), "")):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".py", ".yaml", ".csv")):
            yield prefix + entry.name, entry.read_bytes()


@dataclass(frozen=True, eq=False)
class Table:
    """Rows that are all given, their index numbers from 0."""

    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    @property
    def paths(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(map(str, self.table.columns))

    @property
    def words(self) -> tuple[str, ...]:
        """Columns that are not numbers alone."""
        return tuple(p for p in self.paths if not pd.api.types.is_numeric_dtype(self.table[p]))

    @property
    def definition(self) -> dict[str, Any]:
        """The values."""
        return {"table": self.table.to_dict("list")}

    def rows(self, start: int, stop: int) -> pd.DataFrame:
        """Some rows, with their own index."""
        return self.table.iloc[start:stop]
