"""What a parameter is: a named input with unit, bounds, distribution, source and quality.

Parameters are declared in `data/parameters/*.yaml`, one file per unit operation. Everything
that names a parameter (scenario schema, defaults, documentation, studies) reads them from here.
Values are kept in the declared unit; `to_si` is the one place where they become SI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sludgesim.data import read

T = TypeVar("T")
_Number = TypeVar("_Number", float, NDArray[np.float64])

SECTIONS = ("feed", "accounting", "costs")  # of inputs that no route owns
QUALITIES = ("measured", "assessed", "derived", "assumed")

# Declared units and how a value in them becomes SI: value * factor + offset.
# Pint reads what users write; inside, this short table is all that is needed.
_SI: dict[str, tuple[float, float]] = {
    "1": (1.0, 0.0),
    "%": (0.01, 0.0),
    "wt%": (0.01, 0.0),
    "degC": (1.0, 273.15),
    "K": (1.0, 0.0),
    "Pa": (1.0, 0.0),
    "bar": (1e5, 0.0),
    "min": (60.0, 0.0),
    "h": (3600.0, 0.0),
    "1/h": (1 / 3600.0, 0.0),
    "kJ/mol": (1e3, 0.0),
    "kg/t": (1e-3, 0.0),
    "kg/kg": (1.0, 0.0),
    "mol/mol": (1.0, 0.0),
    "mol/kg": (1.0, 0.0),
    "um": (1e-6, 0.0),
    "mol/L": (1e3, 0.0),
    "kWh/t": (3600.0, 0.0),
    "MJ/kg": (1e6, 0.0),
    "t/d": (1000.0 / 86400.0, 0.0),
    "g/kWh": (1e-3 / 3.6e6, 0.0),
    "kg/GJ": (1e-9, 0.0),
    "a": (365 * 86400.0, 0.0),
    "t/h": (1000.0 / 3600.0, 0.0),
    "USD/kg": (1.0, 0.0),
    "USD/t": (1e-3, 0.0),
    "USD/kWh": (1 / 3.6e6, 0.0),
    "USD/GJ": (1e-9, 0.0),
    "USD/h": (1 / 3600.0, 0.0),
    "MUSD": (1e6, 0.0),
}


@dataclass(frozen=True)
class Parameter:
    """A named input: value, unit, bounds, distribution, source and quality.

    `default` is a number in `unit`, a word out of `words`, or None for an input that the
    scenario must give. `distribution` is {"fixed": []}, {"uniform": [low, high]},
    {"triangular": [low, mode, high]} or {"normal": [mean, sd]}, in `unit`. `year` is that of a
    price, None for what does not age. `needs` names the words of the same unit's parameters
    without which a value other than the default is refused.
    """

    name: str
    unit: str
    default: float | str | None
    bounds: tuple[float, float] | None
    description: str
    source: tuple[str, ...]
    quality: str
    words: tuple[str, ...] = ()
    distribution: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: {"fixed": ()})
    year: int | None = None
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.quality not in QUALITIES:
            raise ValueError(f"{self.name}: quality {self.quality!r} is none of {QUALITIES}")
        if self.is_number and self.unit not in _SI:
            raise ValueError(f"{self.name}: unit {self.unit!r} is not in the table of units")
        if isinstance(self.default, str) and self.default not in self.words:
            raise ValueError(f"{self.name}: default {self.default!r} is none of {self.words}")

    @property
    def is_number(self) -> bool:
        """True where numbers are allowed (words may be allowed beside them, as in `auto`)."""
        return self.bounds is not None

    def to_si(self, value: _Number) -> _Number:
        """The value, given in the declared unit, in SI units."""
        factor, offset = _SI[self.unit]
        return value * factor + offset

    def from_si(self, value: _Number) -> _Number:
        """The value, given in SI units, in the declared unit."""
        factor, offset = _SI[self.unit]
        return (value - offset) / factor

    @property
    def allowed(self) -> str:
        """What a user may write, in words for an error message."""
        parts = list(self.words)
        if self.bounds is not None:
            unit = "" if self.unit == "1" else f" {self.unit}"
            parts.append(f"{self.bounds[0]:g} to {self.bounds[1]:g}{unit}")
        return " or ".join(parts)


@dataclass(frozen=True)
class Declaration:
    """What a unit operation says of itself: ports, parameters, and the data that it stands on.

    `data` : tables of `data/`, and `systems.<name>` for the species of a system
    """

    unit: str
    description: str
    inlets: Mapping[str, Mapping[str, str]]
    outlets: Mapping[str, Mapping[str, str]]
    parameters: Mapping[str, Parameter]
    data: tuple[str, ...]


def _parameter(name: str, entry: Mapping[str, Any]) -> Parameter:
    default = entry.get("default")
    bounds = entry.get("bounds")
    shape = entry.get("distribution") or {"fixed": []}
    return Parameter(
        name=name,
        unit=str(entry.get("unit", "")),
        default=float(default) if isinstance(default, (int, float)) else default,
        bounds=None if bounds is None else (float(bounds[0]), float(bounds[1])),
        description=" ".join(entry["description"].split()),
        source=tuple(entry.get("source") or ()),
        quality=entry["quality"],
        words=tuple(entry.get("words") or ()),
        distribution={kind: tuple(map(float, args or ())) for kind, args in shape.items()},
        year=entry.get("year"),
        needs={other: tuple(words) for other, words in (entry.get("needs") or {}).items()},
    )


@cache
def declaration(unit: str, route: str = "") -> Declaration:
    """Return the declaration of a unit, with the defaults that a route gives it.

    Parameters
    ----------
    unit : name of a file in `data/parameters`
    route : name of a route; its entries under `routes:` of a parameter replace the default

    Returns
    -------
    Declaration
    """
    content = read(f"parameters/{unit}")
    parameters = {}
    for name, entry in content["parameters"].items():
        parameter = _parameter(name, entry)
        special = (entry.get("routes") or {}).get(route)
        if special is not None:
            parameter = _parameter(name, {**entry, **special})
        parameters[name] = parameter
    return Declaration(
        unit=unit,
        description=" ".join(content["description"].split()),
        inlets=content.get("inlets") or {},
        outlets=content.get("outlets") or {},
        parameters=parameters,
        data=tuple(content.get("data") or ()),
    )


@dataclass(frozen=True)
class Inputs:
    """Resolved inputs of a batch of cases: every parameter by its path, in SI units.

    Numbers are arrays of shape (n,); a word that stands where numbers are also allowed
    (`carbon: auto`) is nan; parameters that take words only are plain strings, one for the
    whole batch. `origin` tells where each value came from: `default`, or file and line.
    """

    n: int
    values: Mapping[str, NDArray[np.float64] | str]
    parameters: Mapping[str, Parameter]
    origin: Mapping[str, str]

    def __getitem__(self, path: str) -> Any:
        return self.values[path]

    def __contains__(self, path: str) -> bool:
        return path in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def section(self, prefix: str) -> Section:
        """The inputs below a prefix such as `carbothermal.smelter`."""
        start = prefix + "."
        return Section(
            {k[len(start) :]: v for k, v in self.values.items() if k.startswith(start)}, self.n
        )

    def with_values(self, changes: Mapping[str, Any], origin: str = "study") -> Inputs:
        """A copy in which some values, in SI units, are replaced; the batch may grow from one case.

        Parameters
        ----------
        changes : path -> scalar, array of shape (n,), or word
        origin : what to record as the source of these values
        """
        n = max([self.n, *(np.size(v) for v in changes.values() if not isinstance(v, str))])
        values = dict(self.values) | dict(changes)
        out = {
            k: v if isinstance(v, str) else np.broadcast_to(np.asarray(v, float), (n,))
            for k, v in values.items()
        }
        return replace(
            self, n=n, values=out, origin={**self.origin, **dict.fromkeys(changes, origin)}
        )


@dataclass(frozen=True)
class Section:
    """The inputs of one unit: `section["temperature"]` is an array of shape (n,) or a word.

    `memory` is what the unit keeps from one pass of a recycle to the next: it saves time and
    changes no answer. In a `trial` pass the answer need only be as exact as the pass is near.
    """

    values: Mapping[str, NDArray[np.float64] | str]
    n: int
    memory: dict[str, Any] = field(default_factory=dict, compare=False)
    trial: bool = False

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def items(self) -> Any:
        return self.values.items()

    def recall(self, name: str, given: Sequence[NDArray[Any]], find: Callable[[], T]) -> T:
        """What `find` gives, or gave for the same arrays on an earlier pass."""
        known = self.memory.get(name)
        if known is None or not all(map(np.array_equal, known[0], given)):
            known = self.memory[name] = (tuple(given), find())
        return known[1]
