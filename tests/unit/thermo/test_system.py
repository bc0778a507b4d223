"""Equilibria of the systems against laws that hold whatever the data: and what has no answer."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.errors import EquilibriumError
from sludgesim.thermo import load_system, rare_earths, stream

P = 101325.0


def test_boudouard_equilibrium():
    """Graphite with CO and CO2: K = p_CO^2 / p_CO2 = exp(-dG/RT) of the same data."""
    system = load_system("offgas")
    T = np.array([900.0, 1000.0, 1100.0, 1200.0])
    eq = system.equilibrate_stream(stream({"C(s)": 5.0, "O2(g)": 1.0}, T=T, P=P))
    g = system.gibbs_over_RT(T)
    i = {s: k for k, s in enumerate(system.species)}
    ln_K = -(2 * g[:, i["CO(g)"]] - g[:, i["CO2(g)"]] - g[:, i["C(s)"]])
    gas = eq.phase_moles[:, system.phases.index("gas")]
    p_CO = eq.moles[:, i["CO(g)"]] / gas * P / 1e5
    p_CO2 = eq.moles[:, i["CO2(g)"]] / gas * P / 1e5
    assert np.log(p_CO**2 / p_CO2) == pytest.approx(ln_K, abs=1e-7)


def test_boudouard_line_of_the_textbook():
    """Half CO, half CO2 over carbon at 1 atm near 680 C; 99 % CO above 970 C (Gaskell)."""
    system = load_system("offgas")
    T = np.array([953.0, 1243.0])
    eq = system.equilibrate_stream(stream({"C(s)": 5.0, "O2(g)": 1.0}, T=T, P=P))
    s = eq.stream()
    share = s["CO(g)"] / (s["CO(g)"] + s["CO2(g)"])
    assert share[0] == pytest.approx(0.55, abs=0.08)
    assert share[1] > 0.985


def test_neodymium_oxide_is_not_reduced_at_one_bar_but_is_in_vacuum():
    """No carbide below about 2000 C at 1 bar CO; a hard vacuum at 1500 C can make it."""
    system = load_system("smelting")
    charge = {"NdO1.5(ss)": 2.0, "C(s)": 20.0}
    at_1_bar = system.equilibrate_stream(stream(charge, T=2050.0, P=1e5))
    vacuum = system.equilibrate_stream(stream(charge, T=1773.15, P=1.0))
    assert at_1_bar.stream()["NdC2(s)"][0] == 0
    assert vacuum.stream()["NdC2(s)"][0] > 1.9


def test_roast_leaves_ferrite_and_borate():
    """Above 500 C in air Nd ends as NdFeO3 and B as NdBO3, iron as Fe2O3 (published XRD)."""
    charge = {"Fe(s)": 14.0, "Nd(s)": 2.0, "B(s)": 1.0, "O2(g)": 30.0, "N2(g)": 100.0}
    calcine = load_system("roasting").equilibrate_stream(stream(charge, T=1073.15)).stream()
    assert calcine["NdBO3(s)"][0] == pytest.approx(1.0, rel=1e-3)
    assert calcine["NdFeO3(s)"][0] == pytest.approx(1.0, rel=1e-3)
    assert calcine["Fe2O3(s)"][0] == pytest.approx(6.5, rel=1e-3)


def test_cerium_is_tetravalent_in_air_and_trivalent_in_slag():
    """Above 500 C in air cerium is CeO2 (published XRD of roasts); carbon leaves Ce(III)."""
    charge = {"Fe(s)": 14.0, "Ce(s)": 1.0, "Nd(s)": 1.0, "O2(g)": 30.0, "N2(g)": 100.0}
    calcine = load_system("roasting").equilibrate_stream(stream(charge, T=1073.15)).stream()
    assert calcine["CeO2(s)"][0] > 0.9
    charge = {"Fe2O3(s)": 7.0, "CeO2(s)": 1.0, "NdO1.5(ss)": 1.0, "C(s)": 30.0}
    melt = load_system("smelting").equilibrate_stream(stream(charge, T=1873.15)).stream()
    oxides = melt.phase("slag", "ss")
    assert oxides.element("Ce")[0] > 0.995
    assert oxides.element("O") == pytest.approx(1.5 * (oxides.element("Ce") + oxides.element("Nd")))


@pytest.mark.parametrize("re", rare_earths())
def test_every_rare_earth_goes_to_the_slag(re):
    charge = {"Fe2O3(s)": 7.0, f"{re}2O3(s)": 1.0, "B2O3(s)": 0.1, "C(s)": 30.0}
    melt = load_system("smelting").equilibrate_stream(stream(charge, T=1773.15)).stream()
    oxide = melt.phase("slag", "ss", "s").only(lambda s: s != "NdC2(s)")
    assert oxide.element(re)[0] > 2 * 0.999


def test_temperature_outside_the_system_is_a_reason_not_a_number():
    eq = load_system("smelting").equilibrate_stream(
        stream({"Fe(metal)": 1.0, "C(s)": 1.0}, T=np.array([673.15, 1800.0]))
    )
    assert eq.converged.tolist() == [False, True]
    assert "400 degC is outside the range of the system smelting" in eq.reason[0]
    assert np.isnan(eq.moles[0]).all()


def test_slag_without_oxygen_enough_is_infeasible():
    system = load_system("slag")
    amounts = np.zeros((1, len(system.elements)))
    amounts[0, system.elements.index("Nd")] = 2.0
    amounts[0, system.elements.index("O")] = 1.0
    eq = system.equilibrate(1700.0, P, amounts)
    assert not eq.converged[0]
    assert "no combination of the system's species" in eq.reason[0]


def test_unknown_element_is_named():
    with pytest.raises(EquilibriumError, match="offgas has no species with Fe"):
        load_system("offgas").equilibrate_stream(stream({"Fe(s)": 1.0, "O2(g)": 1.0}, T=1000.0))


def test_absent_elements_disturb_nothing():
    """The same Fe-C-O charge in the big system and in one case among others."""
    system = load_system("smelting")
    plain = {"Fe2O3(s)": 1.0, "C(s)": 3.5}
    alone = system.equilibrate_stream(stream(plain, T=1800.0))
    mixed = {k: np.array([v, v]) for k, v in plain.items()} | {"NdO1.5(ss)": np.array([0.0, 1.0])}
    both = system.equilibrate_stream(stream(mixed, T=1800.0))
    assert both.moles[0] == pytest.approx(alone.moles[0], rel=1e-9, abs=1e-12)


def test_activity_of_graphite_is_one_where_graphite_is_present():
    eq = load_system("smelting").equilibrate_stream(
        stream({"Fe(metal)": 1.0, "C(s)": 1.0}, T=1800.0)
    )
    assert eq.activity("C(s)") == pytest.approx(1.0, abs=1e-9)
