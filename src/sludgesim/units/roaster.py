"""Oxidising roast: oil burns, metal becomes oxide, ferrite and borate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.elements import elements
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, stream
from sludgesim.thermo.system import load_system
from sludgesim.units.base import Outcome, heat_needed, not_found
from sludgesim.units.charge import charge_species

AIR = {"N2(g)": 0.7812, "O2(g)": 0.2095, "Ar(g)": 0.0093}  # dry air, mole fractions


def oxygen_demand(charge: Stream) -> Array:
    """Oxygen, mol O2, that oxidises a stream fully beyond the oxygen it holds, shape (n,).

    n_O2 = (sum_e nu_e n_e - n_O) / 2, nu_e the oxygen atoms per atom of `elements.yaml`
    """
    wanted: Array = sum(charge.element(e.symbol) * e.roasted for e in elements().values())
    return (wanted - charge.element("O")) / 2


def air(oxygen: Array) -> Stream:
    """Dry air at 25 degC that brings an amount of oxygen, mol O2 (n,)."""
    return stream({s: oxygen * x / AIR["O2(g)"] for s, x in AIR.items()}, n=len(oxygen))


def surplus_duties(heat: Array, recovered: Array, burner: Array) -> dict[str, Array]:
    """Duties of a hot vessel: surplus heat partly becomes steam, a deficit is met by fuel.

    heat : (n,) J needed; negative where the vessel gives heat off
    """
    surplus, deficit = np.maximum(-heat, 0.0), np.maximum(heat, 0.0)
    fuel = deficit / burner
    steam = -recovered * surplus
    return {"steam": steam, "fuel": fuel, "loss": heat - steam - fuel}


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Roast dried sludge in air to equilibrium, but for the metal that stays unreacted.

    Parameters
    ----------
    inlets : dried
    p : temperature (K), air_excess, conversion, dust (shares), heat_recovery, burner_efficiency,
        power (J/kg calcine)

    Returns
    -------
    Outcome: calcine, gas, dust; draws air; duties steam (negative: given off), fuel, loss, power

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
    outlets = {"calcine": calcine, "gas": gas, "dust": dust}
    drawn = {"air": blown}
    heat = heat_needed(outlets, inlets, drawn)
    power = p["power"] * calcine.mass()
    duties = surplus_duties(heat - power, p["heat_recovery"], p["burner_efficiency"])
    return Outcome(outlets, drawn, {"electricity": power, **duties}, not_found(eq))
