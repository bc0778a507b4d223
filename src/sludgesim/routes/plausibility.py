"""Whether a route's figures are of a size that works have shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sludgesim.data import read
from sludgesim.ledger import Ledger
from sludgesim.thermo.species import Array


def warnings(ledger: Ledger, kpis: Mapping[str, Array]) -> list[str]:
    """A warning where a wet route takes far less or more energy than its standard's levels.

    Parameters
    ----------
    ledger : of the route; one with a smelter is none of the standard's
    kpis : from `routes.kpis.compute`, with `standard_coal_per_kg_reo`

    Source: `data/energy_levels.yaml`.
    """
    if "smelter" in ledger.units:
        return []
    known: Mapping[str, Any] = read("energy_levels")
    levels, (low, high) = known["levels"], known["band"]
    energy = kpis["standard_coal_per_kg_reo"]
    off = (energy < low * min(levels)) | (energy > high * max(levels))
    if not off.any():
        return []
    distance = np.abs(np.log(energy[off] / np.median(levels)))
    worst = float(energy[off][np.argmax(distance)])
    many = "" if off.size == 1 else f" in {off.sum()} of {off.size} cases, at worst"
    span = f"{low:g} to {high:g} times {min(levels):.2f} to {max(levels):.2f} tce per t oxide"
    return [f"energy is not within {span}{many}: {worst:.2f} ({', '.join(known['source'])})"]
