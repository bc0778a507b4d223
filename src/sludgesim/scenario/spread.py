"""Values of a parameter as text: lists, ranges, intervals, distributions and correlations.

1350, 1400, 1450 degC        a list; one unit may stand for all
1350:1650:25 degC            a range of whole steps, both ends included
1350:1650 degC               an interval
triangular(20, 30, 40) wt%   a distribution: uniform, triangular, normal
feed.a, feed.b = 0.8         a correlation of two distributions
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from sludgesim.parameters import Parameter
from sludgesim.scenario.quantity import QuantityError, convert, read
from sludgesim.scenario.wording import listed, nearest, quoted

Correlation = tuple[str, str, float]

MAX_VALUES = 100_000
_WHOLE = 1e-3  # of a step: thirds that are written with six figures count as thirds
_ARGUMENTS = {
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "normal": ("mean", "standard deviation"),
}
_NUMBER_AND_UNIT = re.compile(r"\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_SHAPE = re.compile(r"\s*(\w+)\s*\(([^()]*)\)\s*([^()]*?)\s*", re.DOTALL)


def read_values(text: str, parameter: Parameter) -> list[float | str]:
    """Read a list (`1350, 1400 degC`) or a range (`1350:1650:25 degC`).

    Returns
    -------
    numbers in the declared unit within bounds, or words of the parameter

    Raises
    ------
    QuantityError : no values, a value that is not allowed, a range that runs backwards or whose
        steps do not end at its end
    """
    if ":" in text:
        return list(_range(text, parameter))
    parts = _with_unit([part.strip() for part in text.split(",") if part.strip()])
    if not parts:
        raise QuantityError("no values are given")
    values = [read(part, parameter) for part in parts]
    if len(set(values)) < len(values):
        raise QuantityError(f"{quoted(text)} holds a value twice")
    return values


def read_interval(text: str, parameter: Parameter) -> tuple[float, float]:
    """Read `low:high unit`; in the declared unit.

    Raises
    ------
    QuantityError : not two numbers, out of bounds, low not below high
    """
    parts = text.split(":")
    if len(parts) != 2:
        raise QuantityError(f"{quoted(text)} is no interval; write low:high")
    low, high = _numbers(parts, parameter)
    if low >= high:
        raise QuantityError(f"{quoted(text)} is empty or runs backwards; write low:high")
    return low, high


def read_distribution(text: str, parameter: Parameter) -> Mapping[str, tuple[float, ...]]:
    """Read `kind(numbers) unit`, or `low:high unit` for a uniform distribution.

    Returns
    -------
    {kind: numbers in the declared unit}, as `Parameter.distribution`

    Raises
    ------
    QuantityError : unknown kind, wrong number of numbers, out of order or out of bounds
    """
    if ":" in text:
        return {"uniform": read_interval(text, parameter)}
    match = _SHAPE.fullmatch(text)
    if match is None or match[1] not in _ARGUMENTS:
        kind = match[1] if match else text
        shapes = [f"{k}({', '.join(a)})" for k, a in _ARGUMENTS.items()]
        hint = nearest(kind, _ARGUMENTS)
        raise QuantityError(f"{quoted(text)} is no distribution{hint}; write {listed(shapes)}")
    kind, inside, unit = match.groups()
    parts = [part.strip() for part in inside.split(",")]
    if len(parts) != len(_ARGUMENTS[kind]):
        raise QuantityError(f"{kind} takes {', '.join(_ARGUMENTS[kind])}, not {quoted(inside)}")
    if unit:
        parts[-1] = f"{parts[-1]} {unit}"
    parts = _with_unit(parts)
    if kind == "normal":
        (mean,), deviation = _numbers(parts[:1], parameter), _difference(parts[1], parameter)
        if deviation <= 0:
            raise QuantityError(f"{quoted(text)}: the standard deviation must be above 0")
        return {kind: (mean, deviation)}
    numbers = _numbers(parts, parameter)
    if list(numbers) != sorted(numbers) or numbers[0] == numbers[-1]:
        raise QuantityError(f"{quoted(text)} does not rise: {', '.join(_ARGUMENTS[kind])}")
    return {kind: numbers}


def read_correlation(text: str, paths: Iterable[str]) -> Correlation:
    """Read `path, path = coefficient`.

    Raises
    ------
    QuantityError : not of this form, unknown path, one path twice, not between -1 and 1
    """
    names, _, number = text.partition("=")
    pair = [name.strip() for name in names.split(",")]
    if len(pair) != 2 or not number.strip():
        raise QuantityError(f"{quoted(text)} is no correlation; write path, path = number")
    known = list(paths)
    for path in pair:
        if path not in known:
            raise QuantityError(f"no parameter {quoted(path)}{nearest(path, known)}")
    if pair[0] == pair[1]:
        raise QuantityError(f"{quoted(text)} correlates a parameter with itself")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not -1 <= value <= 1:
        raise QuantityError(f"{quoted(number.strip())} is no correlation: -1 to 1")
    return pair[0], pair[1], value


def moved_to(
    parameter: Parameter, value: NDArray[np.float64] | str, origin: str
) -> Mapping[str, tuple[float, ...]]:
    """The declared distribution, moved to the value that the file states instead of the default."""
    ((kind, numbers),) = parameter.distribution.items()
    if isinstance(value, str) or origin == "default" or kind not in ("triangular", "normal"):
        return parameter.distribution
    stated = parameter.from_si(float(value[0]))
    if math.isnan(stated) or parameter.bounds is None:
        return parameter.distribution
    middle = numbers[1] if kind == "triangular" else numbers[0]
    if math.isclose(stated, middle, rel_tol=1e-9):
        return parameter.distribution
    if kind == "normal":
        return {kind: (stated, numbers[1])}
    low, high = parameter.bounds
    return {kind: tuple(min(max(n + stated - middle, low), high) for n in numbers)}


def _with_unit(parts: list[str]) -> list[str]:
    """Numbers without a unit take that of the last one."""
    last = _NUMBER_AND_UNIT.fullmatch(parts[-1]) if parts else None
    if last is None or not last[2]:
        return parts
    bare = [_NUMBER_AND_UNIT.fullmatch(part) for part in parts]
    return [
        f"{m[1]} {last[2]}" if m and not m[2] else part for m, part in zip(bare, parts, strict=True)
    ]


def _numbers(parts: list[str], parameter: Parameter) -> tuple[float, ...]:
    values = [read(part, parameter) for part in _with_unit(parts)]
    for value in values:
        if isinstance(value, str):
            raise QuantityError(f"{quoted(value)} is a word, a number is wanted")
    return tuple(float(value) for value in values)


def _difference(text: str, parameter: Parameter) -> float:
    """A difference of two values: 20 K are 20 degC."""
    match = _NUMBER_AND_UNIT.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        number, unit = float(match[1]), match[2] or parameter.unit
        return convert(number, unit, parameter.unit) - convert(0.0, unit, parameter.unit)
    except QuantityError:
        raise
    except ValueError:
        raise QuantityError(f"{quoted(text)} is not a number with a unit") from None


def _range(text: str, parameter: Parameter) -> tuple[float, ...]:
    parts = text.split(":")
    if len(parts) != 3:
        raise QuantityError(f"{quoted(text)} is no range; write start:stop:step")
    *ends, step_text = _with_unit([part.strip() for part in parts])
    start, stop = _numbers(ends, parameter)
    step = _difference(step_text, parameter)
    if stop < start:
        raise QuantityError(f"{quoted(text)} runs backwards; write the lower end first")
    if not 0 < step <= stop - start:
        raise QuantityError(f"{quoted(text)} is empty: the step must be above 0 and fit the range")
    steps = (stop - start) / step
    count = round(steps) + 1
    if count > MAX_VALUES:
        raise QuantityError(f"{quoted(text)} has {count} values, at most {MAX_VALUES} are allowed")
    if abs(steps - round(steps)) > _WHOLE:
        fitting = [(stop - start) / n for n in (math.ceil(steps), math.floor(steps))]
        raise QuantityError(
            f"{quoted(text)}: steps of {step:g} from {start:g} do not end at {stop:g}; steps of "
            f"{' or '.join(f'{s:.6g}' for s in fitting)} do"
        )
    return tuple(float(f"{v:.12g}") for v in np.linspace(start, stop, count))
