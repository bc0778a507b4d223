"""Iron removal: alkali brings the leach liquor to a pH at which iron(III) falls out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.elements import rare_earths
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.base import Outcome, worst
from sludgesim.units.beaker import AMORPHOUS, brought_to_pH, precipitating
from sludgesim.units.oxidation import ICE, outside_the_rate, oxidised
from sludgesim.units.solution import (
    WATER,
    atoms,
    balanced,
    charge,
    rare_earths_in,
    ratio,
    table,
    vessel_duties,
)

JAROSITE = "NaFe3(SO4)2(OH)6(s)"
GALLIUM = "Ga+3(aq)"
MUCH = 0.01
"""Share of the rare earths lost, or of the iron left, from which on a run tells of it."""
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
    solubility. A liquor that is past the pH gets no alkali. Warns of rare earths that fall by
    themselves, of iron that stays, of solids that are not known to form there, and of more salt
    than the activity model describes well.

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
    # Iron cannot take along more than there is of it, mole by mole.
    along = sum((n for i, n in taken.items() if i != GALLIUM), np.zeros(liquor.n))
    most = np.minimum(ratio(np.maximum(liquor["Fe+3(aq)"] - phosphate, 0.0), along), 1.0)
    taken |= {i: most * n for i, n in taken.items() if i != GALLIUM}
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
    if p.trial:
        return Outcome(outlets, drawn, duties, beaker.failures)
    after = outlets["slurry"]
    warnings = (*outside_the_rate(p), *beaker.strong(), *_unlikely(p), *_lost(treated, after))
    if p["iron_solid"] == "jarosite":
        warnings += _no_jarosite(treated, after)
    else:
        warnings += _iron_left(treated, after)
    return Outcome(outlets, drawn, duties, beaker.failures, warnings)


def _unlikely(p: Section) -> tuple[str, ...]:
    """A warning where the iron is told to fall as a solid that is not known to form there."""
    found = []
    known = table("iron_solid_forms").get(p["iron_solid"], {})
    for name, value in (("pH", p["pH"]), ("degC", p["temperature"] - ICE)):
        least = known.get(name, -np.inf)
        if np.min(value) < least:
            found.append(f"{name} {least:g} (here {np.min(value):.3g})")
    if not found:
        return ()
    return (f"{p['iron_solid']} is said to form from {' and '.join(found)} on",)


def _iron_left(before: Stream, after: Stream) -> tuple[str, ...]:
    """A warning where a good part of the iron stays dissolved."""
    ions = ("Fe+2(aq)", "Fe+3(aq)")
    held, left = (sum((s[i] for i in ions), np.zeros(s.n)) for s in (before, after))
    # What little a selective leach dissolves may stay: it counts beside the rare earths.
    counts = held > 0.1 * _dissolved(before)
    share, many = worst(np.where(counts, ratio(left, held), 0.0), MUCH)
    return (f"up to {share:.0%} of the dissolved iron does not fall{many}",) if share else ()


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


def _dissolved(s: Stream) -> Array:
    """Rare earths of a liquor, mol, (n,)."""
    return rare_earths_in(s.phase("aq"))


def _lost(before: Stream, after: Stream) -> tuple[str, ...]:
    """Warnings of rare earths that fall by themselves, on top of what the iron takes along."""
    held = _dissolved(before)
    found = []
    for words, pattern in (
        ("sodium double sulphates", "Na{}(SO4)2.H2O(s)"),
        ("oxalates", "{}2(C2O4)3.10H2O(s)"),
        ("carbonates", "{}2(CO3)3(s)"),
        ("hydroxides by their own solubility", "{}(OH)3(s)"),
    ):
        solids = [pattern.format(e) for e in rare_earths()]
        there, was = (rare_earths_in(s.only(solids.__contains__)) for s in (after, before))
        share, many = worst(ratio(there - was, held), MUCH)
        if share:
            found.append(f"up to {share:.0%} of the dissolved rare earths fall as {words}{many}")
    return tuple(found)
