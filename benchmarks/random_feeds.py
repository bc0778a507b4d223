"""Random feeds of a system: how many are solved, and how fast, each answer checked for optimality.

    python benchmarks/random_feeds.py [COUNT] [SYSTEM]

Range: the system's temperatures; 0.1 to 2 bar; every element absent with probability 0.2, else its
amount log-uniform over eight decades beside iron, oxygen and carbon, which are uniform: from
starved of oxygen to soaked in it. What the system cannot hold at all (no combination of species
has these amounts) counts apart. The optimality check of the package runs on every answer.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from sludgesim.thermo import load_system

CHUNK = 20_000
MAJOR = ("Fe", "O", "C")


def feeds(
    rng: np.random.Generator, elements: tuple[str, ...], n: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Element amounts in mol, shape (n, elements)."""
    b = 10.0 ** rng.uniform(-8, 0, (n, len(elements)))
    for e in MAJOR:
        if e in elements:
            b[:, elements.index(e)] = rng.uniform(0, 2, n)
    b[rng.random(b.shape) < 0.2] = 0.0
    return b


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    system = load_system(sys.argv[2] if len(sys.argv) > 2 else "smelting")
    rng = np.random.default_rng(20261122)
    solved = infeasible = failed = 0
    seconds = 0.0
    system.equilibrate(np.full(2, system.T_min), 1e5, feeds(rng, system.elements, 2))
    for first in range(0, count, CHUNK):
        n = min(CHUNK, count - first)
        b = feeds(rng, system.elements, n)
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
    print(f"{system.name}: {count} feeds, {size}")
    print(f"solved {solved}, infeasible {infeasible}, unsolved {failed}")
    print(f"{count / seconds:.0f} equilibria/s")


if __name__ == "__main__":
    main()
