"""What a study varies: lists for a sweep, intervals for a search, distributions for a sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import Parameter
from sludgesim.routes import ROUTES
from sludgesim.scenario import Scenario
from sludgesim.scenario.quantity import QuantityError
from sludgesim.scenario.spread import read_distribution, read_interval, read_values
from sludgesim.scenario.wording import listed
from sludgesim.studies.names import parameter

# By path: text as the command line takes it, or numbers in the declared unit; None: as declared.
Vary = Mapping[str, str | Sequence[float | str] | None]

MAX_CASES = 20_000_000
_T = TypeVar("_T")


def parse(texts: Iterable[str]) -> dict[str, str | None]:
    """`path=values` texts of the command line as a mapping; `path` alone maps to None.

    Errors: InputError for an unknown path, or one that is given twice.
    """
    found: dict[str, str | None] = {}
    for text in texts:
        path, equals, values = text.partition("=")
        path = path.strip()
        parameter(path)
        if path in found:
            raise InputError(Problem("is given twice", f"--vary {path}"))
        found[path] = values if equals else None
    return found


def _read(path: str, text: str, reader: Callable[[str, Parameter], _T]) -> _T:
    try:
        return reader(text, parameter(path))
    except QuantityError as error:
        raise _refused(path, str(error)) from None


def _refused(path: str, message: str) -> InputError:
    return InputError(Problem(message, f"--vary {path}", allowed=parameter(path).allowed))


def _as_text(value: str | Sequence[float | str], separator: str) -> str:
    if isinstance(value, str):
        return value
    return separator.join(v if isinstance(v, str) else repr(float(v)) for v in value)


def _given(vary: Vary, want: str) -> dict[str, str | Sequence[float | str]]:
    given = {}
    for path, value in vary.items():
        if value is None:
            raise _refused(path, f"is given without values; write {path}={want}")
        given[path] = value
    if not given:
        allowed = f"--vary path={want}"
        raise InputError(Problem("nothing to vary is given", "--vary", allowed=allowed))
    return given


@dataclass(frozen=True, eq=False)
class Grid:
    """All combinations of values of some parameters; the last parameter varies fastest."""

    values: Mapping[str, Sequence[float | str]]

    def __len__(self) -> int:
        return math.prod(len(v) for v in self.values.values())

    @property
    def paths(self) -> tuple[str, ...]:
        """The parameters that vary."""
        return tuple(self.values)

    @property
    def words(self) -> tuple[str, ...]:
        """Those of them that hold words."""
        return tuple(p for p, v in self.values.items() if any(isinstance(x, str) for x in v))

    @property
    def definition(self) -> dict[str, Any]:
        """The values."""
        return {"grid": {path: list(v) for path, v in self.values.items()}}

    def rows(self, start: int, stop: int) -> pd.DataFrame:
        """Cases by number: one row per case, one column per path, in the declared units."""
        number = np.arange(start, min(stop, len(self)))
        if not self.values:  # the scenario as it stands
            return pd.DataFrame(index=number)
        places = np.unravel_index(number, [len(v) for v in self.values.values()])
        table = {
            p: pd.Series(v).to_numpy()[k]
            for (p, v), k in zip(self.values.items(), places, strict=True)
        }
        return pd.DataFrame(table, index=number)


def grid(vary: Vary) -> Grid:
    """All combinations of the values of some parameters.

    Parameters
    ----------
    vary : path -> `start:stop:step unit`, `a, b, c unit`, or a sequence of numbers and words

    Errors: InputError for unknown paths, empty or reversed ranges, values that are not allowed.
    """
    given = _given(vary, "start:stop:step")
    made = {path: _read(path, _as_text(v, ","), read_values) for path, v in given.items()}
    require_few(math.prod(map(len, made.values())), "--vary")
    return Grid(made)


def require_few(cases: int, key: str) -> None:
    """Refuse a study of more than `MAX_CASES` cases before it takes time and memory."""
    if cases > MAX_CASES:
        message = f"a study of {cases} cases"
        raise InputError(Problem(message, key, allowed=f"at most {MAX_CASES}"))


def require_effect(paths: Iterable[str], routes: Sequence[str]) -> None:
    """Refuse parameters of routes that are not run: they could move nothing.

    Parameters
    ----------
    paths : parameters that are asked for by name
    routes : that the targets of the study need
    """
    for path in paths:
        head = path.split(".")[0]
        if head in ROUTES and head not in routes:
            message = f"acts on {head} alone, and only {listed(routes)} is looked at"
            allowed = f"parameters of feed, accounting, costs, {listed(routes)}"
            raise InputError(Problem(message, f"--vary {path}", allowed=allowed))


def intervals(vary: Vary) -> dict[str, tuple[float, float]]:
    """The interval to search for each parameter; without one, its bounds.

    Parameters
    ----------
    vary : path -> `low:high unit`, a pair of numbers, or None for the declared bounds

    Errors: InputError for unknown paths, words, and empty or reversed intervals.
    """
    found = {}
    for path, value in vary.items():
        p = parameter(path)
        if p.bounds is None:
            raise _refused(path, "takes words, no numbers to search")
        found[path] = (
            p.bounds if value is None else _read(path, _as_text(value, ":"), read_interval)
        )
    if not found:
        raise InputError(Problem("nothing to vary is given", "--vary", allowed="--vary path=a:b"))
    return found


def spread(scenario: Scenario, vary: Vary | None, routes: Sequence[str]) -> dict[str, Parameter]:
    """The parameters that vary at random, each with its distribution.

    Parameters
    ----------
    scenario : its distributions count
    vary : path -> `kind(numbers) unit`, `low:high unit`, a pair of numbers, or None for the
        distribution of the scenario; None or empty: every parameter of the routes that has one
    routes : whose parameters count where `vary` names none

    Errors: InputError for unknown paths, distributions that are none, parameters without one.
    """
    declared = scenario.inputs.parameters
    if not vary:
        heads = ("feed", "accounting", "costs", *routes)
        return {
            path: p
            for path, p in declared.items()
            if path.split(".")[0] in heads and "fixed" not in p.distribution
            and _counts(scenario, path)
        }  # fmt: skip
    found = {}
    for path, value in vary.items():
        p = parameter(path)
        if p.bounds is None:
            raise _refused(path, "takes words and has no distribution")
        if value is None:
            found[path] = declared[path]
            if "fixed" in declared[path].distribution:
                raise _refused(path, f"has no declared distribution; write {path}=low:high")
        else:
            shape = _read(path, _as_text(value, ":"), read_distribution)
            found[path] = replace(p, distribution=shape)
    return found


def _counts(scenario: Scenario, path: str) -> bool:
    """False for `oxidised` beside an assay with O, and for numbers where a word stands."""
    value = scenario.inputs[path]
    return not isinstance(value, str) and bool(np.isfinite(value[0]))


def value_text(p: Parameter, value: float) -> str:
    """A value of a parameter with its unit."""
    return f"{value:.6g}" if p.unit == "1" else f"{value:.6g} {p.unit}"


def shape_text(p: Parameter) -> str:
    """A distribution as text that `spread` reads."""
    ((kind, numbers),) = p.distribution.items()
    unit = "" if p.unit == "1" else f" {p.unit}"
    return f"{kind}({', '.join(f'{v:g}' for v in numbers)}){unit}"
