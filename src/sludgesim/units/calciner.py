"""Calciner: wet precipitate becomes the final rare-earth oxide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.stream import AMBIENT, Stream, merge, stream
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.combustion import air
from sludgesim.units.solution import atoms, table


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Burn a precipitate to oxides in air.

    fuel = max(0, heat - power) / burner_efficiency

    Parameters
    ----------
    inlets : precipitate, and optionally solids, a second wet cake
    p : parameters of `data/parameters/calciner.yaml`

    Returns
    -------
    Outcome with oxide (cooled to ambient) and gas. Sodium keeps its chloride as NaCl(s), then its
    sulphate as Na2SO4(s), what is left of it stays as NaOH(s); all other chloride leaves as HCl(g),
    carbon as CO2(g), sulphur as SO2(g), nitrogen as N2(g). The fuel's own flue gas is in no stream:
    its heat comes in through the wall.

    Range: cakes of the elements in the table `calcined` of `data/aqueous.yaml`, with C, H, N, O,
    S, Na and Cl; not more sodium and chloride than their water can turn to NaOH and HCl.
    Source: exact stoichiometry.
    """
    charge = merge(inlets.values())
    sodium, chlorine = charge.element("Na"), charge.element("Cl")
    salt = np.minimum(sodium, chlorine)
    sulphate = np.minimum((sodium - salt) / 2, charge.element("S"))
    caustic = sodium - salt - 2 * sulphate
    solids = {"NaCl(s)": salt, "Na2SO4(s)": sulphate, "NaOH(s)": caustic}
    present = charge.holds()
    for element, oxide in table("calcined").items():
        if element not in present:
            continue
        solids[oxide] = charge.element(element) / atoms(oxide, element)
    gases = {
        "CO2(g)": charge.element("C"),
        "HCl(g)": chlorine - salt,
        "SO2(g)": charge.element("S") - sulphate,
        "N2(g)": charge.element("N") / 2,
        "H2O(g)": (charge.element("H") - (chlorine - salt) - caustic) / 2,
    }
    held: Any = sum(atoms(s, "O") * n for s, n in {**solids, **gases}.items())
    missing = (held - charge.element("O")) / 2
    supply = air(np.maximum(missing, 0) * (1 + p["air_excess"]))

    oxide_out = stream(solids, T=AMBIENT)
    gas = merge([supply, stream(gases)]).changed({"O2(g)": -missing}).at(T=p["gas_temperature"])
    outlets = {"oxide": oxide_out, "kiln_gas": gas}
    drawn = {"air": supply}
    heat = heat_needed(outlets, inlets, drawn)
    power = p["power"] * charge.mass()
    fuel = np.maximum(heat - power, 0) / p["burner_efficiency"]
    duties = {"electricity": power, "fuel": fuel, "loss": heat - power - fuel}
    return Outcome(outlets, drawn, duties)
