"""Whether a route's figures are of a size that works have shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sludgesim.data import read
from sludgesim.ledger import Ledger
from sludgesim.thermo.elements import CHARGE, rare_earths, symbols
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import merge
from sludgesim.units.base import worst
from sludgesim.units.effluent import beyond_limits

PURE = 99.0
"""Rare-earth oxide of the product, wt%, below which a run tells of it."""
LEAST_RECOVERY = 10.0
"""Recovery, %, below which a route's energy per kg of oxide is not judged."""


def warnings(ledger: Ledger, kpis: Mapping[str, Array]) -> list[str]:
    """What a works would be told of its water, and of the size of its energy.

    Parameters
    ----------
    ledger : of the route
    kpis : from `routes.kpis.compute`
    """
    return [*_of_the_product(ledger, kpis), *_of_the_water(ledger), *_of_the_energy(ledger, kpis)]


def _of_the_product(ledger: Ledger, kpis: Mapping[str, Array]) -> list[str]:
    """A warning where the oxide holds much else, which the price does not know of."""
    purity = kpis["reo_purity"]
    low, many = worst(100 - purity, 100 - PURE)
    if not low:
        return []
    oxide = merge(r.stream for r in ledger.streams if r.name == "oxide")
    k = int(np.nanargmin(purity))
    others = [e for e in symbols() if e not in (*rare_earths(), "O", CHARGE)]
    held = {e: float(oxide.element_mass(e)[k]) for e in others}
    most = sorted((e for e in held if held[e] > 0), key=lambda e: -held[e])[:3]
    return [
        f"the oxide is {100 - low:.3g} wt% REO{many}, beside it {', '.join(most)}; "
        "it is priced as if it were pure"
    ]


def _of_the_water(ledger: Ledger) -> list[str]:
    """A warning for each limit that the water discharged, where there is any, is beyond."""
    discharged = [r.stream for r in ledger.streams if r.target == "discharge"]
    return [w for s in discharged for w in beyond_limits(s)]


def _of_the_energy(ledger: Ledger, kpis: Mapping[str, Array]) -> list[str]:
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
    made = kpis["re_recovery"] > LEAST_RECOVERY  # per kg of next to nothing says nothing
    off = made & ((energy < low * min(levels)) | (energy > high * max(levels)))
    if not off.any():
        return []
    distance = np.abs(np.log(energy[off] / np.median(levels)))
    worst = float(energy[off][np.argmax(distance)])
    many = "" if off.size == 1 else f" in {off.sum()} of {off.size} cases, at worst"
    span = f"{low:g} to {high:g} times {min(levels):.2f} to {max(levels):.2f} tce per t oxide"
    return [f"energy is not within {span}{many}: {worst:.2f} ({', '.join(known['source'])})"]
