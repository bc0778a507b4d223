"""Where the lesser elements of a magnet, its sludge and its coke go.

Sources: standard states and interactions with carbon of JSPS, Steelmaking Data Sourcebook (1988);
desulphurisation of iron by rare earths (RE2O2S of Scientific Reports 6 (2016) 35843 and Ono 2009);
oxysulphates and monazite as products of a roast; practice of the blast furnace, in which all of the
phosphorus and most of the manganese go to the metal and the alkalis to the gas.
Calibrated: Fe3P and Fe3S on JSPS's P and S at carbon saturation. What is tested of them here is
what they do to the carbon (-0.33 wt% per wt% P, Neumann and Schenck, recalled), and the directions.
"""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.thermo import load_system, stream

MELT = {"Fe2O3(s)": 7.0, "Nd2O3(s)": 1.0, "B2O3(s)": 0.3, "C(s)": 30.0}
AIR = {"O2(g)": 10.0, "N2(g)": 60.0, "CO2(g)": 8.0, "H2O(g)": 8.0}
ROAST = {"Fe2O3(s)": 7.0, "Nd2O3(s)": 1.0, **AIR}


def fate(system, charge, celsius, element, *phases):
    """Share of an element that lies in phases named by the species' suffix, shape (n,)."""
    T = np.atleast_1d(celsius) + 273.15
    eq = load_system(system).equilibrate_stream(stream(charge, T=T))
    assert eq.converged.all()
    whole = eq.stream()
    return whole.phase(*phases).element(element) / whole.element(element)


def smelted(extra, celsius, element, *phases):
    return fate("smelting", MELT | extra, celsius, element, *phases)


def test_phosphorus_goes_to_the_metal():
    share = smelted({"P4O10(s)": 0.01}, [1300.0, 1450, 1550], "P", "metal", "fcc")
    assert (share > 0.99).all()


def test_phosphorus_lowers_the_carbon_of_iron():
    def content(element, **more):
        charge = stream({"Fe(metal)": 10.0, "C(s)": 10.0, **more}, T=1673.15)
        metal = load_system("smelting").equilibrate_stream(charge).stream().phase("metal")
        return 100 * metal.element_mass(element)[0] / metal.mass()[0]

    alloy = {"Fe3P(metal)": 0.1}
    slope = (content("C", **alloy) - content("C")) / content("P", **alloy)
    assert slope == pytest.approx(-0.33, abs=0.06)


def test_sulphur_goes_to_the_metal_unless_rare_earths_take_it():
    """Rare-earth oxides desulphurise iron that holds carbon, the better the lower its oxygen."""
    sulphur = {"S(s)": 0.02}
    without = fate("smelting", {"Fe2O3(s)": 7.0, "C(s)": 30.0, **sulphur}, 1550.0, "S", "metal")
    assert without[0] > 0.9
    over_rare_earths = smelted(sulphur, [1300.0, 1550], "S", "s", "slag")
    assert (over_rare_earths > 0.99).all()
    starved = MELT | sulphur | {"C(s)": 10.0}
    assert fate("smelting", starved, 1550.0, "S", "metal")[0] > 0.9


def test_oxygen_over_sulphur_of_iron_with_oxide_and_oxysulphide():
    """Ono: Nd2O3 + [S] = Nd2O2S + [O], log K(1873) = -0.5 from the two solubility products."""
    T = np.array([1873.0])
    eq = load_system("smelting").equilibrate_stream(
        stream({"Fe(metal)": 10.0, "NdO1.5(ss)": 2.0, "Nd2O2S(s)": 1.0, "C(s)": 5.0}, T=T)
    )
    RT = 8.314462618 * T
    oxygen = np.sqrt(eq.activity("O2(g)")) * np.exp((117100 + 3.39 * T) / RT)
    sulphur = np.sqrt(eq.activity("S2(g)")) * np.exp((125100 - 18.5 * T) / RT)
    oxide = eq.activity("NdO1.5(ss)") ** 2
    assert np.log10(oxygen / sulphur / oxide)[0] == pytest.approx(-0.5, abs=0.25)


def test_sodium_leaves_with_the_gas():
    share = smelted({"Na2O(s)": 0.05}, [1250.0, 1400, 1550], "Na", "g")
    assert (share > 0.9).all()
    starved = MELT | {"Na2O(s)": 0.05, "C(s)": 5.0}
    assert (
        fate("smelting", starved, 1300.0, "Na", "slag")[0] > 0.5
    )  # as borate, with no CO to go with


def test_chlorine_leaves_with_the_gas_and_prefers_sodium():
    extra = {"NaCl(s)": 0.05, "FeCl2(s)": 0.02}
    assert smelted(extra, 1500.0, "Cl", "g")[0] > 0.999


@pytest.mark.parametrize(
    ("oxide", "element", "phases"),
    [
        ("MnO(s)", "Mn", ("metal", "fcc")),
        ("Ga2O3(s)", "Ga", ("metal", "fcc", "g")),
        ("Nb2O5(s)", "Nb", ("carbide", "metal")),
        ("ZrO2(s)", "Zr", ("slag", "s")),
        ("TiO2(s)", "Ti", ("slag", "s")),
        ("MgO(s)", "Mg", ("slag", "s")),
        ("CaO(s)", "Ca", ("slag", "s")),
    ],
)
def test_metals_of_the_sludge_at_1450(oxide, element, phases):
    assert smelted({oxide: 0.05}, 1450.0, element, *phases)[0] > 0.8


def test_niobium_is_carbide_and_the_hotter_the_more_titanium_and_manganese_in_the_metal():
    T = [1300.0, 1450, 1600]
    charge = stream(MELT | {"Nb2O5(s)": 0.02}, T=np.array(T) + 273.15)
    melt = load_system("smelting").equilibrate_stream(charge).stream()
    assert (melt["NbC(carbide)"] > 0.8 * melt.element("Nb")).all()
    for oxide, element in (("TiO2(s)", "Ti"), ("SiO2(s)", "Si"), ("ZrO2(s)", "Zr")):
        share = smelted({oxide: 0.05}, T, element, "metal")
        assert (np.diff(share) > 0).all(), element


def test_roast_binds_sulphur_as_sulphate_until_it_gets_hot():
    sulphur = {"S(s)": 0.05}
    assert fate("roasting", ROAST | sulphur, 700.0, "S", "s")[0] > 0.9
    lime = ROAST | sulphur | {"CaO(s)": 0.2}
    melt = load_system("roasting").equilibrate_stream(stream(lime, T=1073.15)).stream()
    assert melt["CaSO4(s)"][0] + melt["Nd2O2SO4(s)"][0] > 0.04
    gas = fate("roasting", {**ROAST, "Nd2O3(s)": 0.0} | sulphur, 900.0, "S", "g")
    assert gas[0] > 0.99  # neither lime nor rare earth nor sodium: SO2


def test_roast_leaves_phosphate_of_rare_earths_and_drives_chlorine_out():
    calcine = stream(ROAST | {"P4O10(s)": 0.01, "NaCl(s)": 0.05}, T=np.array([1073.15, 1273.15]))
    solids = load_system("roasting").equilibrate_stream(calcine).stream().without("g")
    assert solids["NdPO4(s)"] == pytest.approx(0.04, rel=1e-2)
    assert (solids.element("Cl") < 0.01 * 0.05).all()
