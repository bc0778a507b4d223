"""Where functions of one variable cross zero, many brackets at once, each evaluation a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sludgesim.thermo.species import Array

INNER = 9  # points inside every bracket in each pass; a pass narrows it tenfold
PASSES = 8

# From the bracket that each point belongs to, and the points, to the values there.
Evaluate = Callable[[NDArray[np.intp], Array], Array]


@dataclass(frozen=True)
class Bracket:
    """A place between two points where the function changes sign."""

    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def root(self) -> float:
        """The point in between at which a straight line crosses zero."""
        rise = self.at_high - self.at_low
        return self.low if rise == 0 else self.low - self.at_low * (self.high - self.low) / rise


def brackets(x: Array, y: Array) -> list[Bracket]:
    """Neighbouring points, without those that failed (nan), between which y changes sign.

    A point with y = 0 is a bracket without width.
    """
    good = np.isfinite(y)
    x, y = x[good], y[good]
    found = [Bracket(float(a), float(a), 0.0, 0.0) for a in x[y == 0]]
    change = np.flatnonzero(y[:-1] * y[1:] < 0)
    found += [Bracket(*map(float, (x[k], x[k + 1], y[k], y[k + 1]))) for k in change]
    return sorted(found, key=lambda b: b.low)


def refine(evaluate: Evaluate, found: list[Bracket], passes: int = PASSES) -> list[Bracket]:
    """Narrow brackets, all together, by a factor of 10 in each pass.

    Parameters
    ----------
    evaluate : values at points, given which bracket each belongs to; nan where a case fails
    found : brackets in which the function changes sign
    passes : how often they are narrowed

    Returns
    -------
    as many brackets; one that is narrow while its ends are far from zero holds a jump
    """
    current = list(found)
    for _ in range(passes):
        open_ = [k for k, b in enumerate(current) if b.high > b.low]
        if not open_:
            break
        inner = np.arange(1, INNER + 1) / (INNER + 1)
        x = np.array([current[k].low + inner * (current[k].high - current[k].low) for k in open_])
        owner = np.repeat(np.array(open_), INNER)
        y = evaluate(owner, x.ravel()).reshape(x.shape)
        for row, k in enumerate(open_):
            b = current[k]
            points = np.concatenate([[b.low], x[row], [b.high]])
            values = np.concatenate([[b.at_low], y[row], [b.at_high]])
            current[k] = brackets(points, values)[0]
    return current
