"""Weighted least squares with balances closed exactly; which values the data determine; tests.

The variables are what flows: total mass of a stream, mass of an element in it, energy with it.
Balances are linear in them, and an assay is a ratio of two. That is the bilinear problem of flow
times assay, written so that every iterate closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem, SludgesimError
from sludgesim.thermo.species import Array

Index = NDArray[np.intp]
STEP = 1e-12  # relative change of the variables at which the search ends
_SMALL = 1e-8  # of a direction of unit length: below it the data do not see it
_PRIOR = 1e-3  # weight of the starting values in the first guess
_LIMIT = 200


@dataclass(frozen=True)
class Readings:
    """Measurements y of x[over], or of x[over] / x[under] where under >= 0, with deviations."""

    over: Index
    under: Index
    value: Array
    sd: Array

    def keep(self, rows: NDArray[np.bool_]) -> Readings:
        """Some of the readings."""
        return Readings(self.over[rows], self.under[rows], self.value[rows], self.sd[rows])

    def model(self, x: Array) -> Array:
        """What x says of each reading."""
        return x[self.over] / self._whole(x)

    def slopes(self, x: Array) -> Array:
        """Derivatives of `model`, (readings, variables)."""
        rows, ratio = np.arange(self.over.size), self.under >= 0
        out = np.zeros((self.over.size, x.size))
        out[rows, self.over] = 1 / self._whole(x)
        out[rows[ratio], self.under[ratio]] -= (self.model(x) / self._whole(x))[ratio]
        return out

    def _whole(self, x: Array) -> Array:
        whole: Array = np.where(self.under >= 0, x[self.under], 1.0)
        return whole


@dataclass(frozen=True)
class Estimate:
    """The solution: variables, what the readings determine, and residuals.

    `span` holds, in columns, the directions in which the balances let the variables move; `root`
    a square root of the covariance in them; `blind` the directions that no reading sees.
    """

    x: Array
    readings: Readings
    scale: Array
    span: Array
    root: Array
    blind: Array

    @cached_property
    def residual(self) -> Array:
        """Measured less reconciled."""
        return self.readings.value - self.readings.model(self.x)

    @property
    def freedom(self) -> int:
        """Readings more than are needed: the degrees of freedom of the global test."""
        return self.readings.value.size - self.root.shape[1]

    @property
    def misfit(self) -> float:
        """Sum of squares of residual / sd, the statistic of the global test."""
        return float(np.sum((self.residual / self.readings.sd) ** 2))

    def deviations(self, gradients: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Standard deviation of functions of x, and whether the readings determine them.

        Parameters
        ----------
        gradients : (functions, variables)

        Returns
        -------
        (functions,) standard deviations; (functions,) bool
        """
        moved = (gradients * self.scale) @ self.span
        size = np.linalg.norm(moved, axis=1)
        unseen = np.linalg.norm(moved @ self.blind, axis=1)
        return np.linalg.norm(moved @ self.root, axis=1), unseen <= _SMALL * np.maximum(size, 1e-30)

    @cached_property
    def standardised(self) -> Array:
        """Standardised adjustments, N(0, 1) without gross errors; nan if not redundant.

        z = a / sqrt(V_a), a = reconciled - measured, V_a = sd^2 - variance of the reconciled value
        (measurement test)
        """
        fitted, _ = self.deviations(self.readings.slopes(self.x))
        left = 1 - (fitted / self.readings.sd) ** 2
        redundant = left > _SMALL
        spread = self.readings.sd * np.sqrt(np.where(redundant, left, 1.0))
        z: Array = np.where(redundant, -self.residual / spread, np.nan)
        return z


def critical_adjustment(tested: int, level: float) -> float:
    """Limit of the standardised adjustments so that all of `tested` keep below it with 1 - level.

    Sidak: beta = 1 - (1 - level)^(1/tested), two-sided.
    """
    return NormalDist().inv_cdf(0.5 + 0.5 * (1 - level) ** (1 / max(tested, 1)))


def adjust(A: Array, b: Array, readings: Readings, start: Array) -> Estimate:
    """Minimise the weighted squares of the residuals subject to A x = b.

    min sum ((y - h(x)) / sd)^2 with A x = b, by Gauss-Newton in the null space of A

    Parameters
    ----------
    A, b : (balances, variables), (balances,)
    readings : at least one
    start : (variables,) above zero where a reading divides by it; also the scale of the variables

    Returns
    -------
    Estimate

    Errors: InputError where A x = b has no solution; SludgesimError where the search does not end.
    Source: Crowe et al., AIChE J. 29 (1983) 881; measurement test of Mah and Tamhane, AIChE J. 28
    (1982) 828.
    """
    scale = np.where(np.abs(start) > 0, np.abs(start), 1.0)
    base, span = _span(A * scale, b)
    x = _first_guess(base, span, scale, readings, start)
    point = span.T @ (x / scale - base)
    for _ in range(_LIMIT):
        x = scale * (base + span @ point)
        J = (readings.slopes(x) * scale) @ span / readings.sd[:, None]
        r = (readings.value - readings.model(x)) / readings.sd
        step: Array = np.asarray(np.linalg.lstsq(J, r, rcond=_SMALL * 1e-2)[0], float)
        point, length = _advance(point, step, base, span, scale, readings)
        if length * float(np.abs(step).max(initial=0.0)) <= STEP * (
            1 + float(np.abs(point).max(initial=0.0))
        ):
            break
    else:
        raise SludgesimError("reconciliation: the search did not settle")
    x = scale * (base + span @ point)
    J = (readings.slopes(x) * scale) @ span / readings.sd[:, None]
    root, blind = _determined(J)
    return Estimate(x, readings, scale, span, root, blind)


def _span(A: Array, b: Array) -> tuple[Array, Array]:
    """A solution of A u = b, and an orthonormal basis of the directions that keep it."""
    if not A.size:
        return np.zeros(A.shape[1]), np.eye(A.shape[1])
    size = np.maximum(np.linalg.norm(A, axis=1), 1e-300)
    A, b = A / size[:, None], b / size
    U, s, Vt = np.linalg.svd(A)
    rank = int((s > 1e-10 * s[0]).sum())
    base = Vt[:rank].T @ ((U.T @ b)[:rank] / s[:rank])
    if np.abs(A @ base - b).max() > 1e-9 * (1 + np.abs(b).max()):
        raise InputError(Problem("the values given as exact contradict the balances"))
    return base, Vt[rank:].T


def _first_guess(base: Array, span: Array, scale: Array, readings: Readings, start: Array) -> Array:
    """Solve with every assay as `part - assay * whole = 0`, the wholes from the last pass."""
    x, ratio, rows = start, readings.under >= 0, np.arange(readings.over.size)
    for _ in range(5):
        whole = np.where(ratio, np.maximum(np.abs(x), 1e-6 * scale)[readings.under], 1.0)
        M = np.zeros((rows.size, start.size))
        M[rows, readings.over] = 1.0
        M[rows[ratio], readings.under[ratio]] -= readings.value[ratio]
        aim = np.where(ratio, 0.0, readings.value)
        weight = 1 / (readings.sd * whole)
        left = np.vstack([(M * scale) @ span * weight[:, None], _PRIOR * span])
        right = np.concatenate(
            [(aim - M @ (scale * base)) * weight, _PRIOR * (start / scale - base)]
        )
        x = scale * (base + span @ np.linalg.lstsq(left, right, rcond=None)[0])
    wholes = readings.under[ratio]
    return x if (x[wholes] > 0).all() else _kept_positive(start, wholes, base, span, scale)


def _kept_positive(start: Array, wholes: Index, base: Array, span: Array, scale: Array) -> Array:
    """The starting values on the balances, where the guess made a stream flow backwards."""
    projected = scale * (base + span @ (span.T @ (start / scale - base)))
    if (projected[wholes] > 0).all():
        return projected
    raise SludgesimError("reconciliation: the measured flows make a stream flow backwards")


def _advance(
    point: Array, step: Array, base: Array, span: Array, scale: Array, readings: Readings
) -> tuple[Array, float]:
    """Go as much of the step as lowers the squares and leaves every whole above zero."""
    wholes = readings.under[readings.under >= 0]

    def squares(at: Array) -> float:
        x = scale * (base + span @ at)
        if (x[wholes] <= 0).any():
            return np.inf
        return float(np.sum(((readings.value - readings.model(x)) / readings.sd) ** 2))

    now, length = squares(point), 1.0
    while squares(point + length * step) > now * (1 + 1e-12) + 1e-20 and length > 1e-6:
        length /= 2
    return point + length * step, length


def _determined(J: Array) -> tuple[Array, Array]:
    """A root of the covariance of what the readings determine, and what they leave open."""
    size = np.linalg.norm(J, axis=1)
    seen = J[size > 0] / size[size > 0, None]
    _, s, Vt = np.linalg.svd(seen)
    rank = int((s > _SMALL * s[0]).sum()) if s.size else 0
    basis, blind = Vt[:rank].T, Vt[rank:].T
    _, s, Wt = np.linalg.svd(J @ basis, full_matrices=False)
    return basis @ (Wt.T / s), blind
