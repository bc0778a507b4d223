"""Systems: the phases that one vessel can hold, brought to equilibrium at T and P."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from sludgesim.equilibrium import Network, Status, solve
from sludgesim.errors import EquilibriumError
from sludgesim.thermo.elements import CHARGE, symbols
from sludgesim.thermo.species import P0, Array, SpeciesSet, species_set
from sludgesim.thermo.stream import Stream, merge

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

    def stream(self) -> Stream:
        """All phases together as a stream."""
        phases = Stream(self.system.species, self.moles, self.T, self.P)
        return phases if self.aside is None else merge([phases, self.aside])

    def activity(self, species: str) -> Array:
        """Activity of a species by its potential, present or not, shape (n,).

        ln a_i = sum_e nu_ie lambda_e - g_i/RT (for a gas: fugacity over 1 bar)
        """
        data = species_set((species,))
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

    def equilibrate_stream(self, charge: Stream, T: Any = None) -> Equilibrium:
        """Bring a stream to equilibrium at T (default its own) and its pressure.

        An element that makes up less than 1e-12 of the atoms stays in the species it came in.
        Raises EquilibriumError if the stream holds an element that the system does not know.
        """
        formula = species_set(charge.species).formula
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
        found = self.equilibrate(charge.T if T is None else T, charge.P, amounts[:, columns])
        return replace(found, aside=aside)


_REASONS = {
    int(Status.INFEASIBLE): "no combination of the system's species holds these element amounts",
    int(Status.NOT_CONVERGED): "the equilibrium did not reach the optimality conditions",
    int(Status.BAD_INPUT): "negative, missing or too small an element amount",
}


@cache
def _systems() -> dict[str, Any]:
    path = resources.files("sludgesim") / "data" / "thermo" / "systems.yaml"
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def system_names() -> tuple[str, ...]:
    """Names of the systems in `data/thermo/systems.yaml`."""
    return tuple(_systems())


@cache
def load_system(name: str) -> System:
    """Load a system by name.

    Raises KeyError for an unknown name, TemperatureRangeError if the data of a species do not
    cover the system's temperatures.
    """
    entry = _systems()[name]
    phases = tuple(entry["phases"])
    species = tuple(s for p in phases for s in entry["phases"][p])
    lengths = [len(entry["phases"][p]) for p in phases]
    start = tuple(int(k) for k in np.concatenate([[0], np.cumsum(lengths)]))
    data = species_set(species)
    used = np.flatnonzero(np.any(data.formula != 0, axis=0))
    T_min, T_max = map(float, entry["temperature"])
    data.require(np.array([T_min, T_max]))
    return System(
        name,
        entry["description"],
        phases,
        species,
        start,
        tuple(symbols()[k] for k in used),
        T_min,
        T_max,
        data,
        Network(data.formula[:, used].copy(), np.array(start)),
    )
