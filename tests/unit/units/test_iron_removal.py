"""Iron removal: alkali, oxidant and solids by hand stoichiometry, and what more of each does."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.liquors import H2O2, LIME, NAOH, STANDARD_WEIGHTS, grams, water
from helpers.sections import everything_dissolves, section
from sludgesim.thermo import Stream, stream
from sludgesim.units import iron_removal, leach


def iron_out(liquor: Stream, **changes: object):
    full = {"rare_earth_coprecipitated": 0.0, "oxidant_excess": 0.0}
    return iron_removal.run({"slurry": liquor}, section("iron_removal", **{**full, **changes}))


# kg per kg Fe dissolved: alkali for Fe(III) and Fe(II), solids, peroxide; the reference notes.
# The liquors hold acid from which 0.1 % of the alkali comes at most.
def test_alkali_and_solid_per_kg_of_iron():
    fe = STANDARD_WEIGHTS["Fe"]
    ferric, ferrous = water(Fe_3=10.0), water(Fe_2=10.0)
    for liquor, naoh, lime in [(ferric, 2.149, 1.990), (ferrous, 1.433, 1.327)]:
        drawn = iron_out(liquor).drawn["sodium_hydroxide"]
        assert grams(drawn, "Na+(aq)", NAOH) / 10 / fe == pytest.approx(naoh, rel=2e-3)
        drawn = iron_out(liquor, alkali="calcium_hydroxide").drawn["calcium_hydroxide"]
        assert grams(drawn, "Ca(OH)2(s)", LIME) / 10 / fe == pytest.approx(lime, rel=2e-3)
    peroxide = iron_out(ferrous).drawn["hydrogen_peroxide"]
    assert grams(peroxide, "H2O2(aq)", H2O2) / 10 / fe == pytest.approx(0.305, rel=2e-3)
    assert iron_out(ferric).drawn["hydrogen_peroxide"].mass() == 0
    for word, ratio in [("goethite", 1.591), ("hydroxide", 1.914), ("hematite", 1.430)]:
        solid = iron_out(ferric, iron_solid=word).outlets["slurry"].phase("s")
        assert solid.mass()[0] * 1000 / 10 / fe == pytest.approx(ratio, rel=2e-3)


@pytest.mark.parametrize(
    ("alkali", "species", "equivalents", "co2"),
    [
        ("sodium_hydroxide", "OH-(aq)", 1, 0),
        ("ammonia", "NH3(aq)", 1, 0),
        ("calcium_hydroxide", "Ca(OH)2(s)", 2, 0),
        ("calcium_carbonate", "CaCO3(s)", 2, 1),
        ("sodium_carbonate", "Na2CO3(s)", 2, 1),
        ("magnesium_oxide", "MgO(s)", 2, 0),
    ],
)
def test_alkalis_are_alike_by_equivalents(alkali, species, equivalents, co2):
    """10 mol of ferric iron take 30 equivalents; every mole of carbonate gives its CO2."""
    outcome = iron_out(water(Fe_3=10.0, Nd_3=1.0), alkali=alkali)
    used = outcome.drawn[alkali][species][0]
    assert used * equivalents == pytest.approx(30, rel=4e-3)
    assert outcome.outlets["oxidation_gas"]["CO2(g)"][0] == pytest.approx(co2 * used, abs=1e-12)


def test_alkali_and_iron_left_follow_from_the_ph():
    """Iron left in solution falls a thousandfold a unit of pH; rare earths stay until pH 6 or 7."""
    liquor = water(Fe_3=10.0, Nd_3=2.0, H=10.0)
    left, used = [], []
    for pH in (2.5, 3.5):
        outcome = iron_out(liquor, pH=pH, iron_solid="hydroxide", temperature=298.15)
        slurry = outcome.outlets["slurry"]
        left.append(slurry["Fe+3(aq)"][0])
        used.append(outcome.drawn["sodium_hydroxide"]["Na+(aq)"][0])
        assert slurry["Nd+3(aq)"][0] == pytest.approx(2.0)
    assert left[0] > 50 * left[1] > 0  # below a thousandfold where FeOH+2 holds the iron
    assert used[1] > used[0]
    assert used[1] == pytest.approx(40.0, rel=5e-3)


def test_a_neutral_liquor_takes_no_alkali():
    liquor = stream({"Na+(aq)": 2.0, "OH-(aq)": 1.0, "Cl-(aq)": 1.0, "H2O(l)": 1000.0})
    outcome = iron_out(liquor)
    assert outcome.drawn["sodium_hydroxide"].mass()[0] == 0
    assert not outcome.failures


def test_rare_earths_go_with_the_iron_by_their_share():
    slurry = iron_out(water(Fe_3=10.0, Nd_3=2.0), rare_earth_coprecipitated=0.03).outlets["slurry"]
    assert slurry["Nd(OH)3(s)"][0] == pytest.approx(0.06)


def test_no_more_falls_with_the_iron_than_there_is_water_for():
    """Tb+3 + 3 H2O = Tb(OH)3 + 3 H+, in acid that holds hardly any water."""
    acid = stream({"Tb+3(aq)": 1e3, "H+(aq)": 3e4, "SO4-2(aq)": 1.65e4, "H2O(l)": 500.0})
    slurry = iron_out(acid, rare_earth_coprecipitated=0.9).outlets["slurry"]
    assert slurry["H2O(l)"][0] >= 0
    assert slurry["Tb(OH)3(s)"][0] <= 500 / 3 * (1 + 1e-9)


def test_heat_of_neutralisation():
    """H+ + OH- = H2O gives 55.8 kJ/mol at 25 degC; no heat of dilution in ideal solutions."""
    acid = {"slurry": water(H=10.0)}
    cold = section("iron_removal", temperature=298.15, power=0.0)
    assert iron_removal.run(acid, cold).duties["loss"][0] / 10 == pytest.approx(-55.8e3, rel=5e-3)


def test_alkali_strength_is_the_mass_fraction():
    drawn = iron_out(water(Fe_3=1.0), alkali_strength=0.25).drawn["sodium_hydroxide"]
    assert grams(drawn, "Na+(aq)", NAOH) / 1000 / drawn.mass()[0] == pytest.approx(0.25, rel=1e-4)


def test_chlorate_takes_six_electrons():
    outcome = iron_out(water(Fe_2=6.0, H=10.0), oxidant="sodium_chlorate", oxidant_excess=0.0)
    chlorate = outcome.drawn["sodium_chlorate"]
    assert chlorate["NaClO3(s)"][0] == pytest.approx(1.0)
    # 106.44 g per 6 x 55.845 g of iron
    assert chlorate.mass()[0] * 1e3 / (6 * 55.845) == pytest.approx(0.3177, rel=1e-3)
    assert outcome.outlets["oxidation_gas"]["O2(g)"][0] == pytest.approx(0.0, abs=1e-12)
    assert outcome.outlets["slurry"]["Fe+2(aq)"][0] < 1e-6
    surplus = iron_out(water(Fe_2=6.0, H=10.0), oxidant="sodium_chlorate", oxidant_excess=1.0)
    assert surplus.outlets["oxidation_gas"]["O2(g)"][0] == pytest.approx(1.5)


def test_air_oxidises_iron_by_its_rate():
    """Half-lives of the reference notes: 7 h at pH 6, 3.5e4 h at pH 4."""
    for pH, hours in ((6.0, 7.0), (4.0, 3.5e4)):
        outcome = iron_out(
            water(Fe_2=1.0, H=2.0), oxidant="air", pH=pH, oxidation_time=hours * 3600.0
        )
        oxygen = outcome.drawn["air"]["O2(g)"] - outcome.outlets["oxidation_gas"]["O2(g)"]
        assert oxygen[0] == pytest.approx(0.5 / 4, rel=1e-6)
    short = iron_out(water(Fe_2=1.0, H=2.0), oxidant="air", pH=3.5)
    assert short.outlets["slurry"]["Fe+2(aq)"][0] > 0.999
    assert any("rate of air holds for pH 4 to 6" in w for w in short.warnings)
    inside = iron_out(water(Fe_2=1.0, H=2.0), oxidant="air", pH=5.0, temperature=298.15)
    assert not any("rate of air" in w for w in inside.warnings)


def test_surplus_peroxide_becomes_oxygen():
    outcome = iron_out(water(Fe_2=1.0), oxidant_excess=1.0)
    assert outcome.outlets["oxidation_gas"]["O2(g)"] == pytest.approx(0.25)
    assert outcome.outlets["slurry"]["Fe+2(aq)"][0] < 1e-9


@pytest.mark.parametrize("alkali", ["sodium_hydroxide", "calcium_hydroxide"])
def test_more_acid_excess_takes_more_acid_and_more_alkali(alkali):
    solids = stream({"Fe2O3(s)": 500.0, "Nd2O3(s)": 100.0})
    used = []
    for excess in (0.1, 0.3):
        outcome = leach.run({"solids": solids}, section("leach", acid_excess=excess))
        slurry = {"slurry": outcome.outlets["slurry"]}
        base = iron_removal.run(slurry, section("iron_removal", alkali=alkali)).drawn[alkali]
        used.append((outcome.drawn["hydrochloric_acid"].mass()[0], base.mass()[0]))
    assert used[1][0] > used[0][0]
    assert used[1][1] > used[0][1]


def test_phosphate_falls_with_the_iron():
    """REPO4 + 3 H+ = RE+3 + H3PO4; H3PO4 + Fe+3 + 3 OH- = FePO4 + 3 H2O."""
    dissolved = leach.run({"solids": stream({"NdPO4(s)": 1.0})}, everything_dissolves())
    assert dissolved.outlets["slurry"]["H3PO4(aq)"][0] == pytest.approx(1.0)
    liquor = water(Fe_3=5.0).changed({"H3PO4(aq)": np.array([1.0])})
    slurry = iron_removal.run({"slurry": liquor}, section("iron_removal")).outlets["slurry"]
    assert slurry["FePO4(s)"][0] == pytest.approx(1.0)
    assert slurry["H3PO4(aq)"][0] == 0
