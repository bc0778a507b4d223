"""Precipitation: the rare earths fall as oxalates or carbonates and are filtered off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.elements import rare_earths
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.solution import (
    atoms,
    balanced,
    charge,
    filtered,
    metal,
    ratio,
    table,
    vessel_duties,
)


def _fallen(liquor: Stream, p: Section, available: Array) -> tuple[dict[str, Array], Array]:
    """Changes of ions and solids, mol, and the equivalents of precipitant that they use up."""
    rows = table(p["precipitant"])
    extents = {ion: p[entry["extent"]] for ion, entry in rows.items()}
    falls = {ion: liquor[ion] * x for ion, x in extents.items() if ion in liquor.species}
    wanted: Any = sum(charge(ion) * n for ion, n in falls.items())
    # With too little precipitant everything falls short in proportion.
    share = np.minimum(ratio(available, wanted), 1)
    changes: dict[str, Array] = {}
    for ion, n in falls.items():
        solid = rows[ion]["solid"]
        changes[ion] = -n * share
        changes[solid] = changes.get(solid, 0.0) + n * share / atoms(solid, metal(ion))
    return changes, np.minimum(wanted, available)


def _with_oxalic_acid(liquor: Stream, p: Section, demand: Array) -> tuple[Stream, Stream]:
    """2 RE+3 + 3 H2C2O4 + 10 H2O = RE2(C2O4)3.10H2O + 6 H+; what is not used stays dissolved."""
    reagent = stream({"H2C2O4.2H2O(s)": demand / 2})
    changes, used = _fallen(liquor, p, demand)
    changes |= {
        "H2C2O4.2H2O(s)": -demand / 2,
        "H2C2O4(aq)": (demand - used) / 2,
        "H+(aq)": used,
    }
    return merge([liquor, reagent]).changed(balanced(changes)), reagent


def _with_bicarbonate(liquor: Stream, p: Section, demand: Array) -> tuple[Stream, Stream]:
    """2 RE+3 + 6 HCO3- = RE2(CO3)3 + 3 CO2 + 3 H2O, after H+ + HCO3- = CO2 + H2O."""
    acid = liquor["H+(aq)"]
    salt = demand + acid
    reagent = stream({"NH4HCO3(s)": salt})
    changes, used = _fallen(liquor, p, demand)
    bound: Any = sum(atoms(s, "C") * n for s, n in changes.items())
    changes |= {
        "NH4HCO3(s)": -salt,
        "NH4+(aq)": salt,
        "HCO3-(aq)": demand - used,
        "H+(aq)": -acid,
        "CO2(g)": acid + used - bound,
    }
    return merge([liquor, reagent]).changed(balanced(changes)), reagent


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Precipitate the rare earths, filter and wash the precipitate.

    precipitant = dose x 3 n(RE) equivalents (H2C2O4 has 2, NH4HCO3 has 1, and the free acid
    takes NH4HCO3 beyond the dose)

    Parameters
    ----------
    inlets : liquor
    p : parameters of `data/parameters/precipitation.yaml`

    Returns
    -------
    Outcome with precipitate (wet cake), mother_liquor (with the wash water) and gas (CO2).
    Of iron only Fe+2 falls as oxalate. With bicarbonate Fe+3 and Al+3, which hydrolyse before
    the rare earths do, fall with the rare earths' share as hydroxides.

    Range: acid or neutral liquors without oxalate or bicarbonate of their own.
    Source: exact stoichiometry; shares of the parameters.
    """
    liquor = inlets["liquor"]
    demand = p["dose"] * 3 * sum((liquor[f"{e}+3(aq)"] for e in rare_earths()), np.zeros(liquor.n))
    react = _with_oxalic_acid if p["precipitant"] == "oxalic_acid" else _with_bicarbonate
    mixture, reagent = react(liquor, p, demand)
    mixture = mixture.at(T=p["temperature"])
    slurry = mixture.without("g")
    parts = filtered(slurry, p["moisture"], p["wash_ratio"], p["wash_efficiency"])
    outlets = {
        "precipitate": parts.cake,
        "mother_liquor": merge([parts.filtrate, parts.washings]),
        "precipitation_gas": mixture.phase("g"),
    }
    drawn = {p["precipitant"]: reagent, "process_water": parts.water}
    power = p["power"] * slurry.mass()
    return Outcome(outlets, drawn, vessel_duties(heat_needed(outlets, inlets, drawn), power))
