"""Oxidation of ferrous iron in a liquor: peroxide, chlorate or air."""

from __future__ import annotations

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.combustion import air
from sludgesim.units.solution import balanced, solution, table

# Half-lives in air at pH 6 and at pH 4 tell the order in OH-.
ORDER = float(np.log10(3.5e4 / 7.0)) / 2.0


def oxidised(liquor: Stream, p: Section) -> tuple[Stream, dict[str, Stream]]:
    """Oxidise ferrous iron, with a surplus that decays; air does so by a rate.

    Fe+2 + H+ + oxidant/e = Fe+3 + ...; surplus H2O2 = H2O + 1/2 O2, NaClO3 = NaCl + 3/2 O2
    air: share = 1 - 2^(-t/t_half), t_half = t_6 10^(ORDER (6 - pH))

    Parameters
    ----------
    liquor : with Fe+2(aq)
    p : oxidant, oxidant_excess, peroxide_strength, oxidation_time, air_half_life, pH

    Returns
    -------
    liquor with what air and surplus give off in it; reagents drawn, by name

    Range: the rate of air is that of dilute liquors at 25 degC, pH 4 to 6, in air saturation.
    Source: stoichiometry; Singer and Stumm, Science 167 (1970) 1121, as in the reference notes.
    """
    word, strength = p["oxidant"], p["peroxide_strength"]
    row = table("oxidant")[word]
    half_life = p["air_half_life"] * 10.0 ** (ORDER * (6.0 - p["pH"]))
    aired: Array = 1.0 - 2.0 ** (-p["oxidation_time"] / half_life)
    ferrous = liquor["Fe+2(aq)"] * (aired if word == "air" else 1.0)
    spent = ferrous / row["electrons"]
    surplus = spent * p["oxidant_excess"]
    changes = {"Fe+2(aq)": -ferrous, "Fe+3(aq)": ferrous, "H+(aq)": -ferrous}
    if word == "air":
        drawn = air(spent + surplus)
        changes["O2(g)"] = -spent
    else:
        bought = {row["as"]: spent + surplus}
        drawn = solution(bought, strength) if row["dissolved"] else stream(bought)
        changes[row["as"]] = -(spent + surplus)
        for species, n in row["leaves"].items():
            changes[species] = n * (spent + surplus)
        changes["O2(g)"] = row["electrons"] / 4 * surplus
    return merge([liquor, drawn]).changed(balanced(changes)), {word: drawn}
