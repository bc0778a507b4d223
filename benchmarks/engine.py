"""Speed and reliability of the equilibrium engine on a synthetic yet physical smelting system.

    python benchmarks/engine.py [number of random hard feeds, default 100000]

Prints, from one run on one thread: equilibria per second cold and warm, the share of random
hard feeds left unsolved, and the ratio to Cantera's `vcs` on the same points.  Thermochemistry
is Cantera's NASA files where they hold a species and round numbers for the rest: good enough to
measure the engine, not to be used for anything else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import cantera as ct
import numpy as np

from sludgesim.equilibrium import Network, solve

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


def feeds(sets, rng):
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
    }, rng)  # fmt: skip


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
    b = feeds({str(k): (m, amount[:, k]) for k, m in enumerate(materials)}, rng)
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
