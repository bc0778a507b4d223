"""Oxidation of ferrous iron in a liquor: peroxide, chlorate or air."""

from __future__ import annotations

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.combustion import air
from sludgesim.units.solution import balanced, solution, table

ICE = 273.15  # K
DUST = 1e-12  # share of the iron


def oxidised(liquor: Stream, p: Section) -> tuple[Stream, dict[str, Stream]]:
    """Oxidise ferrous iron, with a surplus that decays; air does so by a rate.

    Fe+2 + H+ + oxidant/e = Fe+3 + ...; surplus H2O2 = H2O + 1/2 O2, NaClO3 = NaCl + 3/2 O2
    air: share = 1 - 2^(-t/t_half), t_half = t_6 10^(q (6 - pH)), q by two half-lives

    Parameters
    ----------
    liquor : with Fe+2(aq)
    p : oxidant, oxidant_excess, peroxide_strength, oxidation_time, air_half_life, pH

    Returns
    -------
    liquor with what air and surplus give off in it; reagents drawn, by name

    Range: the rate of air is that of dilute liquors at 25 degC, pH 4 to 6, saturated with air;
    see `outside_the_rate`.
    Source: stoichiometry; Singer and Stumm, Science 167 (1970) 1121, as in the reference notes.
    """
    word, strength = p["oxidant"], p["peroxide_strength"]
    row = table("oxidant")[word]
    aired = _aired(p["oxidation_time"], p["air_half_life"], p["pH"])
    held = liquor["Fe+2(aq)"]
    # What equilibria leave of it beside Fe(III) is dust, for which nobody buys an oxidant.
    held = np.where(held > DUST * (held + liquor["Fe+3(aq)"]), held, 0.0)
    ferrous = held * (aired if word == "air" else 1.0)
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


def _aired(time: Array, fastest: Array, pH: Array) -> Array:
    """Share of the ferrous iron that air oxidises in its time, (n,)."""
    known = table("oxidant")["air"]
    (slow, fast), (low, high) = known["half_lives"], known["pH"]
    order = np.log10(slow / fast) / (high - low)
    half_life = fastest * 10.0 ** (order * (high - pH))
    share: Array = 1.0 - 2.0 ** (-time / half_life)
    return share


def outside_the_rate(p: Section) -> tuple[str, ...]:
    """A warning where air is asked to oxidise outside the pH and temperature of its rate."""
    if p["oxidant"] != "air":
        return ()
    known, pH, celsius = table("oxidant")["air"], p["pH"], p["temperature"] - ICE
    (low, high), (cold, hot) = known["pH"], known["degC"]
    if ((pH >= low) & (pH <= high) & (celsius >= cold) & (celsius <= hot)).all():
        return ()
    here = (
        f"pH {np.min(pH):.3g} to {np.max(pH):.3g}, {np.min(celsius):.3g} to {np.max(celsius):.3g}"
    )
    return (
        f"the rate of air holds for pH {low} to {high}, {cold} to {hot} degC; here {here} degC",
    )
