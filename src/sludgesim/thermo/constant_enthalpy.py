"""Equilibrium at given enthalpy: the temperature is searched for, all cases at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.thermo.species import Array

if TYPE_CHECKING:
    from sludgesim.thermo.system import Equilibrium, System

Index = NDArray[np.int64]
Reasons = NDArray[np.str_]

CLOSED = 1e-12
"""Misfit of H, as a share of sum |n h|, at which a temperature is found."""
NARROW = 1e-11
"""Width of the bracket, as a share of T, at which H is taken to jump inside it."""
STEPS = 120


def find_temperature(system: System, H: Any, P: Any, elements: Any) -> Equilibrium:
    """Search the temperature of given enthalpies; see `System.equilibrate_at_enthalpy`.

    H(T) is monotone, so a bracket is kept: secant steps (Illinois), halving where they dawdle.
    A bracket that closes on a jump ends as the mixture of its two ends that has the enthalpy H.
    """
    b = np.atleast_2d(np.asarray(elements, float))
    n = b.shape[0]
    wanted = np.array(np.broadcast_to(np.asarray(H, float), (n,)))
    P = np.array(np.broadcast_to(np.asarray(P, float), (n,)))
    low = system.equilibrate(system.T_min, P, b)
    high = system.equilibrate(system.T_max, P, b)
    below, scale = _misfit(low, wanted)
    above, _ = _misfit(high, wanted)
    reason = np.where(low.converged, high.reason, low.reason).astype("<U160")
    for outside, where, edge in (
        (below > CLOSED * scale, "below", system.T_min),
        (above < -CLOSED * scale, "above", system.T_max),
    ):
        reason[outside] = (
            f"the enthalpy belongs to a temperature {where} the range of the system "
            f"{system.name}, {edge - 273.15:.0f} degC"
        )
    reason[np.isnan(wanted) & (reason == "")] = "the enthalpy is not a number"
    dead = reason != ""
    span = high.T - low.T
    stuck = np.zeros(n, dtype=int)
    weight = np.array([below, above])  # misfits at the ends, halved where an end stays twice
    moved = np.full(n, -1)  # the end that the last step put: 0 low, 1 high
    for _ in range(STEPS):
        rows = np.flatnonzero(~dead & ~_ended(low, high, below, above, scale))
        if rows.size == 0:
            break
        share = weight[0, rows] / (weight[0, rows] - weight[1, rows])
        halve = (stuck[rows] >= 3) | ~((share > 0) & (share < 1))
        share = np.where(halve, 0.5, np.clip(share, 1e-3, 1 - 1e-3))
        T = low.T[rows] + share * (high.T[rows] - low.T[rows])
        tried = system.equilibrate(T, P[rows], b[rows], start=low.potentials[rows])
        misfit, size = _misfit(tried, wanted[rows])
        lost = ~tried.converged
        dead[rows[lost]], reason[rows[lost]] = True, tried.reason[lost]
        for end, right_sign, at in ((low, misfit < 0, 0), (high, misfit >= 0, 1)):
            side = np.flatnonzero(right_sign & ~lost)
            _put(end, rows[side], tried, side)
            (below, above)[at][rows[side]] = misfit[side]
            weight[at, rows[side]] = misfit[side]
            stays = rows[side][moved[rows[side]] == at]
            weight[1 - at, stays] *= 0.5
            moved[rows[side]] = at
        scale[rows[~lost]] = size[~lost]
        shrunk = high.T[rows] - low.T[rows] <= 0.5 * span[rows]
        stuck[rows] = np.where(shrunk | halve, 0, stuck[rows] + 1)
        span[rows] = np.where(shrunk | halve, high.T[rows] - low.T[rows], span[rows])
    open_still = ~dead & ~_ended(low, high, below, above, scale)
    reason[open_still] = f"the temperature was not found in {STEPS} steps"
    return _between(low, high, below, above, scale, reason)


def _ended(
    low: Equilibrium, high: Equilibrium, below: Array, above: Array, scale: Array
) -> NDArray[np.bool_]:
    """Where an end of the bracket has the enthalpy, or the bracket has closed on a jump."""
    near = np.minimum(np.abs(below), np.abs(above)) <= CLOSED * scale
    return near | (high.T - low.T <= NARROW * high.T)


def _misfit(eq: Equilibrium, wanted: Array) -> tuple[Array, Array]:
    """H minus the enthalpy wanted, and the size against which it is judged, J."""
    molar = eq.system.data.enthalpy(eq.T)
    each = eq.moles * molar
    return each.sum(axis=1) - wanted, np.abs(each).sum(axis=1)


def _put(end: Equilibrium, rows: Index, found: Equilibrium, side: Index) -> None:
    """Copy cases `side` of `found` to the rows of one end of the bracket."""
    for name in ("T", "moles", "phase_moles", "potentials"):
        getattr(end, name)[rows] = getattr(found, name)[side]


def _between(
    low: Equilibrium, high: Equilibrium, below: Array, above: Array, scale: Array, reason: Reasons
) -> Equilibrium:
    """The end of the bracket that has the enthalpy, or the mixture of both that has it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = below / (below - above)
    share = np.where(np.abs(below) <= CLOSED * scale, 0.0, share)
    share = np.where(np.abs(above) <= CLOSED * scale, 1.0, share)
    share = np.where(reason == "", share, np.nan)

    def mixed(name: str) -> Array:
        a, z = getattr(low, name), getattr(high, name)
        s = share if a.ndim == 1 else share[:, None]
        return np.where(s <= 0, a, np.where(s >= 1, z, (1 - s) * a + s * z))

    return replace(
        low,
        T=mixed("T"),
        moles=mixed("moles"),
        phase_moles=mixed("phase_moles"),
        potentials=mixed("potentials"),
        converged=reason == "",
        reason=reason,
    )
