"""The coke-fired shaft furnace: its heat balance made up again, and which way things move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.thermo import merge, stream

IRON = {"Fe2O3(s)": 500.0}  # 1000 mol Fe
RESERVE, BLAST = 950 + 273.15, 1000 + 273.15
AGGLOMERATES = "a shaft furnace takes lumps"


@pytest.fixture
def fire(smelt):
    """The smelter as a shaft furnace on reductant graphite, all but free of ash."""

    def run(charge=None, **changes):
        settings = {"furnace": "shaft", "carbon_source": "graphite", "target_feo": 0.0}
        return smelt(charge or IRON, **settings | changes)

    return run


def fuel(outcome):
    return float(outcome.drawn["fuel_coke"]["C(s)"][0])


def reductant(outcome):
    return float(outcome.drawn["graphite"]["C(s)"][0])


def enthalpy(amounts, T=298.15):
    return float(stream(amounts).at(T=T).enthalpy()[0])


def hot_blast(outcome, T=BLAST):
    """Heat of the blast over 25 degC, J."""
    blast = merge([outcome.drawn["blast_air"], outcome.drawn["oxygen"]])
    return float((blast.at(T=T).enthalpy() - blast.enthalpy())[0])


@pytest.mark.parametrize("blast", [25.0, 1000.0])
def test_what_is_lost_is_what_was_declared(fire, blast):
    """10 % of 110.5 kJ per mol C and of the hot blast, 20 % of the stoves' gas, the power."""
    T = blast + 273.15
    o = fire(blast_temperature=T, charge_temperature=1173.15)
    assert not o.failures
    hot = hot_blast(o, T)
    power = o.duties["electricity"][0]
    declared = 0.1 * (fuel(o) * 110.53e3 + hot) + hot * (1 / 0.8 - 1) + power
    assert -o.duties["loss"][0] == pytest.approx(declared, rel=1e-4)
    coming = enthalpy(IRON, 1173.15) + sum(s.enthalpy()[0] for s in o.drawn.values())
    going = sum(s.enthalpy()[0] for s in o.outlets.values())
    assert coming + sum(d[0] for d in o.duties.values()) == pytest.approx(going, rel=1e-9)


def test_fuel_is_what_the_hearth_asks_for(fire):
    """Below the reserve zone: charge, coke, hot blast in; melt, gas of 950 degC, the loss out."""
    o = fire(indirect_reduction=0.4)
    n, oxygen = fuel(o), 0.4 * 1500.0
    drawn = o.drawn
    solid = {
        k: drawn["fuel_coke"][k][0] + drawn["graphite"][k][0]
        for k in (
            "C(s)",
            "SiO2(s)",
            "Al2O3(s)",
            "Fe2O3(s)",
            "CaO(s)",
            "MgO(s)",
            "Na2O(s)",
            "P4O10(s)",
            "S(s)",
        )
    }
    blast = {k: drawn["blast_air"][k][0] for k in ("N2(g)", "Ar(g)", "O2(g)")}
    melt = o.outlets["melt"]
    # All carbon that does not dissolve leaves as CO, or as CO2 where CO took oxygen from the ore.
    gaseous = solid["C(s)"] - melt.element("C")[0]
    gas = {"CO(g)": gaseous - oxygen, "CO2(g)": oxygen, "N2(g)": blast["N2(g)"],
           "Ar(g)": blast["Ar(g)"], "Na(g)": 2 * solid["Na2O(s)"]}  # fmt: skip
    lost = 0.1 * (n * 110.53e3 + hot_blast(o))
    coming = enthalpy(IRON, RESERVE) + enthalpy(solid, RESERVE) + enthalpy(blast, BLAST)
    going = melt.enthalpy()[0] + enthalpy(gas, RESERVE) + lost
    # Sulphur and phosphorus of the coke in melt and gas are left out of this account.
    assert coming - going == pytest.approx(0.0, abs=3e-4 * n * 110.53e3)


def test_a_hotter_blast_saves_fuel_and_most_where_it_was_cold(fire):
    rates = [fuel(fire(blast_temperature=c + 273.15)) for c in (25, 350, 675, 1000)]
    saved = -np.diff(rates)
    assert (saved > 0).all()
    assert (np.diff(saved) < 0).all()


def test_gas_that_reduces_ore_saves_carbon_by_stoichiometry(fire):
    """Each oxygen that CO takes from the ore spares a carbon of the reductant; coke saves ash."""
    none, some = (fire(indirect_reduction=r) for r in (0.0, 0.4))
    assert reductant(none) - reductant(some) == pytest.approx(0.4 * 1500, rel=0.02)
    assert fuel(some) < fuel(none)
    for o in (none, some):
        metal = o.outlets["melt"].phase("metal")
        assert metal.element("Fe")[0] == pytest.approx(1000, rel=0.01)
    # Beside the CO2 of the stoves.
    made = [o.outlets["furnace_gas"]["CO2(g)"][0] - 2 * o.drawn["air"]["O2(g)"][0]
            for o in (none, some)]  # fmt: skip
    assert made == pytest.approx([0, 600], abs=6)


def test_a_hot_charge_heats_the_top_gas_where_the_hearth_rules(fire):
    cold, hot = (fire(charge_temperature=T) for T in (298.15, 1073.15))
    assert fuel(hot) == pytest.approx(fuel(cold), rel=1e-9)
    assert hot.outlets["furnace_gas"].T[0] > cold.outlets["furnace_gas"].T[0] + 100


def test_pure_oxygen_takes_no_nitrogen_along(fire):
    o = fire(blast_oxygen=1.0)
    assert o.drawn["blast_air"].mass()[0] == 0
    assert o.drawn["oxygen"]["O2(g)"][0] == pytest.approx(fuel(o) / 2)
    half = fire(blast_oxygen=0.5)
    blast = merge([half.drawn["blast_air"], half.drawn["oxygen"]])
    assert blast["O2(g)"][0] / blast.moles.sum() == pytest.approx(0.5)


def test_coke_brings_its_ash_into_the_slag(fire):
    o = fire(silicon_rate=0.0)
    slag = o.outlets["melt"].without("metal", "fcc")
    ash = sum(o.drawn[k].element("Si")[0] for k in ("fuel_coke", "graphite"))
    assert slag.element("Si")[0] == pytest.approx(ash, rel=1e-3)


def test_what_cannot_be_is_a_failure_with_its_reason(fire):
    reasons = [f.reason for f in fire(shaft_loss=0.7, blast_temperature=298.15).failures]
    assert reasons == ["no amount of fuel heats the hearth with this blast"]
    metal = {"Fe(s)": 50.0, "Fe2O3(s)": 1000.0}
    reasons = [
        f.reason for f in fire(metal, carbon=0.0, indirect_reduction=0.95,
                               blast_temperature=1573.15, shaft_loss=0.0).failures
    ]  # fmt: skip
    assert reasons == ["the furnace makes less CO than the indirect reduction would take"]


def test_warns_of_lumps_of_fuel_and_of_gas_that_is_used_too_well(fire):
    def warned(**changes):
        return " ".join(fire(**changes).warnings)

    assert AGGLOMERATES in warned()
    assert "kg carbon per kg iron" in warned(blast_temperature=298.15)
    assert "kg carbon per kg iron" not in warned()
    assert "burnt to CO2" in warned(indirect_reduction=0.7)
    assert "burnt to CO2" not in warned(indirect_reduction=0.4)


def test_kpis_count_the_fuel_coke_and_a_batch_is_its_cases():
    scenario = ss.load()
    path = "carbothermal.smelter."
    blast = np.array([600.0, 900.0, 1200.0]) + 273.15

    def run(T):
        changes = {path + "furnace": "shaft", path + "blast_temperature": T}
        inputs = scenario.inputs.with_values(changes)
        return ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]

    batch, one = run(blast), run(blast[1])
    for kpi in ("carbon_input", "furnace_electricity", "off_gas_co2", "slag_reo_grade"):
        assert batch.kpis[kpi][1] == pytest.approx(one.kpis[kpi][0], rel=1e-7)
        assert len(set(batch.kpis[kpi])) == 3
    drawn = {r.name: r.stream["C(s)"][0] * 12.011e-3 for r in one.ledger.streams
             if r.name in ("graphite", "fuel_coke")}  # fmt: skip
    assert one.kpis["carbon_input"][0] == pytest.approx(sum(drawn.values()), rel=1e-4)
    assert min(drawn.values()) > 200
    assert any(a.startswith("carbon_sources.coke") for a in one.assumptions["path"])
