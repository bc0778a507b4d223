"""The loop over activity coefficients around the ideal equilibrium of a liquor."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.equilibrium import Network, Status, solve
from sludgesim.thermo.sit import LN10, WATER_WEIGHT, Sit, debye_huckel
from sludgesim.thermo.species import Array, SpeciesSet

SETTLED = 1e-10
"""Largest change of ln gamma from one equilibrium to the next at which a case is solved."""
MOST_STEPS = 100
LONGEST = 3.0
"""Longest step of ln gamma."""
MEMORY = 4
"""Earlier steps that the next one is extrapolated from."""
MOST_REFINED = 4
"""Steps after which Newton's method is no longer tried."""
SURPLUS = 2.0
"""Protons lent to a liquor whose pH is held, per mol of all masters."""


@dataclass(frozen=True, eq=False)
class Part:
    """What the masters of a batch can form: water and solutes first, then solids, then vapour."""

    species: tuple[str, ...]
    n_liquor: int
    data: SpeciesSet
    model: Sit
    gas: NDArray[np.bool_]
    water: int  # columns of water and protons
    proton: int
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


def _refined(
    part: Part,
    g: Array,
    T: Array,
    b: Array,
    moles: Array,
    lam: Array,
    unit: Array | None = None,
    pH: Array | None = None,
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Potentials, departures, dose and success of Newton's method with the solids that are there.

    A dose of `unit` brings the liquor to pH.  Liquors with a vapour are left out.
    """
    # imported late, like the engine: numba takes half a second
    from sludgesim.thermo.liquor_kernel import refine_cases

    n, A = b.shape[0], part.n_liquor
    lam, departures, dose = lam.copy(), np.zeros((n, A)), np.zeros(n)
    ok = np.zeros(n, bool)
    there = moles[:, A : len(part.species)] > 0
    most = max(int(there.sum(axis=1).max(initial=0)), 1)
    order = np.argsort(~there, axis=1, kind="stable")[:, :most]
    solids = np.full((n, most), -1)
    solids[:, : order.shape[1]] = np.where(np.take_along_axis(there, order, axis=1), order + A, -1)
    value = np.zeros(n) if pH is None else g[:, part.data.names.index("H+(aq)")] - LN10 * pH
    if part.model.charge.size:
        refine_cases(
            part.network.formula, part.model.charge, part.model.epsilon, g, debye_huckel(T), b,
            lam, moles, solids, b if unit is None else np.ascontiguousarray(unit),
            unit is not None, part.proton, value, departures, dose, ok,
        )  # fmt: skip
    ok &= ~there[:, part.gas[A:]].any(axis=1) & np.isfinite(departures).all(axis=1)
    return lam, departures, dose, ok


def solve_real(
    part: Part,
    g: Array,
    T: Array,
    b: Array,
    pH: Array | None,
    guess: tuple[Array, Array] | None,
) -> RealLiquor:
    """Equilibrium with activity coefficients that fit the liquor they make.

    The ideal equilibrium with g_i + ln gamma_i tells which solids are there; Newton's method then
    finds gammas, potentials and amounts with these solids; the next ideal equilibrium, with the
    new gammas, confirms both, or the loop goes on.  Where Newton's method fails, ln gamma is
    extrapolated from the last steps (Anderson), each case by itself.

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
    network, unit, fed, standard = part.network, None, b, _mole_fractions(part, g)
    if pH is not None:
        network = part.buffered
        unit = np.zeros_like(b)
        unit[:, part.proton] = 1.0
        held = g[:, part.data.names.index("H+(aq)")] - LN10 * pH
        standard = np.column_stack([standard, held])
        fed = b + unit * (SURPLUS * b.sum(axis=1, keepdims=True))
    f, lam = (np.zeros((n, A)), None) if guess is None else (guess[0][:, :A], guess[1])

    out = RealLiquor(
        np.full((n, S), np.nan), np.full((n, S), np.nan), np.full(b.shape, np.nan),
        np.zeros(n, bool), np.full(n, _NOT_SETTLED, dtype="<U160"), np.zeros(n, np.int64),
    )  # fmt: skip
    rows = np.arange(n)
    history: list[tuple[Array, Array]] = []
    for step in range(1, MOST_STEPS + 1):
        trial = standard[rows]
        trial[:, :A] += f
        found = solve(network, trial, fed[rows], start=lam)
        with np.errstate(all="ignore"):
            r = _departures(part, found.moles, T[rows]) - f
            worst = np.abs(r).max(axis=1)
        ok = found.converged & np.isfinite(worst)
        for i in np.flatnonzero(~ok):
            out.reason[rows[i]] = _REASONS.get(int(found.status[i]), _NOT_SETTLED)
            out.steps[rows[i]] = step
        done = ok & (worst < SETTLED)
        at = rows[done]
        out.moles[at] = found.moles[done, :S]
        out.potentials[at] = found.potentials[done]
        out.departures[at] = 0.0
        out.departures[at, :A] = f[done]
        out.converged[at], out.reason[at], out.steps[at] = True, "", step
        on = ok & ~done
        if not on.any():
            break
        rows, r, f = rows[on], r[on], f[on]
        history = [(x[on], y[on]) for x, y in history[-MEMORY:]] + [(f, r)]
        f = f + np.clip(_step(history), -LONGEST, LONGEST)
        now = found.potentials[on]
        if step <= MOST_REFINED:
            newton = _refined(
                part, g[rows], T[rows], b[rows], found.moles[on], now,
                None if unit is None else unit[rows], None if pH is None else pH[rows],
            )  # fmt: skip
            good = newton[3]
            now = np.where(good[:, None], newton[0], now)
            f = np.where(good[:, None], newton[1], f)
        lam = now
    return out


def dose_real(
    part: Part, g: Array, T: Array, b: Array, unit: Array, pH: Array
) -> tuple[NDArray[np.int64], Array, RealLiquor]:
    """Doses that bring liquors to a pH, by Newton's method at once; confirmed by equilibria.

    Parameters as in `solve_real`; unit : (n, M) mol of the masters in one unit of the reagent.
    Returns the cases where it comes to a dose above zero, their doses and equilibria.
    """
    bare = np.delete(np.arange(b.shape[1]), part.water)
    start = np.abs(b[:, bare]).sum(axis=1) / np.abs(unit[:, bare]).sum(axis=1)
    near = b + start[:, None] * unit
    first = np.column_stack([_mole_fractions(part, g), g[:, part.data.names.index("H+(aq)")]])
    first[:, -1] -= LN10 * pH
    fed = near.copy()
    fed[:, part.proton] += SURPLUS * near.sum(axis=1)
    f = np.zeros((b.shape[0], part.n_liquor))
    lam = None
    for _ in range(2):
        trial = first.copy()
        trial[:, : part.n_liquor] += f
        found = solve(part.buffered, trial, fed, start=lam)
        with np.errstate(all="ignore"):
            f = np.nan_to_num(_departures(part, found.moles, T))
        lam = found.potentials
    lam, departures, dose, ok = _refined(part, g, T, near, found.moles, found.potentials, unit, pH)
    dose = start + dose
    ok &= (dose > 0) & found.converged
    there = np.flatnonzero(ok)
    confirmed = solve_real(
        part, g[there], T[there], (b + dose[:, None] * unit)[there], None,
        (departures[there], lam[there]),
    )  # fmt: skip
    return there, dose[there], confirmed


def _mole_fractions(part: Part, g: Array) -> Array:
    """Standard potentials on the scale of mole fractions, from those on the molal scale."""
    out = g.copy()
    out[:, 1 : part.n_liquor] -= np.log(WATER_WEIGHT)
    return out


def _step(history: list[tuple[Array, Array]]) -> Array:
    """Next change of the departures from the last ones and their residuals."""
    r = history[-1][1]
    if len(history) == 1:
        return r
    F = np.stack([y[0] - x[0] for x, y in pairwise(history)], axis=1)
    Rm = np.stack([y[1] - x[1] for x, y in pairwise(history)], axis=1)
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
