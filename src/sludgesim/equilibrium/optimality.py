"""Whether an answer is an equilibrium: the optimality conditions, in plain numpy.

Shares no code with the solver, so that neither can hide a mistake of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sludgesim.equilibrium.network import Network
    from sludgesim.equilibrium.solution import Solution

ELEMENT_TOLERANCE = 1e-10
POTENTIAL_TOLERANCE = 1e-8
FORCE_TOLERANCE = 1e-8
FADING = 1e-30
"""Mole fraction around which a species' potential starts to count."""
_CHUNK = 4096


@dataclass(frozen=True)
class Optimality:
    """How far each case is from equilibrium.

    Residuals are nan where there is no answer to check.
    """

    element_residual: NDArray[np.float64]
    """(n,) largest relative error of an element balance."""
    present_residual: NDArray[np.float64]
    """(n,) largest |g_i + ln x_i - a_i.lam| among species of present phases [RT]."""
    driving_force: NDArray[np.float64]
    """(n,) largest c_p = ln sum_i exp(a_i.lam - g_i) among absent phases, at least 0 [RT]."""
    ok: NDArray[np.bool_]
    """(n,) all amounts are finite and not negative and all residuals within tolerance."""


def check(
    network: Network,
    g: NDArray[np.float64],
    b: NDArray[np.float64],
    solution: Solution,
    element_tolerance: float = ELEMENT_TOLERANCE,
    potential_tolerance: float = POTENTIAL_TOLERANCE,
    force_tolerance: float = FORCE_TOLERANCE,
) -> Optimality:
    """Check answers against the conditions that hold at equilibrium and nowhere else.

    sum_i n_i a_ie = b_e;  g_i + ln x_i = a_i.lam for each species of a present phase;
    ln sum_i exp(a_i.lam - g_i) <= 0 for each absent phase.  The problem is convex, so these
    conditions are sufficient for the global minimum.

    Parameters
    ----------
    network : Network
    g : (n, S) standard potentials [RT]
    b : (n, E) element amounts [mol]
    solution : Solution of `solve`; only its moles and potentials are read
    element_tolerance : relative to b_e; for b_e = 0 and signed columns relative to the total
        amount of species that hold the element, at least that of all elements fed
    potential_tolerance, force_tolerance : [RT]

    Returns
    -------
    Optimality

    Range of validity: species with mole fractions below about 1e-30 count less and less, since
    their amounts are below any use and their logarithms close to underflow.

    Source: Karush-Kuhn-Tucker conditions of the Gibbs energy; Smith and Missen, Chemical
    Reaction Equilibrium Analysis, 1982, chapter 3.
    """
    g, b = np.atleast_2d(np.asarray(g, float)), np.atleast_2d(np.asarray(b, float))
    parts = [
        _residuals(network, g[k : k + _CHUNK], b[k : k + _CHUNK],
                   solution.moles[k : k + _CHUNK], solution.potentials[k : k + _CHUNK])
        for k in range(0, b.shape[0], _CHUNK)
    ]  # fmt: skip
    if not parts:
        parts = [(np.empty(0), np.empty(0), np.empty(0))]
    element, present, force = (np.concatenate(column) for column in zip(*parts, strict=True))
    with np.errstate(invalid="ignore"):
        ok = (
            (element <= element_tolerance)
            & (present <= potential_tolerance)
            & (force <= force_tolerance)
            & (solution.moles >= 0).all(axis=1)
        )
    return Optimality(element, present, force, ok)


def _residuals(
    network: Network,
    g: NDArray[np.float64],
    b: NDArray[np.float64],
    moles: NDArray[np.float64],
    potentials: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    formula, starts = network.formula, network.phase_start[:-1]
    sizes = np.diff(network.phase_start)
    with np.errstate(all="ignore"):
        total = np.where(network.signed, 0.0, b).sum(axis=1)
        gone = (b == 0) & ~network.signed
        scale = np.where(network.signed | gone, total[:, None], b)
        scale = np.where(scale > 0, scale, 1.0)
        element = np.abs(moles @ formula - b) / scale

        lam = np.where(gone, 0.0, potentials)
        possible = (gone.astype(float) @ (formula != 0).T.astype(float)) == 0
        ln_activity = np.where(possible, lam @ formula.T - g, -np.inf)
        phase_moles = np.add.reduceat(moles, starts, axis=1)
        highest = np.maximum.reduceat(ln_activity, starts, axis=1)
        base = np.where(np.isfinite(highest), highest, 0.0)
        spread = np.exp(ln_activity - np.repeat(base, sizes, axis=1))
        drive = base + np.log(np.add.reduceat(spread, starts, axis=1))
        drive = np.where(phase_moles > 0, 0.0, drive)

        x = moles / np.repeat(phase_moles, sizes, axis=1)
        # expected and found mole fraction must agree; either may have faded away
        expected = np.exp(np.minimum(ln_activity, 0.0))
        miss = np.abs(np.log(np.maximum(x, 1e-300)) - ln_activity)
        larger = np.maximum(x, expected)
        miss = np.where(larger > 1e-200, miss * larger / (larger + FADING), 0.0)
        miss = np.where(np.repeat(phase_moles > 0, sizes, axis=1), miss, 0.0)
    return element.max(axis=1), miss.max(axis=1), np.maximum(drive.max(axis=1), 0.0)
