"""Burning of furnace and roast gas with air, and recovery of their heat."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.stream import AMBIENT, Stream, merge, stream
from sludgesim.thermo.system import load_system
from sludgesim.units.base import Outcome, heat_needed, not_found
from sludgesim.units.charge import as_oxide, charge_species
from sludgesim.units.combustion import air, oxygen_demand, surplus_duties

# Elements of the system `offgas` and a form of each, with its atoms.
_ELEMENTS = {
    "N": ("N2(g)", 2), "O": ("O2(g)", 2), "Ar": ("Ar(g)", 1), "H": ("H2(g)", 2), "C": ("C(s)", 1),
    "B": ("B(s)", 1), "S": ("S2(g)", 2), "Cl": ("Cl2(g)", 2),
}  # fmt: skip


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Burn the gases to equilibrium at a burning temperature, cool them, catch the fume.

    Metal vapours end as oxide fume, sodium as sulphate, chloride and carbonate in this order. The
    composition of the burnt gas is kept while it cools.

    Parameters
    ----------
    inlets : any number of gas streams
    p : temperature, stack_temperature (K), air_excess, heat_recovery (shares), power (J/kg gas),
        burner_efficiency

    Returns
    -------
    Outcome: stack_gas, fume; draws air; duties steam (negative: given off), fuel, electricity, loss

    Errors: cases whose equilibrium is not found. Range: 300 to 2200 degC.
    Source: equilibrium of the system `offgas`.
    """
    mixed = merge(inlets.values(), T=p["temperature"])
    blown = air(np.maximum(oxygen_demand(mixed), 0.0) * (1 + p["air_excess"]))
    burnt = merge([mixed, blown])
    system = load_system("offgas")
    present = burnt.holds() - set(system.elements)
    vapours = [e for e in charge_species() if e in present]
    salts = _sodium_salts(burnt)
    left = merge([burnt, salts.times(-1)])
    fume = merge([salts, stream(dict(as_oxide(e, left.element(e)) for e in vapours), n=burnt.n)])
    eq = system.equilibrate_stream(_rest(burnt, fume))
    outlets = {
        "stack_gas": eq.stream().phase("g").at(T=p["stack_temperature"]),
        "fume": merge([fume, eq.stream().without("g")], T=AMBIENT),
    }
    drawn = {"air": blown}
    power = p["power"] * outlets["stack_gas"].mass()
    heat = heat_needed(outlets, inlets, drawn) - power
    duties = surplus_duties(heat, p["heat_recovery"], p["burner_efficiency"])
    return Outcome(outlets, drawn, {"electricity": power, **duties}, not_found(eq))


def _sodium_salts(burnt: Stream) -> Stream:
    """Salts that the sodium of a burnt gas condenses to, the strongest first, mol."""
    sodium = burnt.element("Na")
    sulphate = np.minimum(sodium / 2, burnt.element("S"))
    salt = np.minimum(sodium - 2 * sulphate, burnt.element("Cl"))
    carbonate = np.minimum((sodium - 2 * sulphate - salt) / 2, burnt.element("C"))
    return stream({"Na2SO4(s)": sulphate, "NaCl(s)": salt, "Na2CO3(s)": carbonate}, n=burnt.n)


def _rest(burnt: Stream, fume: Stream) -> Stream:
    """The gas without its fume, written as elements: all that equilibrium asks for."""
    amounts = {}
    for element, (form, atoms) in _ELEMENTS.items():
        whole = burnt.element(element)
        left = whole - fume.element(element)
        # What a fume took whole leaves rounding, not matter.
        amounts[form] = np.where(left > 1e-13 * whole, left, 0.0) / atoms
    return stream(amounts, T=burnt.T, P=burnt.P)
