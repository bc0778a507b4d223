"""Systems: the phases that one vessel can hold, brought to equilibrium at T and P."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.equilibrium import Network, Status, solve
from sludgesim.errors import EquilibriumError
from sludgesim.thermo.derivatives import Derivatives, derivatives
from sludgesim.thermo.elements import CHARGE, symbols
from sludgesim.thermo.species import P0, Array, SpeciesSet, species_set
from sludgesim.thermo.stream import Stream, merge
from sludgesim.thermo.thermochemistry import Thermochemistry, current

TRACE = 1e-12  # share of the atoms below which an element is not solved for


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Equilibria of a batch of cases.

    `moles` (n, n_species) mol, `phase_moles` (n, n_phases) mol, `potentials` (n, n_elements) over
    RT, `converged` (n,) bool, `reason` (n,) text, empty where converged. Cases that did not
    converge, are infeasible or lie outside the system's temperatures hold nan.
    """

    system: System
    T: Array
    P: Array
    moles: Array
    phase_moles: Array
    potentials: Array
    converged: NDArray[np.bool_]
    reason: NDArray[np.str_]
    aside: Stream | None = None  # species of elements too scarce to solve for
    used: NDArray[np.int64] | None = None  # indices of the species that could form, None: all

    def stream(self) -> Stream:
        """All phases together as a stream, without the species of elements that are absent."""
        data = self.system.thermochemistry
        if self.used is None:
            phases = Stream(self.system.species, self.moles, self.T, self.P, data)
        else:
            names = tuple(self.system.species[i] for i in self.used)
            phases = Stream(names, self.moles[:, self.used], self.T, self.P, data)
        return phases if self.aside is None else merge([phases, self.aside])

    def derivatives(self, species: Sequence[str] = ()) -> Derivatives:
        """Derivatives by element amounts, T, ln P and the Gibbs energies of some species.

        Parameters
        ----------
        species : names of K species of the system

        Returns
        -------
        Derivatives, nan where `sludgesim.equilibrium.respond` has no answer

        Range: one-sided where a phase is about to appear or vanish. d(g/RT)/dT = -h/(R T^2).
        """
        return derivatives(self, species)

    def activity(self, species: str) -> Array:
        """Activity of a species by its potential, present or not, shape (n,).

        ln a_i = sum_e nu_ie lambda_e - g_i/RT (for a gas: fugacity over 1 bar)
        """
        data = species_set((species,), self.system.thermochemistry)
        columns = [symbols().index(e) for e in self.system.elements]
        nu = data.formula[0, columns]
        used = nu != 0
        return np.exp(self.potentials[:, used] @ nu[used] - data.gibbs_over_RT(self.T)[:, 0])


@dataclass(frozen=True, eq=False)
class System:
    """A fixed set of phases with their species, elements and range of temperature."""

    name: str
    description: str
    phases: tuple[str, ...]
    species: tuple[str, ...]
    phase_start: tuple[int, ...]
    elements: tuple[str, ...]
    T_min: float
    T_max: float
    thermochemistry: Thermochemistry
    data: SpeciesSet
    network: Network

    def gibbs_over_RT(self, T: Any) -> Array:
        """Standard Gibbs energies over RT at 1 bar, shape (n, n_species), T (n,) in K.

        Raises TemperatureRangeError outside the range of any species.
        """
        T = np.atleast_1d(np.asarray(T, float))
        self.data.require(T)
        return self.data.gibbs_over_RT(T)

    def equilibrate(self, T: Any, P: Any, elements: Any, start: Array | None = None) -> Equilibrium:
        """Bring element amounts to equilibrium at T and P.

        min sum_i n_i (g_i/RT + ln x_i [+ ln P/P0 for gases]) subject to the element balances

        Parameters
        ----------
        T : (n,) K
        P : (n,) Pa
        elements : (n, n_elements) mol, in the order of `system.elements`
        start : (n, n_elements), optional
            potentials of neighbouring cases, for a warm start

        Returns
        -------
        Equilibrium

        Range: `T_min` to `T_max` of the system; cases outside come back with a reason, unsolved.
        """
        b = np.ascontiguousarray(np.atleast_2d(np.asarray(elements, float)))
        n = b.shape[0]
        present = (b != 0).any(axis=0) | self.network.signed
        part = None if present.all() else _restricted(self, present.tobytes())
        if part is not None:
            return self._among(part, present, T, P, b, start)
        T = np.array(np.broadcast_to(np.asarray(T, float), (n,)))
        P = np.array(np.broadcast_to(np.asarray(P, float), (n,)))
        inside = (self.T_min - 1e-6 <= T) & (self.T_max + 1e-6 >= T)
        g = self.data.gibbs_over_RT(np.where(inside, T, self.T_min))
        gas = np.array([s.endswith("(g)") for s in self.species])
        g[:, gas] += np.log(P / P0)[:, None]
        g[~inside] = np.nan
        found = solve(self.network, g, b, start=start)
        ok = found.converged
        reason = np.array([_REASONS.get(int(s), "") for s in found.status], dtype="<U160")
        for i in np.flatnonzero(~inside):
            reason[i] = (
                f"{T[i] - 273.15:.0f} degC is outside the range of the system {self.name}, "
                f"{self.T_min - 273.15:.0f} to {self.T_max - 273.15:.0f} degC"
            )
        return Equilibrium(
            self,
            T,
            P,
            np.where(ok[:, None], found.moles, np.nan),
            np.where(ok[:, None], found.phase_moles, np.nan),
            np.where(ok[:, None], found.potentials, np.nan),
            ok,
            reason,
        )

    def _among(
        self,
        restricted: Part,
        present: NDArray[np.bool_],
        T: Any,
        P: Any,
        b: Array,
        start: Array | None,
    ) -> Equilibrium:
        """Equilibrate in the part of the system that the elements present can form."""
        part, species, phases = restricted
        eq = part.equilibrate(T, P, b[:, present], None if start is None else start[:, present])
        blank = np.where(eq.converged, 0.0, np.nan)[:, None]
        moles = np.repeat(blank, len(self.species), axis=1)
        moles[:, species] = eq.moles
        phase_moles = np.repeat(blank, len(self.phases), axis=1)
        phase_moles[:, phases] = eq.phase_moles
        potentials = np.full(b.shape, np.nan)
        potentials[:, present] = eq.potentials
        return replace(
            eq,
            system=self,
            moles=moles,
            phase_moles=phase_moles,
            potentials=potentials,
            used=species,
        )

    def equilibrate_stream(
        self, charge: Stream, T: Any = None, start: Array | None = None
    ) -> Equilibrium:
        """Bring a stream to equilibrium at T (default its own) and its pressure.

        `start` is as in `equilibrate`. An element that makes up less than 1e-12 of the atoms stays
        in the species it came in.
        Raises EquilibriumError if the stream holds an element that the system does not know.
        """
        amounts, aside = self._amounts(charge)
        found = self.equilibrate(charge.T if T is None else T, charge.P, amounts, start)
        return replace(found, aside=aside)

    def equilibrate_at_enthalpy(self, H: Any, P: Any, elements: Any) -> Equilibrium:
        """Bring element amounts to equilibrium at given enthalpy and pressure, T being found.

        H = sum_i n_i h_i(T), with n_i the equilibrium at T and P

        Parameters
        ----------
        H : (n,) J, elements at 298.15 K = 0
        P : (n,) Pa
        elements : (n, n_elements) mol, in the order of `system.elements`

        Returns
        -------
        Equilibrium with the T found. H rises with T and jumps where a phase melts or reacts away
        at one temperature; an enthalpy inside a jump comes back at that temperature with both
        assemblies, in the shares that make up H (they are all in equilibrium there). Cases whose
        H lies below that at `T_min` or above that at `T_max` have a reason and no answer.

        Range: `T_min` to `T_max` of the system; H is met to 1e-12 of sum_i |n_i h_i|.
        """
        from sludgesim.thermo.constant_enthalpy import find_temperature

        return find_temperature(self, H, P, elements)

    def equilibrate_adiabatically(self, charge: Stream) -> Equilibrium:
        """Bring a stream to equilibrium at its own enthalpy and pressure: its adiabatic state.

        Traces and unknown elements as in `equilibrate_stream`, the rest as in
        `equilibrate_at_enthalpy`; what is set aside keeps its temperature's enthalpy.
        """
        amounts, aside = self._amounts(charge)
        H = charge.enthalpy() - (0.0 if aside is None else aside.enthalpy())
        return replace(self.equilibrate_at_enthalpy(H, charge.P, amounts), aside=aside)

    def _amounts(self, charge: Stream) -> tuple[Array, Stream | None]:
        """Amounts of the system's elements in a stream, and the traces to be set aside."""
        formula = species_set(charge.species, charge.data).formula
        amounts = charge.moles @ formula
        # What is left of an element that other streams took away whole is rounding, not matter.
        amounts[np.abs(amounts) <= 1e-13 * (np.abs(charge.moles) @ np.abs(formula))] = 0.0
        trace = (amounts > 0) & (amounts < TRACE * amounts.sum(axis=1, keepdims=True))
        aside = None
        if trace.any():
            carries = trace.astype(float) @ (formula != 0).T.astype(float) > 0
            aside = charge.times_each(carries)
            amounts = np.where(trace, 0.0, amounts - aside.moles @ formula)
        columns = [symbols().index(e) for e in self.elements]
        others = np.delete(np.arange(len(symbols())), columns)
        strange = [symbols()[k] for k in others if np.any(np.abs(amounts[:, k]) > 0)]
        if [s for s in strange if s != CHARGE]:
            raise EquilibriumError(f"system {self.name} has no species with {', '.join(strange)}")
        return amounts[:, columns], aside


_REASONS = {
    int(Status.INFEASIBLE): "no combination of the system's species holds these element amounts",
    int(Status.NOT_CONVERGED): "the equilibrium did not reach the optimality conditions",
    int(Status.BAD_INPUT): "negative, missing or too small an element amount",
}


def system_names() -> tuple[str, ...]:
    """Names of the systems, of the thermochemistry that holds here."""
    return tuple(current().systems)


def load_system(name: str, data: Thermochemistry | None = None) -> System:
    """Load a system by name, out of `data` or those that hold here.

    Raises KeyError for an unknown name, TemperatureRangeError if the data of a species do not
    cover the system's temperatures.
    """
    return _loaded(name, data or current())


@lru_cache(maxsize=64)
def _loaded(name: str, data: Thermochemistry) -> System:
    entry = data.systems[name]
    T_min, T_max = map(float, entry["temperature"])
    return _made(name, entry["description"], entry["phases"], T_min, T_max, data)


# Part of a system, and where its species and phases stand in the whole.
Part = tuple[System, NDArray[np.int64], NDArray[np.int64]]


@lru_cache(maxsize=64)
def _restricted(whole: System, present: bytes) -> Part | None:
    """The part of a system that some of its elements, told by a bool each, can form.

    None where they cannot: the whole then tells why there is no answer.
    """
    among = np.frombuffer(present, dtype=bool)
    keep = ~(whole.network.formula[:, ~among] != 0).any(axis=1)
    if not (whole.network.formula[keep] != 0).any(axis=0)[among].all() or not keep.any():
        return None
    phases: dict[str, list[str]] = {}
    numbers = []
    for k, phase in enumerate(whole.phases):
        members = range(whole.phase_start[k], whole.phase_start[k + 1])
        names = [whole.species[i] for i in members if keep[i]]
        if names:
            phases[phase] = names
            numbers.append(k)
    part = _made(
        whole.name, whole.description, phases, whole.T_min, whole.T_max, whole.thermochemistry
    )
    return part, np.flatnonzero(keep), np.array(numbers)


def _made(
    name: str,
    description: str,
    content: Mapping[str, list[str]],
    T_min: float,
    T_max: float,
    thermochemistry: Thermochemistry,
) -> System:
    phases = tuple(content)
    species = tuple(s for p in phases for s in content[p])
    lengths = [len(content[p]) for p in phases]
    start = tuple(int(k) for k in np.concatenate([[0], np.cumsum(lengths)]))
    data = species_set(species, thermochemistry)
    used = np.flatnonzero(np.any(data.formula != 0, axis=0))
    data.require(np.array([T_min, T_max]))
    return System(
        name,
        description,
        phases,
        species,
        start,
        tuple(symbols()[k] for k in used),
        T_min,
        T_max,
        thermochemistry,
        data,
        Network(data.formula[:, used].copy(), np.array(start)),
    )
