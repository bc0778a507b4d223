"""Dosing: how much of a reagent brings a liquor to a target, exactly, for every case of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.thermo.aqueous import BEYOND, MOST_SALT, AqueousEquilibrium, AqueousSystem
from sludgesim.thermo.liquor import NOT_SETTLED
from sludgesim.thermo.masters import PROTON, masters, tableau
from sludgesim.thermo.sit import WATER_WEIGHT
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge

CLOSE = 1e-12
"""Miss of the target, as a share of what the reagent supplies, at which a dose is found."""
NARROW = 1e-12
"""Bracket, as a share of the dose, beyond which it is not narrowed."""
MOST_TRIALS = 60
DRY = 0.5
"""Share of the water left at which a liquor that gives off vapour counts as boiling dry."""
MOST_REAGENT = 0.5
"""Largest dose: mol of its masters without water per mol of water of liquor and reagent."""
MET = 1e-9
"""Miss of the target, as a share of what the reagent supplies, at which a dose still counts."""
NOISE = 1e-9
"""The same, mol/kg water of the liquor: below it equilibria do not tell one dose from the next."""
PH_MET = 1e-8
"""Miss of a pH at which a dose found at once counts."""
NEARBY = (0.1, -0.1)
"""Differences of pH from which a dose is looked for where nothing else finds one."""
OUT_OF_REACH = "the reagent does not reach the target"
BOILS_DRY = "the liquor boils dry before the target"
JUMPS = "the liquor jumps past the target"


@dataclass(frozen=True)
class Target:
    """What a dose is to reach.

    quantity : pH, or a master whose dissolved total is meant
    value : scalar or (n,); mol/kg water except for pH
    """

    quantity: str
    value: Any


@dataclass(frozen=True, eq=False)
class Dosing:
    """Doses of a batch: `amount` (n,) in units of the reagent's stream, and what they lead to.

    `met` (n,) bool; `reason` (n,) text where not met.  A liquor past its target gets no reagent
    and comes back as it is; one that cannot reach it holds nan.
    """

    amount: Array
    equilibrium: AqueousEquilibrium
    met: NDArray[np.bool_]
    reason: NDArray[np.str_]


def dose_to(
    system: AqueousSystem,
    charge: Stream,
    reagent: Stream,
    target: Target,
    T: Any = None,
    start: Dosing | None = None,
    rough: bool = False,
) -> Dosing:
    """Find the amount of a reagent that brings a liquor to a target, and the equilibrium there.

    For pH: miss(r) = protons held at that pH - protons supplied, nearly linear in the dose r.
    For amounts: miss(r) = dissolved(r) - target.  The root is bracketed and found by secants, each
    from the equilibrium of the largest dose yet below it, so that one branch is followed upwards.

    Parameters
    ----------
    system : the liquor's system
    charge : the liquor with its solids, n cases
    reagent : one unit of the reagent with its water, one case or n
    target : what to reach
    T : (n,) K, default that of the charge
    start : dosing to a pH of a neighbouring batch of n cases
    rough : a dose to a pH need only be as exact as the start is near, to 1e-4 of what it is off

    Returns
    -------
    Dosing; the targets are met to 1e-9 of the reagent's amount, or to 1e-9 mol/kg water

    Errors: ValueError for an unknown quantity, or a reagent of which nothing takes part.
    """
    undosed, aside = system.split(charge)
    supply, inert = system.totals(reagent)
    n = charge.n
    unit = np.broadcast_to(supply, (n, supply.shape[1]))
    if not unit.any():
        raise ValueError("nothing of the reagent takes part in the liquor")
    T = np.broadcast_to(np.asarray(charge.T if T is None else T, float), (n,))
    value = np.broadcast_to(np.asarray(target.value, float), (n,))
    amount, reason = np.full(n, np.nan), np.full(n, "", dtype="<U160")
    left, made = np.ones(n, bool), []
    if target.quantity == "pH":
        rows, dose, quick = system.dose_to_pH(
            T,
            charge.P,
            undosed,
            unit,
            value,
            None if start is None else (start.amount, start.equilibrium),
            rough,
        )
        good = quick.converged & (np.abs(quick.pH - value[rows]) < PH_MET)
        amount[rows[good]], left[rows[good]] = dose[good], False
        made.append((rows[good], quick.take(good)))
    if left.any():
        rows = np.flatnonzero(left)
        trial = _Trial(
            system, T[rows], charge.P[rows], undosed[rows], unit[rows], target.quantity, value[rows]
        )
        amount[rows], reason[rows] = _root(trial, len(rows))
        dose = np.nan_to_num(amount[rows])
        totals = undosed[rows] + dose[:, None] * unit[rows]
        slow = system.equilibrate(T[rows], charge.P[rows], totals, start=trial.last)
        made.append((rows, slow.where(np.isfinite(amount[rows]))))
    lost = np.flatnonzero(reason == NOT_SETTLED)
    if target.quantity == "pH" and lost.size:
        sub = T[lost], charge.P[lost], undosed[lost], unit[lost], value[lost]
        for there, dose, equilibrium in _from_nearby(system, *sub):
            amount[lost[there]], reason[lost[there]] = dose, ""
            made.append((lost[there], equilibrium))
    found = _gathered(n, made)
    reason = np.where(reason == "", found.reason, reason)
    met = (reason == "") & found.converged
    dose = np.where(np.isfinite(amount), amount, 0.0)
    spectators = Stream(inert.species, dose[:, None] * inert.moles, T, charge.P)
    parts = [s for s in (aside, spectators) if s.species]
    return Dosing(amount, replace(found, aside=merge(parts) if parts else None), met, reason)


def _from_nearby(
    system: AqueousSystem, T: Array, P: Array, undosed: Array, unit: Array, pH: Array
) -> Iterator[tuple[NDArray[np.int64], Array, AqueousEquilibrium]]:
    """Cases, doses and equilibria that are found from those of a pH nearby.

    A branch of a strong liquor may end before the target and another one go on at it.
    """
    for shift in NEARBY:
        near, dose, start = system.dose_to_pH(T, P, undosed, unit, pH + shift)
        if near.size:
            rows, dose, found = system.dose_to_pH(
                T[near], P[near], undosed[near], unit[near], pH[near], (dose, start)
            )
            good = found.converged & (np.abs(found.pH - pH[near][rows]) < PH_MET)
            yield near[rows][good], dose[good], found.take(good)


def _gathered(
    n: int, parts: Sequence[tuple[NDArray[np.int64], AqueousEquilibrium]]
) -> AqueousEquilibrium:
    """Equilibria of some cases each, with their numbers, as one batch of n cases."""
    first = parts[0][1]
    species = tuple(dict.fromkeys(s for _, e in parts for s in e.species))
    whole = AqueousEquilibrium(
        first.system, species, np.zeros(n), np.zeros(n), np.zeros((n, len(species))),
        np.zeros((n, first.potentials.shape[1])), np.zeros(n, bool),
        np.full(n, "", dtype="<U160"),
    )  # fmt: skip
    for rows, e in parts:
        columns = np.array([species.index(s) for s in e.species])
        whole.moles[rows] = 0.0  # a later part may hold fewer species than an earlier one
        whole.moles[np.ix_(rows, columns)] = e.moles
        for name in ("T", "P", "potentials", "converged", "reason"):
            getattr(whole, name)[rows] = getattr(e, name)
    return whole


class _Trial:
    """Misses of a target at trial doses; remembers the last equilibria as warm starts."""

    def __init__(
        self,
        system: AqueousSystem,
        T: Array,
        P: Array,
        undosed: Array,
        unit: Array,
        quantity: str,
        value: Array,
    ) -> None:
        names = [m.name for m in masters()]
        if quantity not in ("pH", *names):
            raise ValueError(f"no target {quantity}: pH, {', '.join(names)}")
        self.system, self.T, self.P = system, T, P
        self.undosed, self.unit = undosed, unit
        self.quantity, self.value = quantity, value
        self.proton = names.index(PROTON)
        self.reckoned = (undosed != 0).any(axis=0) | (unit != 0).any(axis=0)
        self.last: AqueousEquilibrium | None = None
        self._newest: AqueousEquilibrium | None = None
        bare = np.abs(unit[:, 1:]).sum(axis=1)
        room = bare - MOST_REAGENT * unit[:, 0]
        self.most = np.where(
            room > 0, MOST_REAGENT * undosed[:, 0] / np.where(room > 0, room, 1.0), 1e9
        )
        if quantity == "pH":
            self.slope = np.maximum(np.abs(unit[:, self.proton]), 1.0)
            self.leads = self._alkalinity()
        else:
            column = unit[:, names.index(quantity)]
            self.slope = np.where(column > 0, column, bare)
            self.leads = np.where(column > 0, 1.0, -1.0)

    def _alkalinity(self) -> Array:
        """1 where the reagent by itself takes up protons at the target, -1 where it gives them."""
        water = np.zeros_like(self.unit)
        water[:, 0] = 1.0 / WATER_WEIGHT
        totals = water + self.unit / np.abs(self.unit[:, 1:]).sum(axis=1, keepdims=True)
        e = self.system.equilibrate(self.T, self.P, totals, pH=self.value)
        held = e.moles @ tableau(e.species)[:, self.proton] - totals[:, self.proton]
        return np.where(np.abs(held) > 1e-9, np.sign(held), 0.0)

    def __call__(self, rows: NDArray[np.int64], dose: Array) -> tuple[Array, NDArray[np.str_]]:
        """Raw miss, mol, and why there is none, at one dose for each of some rows."""
        totals = self.undosed[rows] + dose[:, None] * self.unit[rows]
        at = self.value[rows]
        pH = at if self.quantity == "pH" else None
        start = None if self.last is None else self.last.take(rows)
        e = self.system.equilibrate(
            self.T[rows], self.P[rows], totals, pH=pH, start=start, reckoned=self.reckoned
        )
        self._newest = e
        if self.quantity == "pH":
            held = e.moles @ tableau(e.species)[:, self.proton]
            return held - totals[:, self.proton], e.reason
        found = e.dissolved(self.quantity)
        # per water fed: what boils dry leaves nothing dissolved, yet meets no target
        return (found - at) * totals[:, 0] * WATER_WEIGHT, e.reason

    def keep(self, rows: NDArray[np.int64], good: NDArray[np.bool_]) -> None:
        """Start from the newest equilibria of some of the rows just tried from now on."""
        e = self._newest
        if e is None:
            return
        if self.last is None:
            self.last = replace(e, moles=e.moles.copy(), potentials=e.potentials.copy())
        self.last.moles[rows[good]] = e.moles[good]
        self.last.potentials[rows[good]] = e.potentials[good]

    def hindrance(self, rows: NDArray[np.int64], dose: Array, why: NDArray[np.str_]) -> Any:
        """Why doses just above those kept last lead nowhere: by the water that they left."""
        if self.last is None:
            return why
        fed = (self.undosed[rows] + dose[:, None] * self.unit[rows])[:, 0]
        dry = self.last.moles[rows, 0] < DRY * fed
        crowded = self.last.take(rows).ionic_strength > MOST_SALT
        return np.where(dry, BOILS_DRY, np.where(crowded, BEYOND, why))


def _root(miss: _Trial, n: int) -> tuple[Array, NDArray[np.str_]]:
    """Doses at which the miss vanishes, 0 past the target, nan where there is none; and why."""
    amount = np.full(n, np.nan)
    f0, reason = miss(np.arange(n), np.zeros(n))
    miss.keep(np.arange(n), np.ones(n, bool))
    sign = miss.leads  # the miss is turned so that the dose raises it
    past = (reason == "") & (sign * f0 >= 0)
    amount[past] = 0.0
    reason[past & (f0 != 0)] = "the liquor is past the target, or the reagent leads away from it"
    low, high = np.zeros(n), np.full(n, np.inf)
    old, f_old = low.copy(), sign * f0
    new = np.minimum(-f_old / miss.slope, miss.most)
    slow, blocked = np.zeros(n, int), np.full(n, "", dtype="<U160")
    rows = np.flatnonzero((reason == "") & ~past)
    for _ in range(MOST_TRIALS):
        if not rows.size:
            break
        x = new[rows]
        f, why = miss(rows, x)
        f = sign[rows] * f
        unsolved = why != ""
        below = ~unsolved & (f < 0)
        # the branch that the undosed liquor lies on is followed upwards
        miss.keep(rows, below)
        near = ~unsolved & (np.abs(f) <= CLOSE * miss.slope[rows] * x)
        before = high[rows] - low[rows]
        low[rows[below]], high[rows[~below]] = x[below], x[~below]
        blocked[rows[~below]] = np.where(unsolved, why, JUMPS)[~below]
        closed = ~near & (high[rows] - low[rows] <= NARROW * x)
        enough = np.maximum(
            MET * miss.slope[rows] * x, NOISE * WATER_WEIGHT * miss.undosed[rows, 0]
        )
        near |= closed & ~unsolved & (np.abs(f) <= enough)
        closed &= ~near
        amount[rows[near]] = x[near]
        short = below & ~near & (x >= miss.most[rows])
        blocked[rows[short]] = OUT_OF_REACH
        at = rows[short | closed]
        reason[at] = miss.hindrance(at, low[at], blocked[at])
        with np.errstate(all="ignore"):
            secant = x - f * (x - old[rows]) / (f - f_old[rows])
        old[rows], f_old[rows] = x, f
        go = ~near & ~short & ~closed
        rows, secant, before = rows[go], secant[go], before[go]
        lo, hi = low[rows], high[rows]
        bounded = np.isfinite(hi)
        slow[rows] = np.where(bounded & (hi - lo > 0.5 * before), slow[rows] + 1, 0)
        ceiling = np.where(bounded, hi, np.minimum(4 * x[go], miss.most[rows] * (1 + 1e-12)))
        inside = (secant > lo) & (secant < ceiling) & (slow[rows] <= 3)
        slow[rows[~inside]] = 0
        middle = np.where(bounded, 0.5 * (lo + np.where(bounded, hi, 0.0)), ceiling)
        new[rows] = np.where(inside, secant, middle)
    reason[rows] = "the dose did not settle"
    return amount, reason
