"""Iron removal: alkali neutralises the leach liquor and throws the iron out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.solution import balanced, neutralised, solution, table, vessel_duties


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Oxidise ferrous iron, neutralise the free acid, precipitate iron and some of the rest.

    2 Fe+2 + H2O2 + 2 H+ = 2 Fe+3 + 2 H2O; H3PO4 + Fe+3 = FePO4 + 3 H+;
    Fe+3 + 3 OH- = FeOOH + H2O or Fe(OH)3;
    surplus H2O2 = H2O + 1/2 O2

    Parameters
    ----------
    inlets : slurry (liquor with the leach residue)
    p : parameters of `data/parameters/iron_removal.yaml`

    Returns
    -------
    Outcome with slurry, neutral, and gas (O2 of the surplus peroxide).

    Range: acid or neutral slurries; at least half of the iron precipitated, or oxidising it
    would call for acid. Source: exact stoichiometry; shares of the parameters.
    """
    slurry = inlets["slurry"]
    ferrous = slurry["Fe+2(aq)"]
    spent, surplus = ferrous / 2, ferrous / 2 * p["peroxide_excess"]
    peroxide = solution({"H2O2(aq)": spent + surplus}, p["peroxide_strength"])
    oxidised = merge([slurry, peroxide]).changed(
        balanced(
            {
                "Fe+2(aq)": -ferrous,
                "Fe+3(aq)": ferrous,
                "H+(aq)": -ferrous,
                "H2O2(aq)": -(spent + surplus),
                "O2(g)": surplus / 2,
            }
        )
    )
    # Phosphate takes its iron first, as in any phosphate removal.
    phosphate = np.minimum(oxidised["H3PO4(aq)"], oxidised["Fe+3(aq)"])
    oxidised = oxidised.changed(
        {
            "H3PO4(aq)": -phosphate,
            "Fe+3(aq)": -phosphate,
            "FePO4(s)": phosphate,
            "H+(aq)": 3 * phosphate,
        }
    )
    iron = table("iron_solid")[p["iron_solid"]]
    rows = [(ion, row.get("solid", iron), p[row["extent"]]) for ion, row in
            table("iron_removal").items()]  # fmt: skip
    removed = {i: (solid, oxidised[i] * x) for i, solid, x in rows if i in oxidised.species}
    neutral, drawn = neutralised(oxidised, removed, p["alkali"], p["alkali_strength"])
    neutral = neutral.at(T=p["temperature"])
    outlets = {"slurry": neutral.without("g"), "oxidation_gas": neutral.phase("g")}
    drawn["hydrogen_peroxide"] = peroxide
    power = p["power"] * outlets["slurry"].mass()
    return Outcome(outlets, drawn, vessel_duties(heat_needed(outlets, inlets, drawn), power))
