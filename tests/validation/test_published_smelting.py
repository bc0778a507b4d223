"""Published smelting of roasted magnet scrap with carbon, on the reference alloy.

E1 Hoshi, Miyamoto, Furusawa, J. Japan Inst. Met. Mater. 78 (2014) 258: metal and slag distinct
   from 1050 C, mechanically separable from 1400 C only, 93.6 % of the rare earths extracted;
   boron in the slag lets it melt below 1900 C.
E2 US9322082B2: works from 1150 C.
E3 US10023938B2: at least 1300 C, inert gas or vacuum.
E4 US10081040B2: with ten mol carbon per mol iron group the oxide parts from 1000 C, unmelted.
E5 Bian et al., Rare Metals 41 (2022) 1697: 1400-1550 C, almost all rare earth in the oxide, B2O3
   in the oxide falls with temperature and time.
E7 Bian et al., ACS Sust. Chem. Eng. 4 (2016) 812: an unoxidised charge puts its Nd into the metal.
E8 Nakamoto et al., Metall. Mater. Trans. B 43 (2012) 468: little rare earth in the alloy.
E9 Bian et al., TMS 2015, Recovery of rare earth elements from NdFeB magnet scraps: at 1500 C under
   argon boron lies in both the slag and the metal.
Calibrated on these: the rate of boron at 1550 C on the purity of E5, so that of E5 only directions
are tested, and that an hour does not beat its best; and the liquid shares at which phases part lie
between the model's own at 1250 and 1400 C, so that E1 does not validate the parting. None of the
papers tells a liquid share, and their scrap differs from the reference alloy: what is asserted of
liquid shares, of reduction and of boron in two phases is their size, not a published digit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.thermo import load_system, stream

CELSIUS = np.array([1150.0, 1200, 1250, 1300, 1400, 1450, 1500, 1550])


@pytest.fixture(scope="module")
def heats():
    """KPIs of the furnace over temperature, one hour held."""
    scenario = ss.load()
    inputs = scenario.inputs.with_values({"carbothermal.smelter.temperature": CELSIUS + 273.15})
    return ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]


def at(heats, kpi, celsius):
    return heats.kpis[kpi][celsius == CELSIUS][0]


def test_e1_slag_is_half_molten_at_1400_and_hardly_at_1250(heats):
    assert at(heats, "slag_liquid", 1250) < 15
    assert at(heats, "slag_liquid", 1400) > 50


def test_e1_metal_and_slag_part_at_1400_but_not_at_1250(heats):
    """Calibrated on this: not validated by it. What was extracted must have been in the slag."""
    assert at(heats, "re_recovery_slag", 1250) == 0
    assert at(heats, "unparted", 1400) == 0
    assert at(heats, "re_recovery_slag", 1400) > 93.6


def test_e1_without_boron_the_slag_does_not_melt_at_1400(heats):
    scenario = ss.load()
    changes = {"feed.solids.B": 0.0, "feed.solids.Fe": 0.6667,
               "carbothermal.smelter.temperature": 1673.15}  # fmt: skip
    inputs = scenario.inputs.with_values(changes)
    result = ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]
    assert result.kpis["slag_liquid"][0] < min(10, at(heats, "slag_liquid", 1400) / 4)
    assert result.kpis["unparted"][0] > 0
    assert any("does not part" in w for w in result.warnings)


@pytest.mark.parametrize("celsius", [1000.0, 1050.0])
def test_e1_e4_metal_and_oxide_are_distinct_phases_below_melting(celsius):
    """No ferrite is left: iron is metal, rare earths are oxide and borate, nothing is molten."""
    charge = {"NdFeO3(s)": 0.8, "PrFeO3(s)": 0.2, "NdBO3(s)": 0.3, "Fe2O3(s)": 3.0, "C(s)": 68.0}
    found = load_system("roasting").equilibrate_stream(stream(charge, T=celsius + 273.15)).stream()
    assert found["Fe(s)"][0] == pytest.approx(7.0, rel=1e-6)
    oxide = sum(found[s][0] for s in ("NdO1.5(ss)", "PrO1.5(ss)", "NdBO3(s)", "PrBO3(s)"))
    assert oxide == pytest.approx(1.3, rel=1e-6)


def test_e2_iron_is_reduced_from_1150(heats):
    melt = next(r.stream for r in heats.ledger.streams if r.name == "melt")
    metal = melt.phase("metal", "fcc").element("Fe")
    assert (metal / melt.element("Fe") > 0.99).all()


@pytest.mark.parametrize("atmosphere", [{"inert_gas": 2.0}, {"pressure": 1000.0}])
def test_e3_iron_is_reduced_at_1300_under_inert_gas_or_vacuum(atmosphere):
    scenario = ss.load()
    changes = {f"carbothermal.smelter.{k}": v for k, v in atmosphere.items()}
    changes["carbothermal.smelter.temperature"] = 1573.15
    inputs = scenario.inputs.with_values(changes)
    result = ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]
    melt = next(r.stream for r in result.ledger.streams if r.name == "melt")
    assert melt.phase("metal", "fcc").element("Fe")[0] / melt.element("Fe")[0] > 0.97
    held = sum(melt.phase("metal").element_mass(e)[0] for e in ("Nd", "Pr", "Dy"))
    assert held / sum(melt.element_mass(e)[0] for e in ("Nd", "Pr", "Dy")) < 1e-3


def test_e5_boron_leaves_the_oxide_with_temperature(heats):
    b2o3 = heats.kpis["slag_b2o3"][CELSIUS >= 1400]
    purity = heats.kpis["slag_reo_grade"][CELSIUS >= 1400]
    assert (np.diff(b2o3) < 0).all()
    assert (np.diff(purity) > 0).all()
    assert purity[-1] < 95  # the best that was reached, time and alloy unknown


def test_e5_boron_leaves_the_oxide_with_time():
    scenario = ss.load()
    hold = np.array([0.0, 600, 1800, 3600, 10800])
    inputs = scenario.inputs.with_values({"carbothermal.smelter.hold": hold})
    result = ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]
    assert (np.diff(result.kpis["slag_b2o3"]) < 0).all()
    assert (np.diff(result.kpis["slag_reo_grade"]) > 0).all()


def test_e5_e8_rare_earths_stay_in_the_oxide_phase(heats):
    """Dissolved rare earth at 1 bar is below 0.01 wt%; what the metal carries is entrained slag."""
    melts = next(r.stream for r in heats.ledger.streams if r.name == "melt")
    metal = melts.phase("metal", "fcc")
    dissolved = sum(metal.element_mass(e) for e in ("Nd", "Pr", "Dy")) / metal.mass()
    assert (dissolved < 1e-4).all()


def test_e7_unoxidised_charge_loses_its_rare_earths_to_the_metal():
    charge = stream({"Fe(metal)": 14.0, "Nd(metal)": 2.0, "B(s)": 1.0, "C(s)": 8.0}, T=1823.15)
    melt = load_system("smelting").equilibrate_stream(charge).stream()
    oxide = melt.phase("slag", "ss").element("Nd") + melt["NdBO3(s)"]
    in_metal = melt.phase("metal").element("Nd") + melt["NdC2(s)"]
    assert in_metal[0] == pytest.approx(2.0, rel=1e-6)
    assert oxide[0] < 1e-6


def test_e9_boron_lies_in_both_phases_at_1500():
    """At least a tenth of it in each; no shares are published."""
    scenario = ss.load()
    changes = {"carbothermal.smelter.temperature": 1773.15, "carbothermal.smelter.hold": 7200.0}
    inputs = scenario.inputs.with_values(changes)
    result = ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]
    streams = {r.name: r.stream.element("B")[0] for r in result.ledger.streams if r.name in
               ("slag", "pig_iron")}  # fmt: skip
    share = streams["pig_iron"] / (streams["pig_iron"] + streams["slag"])
    assert 0.1 < share < 0.9
