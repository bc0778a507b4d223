"""The temperature of a stream whose enthalpy is known, its composition kept."""

from __future__ import annotations

import numpy as np

from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream

PASSES = 50


def temperature_at(s: Stream, enthalpy: Array, low: Array, high: Array) -> Array:
    """Temperature at which a stream holds an amount of enthalpy, K, shape (n,).

    H(T) = enthalpy, by Newton steps kept within the bracket

    Parameters
    ----------
    s : amounts; its own temperature does not matter
    enthalpy : (n,) J
    low, high : (n,) K, bracket within the range of every species present

    Returns
    -------
    (n,) K; the nearer end of the bracket where the answer lies beyond it, `low` for an empty
    stream, nan where the steps did not settle: the audit refuses what has no temperature

    Range: enthalpy rises with temperature, as it does for any real mixture.
    """
    T, top = (low + high) / 2, high
    for _ in range(PASSES):
        miss = enthalpy - s.at(T=T).enthalpy()
        low, high = np.where(miss > 0, T, low), np.where(miss > 0, high, T)
        step = np.where(top > T + 0.5, 0.5, -0.5)
        capacity = (s.at(T=T + step).enthalpy() - s.at(T=T).enthalpy()) / step
        new = T + miss / np.where(capacity > 0, capacity, np.inf)
        new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
        settled = ~(np.abs(new - T) > 1e-9)
        T = new
        if settled.all():
            break
    return np.where(s.mass() > 0, np.where(settled, T, np.nan), low)
