"""The loop over activity coefficients around the ideal equilibrium of a liquor."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
    """What the masters of a batch can form: water and solutes first, then solids, then vapour.

    `size` (S,): formula units that the phases count by, so that those of a solid solution hold one
    rare earth each; formulas, Gibbs energies and amounts are of these.
    """

    species: tuple[str, ...]
    n_liquor: int
    data: SpeciesSet
    model: Sit
    size: Array
    gas: NDArray[np.bool_]
    water: int  # columns of water and protons
    proton: int
    network: Network
    buffered: Network  # the same with a phase that gives or takes protons


@dataclass(frozen=True, eq=False)
class RealLiquor:
    """What `solve_real` returns, arrays by case."""

    moles: Array
    potentials: Array
    converged: NDArray[np.bool_]
    reason: NDArray[np.str_]

    @staticmethod
    def blank(n: int, S: int, M: int) -> RealLiquor:
        """No case solved."""
        return RealLiquor(
            np.full((n, S), np.nan),
            np.full((n, M), np.nan),
            np.zeros(n, bool),
            np.full(n, NOT_SETTLED, dtype="<U160"),
        )

    def take(self, rows: NDArray[Any]) -> RealLiquor:
        """Some cases, by numbers or bools."""
        return RealLiquor(*(getattr(self, f.name)[rows] for f in fields(self)))

    def put(self, rows: NDArray[np.int64], other: RealLiquor) -> None:
        """Overwrite some cases."""
        for f in fields(self):
            getattr(self, f.name)[rows] = getattr(other, f.name)


def _departures(part: Part, moles: Array, T: Array) -> Array:
    """ln of activity over mole fraction of water and solutes, less the constant of the scales.

    solutes: ln gamma - ln x_w (from mole fractions to molality); water: ln a_w - ln x_w
    """
    liquor = moles[:, : part.n_liquor]
    ln_x = np.log(liquor[:, 0] / liquor.sum(axis=1))
    m = liquor[:, 1:] / (liquor[:, :1] * WATER_WEIGHT)
    ln_gamma, ln_water = part.model(m, T)
    return np.column_stack([ln_water - ln_x, ln_gamma - ln_x[:, None]])


@dataclass(frozen=True, eq=False)
class _Seeds:
    """Where Newton's method starts, arrays by case: amounts, potentials and doses."""

    moles: Array
    potentials: Array
    dose: Array

    def among(self, n: int, rows: NDArray[np.int64]) -> _Seeds:
        """Seeds of n cases, nan in all but some rows."""
        spread = _Seeds(*(np.full((n, *x.shape[1:]), np.nan) for x in vars(self).values()))
        for name, x in vars(self).items():
            getattr(spread, name)[rows] = x
        return spread


def _newton(
    part: Part,
    g: Array,
    T: Array,
    b: Array,
    seeds: _Seeds,
    unit: Array | None = None,
    pH: Array | None = None,
    *,
    rough: bool = False,
) -> tuple[RealLiquor, Array]:
    """What Newton's method makes of all cases, and the doses of `unit` that bring them to pH.

    A case whose seeds are nan starts from the nearest before it that was solved.
    """
    # imported late, like the engine: numba takes half a second
    from sludgesim.thermo.liquor_kernel import settle_cases

    kinds = _kinds(b)
    if (np.diff(kinds) < 0).any():
        order = np.argsort(kinds, kind="stable")
        back = np.argsort(order)
        seeds = _Seeds(*(x[order] for x in vars(seeds).values()))
        dosed = _some(order, unit, pH)
        sorted_ = _newton(part, g[order], T[order], b[order], seeds, *dosed, rough=rough)
        return sorted_[0].take(back), sorted_[1][back]
    n, S = g.shape[0], len(part.species)
    lam, moles, dose = seeds.potentials.copy("C"), np.zeros((n, S)), seeds.dose.copy()
    ok = np.zeros(n, bool)
    value = np.zeros(n) if pH is None else g[:, part.data.names.index("H+(aq)")] - LN10 * pH
    if part.model.charge.size:
        taken = b if unit is None else unit
        g_, slope, b_, unit_ = (np.array(x, order="C") for x in (g, debye_huckel(T), b, taken))
        network, model = part.network, part.model
        seeded = np.isfinite(seeds.moles).all(axis=1)
        settle_cases(
            network.formula, network.phase_start, model.charge, model.epsilon, g_, slope, b_,
            unit_, unit is not None, part.proton, value, seeded, np.array(seeds.moles, order="C"),
            rough, lam, moles, dose, ok,
        )  # fmt: skip
    moles[~ok], lam[~ok] = np.nan, np.nan
    reason = np.where(ok, "", NOT_SETTLED).astype("<U160")
    return RealLiquor(moles, lam, ok, reason), dose


def solve_real(
    part: Part,
    g: Array,
    T: Array,
    b: Array,
    pH: Array | None,
    guess: tuple[Array, Array] | None,
) -> RealLiquor:
    """Equilibrium with activity coefficients that fit the liquor they make.

    Newton's method from a neighbour: the guess, or a case before.  Where it fails, and in the
    first case, `_from_ideal`.

    Parameters
    ----------
    g : (n, S) standard potentials over RT, molal for solutes
    T : (n,) K
    b : (n, M) mol of the masters present
    pH : (n,) to hold, or None
    guess : amounts and potentials of a neighbour, or None
    """
    unit = None
    if pH is not None:
        unit = np.zeros_like(b)
        unit[:, part.proton] = 1.0
    if guess is not None:
        seeds = _Seeds(guess[0], guess[1], np.zeros(len(b)))
    else:
        first = _first_alike(b)
        start = _from_ideal(part, g[first], T[first], b[first], *_some(first, unit, pH))
        seeds = _Seeds(start.moles, start.potentials, np.zeros(first.size)).among(len(b), first)
    found, _ = _newton(part, g, T, b, seeds, unit, pH)
    left = np.flatnonzero(~found.converged)
    if left.size:
        found.put(left, _from_ideal(part, g[left], T[left], b[left], *_some(left, unit, pH)))
    return found


def ideal_water(part: Part, g: Array, b: Array) -> Array:
    """Water that stays liquid where no gammas count, mol, (n,); the rest leaves as vapour."""
    water: Array = solve(part.network, _mole_fractions(part, g), b).moles[:, part.water]
    return water


def _first_alike(b: Array) -> NDArray[np.int64]:
    """The first of all cases that hold the same masters, for each such set."""
    return np.sort(np.unique(_kinds(b), return_index=True)[1])


def _kinds(b: Array) -> NDArray[np.float64]:
    """A number for each set of masters that a case holds."""
    return (b != 0) @ 2.0 ** np.arange(b.shape[1])


def _some(rows: NDArray[np.int64], *arrays: Array | None) -> list[Array | None]:
    return [None if x is None else x[rows] for x in arrays]


def _from_ideal(
    part: Part, g: Array, T: Array, b: Array, unit: Array | None, pH: Array | None
) -> RealLiquor:
    """The same without a neighbour.

    The ideal equilibrium with g_i + ln gamma_i tells which phases are there; Newton's method goes
    on from it.  Where that fails, ln gamma is extrapolated from the last steps (Anderson), each
    case by itself, until the ideal equilibrium confirms it.

    Source: Anderson, J. ACM 12 (1965) 547.
    """
    n, A, S = b.shape[0], part.n_liquor, len(part.species)
    network, fed, standard = part.network, b, _mole_fractions(part, g)
    if unit is not None and pH is not None:
        network = part.buffered
        held = g[:, part.data.names.index("H+(aq)")] - LN10 * pH
        standard = np.column_stack([standard, held])
        fed = b + unit * (SURPLUS * b.sum(axis=1, keepdims=True))
    f, lam = np.zeros((n, A)), None
    out = RealLiquor.blank(n, S, b.shape[1])
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
            out.reason[rows[i]] = _REASONS.get(int(found.status[i]), NOT_SETTLED)
        done = ok & (worst < SETTLED)
        at = rows[done]
        out.moles[at] = found.moles[done, :S]
        out.potentials[at] = found.potentials[done]
        out.converged[at], out.reason[at] = True, ""
        on = ok & ~done
        if on.any() and step <= MOST_REFINED:
            at = rows[on]
            seeds = _Seeds(found.moles[on, :S], found.potentials[on], np.zeros(at.size))
            newton, _ = _newton(part, g[at], T[at], b[at], seeds, *_some(at, unit, pH))
            out.put(at[newton.converged], newton.take(newton.converged))
            on[on] = ~newton.converged
        if not on.any():
            break
        rows, r, f, lam = rows[on], r[on], f[on], found.potentials[on]
        history = [(x[on], y[on]) for x, y in history[-MEMORY:]] + [(f, r)]
        f = f + np.clip(_step(history), -LONGEST, LONGEST)
    return out


def dose_real(
    part: Part,
    g: Array,
    T: Array,
    b: Array,
    unit: Array,
    pH: Array,
    guess: tuple[Array, Array, Array] | None = None,
    rough: bool = False,
) -> tuple[NDArray[np.int64], Array, RealLiquor]:
    """Doses that bring liquors to a pH, by Newton's method at once.

    From a guess, a case before, or two ideal equilibria at the pH with a guessed dose.

    Parameters as in `solve_real`; unit : (n, M) mol of the masters in one unit of the reagent;
    guess : amounts, potentials and doses of a neighbour.
    Returns the cases where it comes to a dose above zero, their doses and equilibria.
    """
    if guess is not None:
        seeds = _Seeds(*guess)
    else:
        first = _first_alike(b)
        start = _ideal_doses(part, g[first], T[first], b[first], unit[first], pH[first])
        seeds = start.among(b.shape[0], first)
    found, dose = _newton(part, g, T, b, seeds, unit, pH, rough=rough)
    left = np.flatnonzero(~found.converged)
    if left.size:
        again = _ideal_doses(part, g[left], T[left], b[left], unit[left], pH[left])
        newton, dose[left] = _newton(part, g[left], T[left], b[left], again, unit[left], pH[left])
        found.put(left, newton)
    there = np.flatnonzero(found.converged & (dose > 0))
    return there, dose[there], found.take(there)


def _ideal_doses(part: Part, g: Array, T: Array, b: Array, unit: Array, pH: Array) -> _Seeds:
    """Near doses and what they lead to, from two ideal equilibria at the pH."""
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
    return _Seeds(found.moles[:, : len(part.species)], found.potentials, start)


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


NOT_SETTLED = "the activity coefficients did not settle"
_REASONS: dict[int, Any] = {
    int(Status.INFEASIBLE): "no combination of the system's species holds these amounts",
    int(Status.NOT_CONVERGED): "the equilibrium did not reach the optimality conditions",
    int(Status.BAD_INPUT): "negative, missing or too small an amount of a master",
}
