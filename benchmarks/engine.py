"""Speed and reliability of the equilibrium engine on a synthetic yet physical smelting system.

    python benchmarks/engine.py [number of random hard feeds, default 100000]

Prints, from one run on one thread: equilibria per second cold and warm, the share of random
hard feeds left unsolved, and the ratio to Cantera's `vcs` on the same points.  Thermochemistry
is Cantera's NASA files where they hold a species and round numbers for the rest: good enough to
measure the engine, not to be used for anything else.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import cantera as ct
import numpy as np
from scipy.optimize import linprog

from sludgesim.equilibrium import Network, Status, solve

R = ct.gas_constant / 1000  # J/(mol K)
ELEMENTS = [
    "Fe",
    "Nd",
    "Pr",
    "Dy",
    "B",
    "C",
    "O",
    "N",
    "H",
    "Al",
    "Si",
    "Ca",
    "Co",
    "Cu",
    "S",
    "Ar",
]
GAS = [
    "CO",
    "CO2",
    "O2",
    "N2",
    "H2",
    "H2O",
    "CH4",
    "Fe",
    "B2O3",
    "BO",
    "HBO2",
    "BO2",
    "H2S",
    "SO2",
    "COS",
    "S2",
    "SiO",
    "AL2O",
    "Cu",
    "Ar",
]
LANTHANIDES = {"Nd": (-1806.9, 158.5), "Pr": (-1809.6, 155.6), "Dy": (-1863.1, 149.8)}
MELT_T = {"Nd2O3": 2593.0, "Pr2O3": 2573.0, "Dy2O3": 2681.0}
T_RANGE = (1000.0, 2000.0)


@dataclass(frozen=True)
class Species:
    """Name, formula, and Gibbs energy over RT at temperatures T [K]."""

    name: str
    formula: dict[str, float]
    g: object


def _nasa(species: ct.Species) -> Species:
    def g(T):
        return np.array([(species.thermo.h(t) / t - species.thermo.s(t)) / ct.gas_constant
                         for t in np.atleast_1d(T)])  # fmt: skip

    formula = {e.capitalize(): n for e, n in species.composition.items()}
    return Species(species.name, formula, g)


def _round(name, formula, h_kj, s, cp):
    """A species of constant heat capacity: enthalpy [kJ/mol] and entropy [J/mol/K] at 298 K."""

    def g(T):
        T = np.atleast_1d(T)
        h = 1000 * h_kj + cp * (T - 298.15)
        return h / (R * T) - (s + cp * np.log(T / 298.15)) / R

    return Species(name, formula, g)


def _of(name, parts, h, s=0.0):
    """A compound from others: sum of nu_i g_i plus h [J/mol] minus T s [J/mol/K]."""
    formula: dict[str, float] = {}
    for nu, part in parts:
        for e, n in part.formula.items():
            formula[e] = formula.get(e, 0.0) + nu * n

    def g(T):
        T = np.atleast_1d(T)
        return sum(nu * part.g(T) for nu, part in parts) + (h - s * T) / (R * T)

    return Species(name, formula, g)


def phases():
    """List of (phase name, list of species)."""
    gases = {s.name: _nasa(s) for s in ct.Species.list_from_file("nasa_gas.yaml")}
    solid = {s.name: _nasa(s) for s in ct.Species.list_from_file("nasa_condensed.yaml")}
    iron, graphite, boron = solid["Fe(L)"], solid["C(gr)"], solid["B(L)"]
    carbon = _of("C(m)", [(1, graphite)], 117369, 24.63)
    metal = [
        iron, carbon, _of("Fe3C(m)", [(3, iron), (1, carbon)], -124320, -20),
        boron, _of("Fe2B(m)", [(2, iron), (1, boron)], -100000),
        solid["Cu(L)"], solid["Si(L)"], solid["AL(L)"],
        _round("Co(m)", {"Co": 1}, 16.0, 42.0, 34.0),
        _of("FeS(m)", [(1, solid["FeS(L)"])], 0),
        _of("FeO(m)", [(1, solid["FeO(L)"])], 40000),
    ]  # fmt: skip
    rare = {}
    for e, (h, s) in LANTHANIDES.items():
        rare[e] = _round(f"{e}2O3(s)", {e: 2, "O": 3}, h, s, 125.0)
        metal.append(_round(f"{e}(m)", {e: 1}, 7.1, 75.0, 48.8))
    slag = [
        _of(f"{e}2O3(l)", [(1, oxide)], 100000, 100000 / MELT_T[f"{e}2O3"])
        for e, oxide in rare.items()
    ]
    borate = solid["B2O3(L)"]
    slag += [borate, solid["FeO(L)"], solid["CaO(L)"], solid["SiO2(L)"], solid["AL2O3(L)"]]
    slag.append(_of("NdBO3(l)", [(0.5, rare["Nd"]), (0.5, borate)], -80000))
    hematite = solid["Fe2O3(s)"]
    pure = [
        graphite, solid["Fe(c)"], solid["FeO(s)"], solid["Fe3O4(s)"], hematite,
        *rare.values(), _of("NdFeO3", [(0.5, rare["Nd"]), (0.5, hematite)], -20000),
        _of("NdBO3(s)", [(0.5, rare["Nd"]), (0.5, borate)], -90000, -5),
        solid["AL2O3(a)"], solid["CaO(s)"], solid["SiO2(hqz)"], solid["CaS(s)"], solid["BN(s)"],
        _of("Ca2SiO4", [(2, solid["CaO(s)"]), (1, solid["SiO2(hqz)"])], -126000, -5),
        _of("NdAlO3", [(0.5, rare["Nd"]), (0.5, solid["AL2O3(a)"])], -50000),
    ]  # fmt: skip
    named = [("gas", [gases[n] for n in GAS]), ("metal", metal), ("slag", slag)]
    return named + [(s.name, [s]) for s in pure]


class System:
    """The network, and g at any temperature from a fine table."""

    def __init__(self):
        self.phases = phases()
        self.species = [s for _, group in self.phases for s in group]
        self.formula = np.array([[s.formula.get(e, 0.0) for e in ELEMENTS] for s in self.species])
        sizes = [len(group) for _, group in self.phases]
        self.network = Network(self.formula, np.concatenate([[0], np.cumsum(sizes)]))
        self.T = np.arange(T_RANGE[0], T_RANGE[1] + 0.6, 0.5)
        self.table = np.array([s.g(self.T) for s in self.species]).T

    def g(self, T):
        """(n, S) standard potentials at temperatures T, between table points linearly."""
        k = np.minimum((T - self.T[0]) / 0.5, self.T.size - 1.000001)
        low = k.astype(int)
        f = (k - low)[:, None]
        return self.table[low] * (1 - f) + self.table[low + 1] * f


def feeds(sets):
    """(n, E) element amounts from amounts of feed materials (n,) by formula."""
    n = len(next(iter(sets.values()))[1])
    b = np.zeros((n, len(ELEMENTS)))
    for formula, amount in sets.values():
        for e, nu in formula.items():
            b[:, ELEMENTS.index(e)] += nu * amount
    return b


def process_feeds(n, rng):
    """Feeds like those of a smelter: calcined sludge, carbon, some air and moisture."""

    def u(low, high):
        return rng.uniform(low, high, n)

    return feeds({
        "hematite": ({"Fe": 2, "O": 3}, u(0.3, 0.4)),
        "Nd": ({"Nd": 2, "O": 3}, u(0.05, 0.09)),
        "Pr": ({"Pr": 2, "O": 3}, u(0.01, 0.02)),
        "Dy": ({"Dy": 2, "O": 3}, u(0.001, 0.01)),
        "borate": ({"B": 2, "O": 3}, u(0.02, 0.04)),
        "carbon": ({"C": 1}, u(0.6, 1.5)),
        "air": ({"N": 1.58, "O": 0.42}, u(0.001, 0.2)),
        "water": ({"H": 2, "O": 1}, u(0.001, 0.05)),
        "alumina": ({"Al": 2, "O": 3}, u(0.001, 0.01)),
        "cobalt": ({"Co": 1}, u(0.005, 0.03)),
        "copper": ({"Cu": 1}, u(0.001, 0.005)),
        "silica": ({"Si": 1, "O": 2}, u(0.001, 0.01)),
    })  # fmt: skip


def hard_feeds(n, rng):
    """Uncorrelated feeds: anything from a trace of 1e-12 to a major, starved to air-rich."""
    materials = [
        {"Fe": 2, "O": 3}, {"Fe": 1}, {"Nd": 2, "O": 3}, {"Pr": 2, "O": 3}, {"Dy": 2, "O": 3},
        {"Nd": 1}, {"B": 2, "O": 3}, {"B": 1}, {"C": 1}, {"N": 2}, {"O": 2}, {"H": 2, "O": 1},
        {"C": 1, "H": 4}, {"Al": 2, "O": 3}, {"Si": 1, "O": 2}, {"Si": 1}, {"Ca": 1, "O": 1},
        {"Co": 1}, {"Cu": 1}, {"Fe": 1, "S": 1}, {"Ar": 1},
    ]  # fmt: skip
    amount = 10.0 ** rng.uniform(-12, 0, (n, len(materials)))
    major = 10.0 ** rng.uniform(-2, 0, amount.shape)
    amount = np.where(rng.random(amount.shape) < 0.35, major, amount)
    # exact zeros, and feeds with round numbers that sit on stoichiometric ratios
    amount[rng.random(amount.shape) < 0.35] = 0.0
    tidy = rng.random(n) < 0.1
    amount[tidy] = np.where(amount[tidy] > 1e-3, np.round(amount[tidy] * 4) / 4, 0.0)
    amount[:, 0] += amount.sum(axis=1) == 0
    b = feeds({str(k): (m, amount[:, k]) for k, m in enumerate(materials)})
    b[b < 1e-12 * b.sum(axis=1, keepdims=True)] = 0.0
    return b


def timed(system, g, b, start=None):
    """Equilibria per second on one thread, and the answers."""
    best, answer = np.inf, None
    for _ in range(3):
        began = time.perf_counter()
        answer = solve(system.network, g, b, start=start, threads=1)
        best = min(best, time.perf_counter() - began)
    return b.shape[0] / best, answer


def vcs_points(system, g, b, T):
    """Seconds and energies G/RT of Cantera's vcs on the same points, phases built afresh.

    Each species gets constant thermochemistry that gives exactly our g at the point's T; species
    of absent elements are left out, as the engine does by itself.
    """
    seconds, energies = [], []
    for gk, bk, Tk in zip(g, b, T, strict=True):
        possible = (system.formula[:, bk == 0] == 0).all(axis=1)
        phases, i = [], 0
        for name, group in system.phases:
            members = []
            for s in group:
                if possible[i]:
                    members.append(constant_species(s, gk[i], Tk))
                i += 1
            if members:
                kind = "fixed-stoichiometry" if len(group) == 1 else "ideal-condensed"
                kind = "ideal-gas" if name == "gas" else kind
                phases.append(ct.Solution(thermo=kind, species=members, name=name))
        mixture = ct.Mixture([(phase, 1.0) for phase in phases])
        mixture.T, mixture.P = Tk, ct.one_atm
        mixture.species_moles = any_amounts(system.formula[possible], bk) / 1000
        began = time.perf_counter()
        try:
            mixture.equilibrate("TP", solver="vcs", estimate_equil=-1, max_steps=5000)
        except ct.CanteraError:
            energies.append(np.nan)
        else:
            moles = np.zeros(len(possible))
            moles[possible] = np.array(mixture.species_moles) * 1000
            lost = np.abs(moles @ system.formula - bk).max() > 1e-6 * bk.sum()
            energies.append(np.nan if lost else energy(system, gk, moles))
        seconds.append(time.perf_counter() - began)
    return np.array(seconds), np.array(energies)


def constant_species(species, g, T):
    """The species for Cantera, with Gibbs energy g R T at T."""
    thermo = {
        "model": "constant-cp",
        "T0": float(T),
        "h0": float(g * ct.gas_constant * T),
        "s0": 0.0,
        "cp0": 0.0,
        "reference-pressure": ct.one_atm,
    }
    volume = {"model": "constant-volume", "molar-volume": 0.01}
    atoms = {e: float(n) for e, n in species.formula.items()}
    return ct.Species.from_dict(
        {
            "name": species.name,
            "composition": atoms,
            "thermo": thermo,
            "equation-of-state": volume,
        }
    )


def any_amounts(formula, b):
    """Any species amounts that satisfy the balances, for vcs to start from."""
    cost = np.arange(formula.shape[0]) % 7
    return np.maximum(linprog(cost, A_eq=formula.T, b_eq=b, method="highs").x, 0.0)


def energy(system, g, moles):
    """G / RT of given amounts."""
    starts = system.network.phase_start
    total = np.repeat(np.add.reduceat(moles, starts[:-1]), np.diff(starts))
    some = moles > 0
    return moles @ g + (moles[some] * np.log(moles[some] / total[some])).sum()


def main(n_hard):
    """Run everything and print the table."""
    system = System()
    network = system.network
    print(
        f"{network.n_species} species, {network.n_elements} elements, {network.n_phases} phases;"
        f" process feeds hold 13 of the elements; one thread"
    )
    began = time.perf_counter()
    solve(network, system.g(np.array([1500.0])), process_feeds(1, np.random.default_rng(0)))
    print(f"first call (compiles unless cached)      {time.perf_counter() - began:10.2f} s")

    rng = np.random.default_rng(0)
    n = 5000
    T, b = np.sort(rng.uniform(1273.0, 1973.0, n)), process_feeds(n, rng)
    g = system.g(T)
    cold, answer = timed(system, g, b)
    print(f"process feeds, cold                      {cold:10.0f} /s   unsolved "
          f"{(~answer.converged).sum()} of {n}")  # fmt: skip
    changed = b * (1 + 0.01 * rng.uniform(-1, 1, b.shape))
    warm, again = timed(system, g, changed, answer.potentials)
    print(f"same, warm (feeds changed by 1 %)        {warm:10.0f} /s   unsolved "
          f"{(~again.converged).sum()} of {n}")  # fmt: skip

    counts, spent, done = np.zeros(len(Status), int), 0.0, 0
    while done < n_hard:
        m = min(50000, n_hard - done)
        rng = np.random.default_rng([7, done])
        T_hard, b_hard = rng.uniform(*T_RANGE, m), hard_feeds(m, rng)
        g_hard = system.g(T_hard)
        began = time.perf_counter()
        counts += np.bincount(
            solve(network, g_hard, b_hard, threads=1).status, minlength=len(Status)
        )
        spent += time.perf_counter() - began
        done += m
    unsolved = f"{counts[1:].sum()} of {n_hard}, of these {counts[Status.INFEASIBLE]} infeasible"
    print(
        f"random hard feeds, cold                  {n_hard / spent:10.0f} /s   unsolved {unsolved}"
    )

    some = np.linspace(0, n - 1, 200).astype(int)
    seconds, energies = vcs_points(system, g[some], b[some], T[some])
    ours = np.array([energy(system, g[k], answer.moles[k]) for k in some])
    good = np.isfinite(energies)
    gap = (energies - ours)[good] / np.abs(ours[good])
    verdict = f"failed {(~good).sum()}"
    if good.any():
        verdict += f"; relative to ours its G is {gap.min():.0e} to {gap.max():.0e}"
    print(f"Cantera vcs on 200 of the process feeds  {1 / seconds.mean():10.0f} /s   {verdict}")
    print(f"ratio, engine cold to vcs                {cold * seconds.mean():10.0f} (mean), "
          f"{cold * np.median(seconds):.0f} (median)")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100000)
