"""Adiabatic temperature of burning gases against Cantera's `equilibrate("HP")` on the same data."""

from __future__ import annotations

import cantera as ct
import numpy as np
import pytest

from sludgesim.thermo import database, load_system, stream

SYSTEM = load_system("offgas")
GAS = [s for s in SYSTEM.species if s.endswith("(g)")]


def cantera_gas():
    entries = []
    for name in GAS:
        s = database()[name]
        thermo = {
            "model": "NASA9",
            "temperature-ranges": list(s.edges),
            "reference-pressure": 1e5,
            "data": [list(row) for row in s.coefficients],
        }
        entries.append(
            ct.Species.from_dict(
                {"name": name, "composition": dict(s.composition), "thermo": thermo}
            )
        )
    return ct.Solution(thermo="ideal-gas", species=entries)


@pytest.mark.parametrize("P", [2e4, 101325.0, 5e5])
@pytest.mark.parametrize("air", [0.7, 1.0, 1.4, 2.5])
def test_temperature(P, air):
    T0 = np.array([298.15, 450.0, 600.0])
    fuel = {"CO(g)": 0.8, "H2(g)": 0.3, "CH4(g)": 0.05, "CO2(g)": 0.8, "H3BO3(g)": 1e-3}
    oxygen = air * (0.4 + 0.15 + 0.1)
    charge = {**fuel, "O2(g)": oxygen, "N2(g)": 3.76 * oxygen}
    ours = SYSTEM.equilibrate_adiabatically(stream(charge, T=T0, P=P))
    assert ours.converged.all(), ours.reason
    gas = cantera_gas()
    theirs = []
    for T in T0:
        gas.TPX = T, P, charge
        gas.equilibrate("HP", rtol=1e-11)
        theirs.append(gas.T)
    assert pytest.approx(np.array(theirs), rel=1e-6) == ours.T
