"""Sensitivity measures of any function on the unit cube: Sobol indices, elementary effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.studies.unit_cube import count, points
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


class Design(Protocol):
    """Points in the unit cube, any of them without the others, and what their values tell."""

    def __len__(self) -> int: ...

    def points(self, start: int = 0, stop: int | None = None) -> Array: ...

    @property
    def rows(self) -> int: ...  # units of the design that one failed case spoils

    def estimate(self, y: Array, still: float = 0.0) -> Indices: ...


@dataclass(frozen=True)
class SobolDesign:
    """Points at which Sobol indices are estimated.

    Two matrices A and B of n points, and for every axis A with that column of B.

    Parameters
    ----------
    n : points of A, rounded up to a power of two
    d : axes
    seed : of the scrambled Sobol sequence and the bootstrap

    Errors: InputError without SciPy.
    Source: Saltelli et al. 2010, Comput. Phys. Commun. 181, 259.
    """

    n: int
    d: int
    seed: int

    def __post_init__(self) -> None:
        count("sobol", self.n)  # refused now, not after the first cases

    @property
    def _base(self) -> int:
        return count("sobol", self.n)

    def __len__(self) -> int:
        return self._base * (self.d + 2)

    @property
    def rows(self) -> int:
        """Rows of A; a failed case costs the whole row in all matrices."""
        return self._base

    def points(self, start: int = 0, stop: int | None = None) -> Array:
        """Points of these numbers, (stop - start, d), in (0, 1)."""
        number = np.arange(start, len(self) if stop is None else min(stop, len(self)))
        block, row = np.divmod(number, self._base)
        parts = [self._block(int(b), row[block == b]) for b in np.unique(block)]
        return np.concatenate(parts) if parts else np.empty((0, self.d))

    def _block(self, block: int, rows: NDArray[np.intp]) -> Array:
        d = self.d
        both = points("sobol", self.n, 2 * d, self.seed, int(rows[0]), int(rows[-1]) + 1)
        A, B = both[:, :d], both[:, d:]
        if block == 1:
            return B
        if block > 1:
            A[:, block - 2] = B[:, block - 2]
        return A

    def estimate(self, y: Array, still: float = 0.0) -> Indices:
        """Sobol indices from the values at all points.

        S_i = mean(f_B (f_ABi - f_A)) / V and ST_i = mean((f_A - f_ABi)^2) / (2 V), with the values
        centred; intervals by bootstrap over the rows. A row with a failed case (nan) is left out
        whole.

        Parameters
        ----------
        y : (n (d + 2),), nan for failed cases
        still : a spread of y that is none, such as its round-off

        Returns
        -------
        Indices with `first` and `total`; nan where the function does not vary

        Source: Saltelli et al. 2010 (first order), Jansen 1999 (total order).
        """
        d = self.d
        parts = y.reshape(d + 2, -1)
        parts = parts[:, np.isfinite(parts).all(axis=0)]
        used = parts.shape[1]
        if used < 2:
            return _nothing(("first", "total"), d, used)
        parts = parts - parts[:2].mean()
        A, B, mixed = parts[0], parts[1], parts[2:]
        if np.ptp(parts) <= still:
            return _nothing(("first", "total"), d, used)
        least = (1e-12 * float(np.abs(parts).max())) ** 2
        product, square = B * (mixed - A), (A - mixed) ** 2
        first, total = np.empty((2, d, RESAMPLES + 1))
        for k, r in enumerate(_resampled(used, self.seed)):
            variance = np.concatenate([A[r], B[r]]).var()
            variance = variance if variance > least else np.nan
            first[:, k] = product[:, r].mean(axis=1) / variance
            total[:, k] = square[:, r].mean(axis=1) / (2 * variance)
        return _with_intervals({"first": first, "total": total}, used)


@dataclass(frozen=True)
class MorrisDesign:
    """Points of random one-at-a-time trajectories on a grid of four levels.

    The points are on 0, 1/3, 2/3, 1; each step of a trajectory moves one axis by 2/3.

    Parameters
    ----------
    trajectories : of d + 1 points each
    d : axes
    seed : of the trajectories and the bootstrap

    Errors: InputError for fewer than two trajectories.
    Source: Morris 1991, Technometrics 33, 161.
    """

    trajectories: int
    d: int
    seed: int

    def __post_init__(self) -> None:
        if self.trajectories < 2:
            message = f"{self.trajectories} trajectories"
            raise InputError(Problem(message, "--samples", allowed="2 or more"))

    def __len__(self) -> int:
        return self.trajectories * (self.d + 1)

    @property
    def rows(self) -> int:
        """Trajectories."""
        return self.trajectories

    @cached_property
    def _walks(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Level at the start, level when moved, and step that moves it, of every axis."""
        shape = (self.trajectories, self.d)
        rng = np.random.default_rng(self.seed)
        level = rng.integers(0, _MORRIS_LEVELS, shape)
        half = _MORRIS_LEVELS // 2
        moved = np.where(level < half, level + half, level - half)
        turn = rng.permuted(np.tile(np.arange(self.d), (self.trajectories, 1)), axis=1)
        return level, moved, turn

    def points(self, start: int = 0, stop: int | None = None) -> Array:
        """Points of these numbers, (stop - start, d), in [0, 1]."""
        number = np.arange(start, len(self) if stop is None else min(stop, len(self)))
        walk, step = np.divmod(number, self.d + 1)
        level, moved, turn = (a[walk] for a in self._walks)
        grid = np.where(turn < step[:, None], moved, level)
        return np.asarray(grid / (_MORRIS_LEVELS - 1))

    def estimate(self, y: Array, still: float = 0.0) -> Indices:
        """Elementary effects from the values at all points.

        mu = mean, mu_star = mean of the magnitudes, sigma = standard deviation of (change of the
        value) / (change of the axis). Trajectories with a failed case (nan) are left out.

        Parameters
        ----------
        y : (trajectories (d + 1),), nan for failed cases
        still : a change of y that is none, such as its round-off

        Returns
        -------
        Indices with `mu`, `mu_star`, `sigma`
        """
        Y = y.reshape(-1, self.d + 1)
        whole = np.isfinite(Y).all(axis=1)
        used = int(whole.sum())
        names = ("mu", "mu_star", "sigma")
        if used < 2:
            return _nothing(names, self.d, used)
        level, moved, turn = (a[whole] for a in self._walks)
        change = np.take_along_axis(np.diff(Y[whole], axis=1), turn, axis=1)
        change = np.where(np.abs(change) <= still, 0.0, change)
        effects = change / ((moved - level) / (_MORRIS_LEVELS - 1))
        found = np.empty((3, self.d, RESAMPLES + 1))
        for k, r in enumerate(_resampled(used, self.seed)):
            drawn = effects[r]
            found[0, :, k] = drawn.mean(axis=0)
            found[1, :, k] = np.abs(drawn).mean(axis=0)
            found[2, :, k] = drawn.std(axis=0, ddof=1)
        return _with_intervals(dict(zip(names, found, strict=True)), used)


def _resampled(n: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """All of n rows, and then as many of them at random, again and again."""
    rng = np.random.default_rng(seed)
    yield np.arange(n)
    for _ in range(RESAMPLES):
        yield rng.integers(0, n, n)


def _nothing(names: Sequence[str], d: int, used: int) -> Indices:
    empty = {name: np.full(d, np.nan) for name in names}
    return Indices(empty, empty, empty, used)


def _with_intervals(resampled: dict[str, Array], used: int) -> Indices:
    """The first column is the estimate, the others are its bootstrap."""
    tail = 50 * (1 - LEVEL)
    return Indices(
        {k: v[:, 0] for k, v in resampled.items()},
        {k: np.percentile(v[:, 1:], tail, axis=1) for k, v in resampled.items()},
        {k: np.percentile(v[:, 1:], 100 - tail, axis=1) for k, v in resampled.items()},
        used,
    )
