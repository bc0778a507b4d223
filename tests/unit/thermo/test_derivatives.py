"""Derivatives of a system's equilibria against central differences and thermodynamic laws."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.thermo import load_system, stream, symbols
from sludgesim.thermo.species import R

P = 101325.0
CHARGE = {"Fe2O3(s)": 7.0, "Nd2O3(s)": 1.0, "B2O3(s)": 0.3, "Al2O3(s)": 0.1, "C(s)": 21.0}


@pytest.fixture(scope="module")
def melt():
    system = load_system("smelting")
    columns = [symbols().index(e) for e in system.elements]
    b = stream(CHARGE).elements()[:, columns]
    return system, b, system.equilibrate(1823.15, P, b)


@pytest.mark.parametrize("element", ["Fe", "Nd", "B", "C", "O"])
def test_by_elements(melt, element):
    system, b, eq = melt
    e = system.elements.index(element)
    step = np.zeros_like(b)
    step[0, e] = 1e-5
    up, down = (system.equilibrate(1823.15, P, b + s * step) for s in (1, -1))
    found = eq.derivatives().moles_by_elements[0, :, e]
    assert found == pytest.approx((up.moles - down.moles)[0] / 2e-5, rel=1e-5, abs=1e-6)


def test_by_temperature_and_pressure(melt):
    system, b, eq = melt
    found = eq.derivatives()
    up, down = (system.equilibrate(1823.15 + s, P, b) for s in (0.01, -0.01))
    assert found.moles_by_temperature[0] == pytest.approx(
        (up.moles - down.moles)[0] / 0.02, rel=1e-4, abs=1e-8
    )
    up, down = (system.equilibrate(1823.15, P * np.exp(s), b) for s in (1e-4, -1e-4))
    numeric = (up.moles - down.moles)[0] / 2e-4
    assert found.moles_by_ln_pressure[0] == pytest.approx(numeric, rel=1e-4, abs=1e-7)


def test_by_the_gibbs_energy_of_a_species(melt):
    """A less stable borate is less of it; and -d2G/dg2 is never negative."""
    _, _, eq = melt
    found = eq.derivatives(species=("NdBO3(slag)", "FeC(metal)"))
    i = eq.system.species.index("NdBO3(slag)")
    j = eq.system.species.index("FeC(metal)")
    assert found.moles_by_gibbs[0, i, 0] < 0 and found.moles_by_gibbs[0, j, 1] < 0
    assert found.moles_by_gibbs[0, i, 1] == pytest.approx(found.moles_by_gibbs[0, j, 0], rel=1e-6)
    with pytest.raises(KeyError, match="no species FeF3"):
        eq.derivatives(species=("FeF3(s)",))


def test_vant_hoff():
    """2 CO = C + CO2: d ln K / dT = dH / R T^2 along the equilibrium with graphite."""
    system = load_system("offgas")
    T = np.array([1000.0])
    eq = system.equilibrate_stream(stream({"C(s)": 5.0, "O2(g)": 1.0}, T=T, P=P))
    i = {s: k for k, s in enumerate(system.species)}
    n, dn = eq.moles[0], eq.derivatives().moles_by_temperature[0]
    gas = [k for s, k in i.items() if s.endswith("(g)")]
    dln = {s: dn[i[s]] / n[i[s]] - dn[gas].sum() / n[gas].sum() for s in ("CO(g)", "CO2(g)")}
    h = system.data.enthalpy(T)[0]
    heat = 2 * h[i["CO(g)"]] - h[i["CO2(g)"]] - h[i["C(s)"]]
    assert 2 * dln["CO(g)"] - dln["CO2(g)"] == pytest.approx(heat / (R * T[0] ** 2), rel=1e-9)
