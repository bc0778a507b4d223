"""Leach: acid dissolves the rare earths, and as much of the rest as the route lets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.solution import (
    WATER,
    atoms,
    charge,
    solution,
    table,
    vessel_duties,
    water_mass,
)

# Electrons that do not balance by less than this share of the oxygen are round-off, not gas.
_ROUND_OFF = 1e-12


def _dissolved(
    solids: Stream, p: Section
) -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
    """Ions made, residue left and CO2 and H2S driven out of the solids, mol."""
    ions: dict[str, Array] = {}
    residue: dict[str, Array] = {}
    gases: dict[str, Array] = {}
    driven: dict[str, Any] = {}
    for solid, gone in table("driven_out").items():
        for element, gas in gone.items():
            if solid in solids.species:
                freed = solids[solid] * atoms(solid, element)
                gases[gas] = gases.get(gas, 0.0) + freed
                driven[element] = driven.get(element, 0.0) + freed
    present = solids.holds()
    for element, entry in table("leach").items():
        share = p[entry["extent"]] if "extent" in entry else np.full(solids.n, "ion" in entry)
        reduced = p["ferrous_share"] if "reduced" in entry else 0.0
        if element not in present:
            continue
        amount = np.maximum(solids.element(element) - driven.get(element, 0.0), 0.0)
        if "residue" in entry:
            left = entry["residue"]
            residue[left] = amount * (1 - share) / atoms(left, element)
        if "ion" in entry:
            ions[entry["ion"]] = amount * share * (1 - reduced)
            if "reduced" in entry:
                ions[entry["reduced"]] = amount * share * reduced
    return ions, residue, gases


def _redox(solids: Stream, made: Mapping[str, Array], acid: Array) -> dict[str, Array]:
    """H2O(l), H2(g) and O2(g) that close oxygen, hydrogen and electrons, mol."""
    oxygen: Any = solids.element("O") - sum(atoms(s, "O") * n for s, n in made.items())
    hydrogen: Any = solids.element("H") + acid - sum(atoms(s, "H") * n for s, n in made.items())
    scale: Any = solids.element("O") + acid + sum(atoms(s, "O") * n for s, n in made.items())
    surplus = hydrogen / 2 - oxygen
    surplus = np.where(np.abs(surplus) <= _ROUND_OFF * scale, 0.0, surplus)
    return {
        "H2(g)": np.maximum(surplus, 0),
        "O2(g)": np.maximum(-surplus, 0) / 2,
        WATER: hydrogen / 2 - np.maximum(surplus, 0),
    }


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Dissolve the declared share of each element of the solids in hydrochloric acid.

    HCl = (1 + acid_excess) sum_i z_i n_i - n(H+ of the wash), not below zero

    Parameters
    ----------
    inlets : solids (calcine or cold slag), wash (weak liquor that comes back; optional)
    p : parameters of `data/parameters/leach.yaml`

    Returns
    -------
    Outcome with slurry (residue and liquor) and gas. Metal that dissolves releases H2(g). Where
    the solids hold more oxygen than the ions made, O2(g) leaves; real liquors would rather
    oxidise ferrous iron or chloride, but no Cl2 is made here.

    Range: solids of the elements in the table `leach` of `data/aqueous.yaml`, with O and H.
    Source: exact stoichiometry; the shares dissolved are parameters with sources.
    """
    solids = inlets["solids"]
    returned = merge([stream({}, n=solids.n), *(s for port, s in inlets.items() if port == "wash")])
    ions, residue, gases = _dissolved(solids, p)
    needed: Any = sum(charge(ion) * n for ion, n in ions.items())
    fresh = np.maximum(needed * (1 + p["acid_excess"]) - returned["H+(aq)"], 0)
    acid = solution({"H+(aq)": fresh, "Cl-(aq)": fresh}, p["acid_strength"])
    wanted = solids.mass() * p["liquid_to_solid"] / water_mass()
    extra = np.maximum(wanted - acid[WATER] - returned[WATER], 0)
    water = stream({WATER: extra})

    closing = _redox(solids, {**ions, **residue, **gases}, needed)
    liquor = merge([returned, acid, water], T=p["temperature"])
    slurry = liquor.changed({**ions, **residue, "H+(aq)": -needed, WATER: closing.pop(WATER)})
    outlets = {"slurry": slurry, "leach_gas": stream({**gases, **closing}, T=p["temperature"])}
    drawn = {"hydrochloric_acid": acid, "process_water": water}
    power = p["power"] * slurry.mass()
    return Outcome(outlets, drawn, vessel_duties(heat_needed(outlets, inlets, drawn), power))
