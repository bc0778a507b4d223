"""Effluent: the mother liquor is neutralised, its metals leave as sludge, the water is let go."""

from __future__ import annotations

from collections.abc import Mapping

from sludgesim.parameters import Section
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.combustion import air
from sludgesim.units.solution import balanced, filtered, neutralised, table, vessel_duties


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Neutralise a liquor, precipitate its metals, filter the sludge off.

    Fe+2 + 2 OH- + 1/4 O2 + 1/2 H2O = Fe(OH)3; with lime H2C2O4 + Ca(OH)2 = CaC2O4.H2O + H2O

    Parameters
    ----------
    inlets : mother_liquor, and heavy_liquor where light and heavy rare earths were parted
    p : parameters of `data/parameters/effluent.yaml`

    Returns
    -------
    Outcome with wastewater (neither H+ nor OH- left), sludge (wet cake) and gas (spent air).
    Oxalic acid becomes C2O4-2; only lime makes it fall. Boric acid, ammonium, bicarbonate,
    sodium and calcium stay dissolved.

    Range: acid or neutral liquors. Source: exact stoichiometry; shares of the parameters.
    """
    liquor = merge(inlets.values())
    share = p["precipitated"]
    fallen_as = {i: solid for i, solid in table("effluent").items() if i in liquor.species}
    removed = {ion: (solid, liquor[ion] * share) for ion, solid in fallen_as.items()}
    drawn = {"air": air(liquor["Fe+2(aq)"] * share / 4)}
    neutral, reagents = neutralised(
        merge([liquor, drawn["air"]]), removed, p["alkali"], p["alkali_strength"]
    )
    if p["alkali"] == "calcium_hydroxide":
        fallen = liquor["H2C2O4(aq)"] * share
        neutral = neutral.changed(
            balanced({"C2O4-2(aq)": -fallen, "Ca+2(aq)": -fallen, "CaC2O4.H2O(s)": fallen})
        )
    neutral = neutral.at(T=p["temperature"])
    drawn |= reagents
    slurry = neutral.without("g")
    parts = filtered(slurry, p["moisture"])
    outlets = {
        "wastewater": parts.filtrate,
        "hydroxide_cake": parts.cake,
        "vent_gas": neutral.phase("g"),
    }
    power = p["power"] * slurry.mass()
    return Outcome(outlets, drawn, vessel_duties(heat_needed(outlets, inlets, drawn), power))
