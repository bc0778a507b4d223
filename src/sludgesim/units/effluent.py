"""Effluent: the mother liquor is neutralised, its metals leave as sludge, the water is let go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sludgesim.data import read
from sludgesim.parameters import Section
from sludgesim.thermo.elements import formula_weight
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.base import Outcome, worst
from sludgesim.units.beaker import Beaker, brought_to_pH, precipitating
from sludgesim.units.combustion import air
from sludgesim.units.solution import (
    WATER,
    balanced,
    charge,
    filtered,
    ratio,
    table,
    vessel_duties,
    water_mass,
)

PH_CLOSE = 1e-6
"""Miss of a pH that is round-off of the dose."""
MUCH_AMMONIA = 0.05
"""Free ammonia, mol/kg water, from which on a run tells of it."""
MUCH_BRUCITE = 0.3
"""Share of the alkali that drops magnesium hydroxide from which on a run tells of it."""


def limits() -> Mapping[str, Any]:
    """`data/effluent_limits.yaml`: what discharged water may hold."""
    content: Mapping[str, Any] = read("effluent_limits")
    return content


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Neutralise a liquor to a pH, let its metals fall, filter the sludge off.

    Fe+2 + 1/4 O2 + H+ = Fe+3 + 1/2 H2O; then the aqueous equilibrium at the pH, as in
    Fe+3 + 3 OH- = Fe(OH)3 or with lime C2O4-2 + Ca+2 + H2O = CaC2O4.H2O

    Parameters
    ----------
    inlets : mother_liquor (with the fines that passed the filter), and heavy_liquor where light
        and heavy rare earths were parted
    p : parameters of `data/parameters/effluent.yaml`

    Returns
    -------
    Outcome with wastewater, sludge (wet cake) and gas (spent air). A liquor past the pH gets no
    alkali. Warns of free ammonia, of magnesia that takes the alkali, and of more salt than the
    activity model describes well; of the limits of what is discharged `beyond_limits` tells.

    Errors: cases whose equilibrium is not found are failures with the reason.
    Range: that of the aqueous system and its activity model. Source: `brought_to_pH`.
    """
    liquor = merge(inlets.values())
    ferrous = liquor["Fe+2(aq)"]
    blown = air(ferrous / 4)
    changes = {
        "Fe+2(aq)": -ferrous,
        "Fe+3(aq)": ferrous,
        "H+(aq)": -ferrous,
        "O2(g)": -ferrous / 4,
    }
    for ion, solid in table("effluent").items():
        if ion in liquor.species:
            changes |= {ion: -liquor[ion], solid: liquor[ion]}
            changes["H+(aq)"] = changes["H+(aq)"] + charge(ion) * liquor[ion]
    oxidised = merge([liquor, blown]).changed(balanced(changes))
    beaker = brought_to_pH(
        precipitating("hydroxide"),
        oxidised.without("g"),
        p["pH"],
        p["alkali"],
        p["alkali_strength"],
        p["temperature"],
    )
    parts = filtered(beaker.contents, p["moisture"])
    outlets = {
        "wastewater": parts.filtrate,
        "hydroxide_cake": parts.cake,
        "vent_gas": oxidised.phase("g").at(T=p["temperature"]),
    }
    drawn = {"air": blown, **beaker.drawn}
    power = p["power"] * beaker.contents.mass()
    duties = vessel_duties(outlets, inlets, drawn, power)
    warnings = (*beaker.strong(), *_of_the_liquor(oxidised, beaker))
    return Outcome(outlets, drawn, duties, beaker.failures, warnings)


def _of_the_liquor(before: Stream, beaker: Beaker) -> tuple[str, ...]:
    """Warnings of a pH that rivers do not take, of free ammonia, of magnesia that takes alkali."""
    found = []
    pH, after = beaker.equilibrium.pH, beaker.contents
    low, high = limits()["pH"]["range"]
    off = np.nan_to_num(np.maximum(low - pH, pH - high))
    most, many = worst(off, PH_CLOSE)
    if most:
        limit = f"{', '.join(limits()['pH']['source'])}, {limits()['pH']['quality']}"
        found.append(f"pH {pH[off.argmax()]:.3g}{many}, outside {low:g} to {high:g} ({limit})")
    free, many = worst(ratio(after["NH3(aq)"], after[WATER] * water_mass()), MUCH_AMMONIA)
    if free:
        found.append(
            f"up to {free:.2g} mol/kg of free ammonia{many}: some goes off as gas, not in the model"
        )
    brucite = 2 * (after["Mg(OH)2(s)"] - before["Mg(OH)2(s)"])
    alkali = sum(
        (s["OH-(aq)"] + 2 * s["Ca(OH)2(s)"] for s in beaker.drawn.values()), np.zeros(after.n)
    )
    taken, many = worst(ratio(brucite, alkali), MUCH_BRUCITE)
    if taken:
        found.append(
            f"up to {taken:.0%} of the alkali drops magnesium hydroxide{many}; a lower pH leaves it"
        )
    return tuple(found)


def beyond_limits(wastewater: Stream) -> tuple[str, ...]:
    """A warning for each content that discharged water exceeds; a litre is a kilogram of water.

    COD = 16 g O2 per mol of oxalate

    Parameters
    ----------
    wastewater : n cases, nan where there is none

    Source: `data/effluent_limits.yaml`.
    """
    water = wastewater[WATER] * water_mass()
    found = []
    for name, limit in limits().items():
        if name == "pH":
            continue
        if name == "COD":
            oxalate = wastewater.only(lambda s: "C2O4" in s).element("C") / 2
            held = 1e6 * oxalate * formula_weight({"O": 1.0})
        else:
            held = 1e6 * wastewater.element_mass(name)
        content, many = worst(ratio(held, water), limit["mg_per_L"])
        if content:
            told = f"limit of {', '.join(limit['source'])}, {limit['quality']}"
            most = f"{limit['mg_per_L']:g} mg/L{many}{', at worst' * bool(many)}"
            shown = f"{float(f'{content:.3g}'):g}"  # 1130, not 1.13e+03
            found.append(f"the wastewater holds {name} beyond {most}: {shown} ({told})")
    return tuple(found)
