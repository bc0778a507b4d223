"""Streams: amounts of species at one temperature and pressure, for a whole batch of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.data import read
from sludgesim.thermo.elements import CHARGE, atomic_weights, symbols, written_out
from sludgesim.thermo.species import Array, SpeciesSet, species_set
from sludgesim.thermo.thermochemistry import Thermochemistry, current

AMBIENT = 298.15
ATMOSPHERE = 101325.0


@dataclass(frozen=True, eq=False)
class Stream:
    """Amounts of species at T and P; the leading axis of every array is the case.

    Parameters
    ----------
    species : names of S species
    moles : (n, S) mol
    T : (n,) K
    P : (n,) Pa
    data : what the species are looked up in
    """

    species: tuple[str, ...]
    moles: Array
    T: Array
    P: Array
    data: Thermochemistry = field(default_factory=current, repr=False)

    def _set(self) -> SpeciesSet:
        return species_set(self.species, self.data)

    @property
    def n(self) -> int:
        return int(self.moles.shape[0])

    def __getitem__(self, name: str) -> Array:
        """Amount of one species, mol, shape (n,); zero where the stream does not have it."""
        if name not in self.species:
            return np.zeros(self.n)
        return self.moles[:, self.species.index(name)]

    def elements(self) -> Array:
        """Amounts of the elements, mol, shape (n, E), in the order of `symbols()`."""
        return self.moles @ self._set().formula

    def element(self, symbol: str) -> Array:
        """Amount of one element, mol, shape (n,)."""
        return self.moles @ self._set().formula[:, symbols().index(symbol)]

    def charge_carried(self) -> Array:
        """Charge of the ions without its sign, mol, shape (n,)."""
        numbers = np.abs(self._set().formula[:, symbols().index(CHARGE)])
        return np.abs(self.moles) @ numbers

    def holding(self, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which species, (n, S), hold any of some elements, (n, E) in the order of `symbols()`."""
        holds: NDArray[np.bool_] = which.astype(float) @ (self._set().formula != 0).T > 0
        return holds

    def element_mass(self, symbol: str) -> Array:
        """Mass of one element, kg, shape (n,)."""
        return self.element(symbol) * atomic_weights()[symbols().index(symbol)]

    def species_mass(self) -> Array:
        """Mass of each species, kg, shape (n, S)."""
        return self.moles * (self._set().formula @ atomic_weights())

    def mass(self) -> Array:
        """Mass, kg, shape (n,)."""
        return self.species_mass().sum(axis=1)

    def enthalpy(self) -> Array:
        """Enthalpy, J, elements at 298.15 K = 0, shape (n,).

        H = sum_i n_i h_i(T)

        Raises TemperatureRangeError for a species that is present outside its range.
        """
        data = self._set()
        ok = np.isfinite(self.T)
        data.require(np.where(ok, self.T, AMBIENT), (self.moles != 0) & ok[:, None])
        return np.einsum("ns,ns->n", self.moles, data.enthalpy(self.T))

    def only(self, keep: Callable[[str], bool]) -> Stream:
        """The part of the stream whose species' names satisfy `keep`."""
        index = [i for i, s in enumerate(self.species) if keep(s)]
        return replace(
            self, species=tuple(self.species[i] for i in index), moles=self.moles[:, index]
        )

    def phase(self, *phases: str) -> Stream:
        """The part in phases named by the species' suffix, such as `aq`, `g`, `slag`."""
        suffixes = tuple(f"({p})" for p in phases)
        return self.only(lambda s: s.endswith(suffixes))

    def without(self, *phases: str) -> Stream:
        """The part that is not in the named phases."""
        suffixes = tuple(f"({p})" for p in phases)
        return self.only(lambda s: not s.endswith(suffixes))

    def times(self, factor: Any) -> Stream:
        """The stream with all amounts multiplied by a scalar or an array of shape (n,)."""
        return replace(self, moles=self.moles * np.reshape(factor, (-1, 1)))

    def times_each(self, factors: Any) -> Stream:
        """The stream with each amount multiplied by its own factor, shape (n, S)."""
        return replace(self, moles=self.moles * factors)

    def at(self, T: Any = None, P: Any = None) -> Stream:
        """The same amounts at another temperature (K) or pressure (Pa)."""
        n = self.n
        return replace(
            self,
            T=self.T if T is None else np.broadcast_to(np.asarray(T, float), (n,)),
            P=self.P if P is None else np.broadcast_to(np.asarray(P, float), (n,)),
        )

    def changed(self, changes: Mapping[str, Array]) -> Stream:
        """The stream with amounts of some species added (or taken away, where negative), mol."""
        species = (*self.species, *(s for s in changes if s not in self.species))
        moles = np.zeros((self.n, len(species)))
        moles[:, : len(self.species)] = self.moles
        for name, amount in changes.items():
            moles[:, species.index(name)] += amount
        return replace(self, species=species, moles=moles)

    def case(self, i: int) -> Stream:
        """One case of the batch, as a batch of one."""
        one = slice(i, i + 1)
        return replace(self, moles=self.moles[one], T=self.T[one], P=self.P[one])

    def holds(self) -> frozenset[str]:
        """Symbols of the elements that any case of the stream has some of."""
        amounts = self.elements()
        return frozenset(
            s for s, some in zip(symbols(), (amounts != 0).any(0), strict=True) if some
        )

    def split(self, share: Any) -> tuple[Stream, Stream]:
        """Two streams: the share (scalar or (n,)) and the rest, which add up to this one."""
        part = self.times(share)
        return part, replace(self, moles=self.moles - part.moles)


def stream(amounts: Mapping[str, Any], T: Any = AMBIENT, P: Any = ATMOSPHERE, n: int = 0) -> Stream:
    """Make a stream from amounts in mol (scalars or (n,)), at T in K and P in Pa."""
    n = max([n, 1, *(np.size(v) for v in amounts.values()), np.size(T), np.size(P)])
    moles = np.zeros((n, len(amounts)))
    for i, v in enumerate(amounts.values()):
        moles[:, i] = v
    return Stream(
        tuple(amounts),
        moles,
        np.broadcast_to(np.asarray(T, float), (n,)),
        np.broadcast_to(np.asarray(P, float), (n,)),
    )


def merge(streams: Iterable[Stream], T: Any = None) -> Stream:
    """Amounts of several streams together, at T (default: that of the first)."""
    parts = list(streams)
    species = tuple(dict.fromkeys(s for part in parts for s in part.species))
    column = {s: i for i, s in enumerate(species)}
    moles = np.zeros((parts[0].n, len(species)))
    for part in parts:
        moles[:, [column[s] for s in part.species]] += part.moles
    return replace(parts[0], species=species, moles=moles).at(T=T)


def stacked(streams: Iterable[Stream]) -> Stream:
    """The cases of several streams, one after another, as one batch."""
    parts = list(streams)
    species = tuple(dict.fromkeys(s for part in parts for s in part.species))
    moles = [np.column_stack([part[s] for s in species]) for part in parts]
    T, P = (np.concatenate([getattr(part, x) for part in parts]) for x in "TP")
    return Stream(species, np.concatenate(moles), T, P, parts[0].data)


@cache
def _solidification() -> dict[str, dict[str, float]]:
    rules: dict[str, dict[str, float]] = written_out(read("thermo/solidification"))
    return rules


def solidified(s: Stream, T: Any = AMBIENT) -> Stream:
    """The stream gone cold: liquid metal and slag species become the solids they freeze to."""
    rules = _solidification()
    changes: dict[str, Any] = {}
    for name in s.species:
        for solid, k in rules.get(name, {}).items():
            changes[solid] = changes.get(solid, 0.0) + k * s[name]
    return s.only(lambda name: name not in rules).changed(changes).at(T=T)
