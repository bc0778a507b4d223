"""Equilibria of a batch of cases."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sludgesim.equilibrium.cache import is_cached
from sludgesim.equilibrium.network import Network
from sludgesim.equilibrium.optimality import check
from sludgesim.equilibrium.solution import Solution, Status

_CHUNK = 128


def solve(
    network: Network,
    g: ArrayLike,
    b: ArrayLike,
    start: ArrayLike | None = None,
    threads: int | None = None,
) -> Solution:
    """Find the amounts of all species at equilibrium, by minimising the Gibbs energy.

    min_n sum_i n_i (g_i + ln x_i)   subject to   sum_i n_i a_ie = b_e,  n >= 0

    with x_i the mole fraction inside the species' phase (a pure substance has no ln term).  The
    problem is convex: the minimum is one, and the same case gives the same answer to the last
    bit whatever its company in the batch and the number of threads.

    Parameters
    ----------
    network : Network
        Formulas a_ie and phases.
    g : (n, S) float
        Standard potentials mu0 / RT [-]; for gases with ln(P / P0) added.
    b : (n, E) float
        Element amounts [mol], not negative; signed columns (charge) may be of any sign.
    start : (n, E) float, optional
        Element potentials [RT per mol] of neighbouring cases.  They save time if the neighbour
        is near in composition and within a fraction of a kelvin; they never change the answer
        beyond the tolerances.
    threads : int, optional
        Threads that share the batch; `usable_cores()` if not given.

    Returns
    -------
    Solution
        Each case marked SOLVED has passed `check`.  INFEASIBLE: no amounts satisfy the balances
        (shown by a linear programme).  BAD_INPUT: g or b is not finite, b is negative, or an
        element is present in less than 1e-14 of the total.  NOT_CONVERGED: no answer that
        passes the check was found.

    Raises
    ------
    ValueError
        Arrays of the wrong shape, or fewer than one thread.

    Range of validity: ideal phases only.  An element with b_e = 0 is dropped, with all species
    that hold it.  Elements down to 1e-12 of the total are solved to full relative accuracy; a
    balance that misses exact stoichiometry by less than 1e-11 relative counts as met.

    Source: dual of the Gibbs energy, solved by a primal-dual interior point with Newton polish;
    Wright, Primal-Dual Interior-Point Methods, 1997; Smith and Missen, Chemical Reaction
    Equilibrium Analysis, 1982 (components).
    """
    amounts = _rows(b, network.n_elements, "b")
    n = amounts.shape[0]
    standard = _rows(g, network.n_species, "g", n)
    guess = amounts if start is None else _rows(start, network.n_elements, "start", n)
    workers = usable_cores() if threads is None else int(threads)
    if workers < 1:
        raise ValueError("threads must be at least 1")

    moles = np.full((n, network.n_species), np.nan)
    potentials = np.full((n, network.n_elements), np.nan)
    status = np.full(n, Status.NOT_CONVERGED, dtype=np.int8)
    iterations = np.zeros(n, dtype=np.int64)

    # imported late: numba takes half a second, which those who solve nothing should not pay
    from sludgesim.equilibrium.kernel import solve_cases

    def solve_rows(rows: slice) -> None:
        solve_cases(
            network.formula, network.phase_start, network.signed, standard[rows], amounts[rows],
            guess[rows], start is not None, moles[rows], potentials[rows], status[rows],
            iterations[rows],
        )  # fmt: skip

    chunks = [slice(first, first + _CHUNK) for first in range(0, n, _CHUNK)]
    if workers == 1 or len(chunks) <= 1:
        for rows in chunks:
            solve_rows(rows)
    else:
        with ThreadPoolExecutor(min(workers, len(chunks))) as pool:
            list(pool.map(solve_rows, chunks))

    starts = network.phase_start[:-1]
    solution = Solution(
        moles, np.add.reduceat(moles, starts, axis=1), potentials, status, iterations
    )
    refused = (status == Status.SOLVED) & ~check(network, standard, amounts, solution).ok
    if refused.any():
        status[refused] = Status.NOT_CONVERGED
        for array in (moles, solution.phase_moles, potentials):
            array[refused] = np.nan
    return solution


def kernels_cached() -> bool:
    """Tell whether `solve` will find its kernels compiled on disk.

    Best effort: False means that the first call of `solve` will compile, for some 20 s.
    """
    from sludgesim.equilibrium.kernel import solve_cases

    return is_cached(solve_cases)


def usable_cores() -> int:
    """Cores that this process may use; `OMP_NUM_THREADS`, where it is set, allows no more."""
    cores = len(os.sched_getaffinity(0))
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(allowed)) if allowed.isdigit() and int(allowed) > 0 else cores


def _rows(values: ArrayLike, width: int, name: str, n: int | None = None) -> NDArray[np.float64]:
    """Values as an (n, width) array of contiguous rows, or ValueError."""
    array = np.ascontiguousarray(np.atleast_2d(np.asarray(values, dtype=np.float64)))
    if array.ndim != 2 or array.shape[1] != width or n not in (None, array.shape[0]):
        raise ValueError(f"{name} has shape {array.shape}, not ({n or 'n'}, {width})")
    return array
