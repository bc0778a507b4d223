"""Precipitation: rare earths fall as oxalate, carbonate or double sulphate and are filtered off."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.base import Failure, Outcome, worst
from sludgesim.units.beaker import dose_leaving, settled
from sludgesim.units.solution import (
    WATER,
    balanced,
    charge,
    filtered,
    liquor_density,
    rare_earths_in,
    ratio,
    solution,
    table,
    vessel_duties,
    water_mass,
)

MUCH_LEFT = 0.05
"""Share of the rare earths that stay, or of the oxalate lost, from which on a run tells of it."""
NO_ACID = "acid_returned needs oxalic acid, nothing else gives acid to return"


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Dilute a liquor, precipitate its rare earths, filter and wash the precipitate.

    precipitant = dose x 3 n(RE) equivalents (H2C2O4 and Na2CO3 have 2, NH4HCO3 1, Na2SO4 6; the
    free acid takes carbonate beyond the dose), or what leaves the `residual` of it dissolved; then
    the aqueous equilibrium, as in 2 RE+3 + 3 H2C2O4 + 10 H2O = RE2(C2O4)3.10H2O + 6 H+; double
    sulphates are filtered and converted, NaRE(SO4)2.H2O + 3 NaOH = RE(OH)3 + 2 Na2SO4 + H2O

    Parameters
    ----------
    inlets : liquor
    p : parameters of `data/parameters/precipitation.yaml`

    Returns
    -------
    Outcome with precipitate (wet cake), mother_liquor (with the wash water and the fines) and gas
    (CO2 of a carbonate, with the vapour it carries). A declared share of Fe+2 falls with the
    oxalates; all else follows from solubility. Cakes of double sulphates are washed before they are
    converted; the wash dissolves none of them.

    Errors: cases whose equilibrium is not found, or whose residual cannot be met, are failures with
    the reason.
    Range: that of the aqueous system and its activity model. Source: `settled`.
    """
    liquor = inlets["liquor"]
    entry = table("precipitant")[p["precipitant"]]
    rare = rare_earths_in(liquor)
    acid = np.maximum(liquor["H+(aq)"] - liquor["OH-(aq)"], 0) if entry["neutralises"] else 0.0
    changes = {"H+(aq)": np.zeros(liquor.n)}
    for ion, solid in entry["aside"].items():
        if ion in liquor.species:
            changes |= {ion: -liquor[ion], solid: liquor[ion]}
            changes["H+(aq)"] = changes["H+(aq)"] + charge(ion) * liquor[ion]
    system = load_aqueous("leaching", vent=entry["neutralises"])
    wanted = rare / p["rare_earths"] * liquor_density()
    thinner = stream({WATER: np.maximum(wanted / water_mass() - liquor[WATER], 0)})
    charged = merge([liquor.changed(balanced(changes)), thinner])
    unit, T = stream({entry["as"]: 1.0}), p["temperature"]
    amount, unmet = dose_leaving(system, charged, unit, entry["left"], p["residual"], T)
    by_dose = (p["dose"] * 3 * rare + acid) / entry["equivalents"]
    reagent = stream({entry["as"]: np.where(np.isnan(p["residual"]), by_dose, amount)})
    beaker = settled(system, merge([charged, reagent]), T)

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
    washing = p["moisture"], p["wash_ratio"], p["wash_efficiency"]
    lye, strengths = p["conversion_dose"], (p["alkali_strength"], p["conversion_strength"])
    drawn = {p["precipitant"]: reagent}
    past, failures = [fines], (*unmet, *beaker.failures)
    if entry.get("converts"):
        raw = filtered(wet, *washing)
        alkali, more = _lye(raw.cake, lye, *strengths)
        converted = settled(system, merge([raw.cake, alkali, more]), T)
        wet, failures = converted.contents, (*failures, *converted.failures)
        past = [fines, raw.filtrate, raw.washings]
        thinner = merge([thinner, raw.water, more])
        drawn["sodium_hydroxide"] = alkali
    parts = filtered(wet, *washing)
    mother = merge([parts.filtrate, parts.washings, *past])
    outlets = {"precipitate": parts.cake, "precipitation_gas": slurry.phase("g")}
    back = p["acid_returned"]
    if (back > 0).any():
        if not entry.get("gives_acid"):
            failures = (*failures, Failure(back > 0, NO_ACID))
        outlets["returned_acid"], mother = mother.split(back)
    outlets["mother_liquor"] = mother
    drawn["process_water"] = merge([parts.water, thinner])
    power = p["power"] * slurry.without("g").mass()
    duties = vessel_duties(outlets, inlets, drawn, power)
    if p.trial:
        return Outcome(outlets, drawn, duties, failures)
    warnings = (*beaker.strong(), *_missed(liquor, slurry))
    return Outcome(outlets, drawn, duties, failures, warnings)


def _missed(liquor: Stream, slurry: Stream) -> tuple[str, ...]:
    """Warnings of rare earths that stay dissolved, and of calcium that takes the oxalate."""
    found = []
    dissolved = ratio(rare_earths_in(slurry.phase("aq")), rare_earths_in(liquor))
    stays, many = worst(dissolved, MUCH_LEFT)
    if stays:
        found.append(f"up to {stays:.0%} of the rare earths stay in the mother liquor{many}")
    lime = slurry["CaC2O4.H2O(s)"] - liquor["CaC2O4.H2O(s)"]
    oxalate = slurry.only(lambda s: "C2O4" in s).element("C") / 2
    taken, many = worst(ratio(lime, oxalate), MUCH_LEFT)
    if taken:
        found.append(f"up to {taken:.0%} of the oxalate falls with calcium{many}")
    return tuple(found)


def _lye(cake: Stream, dose: Array, bought: Array, used: Array) -> tuple[Stream, Stream]:
    """NaOH solution that turns double sulphates to hydroxide, and the water that dilutes it."""
    n = dose * (3 * rare_earths_in(cake) + np.maximum(cake["H+(aq)"] - cake["OH-(aq)"], 0.0))
    ions = {"Na+(aq)": n, "OH-(aq)": n}
    alkali = solution(ions, bought)
    water = np.maximum(solution(ions, used)[WATER] - alkali[WATER], 0.0)
    return alkali, stream({WATER: water})
