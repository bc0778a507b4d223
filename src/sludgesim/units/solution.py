"""What the wet units share: tables of species, reagent solutions, neutralisation, filtration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sludgesim.data import read
from sludgesim.thermo.elements import rare_earths, written_out
from sludgesim.thermo.sit import WATER_WEIGHT
from sludgesim.thermo.species import Array, database
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.base import Later, heat_needed

WATER = "H2O(l)"


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    tables: dict[str, dict[str, Any]] = written_out(read("aqueous"))
    return tables


def table(name: str) -> Mapping[str, Any]:
    """A table of `data/aqueous.yaml`, its `{RE}` entries written out for every rare earth."""
    return _tables()[name]


def atoms(species: str, element: str) -> float:
    """Atoms of an element in one formula unit of a species."""
    return database()[species].composition.get(element, 0.0)


def charge(ion: str) -> float:
    """Charge number of a species."""
    return -atoms(ion, "E")


def metal(ion: str) -> str:
    """The element whose simple ion this is."""
    return next(e for e in database()[ion].composition if e != "E")


def liquor_density() -> float:
    """Water per volume of liquor, kg/m3."""
    return float(read("constants")["liquor_density"]["value"])


def water_mass() -> float:
    """Mass of one mole of water, kg."""
    return WATER_WEIGHT


def solution(amounts: Mapping[str, Array], strength: Array) -> Stream:
    """A reagent dissolved in water at ambient temperature.

    Parameters
    ----------
    amounts : species -> mol, shape (n,)
    strength : mass fraction of the reagent, shape (n,), above zero
    """
    pure = stream(amounts)
    return pure.changed({WATER: pure.mass() * (1 / strength - 1) / water_mass()})


def bought_alkali(word: str, moles: Array, strength: Array) -> Stream:
    """An alkali as it is bought: a solution, or the dry reagent.

    Parameters
    ----------
    word : of the table `alkali`
    moles : (n,) mol
    strength : mass fraction of NaOH in its solution, (n,)
    """
    entry = table("alkali")[word]
    amounts = {s: k * moles for s, k in entry["as"].items()}
    if "strength" not in entry:
        return stream(amounts)
    share = strength if entry["strength"] == "bought" else entry["strength"]
    return solution(amounts, np.broadcast_to(share, moles.shape))


def balanced(changes: Mapping[str, Array]) -> dict[str, Array]:
    """Changes of a reaction in water, with the H2O(l) that its oxygen balance asks for."""
    oxygen: Any = sum(atoms(s, "O") * n for s, n in changes.items())
    return {**changes, WATER: changes.get(WATER, 0.0) - oxygen}


@dataclass(frozen=True)
class Filtration:
    """A wet cake, the filtrate, what washing the cake gave, and the wash water drawn."""

    cake: Stream
    filtrate: Stream
    washings: Stream
    water: Stream


def unwashed(held: Array, wash: Array, efficiency: Any, stages: Any) -> Array:
    """Share of a cake's liquor that counter-current washing leaves in it.

    (1-e)^n / ((1-er)^n + re sum_k (1-e)^k (1-er)^(n-1-k)), r = held/wash

    Parameters
    ----------
    held : (n,) kg liquor in the cake
    wash : (n,) kg wash water, which enters the last stage
    efficiency : share e of the cake's liquor that a stage replaces; at most wash/held is replaced,
        which is plug flow. A stage that mixes fully has wash / (wash + held)
    stages : number of stages n

    Source: balances of n equal stages; with full mixing it is the Kremser equation.
    """
    washed = (held > 0) & (wash > 0)
    r = np.where(washed, held, 1.0) / np.where(washed, wash, 1.0)
    e = np.minimum(efficiency, 1 / r)
    stay, past = 1 - e, np.maximum(1 - e * r, 0.0)
    apart = past - stay
    close = np.abs(apart) < 1e-7
    powers = (past**stages - stay**stages) / np.where(close, 1.0, apart)
    powers = np.where(close, stages * ((stay + past) / 2) ** (stages - 1), powers)
    below = past**stages + r * e * powers
    left = np.where(below > 0, stay**stages / np.where(below > 0, below, 1.0), 0.0)
    return np.where(washed, left, 1.0)


def filtered(
    slurry: Stream,
    moisture: Array,
    wash_ratio: Any = 0.0,
    wash_efficiency: Any = 0.0,
    stages: Any = 1.0,
) -> Filtration:
    """Split a slurry into cake and filtrate, and wash the cake counter-currently.

    held = min(solids moisture / (1 - moisture), liquor); water takes the place of what is washed
    out, mass for mass

    Parameters
    ----------
    slurry : solids with liquor (aqueous species and H2O(l))
    moisture : kg liquor per kg wet cake, shape (n,), below one
    wash_ratio : kg water per kg dry solids
    wash_efficiency : share of the liquor held that a stage replaces
    stages : washing stages, see `unwashed`

    Returns
    -------
    Filtration, all but the water at the slurry's temperature.
    """
    solids, liquor = slurry.without("aq", "l"), slurry.phase("aq", "l")
    dry, wet = solids.mass(), liquor.mass()
    held = np.minimum(dry * moisture / (1 - moisture), wet)
    wash = dry * wash_ratio
    left = unwashed(held, wash, wash_efficiency, stages)
    displaced = held * (1 - left)
    kept, filtrate = liquor.split(ratio(held, wet))
    stays, out = kept.split(left)
    into_cake = {WATER: displaced / water_mass()}
    past = {WATER: np.maximum(wash - displaced, 0.0) / water_mass()}
    return Filtration(
        merge([solids, stays]).changed(into_cake),
        filtrate,
        out.changed(past),
        stream({WATER: (displaced + np.maximum(wash - displaced, 0.0)) / water_mass()}),
    )


def rare_earths_in(s: Stream) -> Array:
    """Rare earths of a stream, mol, (n,)."""
    return sum((s.element(e) for e in rare_earths()), np.zeros(s.n))


def ratio(part: Array, whole: Array) -> Array:
    """part / whole, zero where the whole is zero."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def vessel_duties(
    outlets: Mapping[str, Stream],
    inlets: Mapping[str, Stream],
    drawn: Mapping[str, Stream],
    power: Array,
    cooled: Mapping[str, Stream] | None = None,
) -> Mapping[str, Array]:
    """Duties of a heated vessel, J: its power becomes heat, steam adds what is short.

    heat = power + steam + loss, with steam >= 0 and surplus heat lost (loss <= 0)

    `cooled` : inlets, by port, that have lost heat before they are charged
    """

    def found() -> dict[str, Array]:
        charged = {**inlets, **(cooled or {})}
        short = heat_needed(outlets, charged, drawn) - power
        before = sum((charged[p].enthalpy() - inlets[p].enthalpy() for p in cooled or {}), 0.0)
        loss = np.minimum(short, 0) + before
        return {"electricity": power, "steam": np.maximum(short, 0), "loss": loss}

    return Later(found)
