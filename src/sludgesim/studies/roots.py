"""Where functions of one variable cross zero, many brackets at once, each evaluation a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sludgesim.thermo.species import Array

INNER = 9  # points inside every bracket in each pass; a pass narrows it tenfold
PASSES = 8

# From the bracket that each point belongs to, and the points, to the values there.
Evaluate = Callable[[NDArray[np.intp], Array], Array]


@dataclass(frozen=True)
class Bracket:
    """A place at which the function is or crosses zero.

    Two points between which the sign changes, or the ends of a stretch of points at which the
    function is zero, one or many; the ends of the values are then 0. `turn` is 1 where the sign
    changes from below zero to above, -1 the other way, 0 where it does not change. `before` and
    `after` are the points next to a stretch of zeros.
    """

    low: float
    high: float
    at_low: float
    at_high: float
    turn: int
    before: float
    after: float

    @property
    def is_flat(self) -> bool:
        """True for a stretch of zeros, not a single point."""
        return self.at_low == self.at_high and self.high > self.low

    @property
    def root(self) -> float:
        """The point in between at which a straight line crosses zero; the start of a stretch."""
        rise = self.at_high - self.at_low
        return self.low if rise == 0 else self.low - self.at_low * (self.high - self.low) / rise


def brackets(x: Array, y: Array, still: float = 0.0) -> list[Bracket]:
    """Where y is zero or changes sign between neighbouring points that did not fail (nan).

    Parameters
    ----------
    x, y : (n,) points in rising order and their values
    still : what counts as zero, such as round-off
    """
    good = np.isfinite(y)
    x, y = x[good], y[good]
    sign = np.where(np.abs(y) <= still, 0, np.sign(y)).astype(int)
    found = []
    k = 0
    while k < len(x):
        end = k
        if sign[k] == 0:
            while end + 1 < len(x) and sign[end + 1] == 0:
                end += 1
            sides = [sign[j] if 0 <= j < len(x) else 0 for j in (k - 1, end + 1)]
            turn = int(sides[1]) if sides[0] * sides[1] < 0 else 0
            around = x[max(k - 1, 0)], x[min(end + 1, len(x) - 1)]
            found.append(Bracket(float(x[k]), float(x[end]), 0.0, 0.0, turn, *map(float, around)))
        elif k + 1 < len(x) and sign[k] * sign[k + 1] < 0:
            a, b = float(x[k]), float(x[k + 1])
            found.append(Bracket(a, b, float(y[k]), float(y[k + 1]), int(sign[k + 1]), a, b))
        k = end + 1
    return found


def refine(
    evaluate: Evaluate, found: list[Bracket], passes: int = PASSES, still: float = 0.0
) -> list[Bracket]:
    """Narrow brackets, all together, by a factor of 10 in each pass.

    Parameters
    ----------
    evaluate : values at points, given which bracket each belongs to; nan where a case fails
    found : from `brackets`
    passes : how often they are narrowed
    still : what counts as zero

    Returns
    -------
    as many brackets; one that is narrow while its ends are far from zero holds a jump. The ends of
    a stretch of zeros are moved outwards as far as the function is zero; a stretch that lies
    between two points of the scan is one point
    """
    current = list(found)
    for _ in range(passes):
        gaps = [(k, *gap) for k, b in enumerate(current) for gap in _gaps(b)]
        if not gaps:
            break
        inner = np.arange(1, INNER + 1) / (INNER + 1)
        x = np.array([low + inner * (high - low) for _, low, high in gaps])
        owner = np.repeat(np.array([k for k, *_ in gaps], dtype=np.intp), INNER)
        y = evaluate(owner, x.ravel())
        for k in dict.fromkeys(k for k, *_ in gaps):
            mine = owner == k
            current[k] = _narrowed(current[k], x.ravel()[mine], y[mine], still)
    return current


def _gaps(b: Bracket) -> list[tuple[float, float]]:
    """Where the ends of a bracket may lie: inside it, or on both sides of a stretch of zeros."""
    if b.at_low != b.at_high:
        return [(b.low, b.high)]
    sides = [(b.before, b.low), (b.high, b.after)] if b.is_flat else []
    return [(low, high) for low, high in sides if high > low]


def _narrowed(b: Bracket, x: Array, y: Array, still: float) -> Bracket:
    """The bracket with the values at points in its gaps."""
    if b.at_low != b.at_high:
        points = np.concatenate([[b.low], x, [b.high]])
        values = np.concatenate([[b.at_low], y, [b.at_high]])
        # The function may touch zero on the way; what is looked for is where it changes sign.
        new = next(found for found in brackets(points, values, still) if found.turn == b.turn)
        return replace(new, high=new.low) if new.is_flat else new
    zero = np.abs(y) <= still  # not for failed points: the stretch ends before them
    below, above = x < b.low, x > b.high
    edge_low = max([b.before, *x[below & ~zero]])
    edge_high = min([b.after, *x[above & ~zero]])
    return replace(
        b,
        low=min([b.low, *x[below & zero & (x > edge_low)]]),
        high=max([b.high, *x[above & zero & (x < edge_high)]]),
        before=edge_low,
        after=edge_high,
    )
