"""Filter: the residue leaves as a washed, wet cake, the liquor goes on."""

from __future__ import annotations

from collections.abc import Mapping

from sludgesim.parameters import Section
from sludgesim.thermo.stream import Stream
from sludgesim.units.base import Outcome
from sludgesim.units.solution import filtered, vessel_duties


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Separate a slurry into liquor and washed residue, all of it at the filter's temperature.

    Parameters
    ----------
    inlets : slurry
    p : parameters of `data/parameters/filter.yaml`

    Returns
    -------
    Outcome with liquor, residue (or product_cake, as `residue_to` tells), and wash_filtrate (wash
    water past the cake with the liquor it displaced). A slurry with less liquor than the cake
    would hold leaves as cake altogether.

    Range: cake moisture below 100 wt%. Source: mass balance.
    """
    slurry = inlets["slurry"].at(T=p["temperature"])
    washing = p["wash_ratio"], p["wash_efficiency"], p["wash_stages"]
    parts = filtered(slurry, p["moisture"], *washing)
    cake = "product_cake" if p["residue_to"] == "calciner" else "residue"
    outlets = {
        "liquor": parts.filtrate,
        cake: parts.cake,
        "wash_filtrate": parts.washings,
    }
    drawn = {"process_water": parts.water}
    power = p["power"] * slurry.mass()
    return Outcome(outlets, drawn, vessel_duties(outlets, inlets, drawn, power))
