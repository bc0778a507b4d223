"""Quantities as people write them (`1450 degC`, `30 wt%`, `5 t/d`); the one place with pint."""

from __future__ import annotations

import math
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from sludgesim.parameters import Parameter
from sludgesim.scenario.wording import nearest, quoted

if TYPE_CHECKING:
    from pint import UnitRegistry

_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)", re.DOTALL)
# Names joined by / * or blanks, each with one digit of power: nothing that pint could evaluate.
_NAME = r"(?:[A-Za-zµμ°%]+(?:\d|(?:\^|\*\*)-?\d)?|Nm3|m3)"
_UNIT = re.compile(rf"(?:1\s*/\s*)?{_NAME}(?:(?:\s*[/*·]\s*|\s+){_NAME})*")
_PERCENT = re.compile(r"\b(?:wt|mass)?[ .-]?%")
_NOT_FINITE = re.compile(r"[+-]?\.?(nan|inf|infinity)\b", re.IGNORECASE)
_YES_NO = ("true", "false", "yes", "no", "on", "off")
_LONGEST_UNIT = 40

# What a unit measures, for messages: one example unit of each dimension.
_MEASURES = {
    "kg": "a mass",
    "K": "a temperature",
    "s": "a time",
    "m": "a length",
    "m**3": "a volume",
    "mol": "an amount of substance",
    "Pa": "a pressure",
    "J": "an energy",
    "W": "a power",
    "kg/s": "a mass flow",
    "J/kg": "an energy per mass",
    "kg/J": "a mass per energy",
    "J/mol": "an energy per amount",
    "mol/m**3": "a concentration",
    "kg/m**3": "a density",
    "1/s": "a rate",
    "mol/kg": "an amount per mass",
}


class QuantityError(ValueError):
    """The text is no value for this parameter; says why."""


@cache
def _registry() -> UnitRegistry[Any]:
    # pint's own registry takes 0.2 s to build and knows far more than a plant needs.
    from pint import UnitRegistry

    registry: UnitRegistry[Any] = UnitRegistry(None)
    path = resources.files("sludgesim") / "data" / "units.txt"
    registry.load_definitions(path.read_text(encoding="utf-8").splitlines())
    return registry


def _parse_unit(text: str) -> Any:
    from pint.errors import PintError

    if text == "1":
        return _registry().dimensionless
    cleaned = _PERCENT.sub("percent", text.strip())
    if len(text) > _LONGEST_UNIT or not _UNIT.fullmatch(cleaned):
        raise QuantityError(f"{quoted(text)} is not a unit")
    try:
        return _registry().parse_units(cleaned)
    except (PintError, AttributeError, ValueError):
        raise QuantityError(f"{quoted(text)} is not a known unit") from None


def _measure(unit: Any) -> str:
    if unit.dimensionless:
        return "a ratio"
    for example, name in _MEASURES.items():
        if unit.dimensionality == _registry().parse_units(example).dimensionality:
            return name
    return f"of dimension {unit.dimensionality}"


def convert(value: float, unit: str, wanted: str) -> float:
    """Convert a value from a unit as people write it to a declared unit.

    Parameters
    ----------
    value : number in `unit`
    unit : text such as `degF`, `kg/t`, `wt%`
    wanted : declared unit of a parameter

    Returns
    -------
    number in `wanted`

    Raises
    ------
    QuantityError : unknown unit, or a unit of another dimension
    """
    if unit == wanted:
        return value
    given = _parse_unit(unit)
    target = _parse_unit(wanted)
    if given.dimensionality != target.dimensionality:
        raise QuantityError(
            f"unit {quoted(unit)} is {_measure(given)}, {_measure(target)} is wanted"
        )
    return float(_registry().Quantity(value, given).to(target).magnitude)


def read(text: str, parameter: Parameter) -> float | str:
    """Read a value as it stands in a scenario file.

    Parameters
    ----------
    text : number with a unit, number alone (then in the declared unit), or a word
    parameter : what is being read

    Returns
    -------
    number in the declared unit within the parameter's bounds, or one of its words

    Raises
    ------
    QuantityError : neither, not finite, of another dimension, or out of bounds
    """
    text = text.strip()
    if text in parameter.words:
        return text
    if parameter.bounds is None:
        raise QuantityError(f"unknown word {quoted(text)}{nearest(text, parameter.words)}")
    if text.casefold() in _YES_NO:
        raise QuantityError(f"{quoted(text)} is yes or no, a number is wanted")
    if _NOT_FINITE.match(text):
        raise QuantityError(f"{quoted(text)} is not a finite number")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise QuantityError(
            f"{quoted(text)} is not a number with a unit{nearest(text, parameter.words)}"
        )
    if match[2].startswith(","):
        raise QuantityError(f"{quoted(text)} has a comma; write a decimal point, thousands joined")
    number = float(match[1])
    try:
        value = convert(number, match[2], parameter.unit) if match[2] else number
    except QuantityError as error:
        raise QuantityError(f"{quoted(text)}: {error}") from None
    except (OverflowError, ZeroDivisionError):
        value = math.inf
    if not math.isfinite(value):
        raise QuantityError(f"{quoted(text)} is not a finite number")
    low, high = parameter.bounds
    slack = 1e-9 * max(abs(low), abs(high))  # 1423.15 K is 1150 degC but for the last digit
    if not low - slack <= value <= high + slack:
        unit = "" if parameter.unit == "1" else f" {parameter.unit}"
        same = match[2] in ("", parameter.unit)
        as_declared = "" if same else f" ({value:.6g}{unit})"
        raise QuantityError(f"{quoted(text)}{as_declared} is out of range")
    return min(max(value, low), high)
