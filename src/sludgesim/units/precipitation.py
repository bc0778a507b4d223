"""Precipitation: the rare earths fall as oxalates or carbonates and are filtered off."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.thermo.elements import rare_earths
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.beaker import settled
from sludgesim.units.solution import (
    WATER,
    balanced,
    charge,
    filtered,
    table,
    vessel_duties,
    water_mass,
)

WATER_DENSITY = 1e3  # kg/m3


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Dilute a liquor, precipitate its rare earths, filter and wash the precipitate.

    precipitant = dose x 3 n(RE) equivalents (H2C2O4 and Na2CO3 have 2, NH4HCO3 has 1; the free
    acid takes carbonate beyond the dose); then the aqueous equilibrium, as in
    2 RE+3 + 3 H2C2O4 + 10 H2O = RE2(C2O4)3.10H2O + 6 H+

    Parameters
    ----------
    inlets : liquor
    p : parameters of `data/parameters/precipitation.yaml`

    Returns
    -------
    Outcome with precipitate (wet cake), mother_liquor (with the wash water and the fines) and gas
    (CO2 of a carbonate, with the vapour it carries). A declared share of Fe+2 falls with the
    oxalates; all else follows from solubility.

    Errors: cases whose equilibrium is not found are failures with the reason.
    Range: that of the aqueous system and its activity model. Source: `settled`.
    """
    liquor = inlets["liquor"]
    entry = table("precipitant")[p["precipitant"]]
    rare = sum((liquor[f"{e}+3(aq)"] for e in rare_earths()), np.zeros(liquor.n))
    acid = np.maximum(liquor["H+(aq)"] - liquor["OH-(aq)"], 0) if entry["neutralises"] else 0.0
    reagent = stream({entry["as"]: (p["dose"] * 3 * rare + acid) / entry["equivalents"]})
    changes = {"H+(aq)": np.zeros(liquor.n)}
    for ion, solid in entry["aside"].items():
        if ion in liquor.species:
            changes |= {ion: -liquor[ion], solid: liquor[ion]}
            changes["H+(aq)"] = changes["H+(aq)"] + charge(ion) * liquor[ion]
    system = load_aqueous("leaching", vent=entry["neutralises"])
    wanted = rare / p["rare_earths"] * WATER_DENSITY
    thinner = stream({WATER: np.maximum(wanted / water_mass() - liquor[WATER], 0)})
    mixed = merge([liquor.changed(balanced(changes)), reagent, thinner])
    beaker = settled(system, mixed, p["temperature"])

    # Iron(II) goes into the oxalates beyond its solubility.
    ferrous, oxalate = beaker.contents["Fe+2(aq)"], beaker.contents["H2C2O4(aq)"]
    carried = np.minimum(ferrous * p["iron_coprecipitated"], oxalate)
    slurry = beaker.contents.changed(
        balanced(
            {
                "Fe+2(aq)": -carried,
                "H2C2O4(aq)": -carried,
                "FeC2O4.2H2O(s)": carried,
                "H+(aq)": 2 * carried,
            }
        )
    )
    fines, caught = slurry.without("aq", "l", "g").split(p["fines"])
    wet = merge([slurry.phase("aq", "l"), caught])
    parts = filtered(wet, p["moisture"], p["wash_ratio"], p["wash_efficiency"])
    outlets = {
        "precipitate": parts.cake,
        "mother_liquor": merge([parts.filtrate, parts.washings, fines]),
        "precipitation_gas": slurry.phase("g"),
    }
    drawn = {p["precipitant"]: reagent, "process_water": merge([parts.water, thinner])}
    power = p["power"] * slurry.without("g").mass()
    duties = vessel_duties(heat_needed(outlets, inlets, drawn), power)
    return Outcome(outlets, drawn, duties, beaker.failures)
