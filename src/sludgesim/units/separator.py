"""Tapping: metal and slag part as far as both flow, each carrying some of the other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, solidified
from sludgesim.units.base import Outcome, heat_needed, worst
from sludgesim.units.bath import slag_part
from sludgesim.units.carbon_source import GRAPHITE

# A phase that makes less than this share of the melt is not held to bind the other.
SCARCE = 0.01


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Part metal from slag; all leaves cold, its heat is lost.

    stuck share g = max over both phases of (f_free - f) / (f_free - f_rigid), within 0 and 1
    unparted = g (metal + slag)
    pig iron = (1 - g) ((1 - a) metal + b slag); slag = (1 - g) (a metal + (1 - b) slag)
    with f the liquid share of a phase, a and b the entrained shares, b slag at most the metal.

    Parameters
    ----------
    inlets : melt
    p : metal_in_slag (share of the metal), slag_in_metal (share of the slag), free_liquid,
        rigid_liquid (liquid share above which a phase parts freely, below which not at all),
        power (J/kg melt)

    Returns
    -------
    Outcome: pig_iron, slag, unparted; duties electricity, loss. Warns where a phase hinders it.

    Range: where one phase is less than 1 % of the melt, the other leaves as it is.
    Source: thresholds between the liquid shares at temperatures where Hoshi 2014 could and could
    not separate; entrainment is declared.
    """
    melt = inlets["melt"]
    slag, metal = slag_part(melt), melt.phase("metal", "fcc", "carbide")
    slag_mass, metal_mass = slag.mass(), metal.mass()
    liquid = {"metal": liquid_share(metal, "metal"), "slag": liquid_share(slag, "slag")}
    stuck = _stuck_share(np.minimum(*liquid.values()), p)
    scarcer = np.minimum(slag_mass, metal_mass)
    stuck = np.where(scarcer > SCARCE * (slag_mass + metal_mass), stuck, 0.0)
    stuck_slag, slag = slag.split(stuck)
    stuck_metal, metal = metal.split(stuck)
    stray_metal, clean_metal = metal.split(p["metal_in_slag"])
    # Little metal cannot drown in much slag: it carries its own mass of it at most.
    most = metal_mass / np.where(slag_mass > 0, slag_mass, 1.0)
    stray_slag, clean_slag = slag.split(np.minimum(p["slag_in_metal"], most))
    outlets = {
        "pig_iron": solidified(merge([clean_metal, stray_slag])),
        "slag": solidified(merge([clean_slag, stray_metal])),
        "unparted": solidified(merge([stuck_metal, stuck_slag])),
    }
    power = p["power"] * melt.mass()
    loss = heat_needed(outlets, inlets, {}) - power
    return Outcome(
        outlets, duties={"electricity": power, "loss": loss}, warnings=_warnings(liquid, stuck, p)
    )


def liquid_share(part: Stream, liquid: str) -> Array:
    """Share of a melt's metal or slag, without graphite, that is liquid, shape (n,)."""
    condensed = part.only(lambda s: s != GRAPHITE).mass()
    molten = part.phase(liquid).mass()
    share: Array = np.where(condensed > 0, molten / np.where(condensed > 0, condensed, 1.0), 1.0)
    return share


def _stuck_share(liquid: Array, p: Section) -> Array:
    """Share of the melt that does not part, by the liquid share of the stiffer phase."""
    free, rigid = p["free_liquid"], p["rigid_liquid"]
    width = np.maximum(free - rigid, 1e-9)
    share: Array = np.clip((np.maximum(free, rigid) - liquid) / width, 0.0, 1.0)
    return share


def _warnings(liquid: Mapping[str, Array], stuck: Array, p: Section) -> tuple[str, ...]:
    most, many = worst(stuck, 0.0)
    if not most:
        return ()
    return tuple(
        f"only {100 * np.nanmin(f):.0f} % of the {name} is molten: {100 * most:.0f} % of the melt "
        f"does not part into pig iron and slag{many}, and is tipped"
        for name, f in liquid.items()
        if np.any((f < p["free_liquid"]) & (stuck > 0))
    )
