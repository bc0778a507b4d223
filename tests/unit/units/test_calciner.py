"""Calciner: oxides, gases, heat and fuel by hand."""

from __future__ import annotations

import pytest

from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.units import calciner


def test_pure_oxalate_calcines_to_its_oxide():
    cake = stream({"Nd2(C2O4)3.10H2O(s)": 1.0})
    outcome = calciner.run({"precipitate": cake}, section("calciner", air_excess=0.0))
    oxide, gas = outcome.outlets["oxide"], outcome.outlets["kiln_gas"]
    assert oxide["Nd2O3(s)"] == pytest.approx(1.0)
    assert oxide.mass()[0] == pytest.approx(oxide.only(lambda s: s == "Nd2O3(s)").mass()[0])
    assert gas["CO2(g)"] == pytest.approx(6.0)
    assert gas["H2O(g)"] == pytest.approx(10.0)
    # Nd2(C2O4)3 + 3/2 O2 = Nd2O3 + 6 CO2
    assert outcome.drawn["air"]["O2(g)"] == pytest.approx(1.5)
    assert gas["O2(g)"] == pytest.approx(0.0, abs=1e-12)


def test_heat_of_evaporation():
    """H2O(l) = H2O(g) takes 44.0 kJ/mol at 25 degC."""
    p = section("calciner", gas_temperature=298.15, power=0.0, burner_efficiency=0.5)
    outcome = calciner.run({"precipitate": stream({"H2O(l)": 10.0})}, p)
    assert outcome.duties["fuel"][0] * 0.5 / 10 == pytest.approx(44.0e3, rel=2e-3)


def test_wetter_cake_and_worse_burner_take_more_fuel():
    fuel = []
    for h2o, efficiency in [(10.0, 0.5), (100.0, 0.5), (100.0, 0.25)]:
        cake = stream({"Nd2(CO3)3(s)": 1.0, "H2O(l)": h2o})
        p = section("calciner", burner_efficiency=efficiency)
        fuel.append(calciner.run({"precipitate": cake}, p).duties["fuel"][0])
    assert fuel[0] < fuel[1] < fuel[2]


def test_salt_stays_and_other_chlorides_hydrolyse():
    cake = stream({
        "Nd2(CO3)3(s)": 1.0, "Na+(aq)": 2.0, "Nd+3(aq)": 1.0, "NH4+(aq)": 1.0, "Cl-(aq)": 6.0,
        "H2O(l)": 50.0,
    })  # fmt: skip
    outcome = calciner.run({"precipitate": cake}, section("calciner"))
    assert outcome.outlets["oxide"]["NaCl(s)"] == pytest.approx(2.0)
    assert outcome.outlets["kiln_gas"]["HCl(g)"] == pytest.approx(4.0)
    extra = outcome.outlets["kiln_gas"]["N2(g)"] - outcome.drawn["air"]["N2(g)"]
    assert extra == pytest.approx(0.5)


def test_second_cake_adds_its_oxides():
    cake = stream({"Nd2(CO3)3(s)": 1.0, "H2O(l)": 10.0})
    second = stream({"Nd(OH)3(s)": 2.0, "SiO2(s)": 1.0, "H2O(l)": 10.0})
    outcome = calciner.run({"precipitate": cake, "solids": second}, section("calciner"))
    assert outcome.outlets["oxide"]["Nd2O3(s)"] == pytest.approx(2.0)
    assert outcome.outlets["oxide"]["SiO2(s)"] == pytest.approx(1.0)
