"""Leach against hand stoichiometry and against what must get more or less."""

from __future__ import annotations

import pytest

from helpers.liquors import H2O, HCL, grams
from helpers.sections import everything_dissolves, section
from sludgesim.thermo import stream
from sludgesim.units import leach


# kg HCl per kg of the oxide or metal, hand-computed list of the reference notes.
@pytest.mark.parametrize(
    ("solid", "ferrous", "expected"),
    [
        ("Nd2O3(s)", 0.0, 0.650),
        ("Pr2O3(s)", 0.0, 0.663),
        ("Dy2O3(s)", 0.0, 0.587),
        ("CaO(s)", 0.0, 1.300),
        ("Al2O3(s)", 0.0, 2.146),
        ("FeO(s)", 1.0, 1.015),
        ("Fe2O3(s)", 0.0, 1.370),
        ("Fe(s)", 1.0, 1.306),
        ("Fe(s)", 0.0, 1.959),
        ("B2O3(s)", 0.0, 0.0),
        ("SiO2(s)", 0.0, 0.0),
    ],
)
def test_acid_per_kg_of_solid(solid, ferrous, expected):
    solids = stream({solid: 1.0})
    outcome = leach.run({"solids": solids}, everything_dissolves(ferrous_share=ferrous))
    acid = grams(outcome.drawn["hydrochloric_acid"], "Cl-(aq)", HCL) / 1000
    assert acid / solids.mass()[0] == pytest.approx(expected, rel=1e-3)


def test_metal_gives_hydrogen_and_oxide_gives_none():
    metal = leach.run({"solids": stream({"Fe(s)": 1.0})}, everything_dissolves(ferrous_share=1.0))
    assert metal.outlets["leach_gas"]["H2(g)"] == pytest.approx(1.0)
    oxide = leach.run({"solids": stream({"Fe2O3(s)": 1.0})}, everything_dissolves())
    assert (oxide.outlets["leach_gas"].moles == 0).all()
    spinel = leach.run({"solids": stream({"Co3O4(s)": 1.0})}, everything_dissolves())
    assert spinel.outlets["leach_gas"]["O2(g)"] == pytest.approx(0.5)  # Co3O4 + 6 H+: 1/2 O2


def test_salts_dissolve_and_sulphides_give_hydrogen_sulphide():
    """NaCl and Na2SO4 take no acid; Nd2O2S + 6 H+ = 2 Nd+3 + H2S + 2 H2O."""
    salts = leach.run(
        {"solids": stream({"NaCl(s)": 1.0, "Na2SO4(s)": 1.0})}, everything_dissolves()
    )
    liquor = salts.outlets["slurry"]
    for ion, n in (("Na+(aq)", 3.0), ("Cl-(aq)", 1.0), ("SO4-2(aq)", 1.0)):
        assert liquor[ion][0] == pytest.approx(n)
    assert salts.drawn["hydrochloric_acid"].mass()[0] == 0
    sulphide = leach.run({"solids": stream({"Nd2O2S(s)": 1.0})}, everything_dissolves())
    assert sulphide.outlets["leach_gas"]["H2S(g)"][0] == pytest.approx(1.0)
    assert sulphide.drawn["hydrochloric_acid"]["H+(aq)"][0] == pytest.approx(6.0)
    assert sulphide.outlets["leach_gas"]["H2(g)"][0] == pytest.approx(0.0, abs=1e-12)


def test_titania_zirconia_niobia_stay_in_the_residue():
    solids = stream({"TiO2(s)": 1.0, "ZrO2(s)": 1.0, "Nb2O5(s)": 1.0})
    slurry = leach.run({"solids": solids}, everything_dissolves()).outlets["slurry"]
    for oxide in solids.species:
        assert slurry[oxide][0] == pytest.approx(1.0)


def test_leach_keeps_the_liquid_to_solid_ratio_and_heat_of_neutralisation_sign():
    solids = stream({"Nd2O3(s)": 100.0, "Fe2O3(s)": 100.0})
    outcome = leach.run({"solids": solids}, section("leach", liquid_to_solid=8.0))
    acid, extra = (outcome.drawn[k]["H2O(l)"][0] for k in ("hydrochloric_acid", "process_water"))
    assert (acid + extra) * H2O / 1000 == pytest.approx(8 * solids.mass()[0], rel=1e-4)
    cold = leach.run(
        {"solids": stream({"Nd2O3(s)": 1e3})}, everything_dissolves(temperature=298.15)
    )
    assert cold.duties["loss"][0] < 0  # an oxide in acid gives heat off; it is not sold as steam
    assert cold.duties["steam"][0] == 0


def test_returned_acid_saves_fresh_acid():
    solids = stream({"Nd2O3(s)": 100.0})
    wash = stream({"H+(aq)": 60.0, "Cl-(aq)": 60.0, "H2O(l)": 5000.0})
    fresh = [
        leach.run({"solids": solids, **more}, section("leach")).drawn["hydrochloric_acid"]
        for more in ({}, {"wash": wash})
    ]
    assert fresh[0]["Cl-(aq)"] - fresh[1]["Cl-(aq)"] == pytest.approx(60.0)
    flood = wash.times(100.0)
    outcome = leach.run({"solids": solids, "wash": flood}, section("leach"))
    assert outcome.drawn["hydrochloric_acid"].mass() == 0
    assert outcome.drawn["process_water"].mass() == 0


def test_carbonate_in_the_calcine_fizzes_and_carbon_does_not():
    outcome = leach.run({"solids": stream({"CaCO3(s)": 1.0, "C(s)": 2.0})}, everything_dissolves())
    assert outcome.outlets["leach_gas"]["CO2(g)"] == pytest.approx(1.0)
    assert outcome.outlets["slurry"]["C(s)"] == pytest.approx(2.0)


def test_full_dissolution_takes_far_more_acid_than_selective():
    """3-7 and 0.65-1.6 kg HCl per kg REO, for a roasted sludge of 65 % Fe, 30 % rare earths."""
    solids = stream({
        "Fe2O3(s)": 650 / 0.055845 / 2, "Nd2O3(s)": 270 / 0.144242 / 2, "Dy2O3(s)": 30 / 0.1625 / 2,
        "B2O3(s)": 10 / 0.01081 / 2, "Co3O4(s)": 23 / 0.058933 / 3, "Al2O3(s)": 5 / 0.026982 / 2,
    })  # fmt: skip
    reo = solids.only(lambda s: s.startswith(("Nd", "Dy"))).mass()[0]
    per_kg = {}
    for route in ("wet_full", "wet_selective"):
        outcome = leach.run({"solids": solids}, section("leach", route))
        per_kg[route] = grams(outcome.drawn["hydrochloric_acid"], "Cl-(aq)", HCL) / 1000 / reo
    assert 3 < per_kg["wet_full"] < 7
    assert 0.65 < per_kg["wet_selective"] < 1.6


def test_boric_oxide_is_given_the_water_that_it_takes():
    """B2O3 + 3 H2O = 2 H3BO3, where half of the solids' mass is all the water there is."""
    calcine = stream({"B2O3(s)": 10.0})
    few = leach.run({"solids": calcine}, section("leach", liquid_to_solid=0.5, boron_dissolved=1.0))
    boric = few.outlets["slurry"]["H3BO3(aq)"]
    assert boric == pytest.approx(20)
    assert few.outlets["slurry"]["H2O(l)"] * H2O * 1e-3 == pytest.approx(0.5 * calcine.mass())
    drawn = few.drawn["process_water"]["H2O(l)"] + few.drawn["hydrochloric_acid"]["H2O(l)"]
    assert drawn * H2O * 1e-3 == pytest.approx(0.5 * calcine.mass() + 1.5 * boric * H2O * 1e-3)
