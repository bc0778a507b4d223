"""Leaching with sulphuric and nitric acid, and what the units behind it make of such liquors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from helpers.sections import everything_dissolves, section
from sludgesim.thermo import stream
from sludgesim.thermo.elements import formula_weight
from sludgesim.units import effluent, iron_removal, leach
from sludgesim.units.solution import liquor_density

H2SO4, HNO3 = 98.078, 63.012  # g/mol


# kg H2SO4 per kg of the oxide or metal, list of the reference notes.
@pytest.mark.parametrize(
    ("solid", "ferrous", "expected"),
    [
        ("Nd2O3(s)", 0.0, 0.874),
        ("Pr2O3(s)", 0.0, 0.892),
        ("Dy2O3(s)", 0.0, 0.789),
        ("CaO(s)", 0.0, 1.749),
        ("MgO(s)", 0.0, 2.433),
        ("Al2O3(s)", 0.0, 2.886),
        ("FeO(s)", 1.0, 1.365),
        ("Fe2O3(s)", 0.0, 1.843),
        ("Fe(s)", 1.0, 1.756),
        ("B2O3(s)", 0.0, 0.0),
    ],
)
def test_sulphuric_acid_gives_both_protons(solid, ferrous, expected):
    solids = stream({solid: 1.0})
    p = everything_dissolves(acid="sulphuric", ferrous_share=ferrous)
    outcome = leach.run({"solids": solids}, p)
    acid = outcome.drawn["sulphuric_acid"]["SO4-2(aq)"][0] * H2SO4 / 1000
    assert acid / solids.mass()[0] == pytest.approx(expected, rel=1e-3)
    assert outcome.outlets["slurry"]["H+(aq)"][0] == pytest.approx(0.0, abs=1e-9)


# 3 Fe + 8 HNO3 = 3 Fe(NO3)2 + 2 NO + 4 H2O; Fe + 4 HNO3 = Fe(NO3)3 + NO + 2 H2O;
# 3 Nd2Fe14B + 142 HNO3 = 6 Nd(NO3)3 + 42 Fe(NO3)2 + 3 H3BO3 + 40 NO + ...: counted by electrons.
@pytest.mark.parametrize(
    ("solid", "ferrous", "acid", "gas"),
    [
        ("Fe(s)", 1.0, 8 / 3, 2 / 3),
        ("Fe(s)", 0.0, 4.0, 1.0),
        ("Fe2O3(s)", 0.0, 6.0, 0.0),
        ("FeO(s)", 0.0, 10 / 3, 1 / 3),
        ("Nd2Fe14B(s)", 1.0, 34 + 37 / 3, 37 / 3),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_metal_makes_nitrogen_oxide_of_nitric_acid(solid, ferrous, acid, gas, declared):
    changes = {"acid": "nitric", "ferrous_share": ferrous, "time": 1e7}
    p = everything_dissolves(**changes)
    if not declared:
        p = section("leach", acid_excess=1.0, **changes)
    outcome = leach.run({"solids": stream({solid: 1.0})}, p)
    drawn = outcome.drawn["nitric_acid"]["NO3-(aq)"][0]
    left = outcome.outlets["slurry"]["H+(aq)"][0]
    assert drawn - left == pytest.approx(acid, rel=1e-6)
    assert outcome.outlets["leach_gas"]["NO(g)"][0] == pytest.approx(gas, abs=1e-6)
    assert "H2(g)" not in outcome.outlets["leach_gas"].species


def test_nitric_acid_that_runs_short_is_never_negative():
    """Metal and oxides side by side, acid of a third of what they take."""
    solids = stream({"Fe(s)": 1.0, "Fe2O3(s)": 1.0, "Nd2O3(s)": 0.2, "CeO2(s)": 0.1, "Co(s)": 0.2})
    changes = {"acid": "nitric", "acid_basis": "rare_earths", "acid_excess": 1.0, "time": 1e7}
    for solid in ("none", "ferrihydrite"):
        p = section("leach", iron_solid=solid, **changes)
        slurry = leach.run({"solids": solids}, p).outlets["slurry"]
        nitrate = slurry["NO3-(aq)"][0]
        assert -1e-12 < slurry["H+(aq)"][0] < 0.05 * nitrate


@pytest.mark.parametrize("acid", ["sulphuric", "nitric"])
def test_chloride_is_no_help_in_other_acids(acid):
    """At more than 0.5 M hematite dissolves faster in hydrochloric acid."""
    solids = stream({"Fe2O3(s)": 1.0})
    left = {}
    for word in ("hydrochloric", acid):
        p = section("leach", acid=word, iron_solid="none", time=3600.0, acid_excess=0.5)
        left[word] = leach.run({"solids": solids}, p).outlets["slurry"]["Fe2O3(s)"][0]
    assert left["hydrochloric"] < left[acid] < 1


def liquor():
    ions = {"Nd+3(aq)": 4.0, "Fe+3(aq)": 10.0, "H+(aq)": 5.0}
    return stream({**ions, "SO4-2(aq)": (12.0 + 30.0 + 5.0) / 2, "H2O(l)": 1000.0})


def neutralised(**changes: object):
    p = section("iron_removal", rare_earth_coprecipitated=0.0, **changes)
    outcome = iron_removal.run({"slurry": liquor()}, p)
    assert not outcome.failures
    return outcome


def test_lime_makes_gypsum_of_a_sulphate_liquor():
    """2 mol of base leave one of gypsum; iron is out, the rare earths stay."""
    outcome = neutralised(alkali="calcium_hydroxide", iron_solid="goethite")
    slurry, lime = outcome.outlets["slurry"], outcome.drawn["calcium_hydroxide"]["Ca(OH)2(s)"][0]
    assert lime == pytest.approx((5.0 + 30.0) / 2, rel=0.02)
    assert slurry["CaSO4.2H2O(s)"][0] + slurry["CaSO4(s)"][0] > 0.9 * lime
    assert slurry["FeOOH(s)"][0] > 9.9
    assert slurry["Nd+3(aq)"][0] == pytest.approx(4.0, rel=1e-6)


def test_soda_takes_the_rare_earths_down_where_the_unit_lets_it():
    fall = neutralised(alkali="sodium_hydroxide", iron_solid="goethite")
    assert fall.outlets["slurry"]["NaNd(SO4)2.H2O(s)"][0] > 2.0
    assert any("double sulphates" in w for w in fall.warnings)
    stay = neutralised(alkali="sodium_hydroxide", iron_solid="goethite", double_sulphates="stay")
    assert stay.outlets["slurry"]["Nd+3(aq)"][0] == pytest.approx(4.0, rel=1e-6)
    assert not stay.warnings
    magnesia = neutralised(alkali="magnesium_oxide", iron_solid="goethite")
    assert magnesia.outlets["slurry"]["Nd+3(aq)"][0] == pytest.approx(4.0, rel=1e-6)


def test_effluent_with_lime_holds_sulphate_at_gypsum():
    outcome = effluent.run(
        {"mother_liquor": liquor()}, section("effluent", alkali="calcium_hydroxide")
    )
    assert not outcome.failures
    water = outcome.outlets["wastewater"]
    assert water["SO4-2(aq)"][0] / (water["H2O(l)"][0] * 0.018) < 0.03
    assert water.element("Fe")[0] < 1e-3


@pytest.mark.parametrize("acid", ["sulphuric", "nitric"])
@pytest.mark.parametrize("route", ["wet_full", "wet_selective", "carbothermal"])
def test_routes_run_and_use_the_acid_by_its_equivalents(route, acid):
    """Same protons, but for what metal reduces and what the wash brings back."""
    label = "slag_leach" if route == "carbothermal" else "leach"
    scenario = ss.load()
    plain = ss.run(scenario, route)[route].kpis["acid_use"][0]
    words = {f"{route}.{label}.acid": acid, f"{route}.iron_removal.alkali": "magnesium_oxide"}
    changed = replace(scenario, inputs=scenario.inputs.with_values(words))
    result = ss.run(changed, route)[route]
    ratio = {"sulphuric": H2SO4 / 2, "nitric": HNO3}[acid] / 36.461
    assert result.kpis["acid_use"][0] / plain == pytest.approx(ratio, rel=0.01)
    assert result.kpis[f"reagent.{acid}_acid"][0] == pytest.approx(result.kpis["acid_use"][0])
    assert result.kpis["re_recovery"][0] > 80


def test_ferrous_chloride_reduces_ceria():
    """Fe+2 + CeO2 + 4 H+ = Ce+3 + Fe+3 + 2 H2O; without it 1/4 O2 leaves per CeO2."""
    solids = stream({"CeO2(s)": 2.0, "Nd2O3(s)": 1.0})
    changes = {"time": 1e9, "iron_solid": "none", "acid_excess": 0.1}
    plain = leach.run({"solids": solids}, section("leach", **changes))
    dosed = leach.run({"solids": solids}, section("leach", reductant=1.0, **changes))
    assert plain.outlets["leach_gas"]["O2(g)"][0] == pytest.approx(0.5)
    assert "ferrous_chloride" not in plain.drawn
    assert dosed.outlets["leach_gas"]["O2(g)"][0] == pytest.approx(0.0, abs=1e-12)
    assert dosed.drawn["ferrous_chloride"]["FeCl2(s)"][0] == pytest.approx(2.0)
    slurry = dosed.outlets["slurry"]
    for ion, n in (("Ce+3(aq)", 2.0), ("Fe+3(aq)", 2.0), ("Fe+2(aq)", 0.0)):
        assert slurry[ion][0] == pytest.approx(n, abs=1e-9)
    acid = dosed.drawn["hydrochloric_acid"]["H+(aq)"][0] / 1.1
    assert acid == pytest.approx(4 * 2.0 + 6.0)
    half = leach.run({"solids": solids}, section("leach", reductant=0.5, **changes))
    assert half.outlets["leach_gas"]["O2(g)"][0] == pytest.approx(0.25)


@pytest.mark.parametrize("acid", ["hydrochloric", "sulphuric"])
def test_acid_dosed_to_what_is_left_of_it(acid):
    moles = {"Fe2O3(s)": 6.5, "NdFeO3(s)": 1.0, "Nd2O3(s)": 0.2, "Fe(s)": 0.1}
    solids = stream({s: np.full(3, n) for s, n in moles.items()})
    free = np.array([20.0, 200.0, 1000.0])  # mol/m3
    outcome = leach.run({"solids": solids}, section("leach", n=3, acid=acid, free_acid=free))
    bought = outcome.drawn[f"{acid}_acid"]
    water = bought["H2O(l)"] + outcome.drawn["process_water"]["H2O(l)"]
    volume = water * formula_weight({"H": 2.0, "O": 1.0}) / liquor_density()
    np.testing.assert_allclose(outcome.outlets["slurry"]["H+(aq)"] / volume, free, rtol=1e-9)
    assert (np.diff(bought["H+(aq)"]) > 0).all()
    assert (np.diff(outcome.outlets["slurry"]["Nd+3(aq)"]) > 0).all()
