"""How fast the engine is on the smelting system of the package, and beside Cantera and pycalphad.

    python benchmarks/engines.py [POINTS]

Rates: process-like feeds, one thread, cold, and warm from the potentials of a feed whose amounts
are up to 1 % off. With the elements of an alloy in air, and with all that a feed may hold.

Side by side with Cantera `vcs` and pycalphad: same species data, same points, one thread, one run:
process-like feeds of Fe, Nd, Pr, Dy, B, C, O at 1200-1700 degC and 1 bar. pycalphad (`pip install
pycalphad`) gets a TDB written from the same NASA-9 polynomials. Only the solver calls are timed,
not the setting up. Solved means that the elements are conserved to 1e-6 and that G lies within
1e-6 of the lowest G of the three, relative.
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any

import cantera as ct
import numpy as np
from numpy.typing import NDArray

from sludgesim.equilibrium import solve
from sludgesim.thermo import System, database, load_system
from sludgesim.thermo.species import R

Array = NDArray[np.float64]
ELEMENTS = ("Fe", "Nd", "Pr", "Dy", "B", "C", "O")
IN_AIR = (*ELEMENTS, "Co", "Al", "Cu", "Si", "H", "N")
RATED = 5000  # feeds of which the rates are told
P = 1e5
TOLERANCE = 1e-6


def the_system(elements: tuple[str, ...]) -> System:
    """The part of the smelting system that some elements can form."""
    whole = load_system("smelting")
    b = np.array([[float(e in elements) for e in whole.elements]])
    used = whole.equilibrate(1800.0, P, b).used
    names = {whole.species[i] for i in used}
    phases: dict[str, list[str]] = {}
    for k, phase in enumerate(whole.phases):
        members = whole.species[whole.phase_start[k] : whole.phase_start[k + 1]]
        if kept := [s for s in members if s in names]:
            phases[phase] = kept
    data = whole.thermochemistry
    entry = {**data.systems["smelting"], "phases": phases}
    return load_system("smelting", type(data)(data.species, {**data.systems, "smelting": entry}))


def feeds(system: System, n: int, rng: np.random.Generator) -> Array:
    """Calcine with carbon, from starved to ample, and a little of the system's other elements.

    (n, elements), mol
    """
    amounts = {
        "Fe": rng.uniform(0.6, 0.8, n),
        "Nd": rng.uniform(0.10, 0.18, n),
        "Pr": rng.uniform(0.02, 0.04, n),
        "Dy": rng.uniform(0.002, 0.02, n),
        "B": rng.uniform(0.04, 0.08, n),
        "C": rng.uniform(0.6, 1.5, n),
    }
    rare = amounts["Nd"] + amounts["Pr"] + amounts["Dy"]
    amounts["O"] = 1.5 * (amounts["Fe"] + rare + amounts["B"])
    for e in system.elements:
        if e not in amounts:
            amounts[e] = 10.0 ** rng.uniform(-4.0, -2.0, n)
    return np.stack([amounts[e] for e in system.elements], axis=1)


def rates(system: System) -> str:
    """Equilibria per second on one thread, the best of three passes, and how many are unsolved."""
    rng = np.random.default_rng(0)
    T, b = rng.uniform(1473.0, 1973.0, RATED), feeds(system, RATED, rng)
    near = b * (1 + 0.01 * rng.uniform(-1, 1, b.shape))
    g = system.gibbs_over_RT(T)
    solve(system.network, g[:1], b[:1])
    start = solve(system.network, g, near, threads=1).potentials
    told = []
    for name, potentials in (("cold", None), ("warm", start)):
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            found = solve(system.network, g, b, start=potentials, threads=1)
            seconds.append(time.perf_counter() - began)
        lost = int((~found.converged).sum())
        told.append(f"{name} {RATED / min(seconds):.0f}/s, unsolved {lost}")
    return "; ".join(told)


def size(system: System) -> str:
    """What makes a system large."""
    return (
        f"{len(system.species)} species, {len(system.elements)} elements, "
        f"{len(system.phases)} phases"
    )


def gibbs(system: System, g: Array, moles: Array) -> Array:
    """G/RT of amounts, shape (n,)."""
    starts = system.network.phase_start
    total = np.repeat(np.add.reduceat(moles, starts[:-1], axis=1), np.diff(starts), axis=1)
    some = moles > 0
    ln_x = np.log(np.where(some, moles, 1.0) / np.where(some, total, 1.0))
    return (moles * (g + ln_x)).sum(axis=1)


def by_engine(system: System, T: Array, g: Array, b: Array) -> tuple[Array, Array]:
    solve(system.network, g[:1], b[:1])
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = solve(system.network, g, b, threads=1)
        times.append(time.perf_counter() - start)
    return np.full(T.size, min(times) / T.size), found.moles


def by_vcs(system: System, T: Array, g: Array, b: Array) -> tuple[Array, Array]:
    phases = []
    for k, name in enumerate(system.phases):
        members = system.species[system.phase_start[k] : system.phase_start[k + 1]]
        gas = members[0].endswith("(g)")
        kind = "fixed-stoichiometry" if len(members) == 1 else "ideal-condensed"
        phases.append(
            ct.Solution(
                thermo="ideal-gas" if gas else kind,
                species=[cantera_species(s, gas) for s in members],
                name=name,
            )
        )
    mixture = ct.Mixture([(phase, 0.0) for phase in phases])
    seconds, moles = np.zeros(T.size), np.full(g.shape, np.nan)
    carriers = np.array([system.species.index(s) for s in CARRIERS.values()])
    atoms = system.network.formula[carriers]
    for k in range(T.size):
        amounts = np.full(len(system.species), 1e-10)
        # vcs wants a little of everything; all together it is the same feed
        amounts[carriers] += np.linalg.solve(atoms.T, b[k] - amounts @ system.network.formula)
        mixture.T, mixture.P = T[k], P
        mixture.species_moles = amounts * 1e-3
        start = time.perf_counter()
        try:
            mixture.equilibrate("TP", solver="vcs", estimate_equil=-1, max_steps=5000)
            moles[k] = mixture.species_moles * 1e3
        except ct.CanteraError:
            pass
        seconds[k] = time.perf_counter() - start
    return seconds, moles


CARRIERS = {
    "Fe": "Fe(metal)", "Nd": "Nd(metal)", "Pr": "Pr(metal)", "Dy": "Dy(metal)", "B": "B(s)",
    "C": "C(s)", "O": "O2(g)",
}  # fmt: skip


def cantera_species(name: str, gas: bool) -> ct.Species:
    s = database()[name]
    entry = {
        "name": name,
        "composition": dict(s.composition),
        "thermo": {
            "model": "NASA9",
            "temperature-ranges": list(s.edges),
            "reference-pressure": P,
            "data": [list(row) for row in s.coefficients],
        },
    }
    if not gas:
        entry["equation-of-state"] = {"model": "constant-volume", "molar-volume": 1e-5}
    return ct.Species.from_dict(entry)


def tdb(system: System) -> str:
    """The system for pycalphad: one sublattice of species, g as functions of T."""
    lines = [f"ELEMENT {e.upper()} REF 1.0 0.0 0.0 !" for e in system.elements]
    for i, name in enumerate(system.species):
        atoms = "".join(f"{e.upper()}{n:g}" for e, n in database()[name].composition.items())
        lines.append(f"SPECIES S{i} {atoms} !")
    for k, phase in enumerate(system.phases):
        members = range(system.phase_start[k], system.phase_start[k + 1])
        label = "P" + phase.replace("_", "").upper()
        lines.append(f"PHASE {label} % 1 1.0 !")
        lines.append(f"CONSTITUENT {label} :{','.join(f'S{i}' for i in members)}: !")
        for i in members:
            s = database()[system.species[i]]
            text = f"PARAMETER G({label},S{i};0) {s.edges[0]:.6g} "
            for row, high in zip(s.coefficients, s.edges[1:], strict=True):
                last = high == s.edges[-1]
                text += f"{expression(row)}; {high:.6g} {'N' if last else 'Y'} "
            lines.append(text + "!")
    return "\n".join(lines) + "\n"


def expression(row: tuple[float, ...]) -> str:
    """G in J/mol as TDB text, from NASA-9 coefficients."""
    a1, a2, a3, a4, a5, a6, a7, b1, b2 = (R * a for a in row)
    terms = {
        "": b1 + a2,
        "*T": a3 - b2,
        "*T**(-1)": -a1 / 2,
        "*LN(T)": a2,
        "*T*LN(T)": -a3,
        "*T**2": -a4 / 2,
        "*T**3": -a5 / 6,
        "*T**4": -a6 / 12,
        "*T**5": -a7 / 20,
    }
    return "".join(f"{v:+.15g}{power}" for power, v in terms.items() if v) or "0"


def by_pycalphad(system: System, T: Array, g: Array, b: Array) -> tuple[Array, Array]:
    from pycalphad import Database, Workspace
    from pycalphad import variables as v

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = Database.from_string(tdb(system), fmt="tdb")
        labels = ["P" + p.replace("_", "").upper() for p in system.phases]
        x = b / b.sum(axis=1, keepdims=True)
        free = range(len(system.elements) - 1)

        def conditions(k: int) -> dict[object, float]:
            fixed = {v.X(system.elements[j].upper()): float(x[k, j]) for j in free}
            return {v.N: 1.0, v.P: P, v.T: float(T[k]), **fixed}

        components = [e.upper() for e in system.elements]
        work = Workspace(data, components, sorted(labels), conditions(0))
        _ = work.eq  # builds and compiles the models
        seconds, moles = np.zeros(T.size), np.full(g.shape, np.nan)
        for k in range(T.size):
            start = time.perf_counter()
            try:
                work.conditions = conditions(k)
                moles[k] = species_moles(system, work.eq, labels) * b[k].sum()
            except Exception as error:  # pycalphad raises many kinds
                print(f"pycalphad: {error!r}"[:200], file=sys.stderr)
            seconds[k] = time.perf_counter() - start
    return seconds, moles


def species_moles(system: System, eq: Any, labels: list[str]) -> Array:
    """Amounts per mole of atoms from pycalphad's arrays; nan where it gave none."""
    names = np.squeeze(eq.Phase)
    shares, sites = np.squeeze(eq.NP), np.squeeze(eq.Y)
    moles = np.zeros(len(system.species))
    if not any(names):
        return moles * np.nan
    atoms = system.network.formula.sum(axis=1)
    for name, share, y in zip(names, shares, sites, strict=True):
        if not name or not share > 0:
            continue
        k = labels.index(str(name).partition("#")[0])
        members = np.arange(system.phase_start[k], system.phase_start[k + 1])
        # pycalphad sorts the constituents of a phase by name
        order = members[np.argsort([f"S{i}" for i in members])]
        fractions = y[: members.size]
        moles[order] += share * fractions / (fractions @ atoms[order])
    return moles


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for rated in (the_system(IN_AIR), load_system("smelting")):
        print(f"{size(rated)}: {rates(rated)}")
    system = the_system(ELEMENTS)
    rng = np.random.default_rng(0)
    T, b = rng.uniform(1473.0, 1973.0, n), feeds(system, n, rng)
    g = system.gibbs_over_RT(T)
    print(f"{size(system)}; {n} points, one thread")
    solvers = {"this engine": by_engine, "Cantera vcs": by_vcs, "pycalphad": by_pycalphad}
    answers = {}
    for name, solver in solvers.items():
        try:
            answers[name] = solver(system, T, g, b)
        except ImportError:
            print(f"{name} is not installed")
    energies = {}
    potentials = solve(system.network, g, b).potentials
    for name, (_, moles) in answers.items():
        missing = b - moles @ system.network.formula
        lost = np.abs(missing).max(axis=1) > TOLERANCE * b.sum(axis=1)
        # energies of the same feed: what round-off lost or made is put back at its potential
        energy = gibbs(system, g, np.maximum(moles, 0.0)) + (missing * potentials).sum(axis=1)
        energies[name] = np.where(lost, np.nan, energy)
    lowest = np.nanmin(np.array(list(energies.values())), axis=0)
    ours = answers["this engine"][0].mean()
    print(f"{'':14s}{'ms mean':>10s}{'median':>10s}{'ratio':>8s}{'solved %':>10s}  G above lowest")
    for name, (seconds, _) in answers.items():
        gap = (energies[name] - lowest) / np.abs(lowest)
        good = gap < TOLERANCE
        worst = f"{gap[good].max():.0e}" if good.any() else "-"
        print(
            f"{name:14s}{1e3 * seconds.mean():10.3f}{1e3 * np.median(seconds):10.3f}"
            f"{seconds.mean() / ours:8.0f}{100 * good.mean():10.1f}  {worst}"
        )


if __name__ == "__main__":
    main()
