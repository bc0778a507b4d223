"""Money from flows: a small case by hand, prices, present value and break-even points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.data import read
from sludgesim.ledger import DutyRecord, Ledger, StreamRecord
from sludgesim.routes import ROUTES, costs
from sludgesim.scenario import flat
from sludgesim.studies.comparison import run
from sludgesim.thermo.stream import stream


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


def batch(scenario, **changes):
    """The scenario with some costs or other inputs in a batch, in the declared units."""
    declared = scenario.inputs.parameters
    paths = {("costs." + k) if "." not in k else k: v for k, v in changes.items()}
    values = {p: declared[p].to_si(np.asarray(v, float)) for p, v in paths.items()}
    return replace(scenario, inputs=scenario.inputs.with_values(values))


def kpis(scenario, route="carbothermal", **changes):
    return run(batch(scenario, **changes), route)[route].kpis


def test_a_small_plant_by_hand(scenario):
    """1 t dry sludge: 100 kg Nd2O3 sold, 200 kg HCl, 1000 kWh, 50 kg to landfill; 10 t/d wet."""
    hcl = 36.46e-3
    parts = (
        ("sludge", "supply", "leach", "feed", {"Nd2O3(s)": 150 / 0.33648}),
        ("hydrochloric_acid", "supply", "leach", "reagent",
         {"H+(aq)": 200 / hcl, "Cl-(aq)": 200 / hcl, "H2O(l)": 400 / 18.015e-3}),
        ("oxide", "leach", "product", "product", {"Nd2O3(s)": 100 / 0.33648}),
        ("residue", "leach", "landfill", "waste", {"Nd2O3(s)": 50 / 0.33648}),
    )  # fmt: skip
    streams = tuple(
        StreamRecord(n, a, b, role, stream({k: np.array([v]) for k, v in moles.items()}))
        for n, a, b, role, moles in parts
    )
    duties = (DutyRecord("leach", "electricity", np.array([3.6e9])),)
    given = {"landfill": 50.0, "wastewater": 0.0, "off_gas_co2": 0.0,
             "reo_product": 100.0, "re_recovery": 100 * 100 / 150}  # fmt: skip
    inputs = batch(
        scenario, price_nd_oxide=80, oxide_paid=75, price_hydrochloric_acid=250, wage=30,
        price_electricity=0.1, price_landfill=100, operators_per_unit=1, availability=90,
        maintenance=4, overhead=3, leach_cost=0.4, scale_exponent=0.6, installation=3.63,
        cost_index_basis=600, cost_index=800, discount_rate=10, lifetime=15,
    ).inputs  # fmt: skip
    found = costs.compute(
        Ledger(("leach",), streams, duties), inputs, {k: np.array([v]) for k, v in given.items()}
    )
    got = {k: float(v[0]) for k, v in found.items()}
    tonnes = 10 * 0.65 * 365 * 0.9
    size = 10 * 0.65 / 24 * (0.15 + 0.6)  # t/h of sludge solids and acid
    capital = 0.4e6 * (size / 5) ** 0.6 * 3.63 * 800 / 600
    labour = 1 * 30 * 8760 / tonnes
    upkeep = 0.07 * capital / tonnes
    cost = 50 + 100 + 5 + labour + upkeep
    years = (1 - 1.1**-15) / 0.1
    assert got["revenue"] == pytest.approx(100 * 80 * 0.75, rel=1e-4)
    assert got["cost_reagents"] == pytest.approx(50, rel=1e-3)
    assert got["cost_energy"] == pytest.approx(100, rel=1e-9)
    assert got["cost_wastes"] == pytest.approx(5, rel=1e-9)
    assert got["cost_labour"] == pytest.approx(labour, rel=1e-9)
    assert got["capital"] == pytest.approx(capital / 1e6, rel=1e-3)
    assert got["operating_cost"] == pytest.approx(cost, rel=1e-3)
    assert got["net_present_value"] == pytest.approx(
        ((6000 - cost) * tonnes * years - capital) / 1e6, rel=1e-3
    )
    level = (cost + capital / years / tonnes) / 6000
    assert got["break_even_reo_price"] == pytest.approx(80 * level, rel=1e-3)
    assert got["break_even_re_recovery"] == pytest.approx(100 * 2 / 3 * level, rel=1e-3)


def test_operating_cost_is_the_sum_of_its_terms_and_linear_in_prices(scenario):
    for price in ("price_hydrochloric_acid", "price_electricity", "price_landfill", "wage",
                  "price_carbon_dioxide", "sludge_paid", "price_oxalic_acid"):  # fmt: skip
        low = 0.1 * flat()["costs." + price].bounds[1]
        found = kpis(scenario, **{price: [low, 2 * low, 3 * low]})
        terms = [v for k, v in found.items() if k.startswith("cost_") and "per_kg" not in k]
        assert found["operating_cost"] == pytest.approx(sum(terms), rel=1e-12)
        step = np.diff(found["operating_cost"])
        assert step[0] == pytest.approx(step[1], rel=1e-9)
        assert step[0] > 0, price


def test_reagents_are_paid_as_they_are_counted(scenario):
    found = kpis(scenario, "wet_full", price_sodium_hydroxide=[300.0, 400.0])
    assert np.diff(found["cost_reagents"])[0] == pytest.approx(
        0.1 * found["reagent.sodium_hydroxide"][0], rel=1e-9
    )


@pytest.mark.parametrize(("rate", "years"), [(0.1, 15), (0.0, 20), (1e-9, 10), (0.5, 3)])
def test_annuity_is_the_sum_of_discounted_years(rate, years):
    expected = sum((1 + rate) ** -t for t in range(1, years + 1))
    found = costs.annuity(np.array([rate]), np.array([float(years)]))
    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_present_value_year_by_year(scenario):
    found = kpis(scenario, discount_rate=[8.0, 12.0], lifetime=20)
    tonnes = 10 * 0.65 * 365 * 0.9
    for k, r in enumerate((0.08, 0.12)):
        earned = (found["revenue"][k] - found["operating_cost"][k]) * tonnes / 1e6
        value = -found["capital"][k] + sum(earned / (1 + r) ** t for t in range(1, 21))
        assert found["net_present_value"][k] == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("sludge_paid", [0.0, 40.0])
def test_at_the_break_even_price_a_run_earns_nothing(scenario, sludge_paid):
    for route in ROUTES:
        one = kpis(scenario, route, sludge_paid=[sludge_paid, sludge_paid])
        level = one["break_even_reo_price"][0] / one["reo_price"][0]
        there = kpis(
            scenario, route, sludge_paid=sludge_paid, rare_earth_price_level=[level, 2 * level]
        )
        assert abs(there["net_present_value"][0]) < 1e-9 * one["net_present_value"][0]
        assert there["net_present_value"][1] > 0


def test_break_even_recovery_against_runs_that_lose_rare_earths(scenario):
    """Costs go down a little with the rare earths, so the run breaks even at a lower recovery."""
    shares = np.linspace(4.0, 40.0, 10)
    found = kpis(
        scenario, "wet_selective",
        **{"wet_selective.leach.rare_earth_dissolved": shares},
    )  # fmt: skip
    value, recovery = found["net_present_value"], found["re_recovery"]
    assert (np.diff(value) > 0).all()
    crossing = float(np.interp(0.0, value, recovery))
    stated = kpis(scenario, "wet_selective", wage=[30.0, 30.0])["break_even_re_recovery"][0]
    assert 0.6 * stated < crossing < stated
    near = int(np.argmin(np.abs(value)))
    assert found["break_even_re_recovery"][near] == pytest.approx(crossing, rel=0.15)


def test_where_nothing_can_be_earned_there_is_no_break_even_price(scenario):
    found = kpis(scenario, sludge_paid=[100.0, 90.0])
    assert np.isnan(found["break_even_reo_price"]).all()


def test_capital_follows_the_six_tenths_rule(scenario):
    found = kpis(scenario, **{"feed.rate": [10.0, 20.0]})
    assert found["capital"][1] / found["capital"][0] == pytest.approx(2**0.6, rel=1e-9)
    assert found["cost_reagents"][1] == pytest.approx(found["cost_reagents"][0], rel=1e-9)
    assert found["cost_labour"][1] == pytest.approx(found["cost_labour"][0] / 2, rel=1e-9)


def test_the_tables_name_parameters_that_exist():
    known = flat()
    for entry in read("reagents").values():
        assert entry["price"] is None or f"costs.{entry['price']}" in known
    for entry in read("equipment").values():
        assert f"costs.{entry['cost']}" in known
    for route in ROUTES.values():
        assert set(route.units) <= set(read("equipment"))
    priced = [*read("products")["oxide"]["oxides"].values(), "price_pig_iron", "price_cobalt"]
    assert all(f"costs.{p}" in known for p in priced)


def test_every_amount_of_money_has_a_year():
    for path, parameter in flat().items():
        assert ("USD" in parameter.unit) == (parameter.year is not None), path


def test_parted_oxides_are_paid_by_a_share_of_their_own():
    """Solvent extraction sells what it parts at 90 instead of 75 % of the separated oxides."""
    scenario = ss.load()
    word = {"wet_selective.solvent_extraction.separation": "light_heavy"}
    apart = replace(scenario, inputs=scenario.inputs.with_values(word))
    mixed, parted = (ss.run(x, "wet_selective").kpis["wet_selective"] for x in (scenario, apart))
    each = [k["revenue"] / k["reo_product"] / k["reo_price"] for k in (mixed, parted)]
    assert each == pytest.approx([0.75, 0.90], rel=0.01)
