"""What a run of the wet routes tells of itself, and that nothing is told of a plain one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss

WET = "wet_full"


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


def ran(scenario, route=WET, **changes):
    """A run of one case; dots of the parameters written as __, values in SI units."""
    values = {
        (name if name.startswith("feed__") else f"{route}.{name}").replace("__", "."): v
        for name, v in changes.items()
    }
    inputs = scenario.inputs.with_values(values)
    return ss.run(replace(scenario, inputs=inputs), route)[route]


def told(result, words):
    return [w for w in result.warnings if words in w]


@pytest.mark.parametrize("alkali", ["ammonia", "calcium_hydroxide", "magnesium_oxide"])
def test_no_oxidant_is_dosed_for_the_dust_of_an_equilibrium(scenario, alkali):
    """With all iron Fe(III) chlorate must not bring a trace of sodium that nothing balances."""
    result = ran(
        scenario,
        feed__oxidised=0.999,
        iron_removal__oxidant="sodium_chlorate",
        iron_removal__alkali=alkali,
    )
    assert "reagent.sodium_chlorate" not in result.kpis
    assert result.balance.worst_elements.get("Na", 0.0) < 1e-9


def test_rare_earths_that_fall_with_the_iron_are_told(scenario):
    assert not told(ran(scenario), "rare earths")
    (lost,) = told(ran(scenario, iron_removal__pH=6.0), "hydroxides by their own solubility")
    assert "rare earths fall as" in lost


def test_iron_that_stays_is_told(scenario):
    kept = ran(scenario, iron_removal__pH=1.0, iron_removal__iron_solid="ferrihydrite")
    assert told(kept, "of the dissolved iron does not fall")
    assert not told(ran(scenario), "does not fall")


def test_a_solid_that_does_not_form_there_is_told(scenario):
    cold = ran(scenario, iron_removal__iron_solid="hematite")
    assert told(cold, "hematite is said to form from degC 95 (here 80) on")
    assert told(ran(scenario, iron_removal__pH=1.0), "goethite is said to form from pH 1.5")


def test_rare_earths_that_stay_anywhere_are_told(scenario):
    assert told(ran(scenario, leach__time=0.0), "of the rare earths stay in the residue")
    (stay,) = told(ran(scenario, precipitation__dose=0.5), "stay in the mother liquor")
    assert stay.startswith("precipitation: up to 5")  # half of them, and a little
    assert not told(ran(scenario, leach__time=0.0), "tce per t oxide")


def test_oxalate_that_calcium_takes_is_told(scenario):
    lime = ran(scenario, iron_removal__alkali="calcium_hydroxide")
    assert told(lime, "of the oxalate falls with calcium")


def test_moisture_that_does_not_suit_the_iron_is_told(scenario):
    assert not told(ran(scenario), "cakes of this iron")
    dry = ran(scenario, iron_removal__iron_solid="ferrihydrite")
    assert told(dry, "filter: cakes of this iron are said to hold")
    assert not told(ran(scenario, iron_removal__iron_solid="ferrihydrite", filter__moisture=0.65),
                    "cakes of this iron")  # fmt: skip


def test_gases_are_told(scenario):
    assert told(ran(scenario, roaster__conversion=0.5), "kg H2 in the gas")
    assert told(ran(scenario, leach__ferrous_share=1.0), "kg O2 in the gas, which no mineral gives")


def test_acid_that_floods_the_leach_is_told(scenario):
    assert told(ran(scenario, leach__acid_strength=0.05), "times the water that liquid_to_solid")
    assert not told(ran(scenario), "liquid_to_solid")


def test_limits_hold_for_what_is_discharged(scenario):
    assert told(ran(scenario), "the wastewater holds B beyond")
    dry = ran(scenario, evaporation__method="recompression")
    assert dry.kpis["wastewater"][0] == 0
    assert not told(dry, "the wastewater holds")


def test_ammonia_boils_off_into_the_condensate(scenario):
    """What is free of it; ammonium stays in the salt."""
    result = ran(
        scenario,
        iron_removal__alkali="ammonia",
        effluent__pH=9.5,
        evaporation__method="recompression",
    )
    assert told(result, "evaporation: the condensate holds up to")
    streams = result.streams.set_index("name")
    assert streams.loc["condensate", "N_kg"] > 0.1 * streams.loc["salt_cake", "N_kg"]


def test_soda_that_precipitates_counts_as_precipitant(scenario):
    kpis = ran(scenario, "wet_selective", precipitation__precipitant="sodium_carbonate").kpis
    assert kpis["precipitant_use"][0] == pytest.approx(kpis["reagent.sodium_carbonate"][0])
    assert kpis["alkali_use"][0] == pytest.approx(kpis["reagent.sodium_hydroxide"][0])


def test_declared_iron_takes_its_acid_on_top_of_that_of_the_rare_earths(scenario):
    """Fe(III) takes three protons an atom, and the rare earths keep theirs."""
    plain = ran(scenario, "wet_selective")
    shares = np.array([0.1, 0.4])
    kpis = [ran(scenario, "wet_selective", leach__iron_dissolved=x).kpis for x in shares]
    more = kpis[1]["acid_use"][0] - kpis[0]["acid_use"][0]
    iron = plain.streams.set_index("name").loc["calcine", "Fe_kg"] / 55.845
    assert more / 36.46 == pytest.approx(3 * 0.3 * iron, rel=0.02)
    assert kpis[1]["re_recovery"][0] > 80


def test_iron_takes_no_more_along_than_there_is_of_it(scenario):
    solids = {f"feed__solids__{e}": 0.0 for e in ("Fe", "Co", "Cu", "Al", "Pr", "Dy")}
    bare = ran(scenario, feed__oxidised=1.0, **solids, feed__solids__Nd=0.99, feed__solids__B=0.01)
    assert bare.kpis["re_recovery"][0] > 95


def test_calcine_is_charged_cold_unless_told(scenario):
    """The heat that a cold charge has lost is what steam has to bring again."""
    cold, hot = (
        ran(scenario, leach__charge_temperature=T).duties.set_index(["unit", "kind"])["MJ"]
        for T in (298.15, 873.15)
    )
    more = cold["leach", "steam"] - hot["leach", "steam"]
    assert 300 < more < 1000  # 0.9 t of oxides, 575 K, 0.6 to 1 kJ/(kg K)
    assert more == pytest.approx(hot["leach", "loss"] - cold["leach", "loss"], rel=1e-9)


def test_a_batch_tells_in_how_many_cases(scenario):
    batch = ran(scenario, precipitation__dose=np.array([0.5, 1.4, 0.7]))
    (stay,) = told(batch, "stay in the mother liquor")
    assert stay.startswith("precipitation: up to 5") and stay.endswith("in 2 of 3 cases")


def test_an_impure_oxide_is_told(scenario):
    assert not told(ran(scenario, "wet_selective"), "priced as if it were pure")
    soda = ran(scenario, "wet_selective", precipitation__precipitant="sodium_carbonate")
    (impure,) = told(soda, "priced as if it were pure")
    assert "beside it Co" in impure


def test_rates_are_told_where_they_are_used_beyond_their_range(scenario):
    assert told(ran(scenario), "measured to 2")
    assert told(ran(scenario, leach__acid="nitric"), "are those of hydrochloric acid")
    bare = {f"feed__solids__{e}": 0.0 for e in ("Fe", "Co", "Cu", "Al", "B")}
    bare |= {"feed__solids__Nd": 0.9, "feed__solids__Pr": 0.1, "feed__solids__Dy": 0.0}
    assert not told(ran(scenario, **bare), "rates of")


def test_a_leach_of_the_boron_alone_leaves_what_it_is_told_to_leave():
    boron = ss.run(ss.load(scenario="boron_leach"), "carbothermal")["carbothermal"]
    assert not told(boron, "stay in the residue")
