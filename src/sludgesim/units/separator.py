"""Tapping: metal and slag part, each carrying some of the other, and go cold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, solidified
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.bath import slag_part
from sludgesim.units.carbon_source import GRAPHITE


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Part metal from slag with mechanical entrainment; both leave cold, their heat is lost.

    pig iron = (1 - a) metal + b slag; slag = a metal + (1 - b) slag; b slag at most the metal

    Parameters
    ----------
    inlets : melt
    p : metal_in_slag (share of the metal), slag_in_metal (share of the slag), power (J/kg melt)

    Returns
    -------
    Outcome: pig_iron, slag; duties electricity, loss. Warns where either phase is not molten.

    Range: the split is a parameter; whether the phases part at all is told by the warning.
    Source: declared entrainment.
    """
    melt = inlets["melt"]
    slag, metal = slag_part(melt), melt.phase("metal", "fcc", "carbide")
    stray_metal, clean_metal = metal.split(p["metal_in_slag"])
    # Little metal cannot drown in much slag: it carries its own mass of it at most.
    slag_mass = slag.mass()
    most = metal.mass() / np.where(slag_mass > 0, slag_mass, 1.0)
    stray_slag, clean_slag = slag.split(np.minimum(p["slag_in_metal"], most))
    outlets = {
        "pig_iron": solidified(merge([clean_metal, stray_slag])),
        "slag": solidified(merge([clean_slag, stray_metal])),
    }
    power = p["power"] * melt.mass()
    loss = heat_needed(outlets, inlets, {}) - power
    warnings = []
    for name, part, liquid in (("metal", metal, "metal"), ("slag", slag, "slag")):
        molten = liquid_share(part, liquid)
        low = np.nanmin(molten) if np.isfinite(molten).any() else 1.0
        if low < 0.3:
            warnings.append(
                f"only {100 * low:.0f} % of the {name} is molten: metal and slag would not part "
                "as the declared entrainment says"
            )
    return Outcome(outlets, duties={"electricity": power, "loss": loss}, warnings=tuple(warnings))


def liquid_share(part: Stream, liquid: str) -> Array:
    """Share of a melt's metal or slag, without graphite, that is liquid, shape (n,)."""
    condensed = part.only(lambda s: s != GRAPHITE).mass()
    molten = part.phase(liquid).mass()
    share: Array = np.where(condensed > 0, molten / np.where(condensed > 0, condensed, 1.0), 1.0)
    return share
