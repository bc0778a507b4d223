"""Many cases: each is what a single run gives, failures are rows, assays keep their sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sludgesim as ss
from sludgesim.errors import InputError, TemperatureRangeError
from sludgesim.routes import ROUTES
from sludgesim.routes import kpis as kpi_module
from sludgesim.studies import cases as cases_module
from sludgesim.studies.cases import counts, failures, run_all, run_cases, without_empty

T = "carbothermal.smelter.temperature"


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


def test_every_kpi_of_a_route_is_a_column(scenario):
    for route in ss.compare(scenario).routes.values():
        assert set(route.kpis) <= set(kpi_module.ids())


def test_a_row_is_what_a_single_run_gives(scenario):
    table = run_all(scenario, pd.DataFrame({T: [1450, 1600], "feed.moisture": [25, 40]}))
    inputs = scenario.inputs.with_values({T: 1600 + 273.15, "feed.moisture": 0.4})
    alone = ss.compare(replace(scenario, inputs=inputs))
    for route, result in alone.routes.items():
        row = table[(table["case"] == 1) & (table["route"] == route)].iloc[0]
        for kpi, value in result.kpis.items():
            assert row[kpi] == pytest.approx(float(value[0]), rel=1e-9, nan_ok=True), kpi


def test_words_and_numbers_may_vary_together(scenario):
    smelter = "carbothermal.smelter"
    table = pd.DataFrame(
        {
            f"{smelter}.furnace": ["induction", "electric_arc", None],
            f"{smelter}.carbon": ["auto", 300, 300],
        }
    )
    done = run_all(scenario, table, ["carbothermal"])
    assert (done["status"] == "ok").all()
    # The arc furnace consumes electrodes; the scenario's furnace is an arc furnace.
    used = done["reagent.electrodes"].to_numpy()
    assert used[0] == 0 and used[1] > 0 and used[2] == pytest.approx(used[1])
    assert done["carbon_input"][1] == pytest.approx(300)


def test_blocks_do_not_matter(scenario):
    table = pd.DataFrame({T: np.linspace(1400, 1600, 5)})
    whole = run_all(scenario, table, ["carbothermal"])
    seen = []
    parts = list(
        run_cases(
            scenario, table, ["carbothermal"], block=2, progress=lambda *done: seen.append(done)
        )
    )
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert all(list(part.columns) == list(parts[0].columns) for part in parts)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole, rtol=1e-9)


def test_failed_cases_are_rows_with_a_reason(scenario):
    table = pd.DataFrame(
        {T: [1500, 2500, 1500, "hot"], "feed.moisture": [30, 30, 90, 30], "feed.oil": [5, 5, 20, 5]}
    )
    done = run_all(scenario, table, ["wet_full", "carbothermal"])
    assert len(done) == 8
    reasons = done.groupby("case")["reason"].first()
    assert reasons[0] == "" and "1150 to 1800" in reasons[1]
    assert "no solids" in reasons[2] and "1150 to 1800" in reasons[3]
    assert done.loc[done["status"] == "failed", list(kpi_module.ids())].isna().all(axis=None)
    assert counts(done).to_dict("records") == [
        {"route": "wet_full", "cases": 4, "solved": 1, "failed": 3},
        {"route": "carbothermal", "cases": 4, "solved": 1, "failed": 3},
    ]
    assert failures(done)["cases"].sum() == 6


def test_a_run_that_stops_costs_only_the_case_that_stops_it(scenario, monkeypatch):
    def compare(batch, routes):
        if (batch.inputs["feed.moisture"] > 0.395).any():
            raise TemperatureRangeError("a species is outside\nits range")
        return ss.compare(batch, routes)

    monkeypatch.setattr(cases_module, "compare", compare)
    done = run_all(scenario, pd.DataFrame({"feed.moisture": [20, 40, 30, 25, 39]}), ["wet_full"])
    assert list(done["status"]) == ["ok", "failed", "ok", "ok", "ok"]
    assert done["reason"][1] == "a species is outside its range"


def assay_of(scenario, table):
    """Mass fractions of the dry, oil-free alloy, as the feed unit is given them."""
    numbers, _, reason = cases_module.resolve(scenario, table)
    heads = [k for k in scenario.inputs.values if k.startswith("feed.solids.")]
    made = {k: numbers.get(k, np.repeat(scenario.inputs[k], len(table))) for k in heads}
    return pd.DataFrame(made).rename(columns=lambda k: k.rpartition(".")[2]), reason


def test_an_assay_keeps_its_sum(scenario):
    base = {k.rpartition(".")[2]: v[0] for k, v in scenario.inputs.values.items()
            if k.startswith("feed.solids.")}  # fmt: skip
    made, reason = assay_of(
        scenario, pd.DataFrame({"feed.solids.Nd": [10, 30, np.nan], "feed.solids.B": [1, 2, 3]})
    )
    assert (reason == "").all()
    np.testing.assert_allclose(made.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(made["Nd"][:2], [0.1, 0.3])
    np.testing.assert_allclose(made["B"], [0.01, 0.02, 0.03])
    # The others keep their proportions; so does Nd where the case leaves it open.
    np.testing.assert_allclose(made["Fe"] / made["Dy"], base["Fe"] / base["Dy"])
    assert made["Nd"][2] / made["Fe"][2] == pytest.approx(base["Nd"] / base["Fe"])


def test_the_balance_takes_up_the_rest(scenario):
    balanced = replace(scenario, balance="Fe")
    made, reason = assay_of(balanced, pd.DataFrame({"feed.solids.Nd": [10, 99]}))
    assert made.sum(axis=1).tolist() == pytest.approx([1, 1])
    assert made["Dy"][0] == pytest.approx(scenario.inputs["feed.solids.Dy"][0])
    assert made["Fe"][0] > scenario.inputs["feed.solids.Fe"][0]
    assert reason[0] == "" and "over 100" in reason[1]


def test_an_assay_that_cannot_sum_to_100_is_a_failed_case(scenario):
    given = {k: [100 * v[0], 80 * v[0], 101 * v[0]] for k, v in scenario.inputs.values.items()
             if k.startswith("feed.solids.") and v[0] > 0}  # fmt: skip
    made, reason = assay_of(scenario, pd.DataFrame(given))
    assert reason[0] == "" and "misses 100" in reason[1] and reason[2] == ""
    assert made.sum(axis=1)[2] == pytest.approx(1)


def test_more_neodymium_makes_more_oxide(scenario):
    done = run_all(scenario, pd.DataFrame({"feed.solids.Nd": [15, 20, 25]}), ["wet_full"])
    product = done["reo_product"].to_numpy()
    # 5 % points of 1 t of alloy, partly oxidised: below 50 kg Nd, 58 kg Nd2O3, less the losses;
    # the other rare earths make room.
    assert (np.diff(product) > 35).all() and (np.diff(product) < 58).all()


def test_inputs_that_would_mean_nothing(scenario):
    with pytest.raises(InputError, match=r"did you mean feed\.moisture"):
        run_all(scenario, pd.DataFrame({"feed.moistur": [30]}))
    with pytest.raises(InputError, match=r"feed\.oxidised instead"):
        run_all(scenario, pd.DataFrame({"feed.solids.O": [5]}))


def test_empty_columns_go(scenario):
    done = without_empty(run_all(scenario, pd.DataFrame({T: [1500]}), ["wet_full"]))
    assert "slag_feo" not in done and "reagent.coke" not in done
    assert {"acid_use", "reagent.hydrochloric_acid", "iron_recovery"} <= set(done)


def test_a_scenario_without_changes_runs(scenario):
    done = run_all(scenario, pd.DataFrame(index=range(1)))
    assert list(done["route"]) == list(ROUTES) and (done["status"] == "ok").all()
