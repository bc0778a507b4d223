"""Oxidising roast: oil burns, metal becomes oxide, ferrite and borate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.stream import Stream, merge
from sludgesim.thermo.system import load_system
from sludgesim.units.base import Outcome, heat_needed, not_found
from sludgesim.units.charge import charge_species
from sludgesim.units.combustion import air, oxygen_demand, surplus_duties


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Roast dried sludge in air to equilibrium, but for the metal that stays unreacted.

    Parameters
    ----------
    inlets : dried
    p : temperature (K), air_excess, conversion, dust (shares), heat_recovery, burner_efficiency,
        power (J/kg calcine)

    Returns
    -------
    Outcome: calcine, roast_gas, dust; draws air; duties steam (negative: given off), fuel,
    electricity, loss

    Errors: cases whose equilibrium is not found fail with the reason.
    Range: 500 to 1100 degC. Source: equilibrium of the system `roasting`.
    """
    dried = inlets["dried"]
    demand = oxygen_demand(dried)
    blown = air(np.maximum(demand, 0.0) * (1 + p["air_excess"]))
    metals = {entry["metal"] for entry in charge_species().values()}
    scrap = dried.only(lambda s: s in metals or s.endswith("Fe14B(s)"))
    unreacted, _ = scrap.split(1 - p["conversion"])
    minus = unreacted.times(-1.0)
    charge = merge([dried, minus, blown], T=p["temperature"])
    eq = load_system("roasting").equilibrate_stream(charge)
    product = eq.stream()
    gas = product.phase("g").at(T=p["temperature"])
    solids = merge([product.without("g"), unreacted], T=p["temperature"])
    dust, calcine = solids.split(p["dust"])
    outlets = {"calcine": calcine, "roast_gas": gas, "dust": dust}
    drawn = {"air": blown}
    heat = heat_needed(outlets, inlets, drawn)
    power = p["power"] * calcine.mass()
    duties = surplus_duties(heat - power, p["heat_recovery"], p["burner_efficiency"])
    return Outcome(outlets, drawn, {"electricity": power, **duties}, not_found(eq))
