"""Figures of the reference sludge against arithmetic done by hand and published ranges.

Source: mass-balance skeleton, section 4 of the project's notes on the carbothermal route (derived
by hand from formulas for the reference alloy, 99 kg): carbon 0.391-0.417 kg/kg Fe, pig iron
71.1-72.2 kg, slag 35.9-39.1 kg; furnace floors of its section 6; reagents of the wet routes.
Calibrated on them: nothing. The boron rate is an assumption, so the two ends are tested as ends.
Tolerances: stated at each figure; a works charges 98 % oxidised calcine, the skeleton 100 %. Ranges
of acid, alkali and precipitant are those of published practice: stoichiometric, and up to 30 % more
for the excess that plants add where the source says so.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

import sludgesim as ss
from helpers.misses import known_miss
from sludgesim.routes.kpis import KWH
from sludgesim.thermo import atomic_weights, load_system, solidified, stream, symbols
from sludgesim.thermo.elements import rare_earths

ALLOY = {"Fe": 65, "Nd": 22, "Pr": 5, "Dy": 3, "Co": 2.3, "B": 1.0, "Al": 0.5, "Cu": 0.2}
OXIDES = {"Fe2O3(s)": ("Fe", 2), "Nd2O3(s)": ("Nd", 2), "Pr2O3(s)": ("Pr", 2),
          "Dy2O3(s)": ("Dy", 2), "CoO(s)": ("Co", 1), "B2O3(s)": ("B", 2), "Al2O3(s)": ("Al", 2),
          "CuO(s)": ("Cu", 1)}  # fmt: skip
WEIGHTS = dict(zip(symbols(), atomic_weights(), strict=True))


@pytest.fixture(scope="module")
def reference():
    return ss.compare(ss.load())


def varied(route, **changes):
    """KPIs of a route on the reference with inputs changed (SI, dots written as __)."""
    scenario = ss.load()
    inputs = scenario.inputs.with_values({k.replace("__", "."): v for k, v in changes.items()})
    result = ss.run(replace(scenario, inputs=inputs), route)[route]
    return {k: v[0] for k, v in result.kpis.items()}, result


def test_carbon_per_iron(reference):
    """Skeleton with half of the boron reduced, less 2 % of the oxygen that is not there.

    Its 3.7 kg of dissolved carbon are of the binary Fe-C; 0.70 wt% B take 0.72 wt% C each. The
    electrodes bring a little.
    """
    route = reference["carbothermal"]
    electrodes = next(r.stream for r in route.ledger.streams if r.name == "electrodes")
    iron = route.kpis["carbon_input"][0] / route.kpis["carbon_per_iron"][0]
    value = route.kpis["carbon_per_iron"][0] + electrodes.element_mass("C")[0] / iron
    assert value == pytest.approx((22.6 * 0.98 + 3.7 - 0.72 * 0.70 * 0.717) / 65, rel=0.025)


def test_pig_iron_and_slag_per_100_kg_alloy(reference):
    kpis = reference.kpis["carbothermal"]
    sludge = reference["carbothermal"].streams.set_index("name").loc["sludge"]
    alloy = sum(sludge[f"{e}_kg"] for e in ALLOY) / 99
    assert kpis["pig_iron_mass"] / alloy == pytest.approx(71.4, abs=1.5)
    assert kpis["slag_mass"] / alloy == pytest.approx(38.0, abs=2.0)


@pytest.mark.parametrize(
    ("rate", "b2o3", "boron"), [(0.0, 8.2, 0.0), (1000.0, 0.0, 1.39)], ids=["none", "ample"]
)
def test_skeleton_brackets_boron(rate, b2o3, boron):
    """Without transfer the slag keeps all boron (8.2 % B2O3); no rate can exceed the full shift."""
    kpis, _ = varied("carbothermal", carbothermal__smelter__boron_rate=rate)
    if rate == 0:
        assert kpis["slag_b2o3"] == pytest.approx(b2o3, abs=0.3)
        assert kpis["pig_iron_boron"] < 0.03  # boron of the slag entrained in the metal
    else:
        assert b2o3 < kpis["slag_b2o3"] < 8.2
        assert 0 < kpis["pig_iron_boron"] < boron


def test_roast_heat_of_fresh_alloy():
    """7.5 MJ/kg; here to oxides at 25 C, with ferrites and borates formed 2 % more is released."""
    amounts = {f"{e}(s)": kg / WEIGHTS[e] for e, kg in ALLOY.items() if e not in ("Nd", "Pr", "Dy")}
    amounts |= {f"{e}(s)": ALLOY[e] / WEIGHTS[e] for e in ("Nd", "Pr", "Dy")}
    oxides = {o: ALLOY[e] / WEIGHTS[e] / k for o, (e, k) in OXIDES.items()}
    heat = (stream(amounts).enthalpy() - stream(oxides).enthalpy())[0] / 99
    assert heat / 1e6 == pytest.approx(7.5, rel=0.03)


@pytest.mark.parametrize(
    ("celsius", "hot", "cooled"),
    [(1400, 1952, 1847), (1450, 1980, 1862), (1500, 2008, 1877), (1600, 2065, 1906)],
)
def test_smelting_floor(celsius, hot, cooled):
    """kWh per t Fe from cold iron oxide to carbon-saturated iron; CO leaves at T or at 1000 C.

    Derived by hand in the notes. The figures are those of the iron alone: cobalt, copper and slag
    come on top, as the furnace's own balance has them. Within 0.5 %.
    """
    T = celsius + 273.15
    oxide = {"Fe2O3(s)": 500.0}
    charge = stream({**oxide, "C(s)": 5000.0}, T=T)
    melt = load_system("smelting").equilibrate_stream(charge).stream()
    coke = 5000.0 - melt["C(s)"][0]
    melt = melt.changed({"C(s)": -melt["C(s)"]})
    need = melt.enthalpy() - stream(oxide).enthalpy() - stream({"C(s)": coke}).enthalpy()
    gas = melt.phase("g")
    spared = gas.enthalpy() - gas.at(T=1273.15).enthalpy()
    per_t = KWH * 1000 * WEIGHTS["Fe"] / 1000
    assert need[0] / per_t == pytest.approx(hot, rel=0.005)
    assert (need - spared)[0] / per_t == pytest.approx(cooled, rel=0.005)


def test_furnace_power_lies_between_floor_and_twice_the_floor(reference):
    kwh = reference.kpis.loc["furnace_electricity", "carbothermal"]
    iron = reference["carbothermal"].streams.set_index("name").loc["calcine", "Fe_kg"]
    floor = 2036  # kWh per t Fe at 1550 C, between the notes' 1500 and 1600 C
    assert floor <= kwh / (iron / 1000) <= 2 * floor


def test_alkali_precipitant_and_residue_of_the_wet_routes(reference):
    """Ranges of `docs/validation.md`; of the precipitant 3 % are lost on the way to the product."""
    for name, iron, residue in (
        ("wet_full", (2.7, 5.3 + 1.5), (0.85, 1.1)),  # alkali of the excess acid on top
        ("wet_selective", (0.0, 0.2), (0.85, 1.1)),
    ):
        route = reference[name]
        reo = route.kpis["reo_product"][0]
        taken = next(
            r.stream
            for r in route.ledger.streams
            if (r.name, r.target) == ("sodium_hydroxide", "iron_removal")
        )
        alkali = taken.only(lambda s: s != "H2O(l)").mass()[0] / reo
        assert iron[0] <= alkali <= iron[1]
        assert 1.124 * 1.2 <= route.kpis["precipitant_use_per_kg_reo"][0] <= 1.124 * 1.4 / 0.97
        cake = next(r.stream for r in route.ledger.streams if r.name == "residue")
        assert residue[0] <= cake.without("aq", "l").mass()[0] / 1e3 <= residue[1]
        sludge, liquor = (
            next(r.stream for r in route.ledger.streams if (r.name, r.source) == key)
            for key in (("sludge", "supply"), ("liquor", "filter"))
        )
        if name == "wet_selective":
            assert 0.8 <= liquor.element("Co")[0] / sludge.element("Co")[0] <= 0.9
            assert route.kpis["re_recovery"][0] >= 91.5


@known_miss("3 points low")
def test_selective_dissolution_recovers_as_published(reference):
    assert 95 <= reference.kpis.loc["re_recovery", "wet_selective"] <= 96


def test_losses_of_rare_earths_by_place_are_all_there_is(reference):
    """What the orthoferrite keeps is the largest loss of the selective route, by far."""
    route = reference["wet_selective"]
    streams = {(r.name, r.source): r.stream for r in route.ledger.streams}

    def held(s, kind=""):
        part = s.only(lambda species: kind in species)
        return sum(part.element_mass(e)[0] for e in rare_earths())

    fed, residue = held(streams["sludge", "supply"]), streams["residue", "filter"]
    mother = streams["mother_liquor", "precipitation"]
    losses = {
        "dust": held(streams["dust", "roaster"]),
        "mother liquor": held(mother),
        **{kind: held(residue, kind) for kind in ("FeO3(s)", "AlO3(s)", "(OH)3(s)", "(aq)")},
    }
    lost = fed * (1 - route.kpis["re_recovery"][0] / 100)
    assert sum(losses.values()) == pytest.approx(lost, rel=1e-6)
    assert losses.pop("FeO3(s)") > sum(losses.values()) > 0


def test_effluent_takes_the_acid_that_oxalate_gives_back_and_its_excess(reference):
    """0.713 kg NaOH per kg Nd2O3 for 3 mol of acid, and for the oxalic acid beyond the dose.

    The dose of 1.4 makes 1.4 of it; free acid of the liquor and losses of oxide come on top, up to
    a fifth.
    """
    for name in ("wet_full", "wet_selective"):
        route = reference[name]
        drawn = {(r.name, r.target): r.stream for r in route.ledger.streams}
        alkali = drawn["sodium_hydroxide", "effluent"].only(lambda s: s != "H2O(l)").mass()[0]
        dose = route.scenario.inputs[f"{name}.precipitation.dose"][0]
        assert 1 < alkali / route.kpis["reo_product"][0] / (0.713 * dose) < 1.2


def test_acid_per_reo(reference):
    acid = reference.kpis.loc["acid_use_per_kg_reo"]
    assert 3.1 <= acid["wet_full"] <= 5.5 * 1.3
    assert 0.65 <= acid["wet_selective"] < 0.905  # 0.9, as told


@pytest.mark.parametrize("route", ["wet_full", "wet_selective"])
def test_about_seven_tonnes_of_residue_per_ten_tonnes_roasted(reference, route):
    """Hitachi Metals: about 7 t per 10 t; 7.3 t as Fe2O3 [derived], goethite carries more water."""
    kg = reference[route].species.groupby(["stream", "species"])["kg"].sum()
    residue = kg["residue"].drop("H2O(l)").sum()
    calcine = kg["calcine"].sum()
    assert residue / calcine == pytest.approx(0.73, abs=0.08)


def test_half_the_carbon_leaves_iron_oxide_in_the_slag(reference):
    full = reference.kpis["carbothermal"]
    half = full["carbon_input"] / 2 / 1000
    iron = full["carbon_input"] / full["carbon_per_iron"]
    starved, result = varied("carbothermal", carbothermal__smelter__carbon=half)
    assert starved["slag_feo"] > 30 > full["slag_feo"]
    assert starved["iron_recovery"] < 0.7 * full["iron_recovery"]
    # Carbon that is missing, less what no longer dissolves, leaves its oxygen with iron: one FeO
    # each, or fewer, since a starved furnace burns some of its carbon to CO2.
    missing = (full["carbon_input"] - starved["carbon_input"]) / 12.011
    dissolved = (full["pig_iron_carbon"] * full["pig_iron_mass"] / 100) / 12.011
    iron_lost = (full["iron_recovery"] - starved["iron_recovery"]) / 100 * iron / 55.845
    assert 0.6 < iron_lost / (missing - dissolved) < 1
    assert any("carbon is short" in w for w in result.warnings)
    assert not any("carbon is short" in w for w in reference["carbothermal"].warnings)


def test_without_metal_nothing_is_called_pig_iron():
    """A feed without iron and reducible metal: no metal, so no slag is carried with it."""
    changes = {f"feed__solids__{e}": 0.0 for e in ("Fe", "Co", "Cu", "B", "Al", "Pr", "Dy")}
    kpis, _ = varied("carbothermal", **changes, feed__solids__Nd=1.0)
    assert kpis["pig_iron_mass"] < 0.01
    assert kpis["re_recovery_slag"] > 99


def test_twice_the_boron_changes_slag_grade_and_pig_iron_boron(reference):
    one = reference.kpis["carbothermal"]
    two = ss.run(ss.load(scenario="double_boron"), "carbothermal").kpis["carbothermal"]
    assert two["slag_reo_grade"] < one["slag_reo_grade"] - 3
    assert one["pig_iron_boron"] < two["pig_iron_boron"] < 2 * one["pig_iron_boron"]
    assert two["slag_liquid"] > one["slag_liquid"]


def roast_heat(scenario, route="carbothermal"):
    """MJ given off in the roast, before gas and calcine carry some of it away."""
    records = ss.run(scenario, route)[route].ledger.streams
    cold = [(r, solidified(r.stream)) for r in records]
    coming = sum(s.enthalpy() for r, s in cold if r.target == "roaster")
    going = sum(s.enthalpy() for r, s in cold if r.source == "roaster")
    return (coming - going)[0] / 1e6


def test_oxidised_feed_gives_no_heat_of_metal_oxidation():
    """What remains is the oil's heat of combustion and the ferrites' and borates' formation."""
    scenario = ss.load(scenario="fully_oxidised")
    streams = ss.run(scenario, "carbothermal")["carbothermal"].species
    oil = streams.query("stream == 'dried' and species == 'CH2(oil)'")["kg"].iloc[0]
    water = streams.query("stream == 'dried' and species == 'H2O(l)'")["kg"].iloc[0]
    expected = oil * 43.0 - water * 2.44
    compounds = 0.15 * 1000  # MJ/t: -37 kJ/mol NdFeO3, -60 kJ/mol NdBO3, oxides of Pr and Dy alike
    assert roast_heat(scenario) == pytest.approx(expected, abs=compounds)
    assert roast_heat(ss.load()) > expected + 5000


def test_moisture_raises_the_drying_duty_by_its_latent_heat(reference):
    """2.257 MJ/kg at 100 C; from 25 C to vapour of 110 C 2.59 MJ/kg (steam tables)."""

    def duty(result):
        table = result["carbothermal"].duties
        return table.query("unit == 'dryer'")["MJ"].sum()

    wet = ss.run(ss.load(scenario="wetter"), "carbothermal")
    dry = reference
    kg = {}
    for name, result in (("wet", wet), ("dry", dry)):
        table = result["carbothermal"].species.query("stream == 'vapour'")
        kg[name] = table["kg"].sum()
    extra = (duty(wet) - duty(dry)) / (kg["wet"] - kg["dry"])
    assert extra == pytest.approx(2.59, rel=0.02)


def test_feed_without_boron_and_feed_without_rare_earths_run():
    no_boron, _ = varied("carbothermal", feed__solids__B=0.0, feed__solids__Fe=0.6667)
    assert no_boron["pig_iron_boron"] == 0
    assert no_boron["slag_b2o3"] == 0
    changes = {f"feed__solids__{e}": 0.0 for e in ("Nd", "Pr", "Dy")}
    no_re, _ = varied("carbothermal", **changes, feed__solids__Fe=0.96)
    assert no_re["reo_product"] == 0
    assert no_re["pig_iron_mass"] > 0
