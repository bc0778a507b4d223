"""Liquors brought to equilibrium in a vessel, and to a pH with alkali."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.thermo.aqueous import (
    GOOD_SALT,
    MOST_SALT,
    AqueousEquilibrium,
    AqueousSystem,
    load_aqueous,
)
from sludgesim.thermo.dosing import Dosing, Target, dose_to
from sludgesim.thermo.elements import rare_earths
from sludgesim.thermo.simple_ions import in_simple_ions
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.base import Failure, worst
from sludgesim.units.solution import WATER, bought_alkali, table

PAST = "the liquor is past the target"
AMORPHOUS = "Fe(OH)3(s)"


@dataclass(frozen=True)
class Beaker:
    """What a vessel holds, in simple ions, nan where no equilibrium was found.

    contents: liquor, precipitate and what took no part. gas: carbon dioxide of carbonates.
    drawn: by reagent. equilibrium: that of the liquor. dosing: what led there, to start a neighbour
    from.
    """

    contents: Stream
    gas: Stream
    drawn: dict[str, Stream]
    failures: tuple[Failure, ...]
    equilibrium: AqueousEquilibrium
    dosing: Dosing | None = None

    def strong(self) -> tuple[str, ...]:
        """A warning where the liquor has more salt than the activity model describes well."""
        held = self.equilibrium.converged & (self.equilibrium.water > 0)
        most, many = worst(np.where(held, self.equilibrium.ionic_strength, 0.0), GOOD_SALT)
        if not most:
            return ()
        return (
            f"ionic strength of up to {most:.2g} mol/kg{many}: the activity model is good to "
            f"{GOOD_SALT:g} and rough to {MOST_SALT:g}",
        )


def precipitating(iron_solid: str, double_sulphates: bool = True) -> AqueousSystem:
    """The aqueous system in which iron(III) falls as the solids of a word of table `iron_solid`.

    It lets double sulphates of sodium and the rare earths fall, or not.
    """
    solids = table("iron_solid")[iron_solid]
    without = [] if double_sulphates else [f"Na{e}(SO4)2.H2O(s)" for e in rare_earths()]
    if AMORPHOUS not in solids:
        without.insert(0, AMORPHOUS)
    also = tuple(s for s in solids if s != AMORPHOUS)
    return load_aqueous("leaching", also=also, without=tuple(without))


def settled(system: AqueousSystem, liquor: Stream, T: Array) -> Beaker:
    """Bring a liquor to equilibrium at T, K; cases without water stay as they are."""
    safe, live = _with_water(liquor)
    found = system.equilibrate_stream(safe, T)
    return Beaker(
        _put_back(found, liquor, live, T),
        stream({}, n=liquor.n),
        {},
        _unsolved(live, found.reason),
        found,
    )


def brought_to_pH(
    system: AqueousSystem,
    liquor: Stream,
    pH: Array,
    alkali: str,
    strength: Array,
    T: Array,
    start: Dosing | None = None,
    rough: bool = False,
) -> Beaker:
    """Dose alkali into a liquor until it has a pH, at T.

    Parameters
    ----------
    liquor : in simple ions; solids in it take part
    pH : (n,)
    alkali : a word of the table `alkali` of `data/aqueous.yaml`
    strength : mass fraction of NaOH in its solution, (n,)
    T : (n,) K
    start : dosing of a neighbouring batch
    rough : as in `dose_to`

    Returns
    -------
    Beaker.  A liquor past the pH gets no alkali and comes to its own equilibrium; one without
    water stays as it is.

    Range: pH below 6 with a carbonate, whose CO2 is let go before the equilibrium; it would hold
    some of it.  Source: `dose_to`.
    """
    entry = table("alkali")[alkali]
    unit = bought_alkali(alkali, np.ones(liquor.n), strength)
    taken = stream(entry["into"], n=liquor.n) if "into" in entry else unit
    safe, live = _with_water(liquor)
    dosing = dose_to(system, safe, taken, Target("pH", pH), T, start=start, rough=rough)
    reason = np.where(np.char.startswith(dosing.reason, PAST), "", dosing.reason)
    amount = np.where(live, dosing.amount, 0.0 * liquor.moles.sum(axis=1))
    return Beaker(
        _put_back(dosing.equilibrium, liquor, live, T),
        stream(entry.get("gas", {}), n=liquor.n).times(amount).at(T=T),
        {alkali: unit.times(amount)},
        _unsolved(live, reason),
        dosing.equilibrium,
        dosing,
    )


def dose_leaving(
    system: AqueousSystem, liquor: Stream, unit: Stream, master: str, residual: Array, T: Array
) -> tuple[Array, tuple[Failure, ...]]:
    """Amount of a precipitant that leaves so much of it dissolved, at T.

    Parameters
    ----------
    liquor : in simple ions
    unit : one mole of the precipitant, one case
    master : what is counted, such as oxalate
    residual : (n,) mol/kg water; nan where no dose is asked for
    T : (n,) K

    Returns
    -------
    (n,) mol, zero where the liquor is past the residual, has no water or asks for none, nan where
    there is no answer; and the cases without one.  Source: `dose_to`.
    """
    asked = np.isfinite(residual)
    if not asked.any():
        return np.zeros(liquor.n), ()
    masked = replace(liquor, moles=np.where(asked[:, None], liquor.moles, np.nan))
    safe, live = _with_water(masked)
    target = Target(master, np.where(live, residual, 0.0))  # which plain water meets undosed
    dosing = dose_to(system, safe, unit, target, T)
    reason = np.where(np.char.startswith(dosing.reason, PAST), "", dosing.reason)
    return np.where(live, dosing.amount, 0.0), _unsolved(live, reason)


def _with_water(liquor: Stream) -> tuple[Stream, NDArray[np.bool_]]:
    """The liquor with plain water in the cases that hold nan or no water; which do not."""
    live = np.isfinite(liquor.moles).all(axis=1) & (liquor[WATER] > 0)
    safe = liquor if WATER in liquor.species else liquor.changed({WATER: np.zeros(liquor.n)})
    water = np.array([float(s == WATER) for s in safe.species])
    return replace(safe, moles=np.where(live[:, None], safe.moles, water)), live


def _put_back(found: AqueousEquilibrium, liquor: Stream, live: NDArray[np.bool_], T: Any) -> Stream:
    """The equilibrium in simple ions, with the cases that took no part as they were."""
    made = in_simple_ions(found).at(T=T)
    if live.all():
        return made
    made = replace(made, moles=np.where(live[:, None], made.moles, 0.0))
    return merge([made, replace(liquor, moles=np.where(live[:, None], 0.0, liquor.moles))])


def _unsolved(live: NDArray[np.bool_], reason: NDArray[np.str_]) -> tuple[Failure, ...]:
    why = np.where(live, reason, "")
    if not why.any():
        return ()
    return tuple(Failure(why == r, str(r)) for r in np.unique(why) if r)
