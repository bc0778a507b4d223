"""Aqueous systems: a real liquor with its solids and vapour, brought to equilibrium."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.equilibrium import Network
from sludgesim.errors import EquilibriumError
from sludgesim.thermo.elements import rare_earths
from sludgesim.thermo.liquor import Part, RealLiquor, dose_real, ideal_water, solve_real
from sludgesim.thermo.masters import (
    PROTON,
    WATER,
    aqueous_data,
    in_masters,
    masters,
    salt,
    tableau,
)
from sludgesim.thermo.sit import LN10, WATER_WEIGHT, sit
from sludgesim.thermo.species import P0, Array, species_set
from sludgesim.thermo.stream import Stream, merge
from sludgesim.thermo.thermochemistry import Thermochemistry, current, per_data

TRACE = 1e-12  # share of all masters below which one is not solved for
GOOD_SALT = 4.0
"""Ionic strength, mol/kg water, to which the activity model is good."""
MOST_SALT = 10.0
"""Salt, mol/kg water, beyond which the activity model tells nothing."""
BEYOND = "more salt in the liquor than the activity model covers"


@dataclass(frozen=True, eq=False)
class AqueousEquilibrium:
    """Equilibria of a batch of liquors.

    `moles` (n, S) mol of `species`; `potentials` (n, M) of the masters over RT; `converged` (n,)
    bool; `reason` (n,) text.
    """

    system: AqueousSystem
    species: tuple[str, ...]
    T: Array
    P: Array
    moles: Array
    potentials: Array
    converged: NDArray[np.bool_]
    reason: NDArray[np.str_]
    aside: Stream | None = None  # what took no part

    def __getitem__(self, species: str) -> Array:
        """Amount of one species, mol, shape (n,)."""
        if species not in self.species:
            return np.where(self.converged, 0.0, np.nan)
        return self.moles[:, self.species.index(species)]

    @cached_property
    def _dissolved(self) -> NDArray[np.int64]:
        return np.array([i for i, s in enumerate(self.species) if s.endswith("(aq)")], dtype=int)

    @property
    def water(self) -> Array:
        """Mass of the solvent, kg, shape (n,)."""
        return self["H2O(l)"] * WATER_WEIGHT

    def molality(self, species: str) -> Array:
        """Molality of one dissolved species, mol/kg water, shape (n,)."""
        return self[species] / self.water

    def dissolved(self, master: str) -> Array:
        """Total molality of a master over all dissolved species, mol/kg water, shape (n,)."""
        names = tuple(self.species[i] for i in self._dissolved)
        column = [m.name for m in masters()].index(master)
        return self.moles[:, self._dissolved] @ tableau(names)[:, column] / self.water

    @property
    def ionic_strength(self) -> Array:
        """Ionic strength, mol/kg, shape (n,): half the sum of m z^2."""
        model = sit(tuple(self.species[i] for i in self._dissolved))
        return 0.5 * (self.moles[:, self._dissolved] @ model.charge**2) / self.water

    @property
    def pH(self) -> Array:
        """-log10 of the activity of H+ on the molal scale, shape (n,)."""
        return -self.ln_activity("H+(aq)") / LN10

    @property
    def water_activity(self) -> Array:
        """Activity of water, shape (n,)."""
        return np.exp(self.ln_activity("H2O(l)"))

    def ln_activity(self, species: str) -> Array:
        """ln of the activity of any species, present or not, shape (n,).

        ln a = sum nu lambda - g/RT, nan where a master is absent.  Molal for dissolved species,
        fugacity over 1 bar for gases.
        """
        nu = tableau((species,))[0]
        used = nu != 0
        data = species_set((species,), self.system.thermochemistry)
        return self.potentials[:, used] @ nu[used] - data.gibbs_over_RT(self.T)[:, 0]

    def saturation_index(self, solid: str) -> Array:
        """log10 of ion activity product over solubility product of one formula unit, shape (n,)."""
        return self.ln_activity(solid) / LN10

    def where(self, good: NDArray[np.bool_]) -> AqueousEquilibrium:
        """The same with nan in all cases that are not good."""
        blank = np.where(good, 0.0, np.nan)[:, None]
        return replace(
            self,
            moles=self.moles + blank,
            potentials=self.potentials + blank,
            converged=self.converged & good,
        )

    def take(self, rows: NDArray[Any]) -> AqueousEquilibrium:
        """Some cases of the batch, by numbers or bools."""
        return replace(
            self,
            T=self.T[rows],
            P=self.P[rows],
            moles=self.moles[rows],
            potentials=self.potentials[rows],
            converged=self.converged[rows],
            reason=self.reason[rows],
            aside=None,
        )

    def stream(self) -> Stream:
        """Liquor, solids and vapour as a stream, with what took no part."""
        data = self.system.thermochemistry
        phases = Stream(self.species, self.moles, self.T, self.P, data)
        return phases if self.aside is None else merge([phases, self.aside])


@dataclass(frozen=True)
class AqueousSystem:
    """A liquor with the solids that may fall from it and, where it can vent, its vapour.

    liquor, solids, vapour : names of species; water comes first in the liquor
    solid_solutions : solids that mix, each of them by the sites of its rare earth
    dissolves : solids and gases that dissolve at once when they are fed
    thermochemistry : what the species are looked up in
    """

    name: str
    liquor: tuple[str, ...]
    solids: tuple[str, ...]
    solid_solutions: tuple[tuple[str, ...], ...]
    vapour: tuple[str, ...]
    dissolves: tuple[str, ...]
    T_min: float
    T_max: float
    thermochemistry: Thermochemistry

    @property
    def all_solids(self) -> tuple[str, ...]:
        """Solids that fall pure, and members of solid solutions."""
        return (*self.solids, *(s for solution in self.solid_solutions for s in solution))

    def totals(self, charge: Stream) -> tuple[Array, Stream]:
        """Amounts of the masters in what takes part, mol, (n, M), and the stream of what does not.

        Species of the system and those that dissolve take part.
        """
        known = {*self.liquor, *self.all_solids, *self.vapour, *self.dissolves}
        names = tuple(s for s in charge.species if s in known)
        part = charge.only(lambda s: s in known)
        aside = charge.only(lambda s: s not in known)
        return part.moles @ tableau(names), aside

    def equilibrate(
        self,
        T: Any,
        P: Any,
        totals: Array,
        pH: Array | None = None,
        start: Any = None,
        reckoned: NDArray[np.bool_] | None = None,
    ) -> AqueousEquilibrium:
        """Bring a liquor to equilibrium at T and P.

        min sum_i n_i (g_i/RT + ln a_i) subject to the balances of the masters

        Parameters
        ----------
        T : (n,) K
        P : (n,) Pa
        totals : (n, M) mol, in the order of `masters()`; water must be there
        pH : (n,), optional
            hold this pH by giving or taking protons; the balance of protons is then not kept
        start : AqueousEquilibrium, optional
            of a neighbouring batch with the same masters, for a warm start
        reckoned : (M,) bool, optional
            masters that the answer has columns for; default: those of the totals

        Returns
        -------
        AqueousEquilibrium, each case's ln gamma settled to 1e-10

        Range: `T_min` to `T_max` of the system; the activity model's, see `sit`.
        """
        b = np.atleast_2d(np.asarray(totals, float))
        among = (b != 0).any(axis=0) if reckoned is None else reckoned
        T, P, part, present, g, inside = self._prepared(T, P, len(b), among)
        guess = None
        if start is not None and start.species == part.species and len(start.T) == len(T):
            guess = start.moles / part.size, start.potentials[:, present]
        found = solve_real(part, g, T, b[:, present], pH, guess)
        left = np.flatnonzero(~found.converged & inside)
        if left.size:
            fed = water = b[left, 0]
            if pH is None:  # what boils leaves the salt behind
                water = ideal_water(part, g[left], b[np.ix_(left, present)])
            crowded = salt(b[left]) * fed > MOST_SALT * WATER_WEIGHT * water
            found.reason[left[crowded]] = BEYOND
        return self._made(part, present, T, P, found, inside)

    def dose_to_pH(
        self,
        T: Array,
        P: Array,
        totals: Array,
        unit: Array,
        pH: Array,
        start: tuple[Array, AqueousEquilibrium] | None = None,
        rough: bool = False,
    ) -> tuple[NDArray[np.int64], Array, AqueousEquilibrium]:
        """Doses of a reagent that bring liquors to a pH, for the cases where one step finds them.

        Parameters as in `equilibrate`; unit : (n, M) mol of the masters in one unit of reagent;
        start : doses of a neighbouring batch and what they led to; rough : only as exact as the
        start is near.
        Returns the cases found, their doses in units, and their equilibria; `dose_to` finds all.
        """
        T, P, part, present, g, inside = self._prepared(
            T, P, len(totals), ((totals != 0) | (unit != 0)).any(axis=0)
        )
        guess = None
        if start is not None and start[1].species == part.species:
            guess = start[1].moles / part.size, start[1].potentials[:, present], start[0]
        rows, dose, found = dose_real(
            part, g, T, totals[:, present], np.ascontiguousarray(unit[:, present]), pH, guess, rough
        )
        return rows, dose, self._made(part, present, T[rows], P[rows], found, inside[rows])

    def _prepared(
        self, T: Any, P: Any, n: int, among: NDArray[np.bool_]
    ) -> tuple[Array, Array, Part, NDArray[np.bool_], Array, NDArray[np.bool_]]:
        """T, P, what the masters can form, which are present, g/RT, which T are in range."""
        T = np.array(np.broadcast_to(np.asarray(T, float), (n,)))
        P = np.array(np.broadcast_to(np.asarray(P, float), (n,)))
        always = np.array([m.name in (WATER, PROTON) for m in masters()])
        present = among | always
        part = _part(self, present.tobytes())
        inside = (self.T_min - 1e-6 <= T) & (self.T_max + 1e-6 >= T)
        g = part.data.gibbs_over_RT(np.where(inside, T, self.T_min)) * part.size
        g[:, part.gas] += np.log(P / P0)[:, None]
        g[~inside] = np.nan
        return T, P, part, present, g, inside

    def _made(
        self,
        part: Part,
        present: NDArray[np.bool_],
        T: Array,
        P: Array,
        found: RealLiquor,
        inside: NDArray[np.bool_],
    ) -> AqueousEquilibrium:
        reason = np.where(inside, found.reason, "outside the temperatures of the aqueous system")
        potentials = np.full((len(T), len(present)), np.nan)
        potentials[:, present] = found.potentials
        return AqueousEquilibrium(
            self, part.species, T, P, found.moles * part.size, potentials, found.converged, reason
        )

    def equilibrate_stream(self, charge: Stream, T: Any = None) -> AqueousEquilibrium:
        """Bring a stream to equilibrium at T (default its own) and its pressure.

        What the system does not know stays as it is, see `totals`.  A master that makes up less
        than 1e-12 of all is set aside with its species.
        Raises EquilibriumError where a case is without water.
        """
        totals, aside = self.split(charge)
        found = self.equilibrate(charge.T if T is None else T, charge.P, totals)
        return replace(found, aside=aside if aside.species else None)

    def split(self, charge: Stream) -> tuple[Array, Stream]:
        """Amounts of the masters that are solved for, and all that is set aside, see `totals`.

        Raises EquilibriumError where a case is without water.
        """
        charge, scarce = self._without_traces(charge)
        totals, aside = self.totals(charge)
        if not (totals[:, 0] > 0).all():
            raise EquilibriumError("a liquor without water has no equilibrium")
        return totals, aside if scarce is None else merge([aside, scarce])

    def _without_traces(self, charge: Stream) -> tuple[Stream, Stream | None]:
        totals, _ = self.totals(charge)
        size = np.abs(totals)
        trace = (size > 0) & (size < TRACE * size.sum(axis=1, keepdims=True))
        trace[:, [m.name == PROTON for m in masters()]] = False
        if not trace.any():
            return charge, None
        holds = np.zeros((len(charge.species), totals.shape[1]))
        for i, s in enumerate(charge.species):
            if in_masters(s) is not None:
                holds[i] = tableau((s,))[0] != 0
        scarce = charge.times_each(trace.astype(float) @ holds.T > 0)
        kept = replace(charge, moles=charge.moles - scarce.moles)
        # With a metal its valence goes, and what is left of the oxidant may be a trace now.
        kept, more = self._without_traces(kept)
        return kept, scarce if more is None else merge([scarce, more])


@per_data
def load_aqueous(
    name: str = "leaching",
    also: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    vent: bool = False,
) -> AqueousSystem:
    """Load an aqueous system of `data/thermo/aqueous_systems.yaml`, on the data that hold here.

    Parameters
    ----------
    name : its name
    also : slow solids that may fall nevertheless, such as FeOOH(s)
    without : solids that may not fall
    vent : whether the liquor may give off a vapour (H2O, CO2, NH3) once its pressures reach P

    Raises KeyError for an unknown name or solid.
    """
    entry = aqueous_data()["systems"][name]
    for s in also:
        if s not in entry["slow"]:
            raise KeyError(f"{s} is not one of the slow solids of {name}")
    mixed = entry["solid_solutions"].values()
    for s in without:
        if s not in entry["solids"] and not any(s in solution for solution in mixed):
            raise KeyError(f"{s} is not one of the solids of {name}")
    solids = tuple(s for s in entry["solids"] if s not in without) + also
    kept = (tuple(s for s in solution if s not in without) for solution in mixed)
    solutions = tuple(solution for solution in kept if solution)
    liquor = tuple(entry["liquor"])
    T_min, T_max = map(float, entry["temperature"])
    vapour = tuple(entry["vapour"]) if vent else ()
    dissolves = tuple(entry["dissolves"])
    species_set(liquor + solids + sum(solutions, ()) + vapour).require(np.array([T_min, T_max]))
    return AqueousSystem(
        name, liquor, solids, solutions, vapour, dissolves, T_min, T_max, current()
    )


@lru_cache(maxsize=64)
def _part(system: AqueousSystem, present: bytes) -> Part:
    """What of a system some masters, told by a bool each, can form."""
    among = np.frombuffer(present, dtype=bool)

    def possible(names: tuple[str, ...]) -> tuple[str, ...]:
        keep = ~(tableau(names)[:, ~among] != 0).any(axis=1)
        return tuple(s for s, k in zip(names, keep, strict=True) if k)

    liquor = possible(system.liquor)
    pure = [(s,) for s in possible(system.solids)]
    mixtures = [x for x in map(possible, (*system.solid_solutions, system.vapour)) if x]
    phases = [liquor, *pure, *mixtures]
    species = tuple(s for phase in phases for s in phase)
    starts = np.concatenate([[0], np.cumsum([len(phase) for phase in phases])])
    size = np.ones(len(species))
    for s in (s for solution in system.solid_solutions for s in solution if s in species):
        composition = system.thermochemistry.species[s].composition
        size[species.index(s)] = 1 / max(composition.get(e, 0.0) for e in rare_earths())
    formula = tableau(species)[:, among] * size[:, None]
    proton = [m.name for m, k in zip(masters(), among, strict=True) if k].index(PROTON)
    reservoir = np.zeros((1, formula.shape[1]))
    reservoir[0, proton] = 1.0
    return Part(
        species,
        len(liquor),
        species_set(species, system.thermochemistry),
        sit(liquor[1:]),
        size,
        np.array([s.endswith("(g)") for s in species]),
        0,
        proton,
        Network(formula, starts),
        Network(np.vstack([formula, reservoir]), np.append(starts, len(species) + 1)),
    )
