"""Random cases: distributions put upon points in the unit cube, correlations imposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import Parameter
from sludgesim.scenario.spread import Correlation
from sludgesim.scenario.wording import listed
from sludgesim.studies.unit_cube import count, points
from sludgesim.thermo.species import Array


def normal_quantile(p: Array) -> Array:
    """Quantile of the standard normal distribution, to 1e-16 relative.

    Parameters
    ----------
    p : probabilities, inside (0, 1)

    Returns
    -------
    of the same shape

    Source: Wichura 1988, algorithm AS 241, PPND16.
    """
    q = p - 0.5
    r = 0.180625 - q * q
    middle = q * _ratio(r, _A, _B)
    t = np.sqrt(-np.log(np.minimum(p, 1 - p)))
    tail = np.sign(q) * np.where(t <= 5, _ratio(t - 1.6, _C, _D), _ratio(t - 5, _E, _F))
    return np.where(np.abs(q) <= 0.425, middle, tail)


def _ratio(x: Array, above: Sequence[float], below: Sequence[float]) -> Array:
    return np.polyval(above, x) / np.polyval(below, x)


_A = (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
      4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
      1.3314166789178437745e2, 3.3871328727963666080e0)  # fmt: skip
_B = (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
      2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
      4.2313330701600911252e1, 1.0)  # fmt: skip
_C = (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
      1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
      4.63033784615654529590e0, 1.42343711074968357734e0)  # fmt: skip
_D = (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
      1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
      2.05319162663775882187e0, 1.0)  # fmt: skip
_E = (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
      2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
      5.46378491116411436990e0, 6.65790464350110377720e0)  # fmt: skip
_F = (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
      7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
      5.99832206555887937690e-1, 1.0)  # fmt: skip


def quantile(parameter: Parameter, u: Array) -> Array:
    """Values of a parameter at probabilities, from its distribution.

    A normal distribution is truncated at the parameter's bounds.

    Parameters
    ----------
    parameter : its distribution counts, in its declared unit
    u : probabilities in [0, 1], any shape

    Returns
    -------
    values in the declared unit, of the same shape
    """
    ((kind, numbers),) = parameter.distribution.items()
    assert parameter.bounds is not None
    if kind == "uniform":
        low, high = numbers
        values = low + u * (high - low)
    elif kind == "triangular":
        low, mode, high = numbers
        span = high - low
        rising = low + np.sqrt(u * span * (mode - low))
        falling = high - np.sqrt((1 - u) * span * (high - mode))
        values = np.where(u * span < mode - low, rising, falling)
    else:
        mean, deviation = numbers
        shape = NormalDist(mean, deviation)
        least, most = (shape.cdf(b) for b in parameter.bounds)
        p = np.clip(least + u * (most - least), 1e-300, 1 - 1e-16)
        values = mean + deviation * normal_quantile(p)
    inside: Array = np.clip(values, *parameter.bounds)
    return inside


def support(parameter: Parameter) -> tuple[float, float]:
    """The ends of a parameter's distribution; three standard deviations of a normal one."""
    ((kind, numbers),) = parameter.distribution.items()
    assert parameter.bounds is not None
    if kind != "normal":
        return numbers[0], numbers[-1]
    low, high = (numbers[0] + k * numbers[1] for k in (-3, 3))
    return max(low, parameter.bounds[0]), min(high, parameter.bounds[1])


def correlate(u: Array, matrix: Array) -> Array:
    """Points whose normal scores have a correlation; each axis keeps its values.

    The values of every axis are put in another order (Iman and Conover 1982), so layers of a Latin
    hypercube survive.

    Parameters
    ----------
    u : (n, d) in (0, 1)
    matrix : (d, d), positive semidefinite, 1 on the diagonal

    Returns
    -------
    (n, d)
    """
    scores = normal_quantile(u)
    n, d = u.shape
    if n > 10 * d:  # take out the correlation that the sample has by chance
        chance = np.linalg.cholesky(np.corrcoef(scores, rowvar=False).reshape(d, d))
        scores = np.linalg.solve(chance, (scores - scores.mean(axis=0)).T).T
    values, vectors = np.linalg.eigh(matrix)
    wanted = scores @ (vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T)
    ranks = wanted.argsort(axis=0).argsort(axis=0)
    ordered: Array = np.take_along_axis(np.sort(u, axis=0), ranks, axis=0)
    return ordered


def correlation_matrix(paths: Sequence[str], pairs: Sequence[Correlation]) -> Array:
    """The matrix of some correlations, 0 where nothing is said.

    Errors: InputError for a path that does not vary, a pair given twice, and correlations that
    no distribution can have together.
    """
    matrix = np.eye(len(paths))
    for a, b, value in pairs:
        absent = [path for path in (a, b) if path not in paths]
        if absent:
            message = f"{absent[0]} does not vary in this study"
            raise InputError(Problem(message, "correlations", allowed=listed(paths)))
        i, j = paths.index(a), paths.index(b)
        if matrix[i, j] != 0:
            raise InputError(Problem(f"{a}, {b} is given twice", "correlations"))
        matrix[i, j] = matrix[j, i] = value
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < -1e-9:
        names = [path for k, path in enumerate(paths) if np.abs(matrix[k]).sum() > 1]
        message = f"those of {listed(names)} cannot hold together (least eigenvalue {least:.3g})"
        allowed = "coefficients nearer to 0"
        raise InputError(Problem(message, "correlations", allowed=allowed))
    return matrix


@dataclass(frozen=True, eq=False)
class Spread:
    """What samples and designs share: points of the unit cube put upon distributions.

    `spread` is path -> parameter with its distribution.
    """

    spread: Mapping[str, Parameter]

    @property
    def paths(self) -> tuple[str, ...]:
        """The parameters that vary."""
        return tuple(self.spread)

    @property
    def words(self) -> tuple[str, ...]:
        """Those of them that hold words: none."""
        return ()

    @property
    def shapes(self) -> dict[str, Any]:
        """The distributions and their bounds, as plain values."""
        return {path: [dict(p.distribution), p.bounds] for path, p in self.spread.items()}

    def placed(self, u: Array, start: int) -> pd.DataFrame:
        """Cases from `start` on of probabilities u (n, d), a column per path, in declared units."""
        values = {path: quantile(p, u[:, k]) for k, (path, p) in enumerate(self.spread.items())}
        return pd.DataFrame(values, index=range(start, start + len(u)))


@dataclass(frozen=True, eq=False)
class Sample(Spread):
    """Cases drawn from distributions, any rows of them without the others.

    Correlated columns, and only those, are held in memory for all cases.

    Parameters
    ----------
    spread : path -> parameter with its distribution
    n, method, seed : as for `points`
    correlations : pairs of paths with the correlation of their normal scores

    Errors: InputError as for `count` and `correlation_matrix`.
    """

    n: int
    method: str
    seed: int
    correlations: Sequence[Correlation] = ()

    def __post_init__(self) -> None:
        count(self.method, self.n)
        correlation_matrix(self.paths, self.correlations)  # refused now, not after an hour

    def __len__(self) -> int:
        return count(self.method, self.n)

    @property
    def definition(self) -> dict[str, Any]:
        """All that the rows follow from, as plain values."""
        return {
            "sample": self.shapes,
            "samples": self.n,
            "sampling": self.method,
            "seed": self.seed,
            "correlations": [list(c) for c in self.correlations],
        }

    def rows(self, start: int, stop: int) -> pd.DataFrame:
        """Cases by number: one row per case, one column per path, in the declared units."""
        stop = min(stop, len(self))
        u = points(self.method, self.n, len(self.spread), self.seed, start, stop)
        if self._tied.size:
            u[:, self._tied] = self._correlated[start:stop]
        return self.placed(u, start)

    @cached_property
    def _matrix(self) -> Array:
        return correlation_matrix(self.paths, self.correlations)

    @cached_property
    def _tied(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.abs(self._matrix).sum(axis=0) > 1)

    @cached_property
    def _correlated(self) -> Array:
        """The tied axes of all points; each is put in order, which takes all of them."""
        d, step = len(self.spread), 10_000
        parts = [
            points(self.method, self.n, d, self.seed, k, k + step)[:, self._tied]
            for k in range(0, len(self), step)
        ]
        return correlate(np.concatenate(parts), self._matrix[np.ix_(self._tied, self._tied)])


def sample(
    spread: Mapping[str, Parameter],
    n: int,
    method: str,
    seed: int,
    correlations: Sequence[Correlation] = (),
) -> pd.DataFrame:
    """All rows of a `Sample`."""
    drawn = Sample(spread, n, method, seed, correlations)
    return drawn.rows(0, len(drawn))
