"""The data that equilibria stand on: all species and systems, the package's or with a user's own.

A `Thermochemistry` never changes. Which one holds is bound to the running context by `using`;
streams and systems keep the one that they were made with. What is worked out of the data once is
kept `per_data`, so that two scenarios in one process do not see each other's species.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from importlib import resources
from typing import Any, ParamSpec, TypeVar, cast

from sludgesim.data import read
from sludgesim.thermo.elements import written_out

_P = ParamSpec("_P")
_R = TypeVar("_R")
_FILES = ("gas", "metal", "slag", "solids", "aqueous", "organics")


@dataclass(frozen=True)
class Species:
    """One thermochemical species; the name's suffix tells the phase: (g), (metal), (s), (aq) ..."""

    name: str
    composition: Mapping[str, float]
    edges: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]
    source: tuple[str, ...]
    quality: str
    note: str

    @property
    def phase(self) -> str:
        return self.name[self.name.rindex("(") + 1 : -1]


@dataclass(frozen=True, eq=False)
class Thermochemistry:
    """Species by name, systems by name, and what of them a user's file gave.

    A system is a mapping with `description`, `temperature` [lowest, highest] in K, and `phases`,
    name -> species.  `user` tells of each species that a user's
    file added or replaced where it stands.
    """

    species: Mapping[str, Species]
    systems: Mapping[str, Mapping[str, Any]]
    user: Mapping[str, str] = field(default_factory=dict)

    def __reduce__(self) -> Any:
        """Another process has the packaged data already."""
        if self is packaged():
            return packaged, ()
        return Thermochemistry, (self.species, self.systems, self.user)

    def extended(
        self,
        species: Mapping[str, Species],
        phases: Mapping[str, Mapping[str, list[str]]],
        user: Mapping[str, str],
    ) -> Thermochemistry:
        """These data with species added or replaced, and species added to phases of systems.

        Parameters
        ----------
        species : by name
        phases : system -> phase -> names; a phase that the system lacks is made
        user : name of each of these species -> where it stands
        """
        systems = dict(self.systems)
        for system, members in phases.items():
            merged = {name: list(names) for name, names in systems[system]["phases"].items()}
            for phase, names in members.items():
                merged[phase] = [*merged.get(phase, []), *names]
            systems[system] = {**systems[system], "phases": merged}
        return Thermochemistry({**self.species, **species}, systems, {**self.user, **user})


@cache
def packaged() -> Thermochemistry:
    """The data of the package: species as read by Cantera from `data/thermo/*.yaml`, systems."""
    import cantera as ct

    folder = resources.files("sludgesim") / "data" / "thermo"
    found: dict[str, Species] = {}
    for file in _FILES:
        for s in ct.Species.list_from_file(str(folder / f"{file}.yaml")):
            data: Any = s.input_data
            found[s.name] = Species(
                s.name,
                {e: float(n) for e, n in s.composition.items()},
                tuple(data["thermo"]["temperature-ranges"]),
                tuple(tuple(row) for row in data["thermo"]["data"]),
                tuple(data["source"]),
                data["quality"],
                data["note"],
            )
    return Thermochemistry(found, written_out(read("thermo/systems")))


_bound: ContextVar[Thermochemistry | None] = ContextVar("thermochemistry", default=None)


def current() -> Thermochemistry:
    """The data that hold here: those bound by `using`, else the package's."""
    return _bound.get() or packaged()


@contextmanager
def using(data: Thermochemistry) -> Iterator[None]:
    """Bind data to the running context (thread or task) for the length of a `with` block."""
    token = _bound.set(data)
    try:
        yield
    finally:
        _bound.reset(token)


def per_data(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Keep what a function of hashable arguments makes of the data that hold, for each data."""

    @lru_cache(maxsize=4096)
    def kept(data: Thermochemistry, *args: Hashable, **kwargs: Hashable) -> Any:
        return function(*cast(Any, args), **cast(Any, kwargs))

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return cast(_R, kept(current(), *cast(Any, args), **cast(Any, kwargs)))

    return call
