"""Search for the best points of a box: differential evolution of one or several objectives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sludgesim.studies.unit_cube import points
from sludgesim.thermo.species import Array

CROSSOVER = 0.9

# From points (n, d) to objectives (n, m), to be minimised, nan where a case fails, and by how much
# constraints are missed (n,), 0 where they are met.
Evaluate = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Search:
    """Every point that was evaluated, with its objectives and its violation of constraints."""

    x: Array
    objectives: Array
    violation: Array

    @property
    def best(self) -> NDArray[np.intp]:
        """The points that no other beats: one for one objective, else the front by the first."""
        candidates = np.flatnonzero(np.isfinite(self.objectives).all(axis=1))
        if not candidates.size:
            return candidates
        least = self.violation[candidates].min()
        candidates = candidates[self.violation[candidates] == least]
        values = self.objectives[candidates]
        order = np.lexsort(values.T[::-1])
        if values.shape[1] == 1:
            return candidates[order[:1]]
        values, candidates = values[order], candidates[order]
        _, distinct = np.unique(values, axis=0, return_index=True)
        values, candidates = values[distinct], candidates[distinct]
        return candidates[~_dominated(values)]


def _dominated(values: Array) -> NDArray[np.bool_]:
    """Rows that another row beats in one column and equals or beats in all."""
    out = np.zeros(len(values), dtype=bool)
    for start in range(0, len(values), 256):  # bounds the memory of all pairs
        mine = values[start : start + 256, None, :]
        no_worse: NDArray[np.bool_] = values[None, :, :] <= mine
        better: NDArray[np.bool_] = values[None, :, :] < mine
        out[start : start + 256] = np.any(no_worse.all(axis=2) & better.any(axis=2), axis=1)
    return out


def search(
    evaluate: Evaluate,
    low: Array,
    high: Array,
    *,
    start: Array | None = None,
    population: int | None = None,
    generations: int = 100,
    tolerance: float = 1e-6,
    seed: int = 1,
) -> Search:
    """Generalised differential evolution (GDE3), whole generations at once.

    v = x_0 + F (x_1 - x_2), crossed with its parent x; x_0 is the best point or any.

    A trial replaces its parent where it beats it: fewer missed constraints, or better in one
    objective and worse in none. Where neither beats the other both stay, and the crowd is thinned
    by rank and distance. With one objective this is differential evolution, best/1/bin and
    rand/1/bin by turns.

    Parameters
    ----------
    evaluate : objectives (minimised) and violation of a batch of points
    low, high : (d,) the box
    start : (d,) a point to begin with, such as today's setting
    population : points of a generation; default 12 per axis, at least 24
    generations : at most so many
    tolerance : stop when the objective's spread is below it, relative; one objective only
    seed : the same seed gives the same search

    Returns
    -------
    Search, all points in the order of evaluation

    Source: Storn and Price 1997; Kukkonen and Lampinen 2005 (GDE3); Deb 2000 (constraints).
    """
    rng = np.random.default_rng(seed)
    d = len(low)
    size = population or max(24, 12 * d)
    x = low + points("lhs", size, d, seed) * (high - low)
    if start is not None:
        x[0] = np.clip(start, low, high)
    y, v = evaluate(x)
    seen = [(x, y, v)]
    for _ in range(generations):
        v = np.where(np.isfinite(y).all(axis=1), v, np.inf)
        if y.shape[1] == 1 and _settled(y[:, 0], v, tolerance):
            break
        trial = _trials(rng, x, y, v, low, high)
        y_new, v_new = evaluate(trial)
        seen.append((trial, y_new, v_new))
        v_new = np.where(np.isfinite(y_new).all(axis=1), v_new, np.inf)
        wins = _beats(y_new, v_new, y, v)
        loses = _beats(y, v, y_new, v_new)
        x, y, v = (np.where(wins.reshape(-1, *[1] * (a.ndim - 1)), b, a)
                   for a, b in ((x, trial), (y, y_new), (v, v_new)))  # fmt: skip
        both = ~wins & ~loses
        if both.any():
            x, y, v = (np.concatenate([a, b[both]])
                       for a, b in ((x, trial), (y, y_new), (v, v_new)))  # fmt: skip
            keep = _thin(y, v, size)
            x, y, v = x[keep], y[keep], v[keep]
    return Search(*(np.concatenate([s[k] for s in seen]) for k in range(3)))


def _settled(y: Array, v: Array, tolerance: float) -> bool:
    good = y[v == 0]
    return good.size == y.size and float(np.ptp(good)) <= tolerance * float(np.abs(good).max())


def _beats(ya: Array, va: Array, yb: Array, vb: Array) -> NDArray[np.bool_]:
    better = (ya <= yb).all(axis=1) & (ya < yb).any(axis=1)
    wins: NDArray[np.bool_] = (va < vb) | ((va == vb) & np.isfinite(va) & better)
    return wins


def _trials(
    rng: np.random.Generator, x: Array, y: Array, v: Array, low: Array, high: Array
) -> Array:
    n, d = x.shape
    first = np.flatnonzero(_rank(y, v) == 0)
    # Half of the trials start from the best: those from anywhere keep the crowd from collapsing.
    greedy = rng.random((n, 1)) < 0.5
    base = np.where(greedy, x[rng.choice(first, n)], x[rng.permutation(n)])
    one, two = (x[rng.permutation(n)] for _ in range(2))
    mutant = base + rng.uniform(0.5, 1.0, (n, 1)) * (one - two)
    crossed = (rng.random((n, d)) < CROSSOVER) | (np.arange(d) == rng.integers(0, d, (n, 1)))
    trial = np.where(crossed, mutant, x)
    # What leaves the box ends on the wall, where many an optimum lies, or comes back inside.
    wall = np.where(trial < low, low, high)
    back = np.where(rng.random((n, d)) < 0.5, wall, wall + rng.random((n, d)) * (x - wall))
    outside = (trial < low) | (trial > high)
    inside: Array = np.where(outside, back, trial)
    return inside


def _rank(y: Array, v: Array) -> NDArray[np.intp]:
    """Front of each point, 0 the best; missed constraints put a point behind all that meet them."""
    rank = np.full(len(y), len(y), dtype=np.intp)
    good = np.flatnonzero(v == 0)
    level = 0
    while good.size:
        worse = _dominated(y[good])
        rank[good[~worse]] = level
        good, level = good[worse], level + 1
    bad = np.flatnonzero(v > 0)
    rank[bad[np.argsort(v[bad], kind="stable")]] = level + np.arange(bad.size)
    return rank


def _thin(y: Array, v: Array, size: int) -> NDArray[np.intp]:
    """The best `size` points by rank, within a front those farthest from their neighbours."""
    rank = _rank(y, v)
    room = np.zeros(len(y))
    for level in np.unique(rank):
        members = np.flatnonzero(rank == level)
        for column in y[members].T:
            order = members[np.argsort(column, kind="stable")]
            room[order[[0, -1]]] = np.inf
            span = float(np.ptp(column))
            if len(order) > 2 and span > 0:
                values = np.sort(column, kind="stable")
                room[order[1:-1]] += (values[2:] - values[:-2]) / span
    keep: NDArray[np.intp] = np.lexsort((-room, rank))[:size]
    return keep
