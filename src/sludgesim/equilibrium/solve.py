"""Equilibria of a batch of cases."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sludgesim.equilibrium.network import Network
from sludgesim.equilibrium.optimality import check

_CHUNK = 256


class Status(IntEnum):
    """What became of a case."""

    SOLVED = 0
    INFEASIBLE = 1
    NOT_CONVERGED = 2
    BAD_INPUT = 3


@dataclass(frozen=True)
class Solution:
    """Equilibrium of each case; amounts and potentials are nan where there is no answer."""

    moles: NDArray[np.float64]
    """(n, S) amount of each species [mol]."""
    phase_moles: NDArray[np.float64]
    """(n, P) amount of each phase [mol of its species]; exactly 0 where absent."""
    potentials: NDArray[np.float64]
    """(n, E) element potentials lam [RT]; nan for elements that a case lacks."""
    status: NDArray[np.int8]
    """(n,) `Status` of each case."""
    iterations: NDArray[np.int64]
    """(n,) Newton steps of all stages together."""

    @property
    def converged(self) -> NDArray[np.bool_]:
        """(n,) True where the case is solved and passed the optimality check."""
        return np.asarray(self.status == Status.SOLVED)


def solve(
    network: Network,
    g: ArrayLike,
    b: ArrayLike,
    start: ArrayLike | None = None,
    threads: int | None = None,
) -> Solution:
    """doc"""
    g = np.ascontiguousarray(np.atleast_2d(np.asarray(g, dtype=np.float64)))
    b = np.ascontiguousarray(np.atleast_2d(np.asarray(b, dtype=np.float64)))
    n = b.shape[0]
    warm = start is not None
    lam0 = np.ascontiguousarray(np.atleast_2d(np.asarray(start, float))) if warm else b[:1]

    moles = np.full((n, network.n_species), np.nan)
    potentials = np.full((n, network.n_elements), np.nan)
    status = np.empty(n, np.int8)
    iterations = np.empty(n, np.int64)
    from sludgesim.equilibrium.kernel import solve_cases

    def run(first: int) -> None:
        rows = slice(first, first + _CHUNK)
        solve_cases(
            network.formula, network.phase_start, network.signed, g[rows], b[rows],
            lam0[rows], warm, moles[rows], potentials[rows], status[rows], iterations[rows],
        )  # fmt: skip

    for first in range(0, n, _CHUNK):
        run(first)
    phase_moles = np.add.reduceat(moles, network.phase_start[:-1], axis=1)
    solution = Solution(moles, phase_moles, potentials, status, iterations)
    solved = status == Status.SOLVED
    fails = solved & ~check(network, g, b, solution).ok
    status[fails] = Status.NOT_CONVERGED
    moles[fails] = np.nan
    phase_moles[fails] = np.nan
    return solution
