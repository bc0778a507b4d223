"""What every unit operation gives back, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream
from sludgesim.thermo.system import Equilibrium

# Kinds of duty, positive into the unit: electric power, steam or other heat below 250 degC that
# the works can exchange, heating value of fuel burnt at the unit, heat lost to the surroundings.
DUTIES = ("electricity", "steam", "fuel", "loss")


@dataclass(frozen=True)
class Failure:
    """Cases for which a unit has no answer, and why."""

    cases: NDArray[np.bool_]
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What a unit makes of its inlets.

    outlets: streams by port. drawn: streams taken from the battery limits, by reagent id of
    `data/reagents.yaml`. duties: J per t dry sludge by kind, positive into the unit.
    failures: cases without an answer. warnings: what a user should know of this run.
    """

    outlets: Mapping[str, Stream]
    drawn: Mapping[str, Stream] = field(default_factory=dict)
    duties: Mapping[str, Array] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()


class Later(Mapping[str, Array]):
    """A mapping that is worked out when it is first read; the passes of a recycle never do."""

    def __init__(self, find: Callable[[], Mapping[str, Array]]) -> None:
        self._find = find

    @cached_property
    def _found(self) -> Mapping[str, Array]:
        return self._find()

    def __getitem__(self, key: str) -> Array:
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


# A unit is a function of its inlets by port and its parameters.
Unit = Callable[[Mapping[str, Stream], Section], Outcome]


def not_found(eq: Equilibrium) -> tuple[Failure, ...]:
    """The cases whose equilibrium was not found, as failures with the reason."""
    reasons = np.unique(eq.reason[~eq.converged])
    return tuple(Failure(~eq.converged & (eq.reason == r), str(r)) for r in reasons)


def worst(values: Array, limit: float) -> tuple[float, str]:
    """The largest of values (n,) beyond a limit, 0 where none is; and in how many cases, in words
    for a warning: ` in 3 of 10 cases`, nothing where there is but one."""
    known = np.nan_to_num(values)
    over = known > limit
    many = "" if known.size == 1 else f" in {over.sum()} of {known.size} cases"
    return float(known[over].max(initial=0.0)), many


Streams = Mapping[str, Stream]


def heat_needed(outlets: Streams, inlets: Streams, drawn: Streams) -> Array:
    """Enthalpy of the outlets less that of everything that comes in, J, shape (n,)."""
    coming = sum(s.enthalpy() for s in (*inlets.values(), *drawn.values()))
    going = sum(s.enthalpy() for s in outlets.values())
    return np.asarray(going - coming)
