"""Sensitivity measures of any function on the unit cube: Sobol indices, elementary effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.studies.unit_cube import points
from sludgesim.thermo.species import Array

RESAMPLES = 400
LEVEL = 0.95
_MORRIS_LEVELS = 4


@dataclass(frozen=True)
class Indices:
    """Measures by parameter, shape (d,) each, with the ends of their 95 % intervals.

    `used` counts the rows of the design (Sobol) or the trajectories (Morris) without a failure.
    """

    measures: dict[str, Array]
    low: dict[str, Array]
    high: dict[str, Array]
    used: int


def sobol_design(n: int, d: int, seed: int) -> Array:
    """Points at which Sobol indices are estimated.

    Two matrices A and B of n points, and for every axis A with that column of B.

    Parameters
    ----------
    n : points of A, rounded up to a power of two
    d : axes
    seed : of the scrambled Sobol sequence

    Returns
    -------
    (n (d + 2), d), in (0, 1)

    Source: Saltelli et al. 2010, Comput. Phys. Commun. 181, 259.
    """
    both = points("sobol", n, 2 * d, seed)
    A, B = both[:, :d], both[:, d:]
    mixed = np.repeat(A[None], d, axis=0)
    mixed[np.arange(d), :, np.arange(d)] = B.T
    stacked: Array = np.concatenate([A, B, mixed.reshape(-1, d)])
    return stacked


def sobol_estimate(y: Array, d: int, seed: int) -> Indices:
    """Sobol indices from the values at the points of `sobol_design`.

    S_i = mean(f_B (f_ABi - f_A)) / V and ST_i = mean((f_A - f_ABi)^2) / (2 V), with the values
    centred; intervals by bootstrap over the rows. A row with a failed case (nan) is left out
    whole.

    Parameters
    ----------
    y : (n (d + 2),), nan for failed cases
    d : parameters
    seed : of the bootstrap

    Returns
    -------
    Indices with `first` and `total`; nan where the function does not vary

    Source: Saltelli et al. 2010 (first order), Jansen 1999 (total order).
    """
    parts = y.reshape(d + 2, -1)
    parts = parts[:, np.isfinite(parts).all(axis=0)]
    used = parts.shape[1]
    if used < 2:
        nothing = {name: np.full(d, np.nan) for name in ("first", "total")}
        return Indices(nothing, nothing, nothing, used)
    parts = parts - parts[:2].mean()
    fA, fB, mixed = parts[0], parts[1], parts[2:]
    rows = np.random.default_rng(seed).integers(0, used, (RESAMPLES, used))
    rows = np.concatenate([np.arange(used)[None], rows])
    A, B = fA[rows], fB[rows]
    variance = np.concatenate([A, B], axis=1).var(axis=1)
    scale = float(np.abs(parts).max())
    variance[variance <= (1e-12 * scale) ** 2] = np.nan
    first, total = np.empty((d, len(rows))), np.empty((d, len(rows)))
    for i in range(d):
        M = mixed[i][rows]
        first[i] = (B * (M - A)).mean(axis=1) / variance
        total[i] = ((A - M) ** 2).mean(axis=1) / (2 * variance)
    return _with_intervals({"first": first, "total": total}, used)


def _with_intervals(resampled: dict[str, Array], used: int) -> Indices:
    """The first column is the estimate, the others are its bootstrap."""
    tail = 50 * (1 - LEVEL)
    return Indices(
        {k: v[:, 0] for k, v in resampled.items()},
        {k: np.percentile(v[:, 1:], tail, axis=1) for k, v in resampled.items()},
        {k: np.percentile(v[:, 1:], 100 - tail, axis=1) for k, v in resampled.items()},
        used,
    )


def sobol_indices(function: Callable[[Array], Array], d: int, n: int, seed: int) -> Indices:
    """Sobol indices of a function on the unit cube, (m, d) -> (m,).

    Errors: InputError without SciPy.
    """
    return sobol_estimate(function(sobol_design(n, d, seed)), d, seed)


def morris_design(trajectories: int, d: int, seed: int) -> Array:
    """Points of random one-at-a-time trajectories on a grid of four levels.

    Returns
    -------
    (trajectories (d + 1), d), on 0, 1/3, 2/3, 1; each step moves one axis by 2/3

    Errors: InputError for fewer than two trajectories.
    Source: Morris 1991, Technometrics 33, 161.
    """
    if trajectories < 2:
        raise InputError(Problem(f"{trajectories} trajectories", "--samples", allowed="2 or more"))
    rng = np.random.default_rng(seed)
    level = rng.integers(0, _MORRIS_LEVELS, (trajectories, d))
    half = _MORRIS_LEVELS // 2
    moved = np.where(level < half, level + half, level - half)
    turn = rng.permuted(np.tile(np.arange(d), (trajectories, 1)), axis=1)
    step = np.arange(d + 1)[None, :, None]
    grid = np.where(turn[:, None, :] < step, moved[:, None, :], level[:, None, :])
    return (grid / (_MORRIS_LEVELS - 1)).reshape(-1, d)


def morris_estimate(x: Array, y: Array, seed: int) -> Indices:
    """Elementary effects from the values at the points of `morris_design`.

    mu = mean, mu_star = mean of the magnitudes, sigma = standard deviation of (change of the
    value) / (change of the axis). Trajectories with a failed case (nan) are left out.

    Parameters
    ----------
    x, y : (trajectories (d + 1), d) and (trajectories (d + 1),)
    seed : of the bootstrap

    Returns
    -------
    Indices with `mu`, `mu_star`, `sigma`
    """
    d = x.shape[1]
    X, Y = x.reshape(-1, d + 1, d), y.reshape(-1, d + 1)
    whole = np.isfinite(Y).all(axis=1)
    X, Y = X[whole], Y[whole]
    used = len(Y)
    if used < 2:
        nothing = {name: np.full(d, np.nan) for name in ("mu", "mu_star", "sigma")}
        return Indices(nothing, nothing, nothing, used)
    move = np.diff(X, axis=1)
    axis: NDArray[np.intp] = np.abs(move).argmax(axis=2)
    length = np.take_along_axis(move, axis[:, :, None], axis=2)[:, :, 0]
    effects = np.empty((used, d))
    np.put_along_axis(effects, axis, np.diff(Y, axis=1) / length, axis=1)
    rows = np.random.default_rng(seed).integers(0, used, (RESAMPLES, used))
    rows = np.concatenate([np.arange(used)[None], rows])
    drawn = effects[rows]
    resampled = {
        "mu": drawn.mean(axis=1).T,
        "mu_star": np.abs(drawn).mean(axis=1).T,
        "sigma": drawn.std(axis=1, ddof=1).T,
    }
    return _with_intervals(resampled, used)
