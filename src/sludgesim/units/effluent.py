"""Effluent: the mother liquor is neutralised, its metals leave as sludge, the water is let go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.data import read
from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.base import Outcome
from sludgesim.units.beaker import brought_to_pH, precipitating
from sludgesim.units.combustion import air
from sludgesim.units.solution import (
    WATER,
    balanced,
    charge,
    filtered,
    table,
    vessel_duties,
    water_mass,
)


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
    Outcome with wastewater, sludge (wet cake) and gas (spent air); a warning for each element
    that the wastewater holds more of than `limits` allows. A liquor past the pH gets no alkali.

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
    beyond = _beyond(parts.filtrate, beaker.pH)
    return Outcome(outlets, drawn, duties, beaker.failures, beyond)


def _beyond(wastewater: Stream, pH: Array) -> tuple[str, ...]:
    """A warning for each limit that some case exceeds; a litre is taken as a kilogram of water."""
    water = wastewater[WATER] * water_mass()
    found = []

    def tell(over: NDArray[np.bool_], what: str, worst: float, limit: Mapping[str, Any]) -> None:
        many = "" if over.size == 1 else f" in {over.sum()} of {over.size} cases, at worst"
        told = f"limit of {', '.join(limit['source'])}, {limit['quality']}"
        found.append(f"the wastewater {what}{many}: {worst:.3g} ({told})")

    for name, limit in limits().items():
        if name == "pH":
            low, high = limit["range"]
            off = np.maximum(low - pH, pH - high)
            if (off > 0).any():
                worst = float(pH[np.nanargmax(off)])
                tell(off > 0, f"has a pH outside {low:g} to {high:g}", worst, limit)
            continue
        held = 1e6 * wastewater.element_mass(name)
        over = (held > limit["mg_per_L"] * water) & (water > 0)
        if over.any():
            worst = float(np.max(held[over] / water[over]))
            tell(over, f"holds {name} beyond {limit['mg_per_L']:g} mg/L", worst, limit)
    return tuple(found)
