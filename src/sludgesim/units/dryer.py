"""Dewatering and drying of the sludge."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.elements import formula_weight
from sludgesim.thermo.species import database
from sludgesim.thermo.stream import Stream, stream
from sludgesim.units.base import Outcome, heat_needed

WATER = "H2O(l)"


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Press out the water above a cake moisture, then evaporate down to a residual moisture.

    heat = H(dried) + H(vapour) + H(press water) - H(sludge) - power

    Parameters
    ----------
    inlets : sludge
    p : pressed_moisture, residual_moisture (kg/kg), temperature (K), power (J/kg evaporated)

    Returns
    -------
    Outcome: dried, vapour (steam), press_water; duties steam, electricity

    Range: 60 to 200 degC; oil stays with the solids. Source: energy balance.
    """
    sludge = inlets["sludge"]
    molar = formula_weight(database()[WATER].composition)
    other = sludge.mass() - sludge[WATER] * molar
    water = sludge[WATER] * molar
    kept = {k: other * p[k] / (1 - p[k]) for k in ("pressed_moisture", "residual_moisture")}
    cake = np.minimum(water, kept["pressed_moisture"])
    residual = np.minimum(cake, kept["residual_moisture"])
    pressed, vapour = (water - cake) / molar, (cake - residual) / molar
    outlets = {
        "dried": sludge.changed({WATER: -(pressed + vapour)}).at(T=p["temperature"]),
        "vapour": stream({"H2O(g)": vapour}, T=p["temperature"], n=sludge.n),
        "press_water": stream({WATER: pressed}, n=sludge.n),
    }
    power = p["power"] * (cake - residual)
    heat = heat_needed(outlets, inlets, {})
    return Outcome(outlets, duties={"electricity": power, "steam": heat - power})
