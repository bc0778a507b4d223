"""Random feeds of a system: how many are solved, and how fast, each answer checked for optimality.

    python benchmarks/random_feeds.py [COUNT] [SYSTEM] [SEED]

Range: the system's temperatures; 0.1 to 2 bar; any subset of the elements, iron or any other one
absent included: each case draws how many it lacks, from none to all but one. Two kinds by turns.

Amounts: log-uniform over eight decades, but iron, oxygen and carbon uniform, from starved of
oxygen to soaked in it. What the system cannot hold at all (no combination of species has these
amounts) counts apart.

Mixtures: some of the system's own species, log-uniform over eight decades, half of them with a
surplus of 1e-12 of the oxygen: feeds that sit on stoichiometry to the last digit.

The optimality check of the package runs on every answer.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray

from sludgesim.thermo import System, load_system

CHUNK = 20_000
MAJOR = ("Fe", "O", "C")
TRACE = 1e-12  # share of the atoms below which the units take an element out of the equilibrium

Array = NDArray[np.float64]


def lacking(rng: np.random.Generator, n: int, width: int) -> NDArray[np.bool_]:
    """Which of `width` things each of n cases lacks, shape (n, width); never all of them."""
    lacks = rng.random((n, width)) < rng.random((n, 1))
    lacks[np.arange(n), rng.integers(0, width, n)] = False
    return lacks


def amounts(rng: np.random.Generator, system: System, n: int) -> Array:
    """Element amounts in mol, shape (n, elements), each element on its own."""
    b = 10.0 ** rng.uniform(-8, 0, (n, len(system.elements)))
    for e in MAJOR:
        if e in system.elements:
            b[:, system.elements.index(e)] = rng.uniform(0, 2, n)
    b[lacking(rng, n, b.shape[1])] = 0.0
    return b


def mixtures(rng: np.random.Generator, system: System, n: int) -> Array:
    """Element amounts in mol, shape (n, elements), of a mixture of the system's own species."""
    formula = system.network.formula
    moles = 10.0 ** rng.uniform(-8, 0, (n, formula.shape[0]))
    moles[lacking(rng, n, formula.shape[0])] = 0.0
    # what a case lacks by element goes with every species that holds it
    gone = lacking(rng, n, formula.shape[1]).astype(float) @ (formula != 0).T > 0
    left = np.where(gone, 0.0, moles)
    b = np.where(left.any(axis=1, keepdims=True), left, moles) @ formula
    oxygen = system.elements.index("O")
    b[:, oxygen] *= np.where(rng.random(n) < 0.5, 1 + 1e-12, 1.0)
    b[b < TRACE * b.sum(axis=1, keepdims=True)] = 0.0
    return b


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    system = load_system(sys.argv[2] if len(sys.argv) > 2 else "smelting")
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261122
    rng = np.random.default_rng(seed)
    solved = infeasible = failed = 0
    seconds = 0.0
    system.equilibrate(np.full(2, system.T_min), 1e5, mixtures(rng, system, 2))
    for turn, first in enumerate(range(0, count, CHUNK)):
        n = min(CHUNK, count - first)
        b = (mixtures if turn % 2 else amounts)(rng, system, n)
        T = rng.uniform(system.T_min, system.T_max, n)
        P = 10.0 ** rng.uniform(4, 5.3, n)
        start = time.perf_counter()
        eq = system.equilibrate(T, P, b)
        seconds += time.perf_counter() - start
        none = np.char.startswith(eq.reason, "no combination")
        solved += int(eq.converged.sum())
        infeasible += int(none.sum())
        bad = ~eq.converged & ~none
        failed += int(bad.sum())
        for i in np.flatnonzero(bad)[:3]:
            print(f"unsolved: T {T[i]!r} P {P[i]!r} b {b[i].tolist()!r}: {eq.reason[i]}")
    size = f"{len(system.species)} species, {len(system.elements)} elements"
    print(f"{system.name}: {count} feeds of seed {seed}, {size}")
    print(f"solved {solved}, infeasible {infeasible}, unsolved {failed}")
    print(f"{count / seconds:.0f} equilibria/s")


if __name__ == "__main__":
    main()
