"""The loop over activity coefficients around the ideal equilibrium of a liquor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.equilibrium import Network, Status, solve
from sludgesim.thermo.sit import LN10, WATER_WEIGHT, Sit
from sludgesim.thermo.species import Array, SpeciesSet

SETTLED = 1e-10
"""Largest change of ln gamma from one equilibrium to the next at which a case is solved."""
MOST_STEPS = 100
LONGEST = 3.0
"""Longest step of ln gamma."""
MEMORY = 4
"""Earlier steps that the next one is extrapolated from."""


@dataclass(frozen=True, eq=False)
class Part:
    """What the masters of a batch can form: water and solutes first, then solids, then vapour."""

    species: tuple[str, ...]
    n_liquor: int
    data: SpeciesSet
    model: Sit
    gas: NDArray[np.bool_]
    proton: int  # column of the protons
    network: Network
    buffered: Network  # the same with a phase that gives or takes protons


@dataclass(frozen=True, eq=False)
class RealLiquor:
    """What `solve_real` returns, arrays by case."""

    moles: Array
    departures: Array
    potentials: Array
    converged: NDArray[np.bool_]
    reason: NDArray[np.str_]
    steps: NDArray[np.int64]


def _departures(part: Part, moles: Array, T: Array) -> Array:
    """ln of activity over mole fraction of water and solutes, less the constant of the scales.

    solutes: ln gamma - ln x_w (from mole fractions to molality); water: ln a_w - ln x_w
    """
    liquor = moles[:, : part.n_liquor]
    ln_x = np.log(liquor[:, 0] / liquor.sum(axis=1))
    m = liquor[:, 1:] / (liquor[:, :1] * WATER_WEIGHT)
    ln_gamma, ln_water = part.model(m, T)
    return np.column_stack([ln_water - ln_x, ln_gamma - ln_x[:, None]])


def _first_guess(part: Part, b: Array, T: Array) -> Array:
    """Departures of the ideal solution at infinite dilution: none."""
    return np.zeros((b.shape[0], part.n_liquor))


def solve_real(
    part: Part,
    g: Array,
    T: Array,
    b: Array,
    pH: Array | None,
    guess: tuple[Array, Array] | None,
) -> RealLiquor:
    """Equilibrium with activity coefficients that fit the liquor they make.

    The ideal equilibrium is solved with g_i + ln gamma_i until ln gamma repeats; steps are
    extrapolated from the last ones (Anderson), each case by itself.

    Parameters
    ----------
    g : (n, S) standard potentials over RT, molal for solutes
    T : (n,) K
    b : (n, M) mol of the masters present
    pH : (n,) to hold, or None
    guess : departures and potentials of a neighbour, or None

    Source: Anderson, J. ACM 12 (1965) 547.
    """
    n, A, S = b.shape[0], part.n_liquor, len(part.species)
    network = part.network if pH is None else part.buffered
    if pH is not None:
        proton = part.data.names.index("H+(aq)")
        g = np.column_stack([g, g[:, proton] - LN10 * pH])
        b = b.copy()
        b[:, part.proton] += 2.0 * b.sum(axis=1)
    g = g.copy()
    g[:, 1:A] -= np.log(WATER_WEIGHT)
    f, lam = (_first_guess(part, b, T), None) if guess is None else (guess[0][:, :A], guess[1])

    out = RealLiquor(
        np.full((n, S), np.nan), np.full((n, S), np.nan), np.full(b.shape, np.nan),
        np.zeros(n, bool), np.full(n, _NOT_SETTLED, dtype="<U160"), np.zeros(n, np.int64),
    )  # fmt: skip
    rows = np.arange(n)
    df: list[Array] = []
    dr: list[Array] = []
    before: tuple[Array, Array] | None = None
    for step in range(1, MOST_STEPS + 1):
        trial = g[rows]
        trial[:, :A] += f
        found = solve(network, trial, b[rows], start=lam)
        with np.errstate(all="ignore"):
            r = _departures(part, found.moles, T[rows]) - f
            worst = np.abs(r).max(axis=1)
        ok = found.converged & np.isfinite(worst)
        for i in np.flatnonzero(~ok):
            out.reason[rows[i]] = _REASONS.get(int(found.status[i]), _NOT_SETTLED)
            out.steps[rows[i]] = step
        done = ok & (worst < SETTLED)
        if done.any():
            at = rows[done]
            out.moles[at] = found.moles[done, :S]
            out.potentials[at] = found.potentials[done]
            out.departures[at] = 0.0
            out.departures[at, :A] = f[done]
            out.converged[at] = True
            out.reason[at] = ""
            out.steps[at] = step
        on = ok & ~done
        if not on.any():
            break
        if before is not None:
            df, dr = [*df, f - before[0]][-MEMORY:], [*dr, r - before[1]][-MEMORY:]
        before = (f[on], r[on])
        df, dr = [x[on] for x in df], [x[on] for x in dr]
        rows, lam = rows[on], found.potentials[on]
        f = before[0] + np.clip(_step(before[1], df, dr), -LONGEST, LONGEST)
    return out


def _step(r: Array, df: list[Array], dr: list[Array]) -> Array:
    """Next change of the departures from their residual and the last changes of both."""
    if not dr:
        return r
    F, Rm = np.stack(df, axis=1), np.stack(dr, axis=1)
    gram = np.einsum("nki,nji->nkj", Rm, Rm)
    size = np.einsum("nkk->n", gram)
    gram += (1e-12 * size + 1e-300)[:, None, None] * np.eye(gram.shape[1])
    weights = np.linalg.solve(gram, np.einsum("nki,ni->nk", Rm, r)[..., None])[..., 0]
    return r - np.einsum("nk,nki->ni", weights, F + Rm)


_NOT_SETTLED = "the activity coefficients did not settle"
_REASONS: dict[int, Any] = {
    int(Status.INFEASIBLE): "no combination of the system's species holds these amounts",
    int(Status.NOT_CONVERGED): "the equilibrium did not reach the optimality conditions",
    int(Status.BAD_INPUT): "negative, missing or too small an amount of a master",
}
