"""Filter: the residue leaves as a washed, wet cake, the liquor goes on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.stream import Stream
from sludgesim.units.base import Outcome, worst
from sludgesim.units.solution import filtered, ratio, table, vessel_duties

CLOSE = 5e-3
"""Moisture beyond what is said, as a share of the cake, that is round-off of the telling."""
MOSTLY = 0.7
"""Share of the cake that is oxide of iron from which on its moisture is judged by that."""


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

    Warns of a moisture that cakes of the iron in it are not said to have.

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
    duties = vessel_duties(outlets, inlets, drawn, power)
    return Outcome(outlets, drawn, duties, warnings=() if p.trial else _unlikely(slurry, p))


def _unlikely(slurry: Stream, p: Section) -> tuple[str, ...]:
    """A warning where a cake is told to hold what cakes of its iron are not said to hold."""
    solids = slurry.without("aq", "l", "g")
    parts = [(solids.only(row["solids"].__contains__).mass(), row["range"])
             for row in table("cake_moisture").values()]  # fmt: skip
    iron = sum((mass for mass, _ in parts), np.zeros(slurry.n))
    low, high = (sum(mass * span[k] / 100 for mass, span in parts) for k in (0, 1))
    held = ratio(np.maximum(low, np.minimum(p["moisture"] * iron, high)), iron)  # nearest said
    judged = iron > MOSTLY * solids.mass()
    distance = np.where(judged, np.abs(p["moisture"] - held), 0.0)
    most, many = worst(distance, CLOSE)
    if not most:
        return ()
    k = int(np.nan_to_num(distance).argmax())
    said, told = 100 * held[k], 100 * (p["moisture"] + 0.0 * iron)[k]
    return (f"cakes of this iron are said to hold {said:.0f} wt% of liquor at the "
            f"{'most' if told > said else 'least'}{many}, not {told:.0f}",)  # fmt: skip
