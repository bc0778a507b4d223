"""Points in the unit cube, any rows of a sample without the others.

A study of a million cases asks for its points block by block; the points do not depend on how it is
cut into blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.scenario.wording import listed, nearest, quoted
from sludgesim.thermo.species import Array

METHODS = ("lhs", "random", "sobol")
_PER_STEP = 4  # numbers that one step of the Philox counter gives
_ROUNDS = 6
_Words = NDArray[np.uint64]


def count(method: str, n: int) -> int:
    """Points that a sample of n has: n, rounded up to a power of two for Sobol sequences.

    Errors: InputError for an unknown method, fewer than one point, and Sobol without SciPy.
    """
    if method not in METHODS:
        message = f"no method {quoted(method)}{nearest(method, METHODS)}"
        raise InputError(Problem(message, "--sampling", allowed=listed(METHODS)))
    if n < 1:
        raise InputError(Problem(f"{n} samples", "--samples", allowed="1 or more"))
    if method != "sobol":
        return n
    _qmc()
    return 1 << (n - 1).bit_length()


def points(
    method: str, n: int, d: int, seed: int, start: int = 0, stop: int | None = None
) -> Array:
    """Points in the unit cube.

    Parameters
    ----------
    method : `random`; `lhs`, one point in each of n layers of every axis; `sobol`, a scrambled
        Sobol sequence, n rounded up to a power of two
    n, d : points and axes
    seed : the same seed gives the same points
    start, stop : the points that are wanted, by number; default: all

    Returns
    -------
    (stop - start, d), inside (0, 1)

    Errors: InputError as for `count`.
    Source: McKay, Beckman and Conover 1979, its layers permuted as in Kensler 2013; Sobol 1967, as
    in SciPy; Salmon et al. 2011 (counter-based random numbers), as in NumPy.
    """
    total = count(method, n)
    stop = total if stop is None else min(stop, total)
    if method == "sobol":
        u = _sobol(d, seed, start, stop)
    else:
        u = _uniform(d, seed, start, stop)
        if method == "lhs":
            u = (_layers(total, d, seed, start, stop) + u) / total
    inside: Array = np.clip(u, 1e-15, 1 - 1e-15)
    return inside


def _sobol(d: int, seed: int, start: int, stop: int) -> Array:
    engine = _qmc().Sobol(d, rng=np.random.default_rng(seed))
    if start:
        engine.fast_forward(start)
        return np.asarray(engine.random(stop - start))
    # The first point apart: SciPy would warn of blocks that are no power of two.
    return np.concatenate([engine.random(1), engine.random(stop - 1)])


def _qmc() -> Any:
    """SciPy's scrambled Sobol sequences; SciPy is an extra."""
    try:
        from scipy.stats import qmc
    except ImportError:
        message = "Sobol sequences need SciPy: pip install 'sludgesim[studies]'"
        raise InputError(Problem(message, "--sampling", allowed="lhs, random")) from None
    return qmc


def _uniform(d: int, seed: int, start: int, stop: int) -> Array:
    """Independent numbers; the counter of each row follows from its number."""
    steps = -(-d // _PER_STEP)  # per row
    bits = np.random.Philox(seed)
    bits.advance(start * steps)
    return np.random.Generator(bits).random((stop - start, steps * _PER_STEP))[:, :d]


def _layers(n: int, d: int, seed: int, start: int, stop: int) -> Array:
    """A random permutation of 0 ... n-1 for each axis: its values for some rows.

    A Feistel network permutes the next power of four; what falls outside is sent round again.
    """
    keys = np.random.default_rng(seed).integers(0, 2**64, (_ROUNDS, d), dtype=np.uint64)
    half = np.uint64(max(1, -(-(n - 1).bit_length() // 2)))
    x = np.repeat(np.arange(start, stop, dtype=np.uint64)[:, None], d, axis=1)
    x = _feistel(x, half, keys)
    axis = np.broadcast_to(np.arange(d), x.shape)
    while (outside := x >= n).any():
        x[outside] = _feistel(x[outside], half, keys[:, axis[outside]])
    return x.astype(float)


def _feistel(x: _Words, half: np.uint64, keys: _Words) -> _Words:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = x >> half, x & mask
    for key in keys:
        left, right = right, left ^ (_mixed(right ^ key) & mask)
    return (left << half) | right


def _mixed(x: _Words) -> _Words:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
