"""Roots of rising functions of one amount, for all cases of a batch at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sludgesim.thermo.species import Array

MOST_TRIALS = 100
MOST_DOUBLINGS = 12
CLOSE = 1e-12


def rising_root(f: Callable[[Array], Array], first: Array) -> Array:
    """Find x > 0 at which a rising function is zero, bracketed and by regula falsi (Illinois).

    Parameters
    ----------
    f : values (n,) at (n,) x, below zero at 0
    first : (n,) first upper end, doubled where f is still below zero

    Returns
    -------
    (n,) x to 1e-12 of the upper end; nan where none was found.

    Source: Dowell and Jarratt, BIT 11 (1971) 168.
    """
    low, high = np.zeros_like(first), np.array(first, dtype=float)
    f_low, f_high = f(low), f(high)
    for _ in range(MOST_DOUBLINGS):
        short = f_high < 0
        if not short.any():
            break
        low, f_low = np.where(short, high, low), np.where(short, f_high, f_low)
        high = np.where(short, 2 * high, high)
        f_high = f(high)
    found = (f_low <= 0) & (f_high >= 0)
    side = np.zeros_like(low)
    for _ in range(MOST_TRIALS):
        if ((high - low <= CLOSE * high) | (f_high == 0) | ~found).all():
            break
        rise = np.where(f_high > f_low, f_high - f_low, 1.0)
        x = np.clip(high - f_high * (high - low) / rise, low, high)
        x = np.where((x > low) & (x < high), x, 0.5 * (low + high))
        value = f(x)
        below = value < 0
        # an end that stays twice counts half, so that the other one moves too
        f_high = np.where(below & (side < 0), 0.5 * f_high, f_high)
        f_low = np.where(~below & (side > 0), 0.5 * f_low, f_low)
        side = np.where(below, -1.0, 1.0)
        low, f_low = np.where(below, x, low), np.where(below, value, f_low)
        high, f_high = np.where(below, high, x), np.where(below, f_high, value)
    root: Array = np.where(found, np.where(f_high == 0, high, 0.5 * (low + high)), np.nan)
    return root
