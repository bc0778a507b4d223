"""Elements: order, atomic weights, and what the model needs to know of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.data import read

CHARGE = "E"
_RE = "{RE}"


@dataclass(frozen=True)
class Element:
    """An element: whether a feed assay may name it, the oxide it is reported as, its oxygen.

    roasted, slag: oxygen atoms per atom after a full roast in air, and in a slag that carbon has
    had its way with (zero where carbon reduces the oxide).
    """

    symbol: str
    assay: bool
    rare_earth: bool
    oxide: str
    roasted: float
    slag: float


@cache
def elements() -> Mapping[str, Element]:
    """The elements of the model, in the order of every element array (charge comes last)."""
    return {symbol: Element(symbol, **entry) for symbol, entry in read("elements").items()}


@cache
def symbols() -> tuple[str, ...]:
    """Symbols in the order of every element array, `E` (electrons, the charge balance) last."""
    return (*elements(), CHARGE)


@cache
def rare_earths() -> tuple[str, ...]:
    """The rare earths of the model."""
    return tuple(e.symbol for e in elements().values() if e.rare_earth)


def written_out(data: Any) -> Any:
    """Data of a YAML file with every `{RE}` written out for every rare earth of the model.

    A key or list item with `{RE}` becomes one for each rare earth; a key that is written out in
    the file beats the pattern.
    """

    def filled(value: Any, symbol: str) -> Any:
        if isinstance(value, Mapping):
            return {filled(k, symbol): filled(v, symbol) for k, v in value.items()}
        if isinstance(value, list):
            return [filled(v, symbol) for v in value]
        return value.replace(_RE, symbol) if isinstance(value, str) else value

    if isinstance(data, list):
        return [s for item in data for s in _each(item, filled)]
    if not isinstance(data, Mapping):
        return data
    found: dict[str, Any] = {}
    for key, value in data.items():
        if _RE in key:
            for symbol in rare_earths():
                name = key.replace(_RE, symbol)
                found[name] = data.get(name, filled(value, symbol))
        else:
            found[key] = written_out(value)
    return found


def _each(item: Any, filled: Callable[[Any, str], Any]) -> list[Any]:
    if isinstance(item, str) and _RE in item:
        return [filled(item, symbol) for symbol in rare_earths()]
    return [item]


@cache
def atomic_weights() -> NDArray[np.float64]:
    """Atomic weights in kg/mol, Cantera's table, in the order of `symbols()`."""
    import cantera as ct

    return np.array([ct.Element(s).weight * 1e-3 for s in symbols()])


def formula_weight(composition: Mapping[str, float]) -> float:
    """Mass of one mole, in kg, of a composition given as element -> atoms."""
    weights = dict(zip(symbols(), atomic_weights(), strict=True))
    return float(sum(n * weights[e] for e, n in composition.items()))


def parse_formula(formula: str) -> dict[str, float]:
    """Atoms of a simple formula without brackets, such as `Pr6O11`."""
    import re

    atoms: dict[str, float] = {}
    for symbol, count in re.findall(r"([A-Z][a-z]?)([\d.]*)", formula):
        atoms[symbol] = atoms.get(symbol, 0.0) + (float(count) if count else 1.0)
    return atoms


@cache
def oxide_per_element(symbol: str) -> float:
    """Mass of the reported oxide per mass of element, kg/kg."""
    atoms = parse_formula(elements()[symbol].oxide)
    return formula_weight(atoms) / formula_weight({symbol: atoms[symbol]})
