"""Iron removal: alkali brings the leach liquor to a pH at which iron(III) falls out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.elements import rare_earths
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.base import Outcome
from sludgesim.units.beaker import AMORPHOUS, brought_to_pH, precipitating
from sludgesim.units.oxidation import outside_the_rate, oxidised
from sludgesim.units.solution import WATER, atoms, balanced, charge, ratio, table, vessel_duties

JAROSITE = "NaFe3(SO4)2(OH)6(s)"
_MOSTLY = 0.9  # of the iron, below which a run that asks for jarosite warns
_FREE = 0.9  # of the water, that hydroxides may take: a liquor without any has no equilibrium


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Oxidise ferrous iron, dose alkali to a pH, let fall what is no longer soluble.

    oxidation as in `oxidised`;
    H3PO4 + Fe+3 = FePO4 + 3 H+; then the aqueous equilibrium at the pH

    Parameters
    ----------
    inlets : slurry (liquor with the leach residue, which takes no part)
    p : parameters of `data/parameters/iron_removal.yaml`

    Returns
    -------
    Outcome with slurry and gas (air, O2 of a surplus oxidant, CO2 of a carbonate). The iron takes
    declared shares of the rare earths and of gallium along as hydroxides; all else follows from
    solubility. A liquor that is past the pH gets no alkali. Warns of rare earths that are lost as
    double sulphates, and of iron that does not fall as the jarosite asked for.

    Errors: cases whose equilibrium is not found are failures with the reason.
    Range: that of the aqueous system and its activity model. Source: `brought_to_pH`; shares of
    the parameters.
    """
    slurry = inlets["slurry"]
    liquor, oxidant = oxidised(slurry, p)
    # Phosphate takes its iron first, as in any phosphate removal.
    phosphate = np.minimum(liquor["H3PO4(aq)"], liquor["Fe+3(aq)"])
    changes = {
        "H3PO4(aq)": -phosphate,
        "Fe+3(aq)": -phosphate,
        "FePO4(s)": phosphate,
        "H+(aq)": 3 * phosphate,
    }
    takes = {i: row for i, row in table("iron_removal").items() if i in liquor.species}
    taken = {i: liquor[i] * p[row["extent"]] for i, row in takes.items()}
    # No more hydroxide than the liquor has water for: strong acid may hold next to none.
    bound = sum((atoms(takes[i]["solid"], "O") * n for i, n in taken.items()), np.zeros(liquor.n))
    free = _FREE * np.maximum(liquor[WATER], 0.0)
    room = np.where(bound > free, ratio(free, bound), 1.0)
    for ion, n in taken.items():
        fallen = room * n
        changes |= {ion: -fallen, takes[ion]["solid"]: fallen}
        changes["H+(aq)"] = changes["H+(aq)"] + charge(ion) * fallen
    treated = liquor.changed(balanced(changes))
    beaker = brought_to_pH(
        precipitating(p["iron_solid"], p["double_sulphates"] == "fall"),
        treated.phase("aq", "l"),
        p["pH"],
        p["alkali"],
        p["alkali_strength"],
        p["temperature"],
        p.memory.get("dosing"),
        p.trial,
    )
    p.memory["dosing"] = beaker.dosing
    gas = merge([treated.phase("g"), beaker.gas], T=p["temperature"])
    solids = treated.without("aq", "l", "g")
    outlets = {"slurry": merge([beaker.contents, solids]), "oxidation_gas": gas}
    drawn = {**beaker.drawn, **oxidant}
    power = p["power"] * outlets["slurry"].mass()
    duties = vessel_duties(outlets, inlets, drawn, power)
    warnings = (*outside_the_rate(p), *_lost(slurry, outlets["slurry"]))
    if p["iron_solid"] == "jarosite":
        warnings += _no_jarosite(treated, outlets["slurry"])
    return Outcome(outlets, drawn, duties, beaker.failures, warnings)


def _no_jarosite(before: Stream, after: Stream) -> tuple[str, ...]:
    """A warning where a good part of the iron(III) does not fall as the jarosite asked for."""
    held = before["Fe+3(aq)"]
    shares = [ratio(n, held) for n in (3 * after[JAROSITE], after[AMORPHOUS], after["Fe+3(aq)"])]
    jarosite, hydroxide, dissolved = (np.nan_to_num(s) for s in shares)
    missed = (held > 0) & np.isfinite(shares[0]) & (jarosite < _MOSTLY)
    if not missed.any():
        return ()
    worst = np.where(missed, jarosite, np.inf).argmin()
    return (
        f"only {jarosite[worst]:.0%} of the iron falls as jarosite, which takes sulphate and "
        f"sodium: {hydroxide[worst]:.0%} falls as amorphous hydroxide, "
        f"{dissolved[worst]:.0%} stays dissolved",
    )


def _lost(before: Stream, after: Stream) -> tuple[str, ...]:
    """A warning where sodium takes rare earths out of a sulphate liquor."""
    solids = [s for e in rare_earths() if (s := f"Na{e}(SO4)2.H2O(s)") in after.species]
    if not solids:
        return ()
    held = sum((before[f"{e}+3(aq)"] for e in rare_earths()), np.zeros(before.n))
    fallen = sum((after[s] for s in solids), np.zeros(before.n))
    worst = np.nan_to_num(ratio(fallen, held)).max()
    if worst <= 1e-3:
        return ()
    return (f"up to {worst:.0%} of the rare earths fall as sodium double sulphates",)
