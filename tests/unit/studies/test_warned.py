"""What the model warns of reaches the reader of a study, with how many cases it holds for."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

import sludgesim as ss
from sludgesim.studies import Execution, goal_seek, optimise, sensitivity, sweep, uncertainty
from sludgesim.studies.cases import run_cases
from sludgesim.studies.warned import Warned, of_batch, summary

T = "carbothermal.smelter.temperature"
NOT_MOLTEN = "of the slag is molten"


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


def of_route(study, route, text):
    table = study.warnings
    return table[(table["route"] == route) & table["warning"].str.contains(text)]


def test_a_text_tells_its_cases_or_at_least_one():
    found = of_batch("a", ["only 3 % melts", "energy is low in 4 of 10 cases, at worst: 0.3"], 9)
    assert found == [
        Warned("a", "only 3 % melts", 1, 9),
        Warned("a", "energy is low: 0.3", 4, 4),
    ]
    # A single case runs as two of the same.
    assert of_batch("a", ["low in 2 of 2 cases"], 1) == [Warned("a", "low", 1, 1)]


def test_warnings_that_differ_in_numbers_are_one():
    batches = [
        *of_batch("a", ["up to 1.2e-05 kg H2S in 3 vessels"], 10),
        *of_batch("a", ["up to 40 kg H2S in 3 vessels", "up to 40 kg CO2"], 5),
        *of_batch("b", ["up to 7 kg H2S in 3 vessels"], 5),
    ]
    assert summary(batches).to_dict("records") == [
        {
            "route": "a",
            "warning": "up to 1.2e-05 to 40 kg H2S in 3 vessels",
            "least": 2,
            "most": 15,
        },
        {"route": "a", "warning": "up to 40 kg CO2", "least": 1, "most": 5},
        {"route": "b", "warning": "up to 7 kg H2S in 3 vessels", "least": 1, "most": 5},
    ]


def test_a_run_of_many_cases_tells_block_by_block(scenario):
    told = []
    table = pd.DataFrame({T: [1150, 1550]})
    list(run_cases(scenario, table, ["carbothermal"], block=1, warn=told.append))
    alone = [
        ss.run(
            replace(scenario, inputs=scenario.inputs.with_values({T: t + 273.15})), "carbothermal"
        )
        for t in (1150, 1550)
    ]
    assert [[w.text for w in block] for block in told] == [
        result["carbothermal"].warnings for result in alone
    ]


def test_every_study_tells_where_nothing_melts(scenario):
    cold = {T: "1150:1300"}
    studies = [
        sweep(scenario, {T: [1150, 1300]}, routes=["carbothermal"]),
        uncertainty(scenario, samples=4, vary=cold, routes=["carbothermal"]),
        sensitivity(scenario, ["carbothermal.ghg"], vary=cold, samples=3),
        goal_seek(scenario, cold, "carbothermal.electricity", 1700.0, points=3),
        optimise(scenario, cold, minimise=["carbothermal.ghg"], generations=1),
    ]
    for study in studies:
        (row,) = of_route(study, "carbothermal", NOT_MOLTEN).to_dict("records")
        assert 1 <= row["least"] <= row["most"] <= study.counts["cases"][0]
        assert json.loads(study.to_json())["warnings"][0]["route"] == "carbothermal"


def test_warnings_lie_with_the_parts_in_files(scenario, tmp_path):
    vary, how = {T: [1150, 1300, 1550]}, Execution(store=tmp_path, part=1)
    first = sweep(scenario, vary, routes=["carbothermal"], execution=how)
    assert of_route(first, "carbothermal", NOT_MOLTEN)[["least", "most"]].to_numpy().tolist() == [
        [2, 2]
    ]
    again = sweep(scenario, vary, routes=["carbothermal"], execution=how)
    pd.testing.assert_frame_equal(again.warnings, first.warnings)


def test_an_answer_comes_with_its_own_warnings(scenario):
    best = optimise(scenario, {T: None}, minimise=["carbothermal.electricity"], generations=3)
    at = best["optimum"][T][0]
    inputs = scenario.inputs.with_values({T: at + 273.15})
    alone = ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"].warnings
    assert any(NOT_MOLTEN in text for text in alone)
    assert {f"at the optimum: carbothermal: {text}" for text in alone} <= set(best.notes)
    assert any("lies at the lower end" in note and "allowed" in note for note in best.notes)

    found = goal_seek(scenario, {T: "1150:1700"}, "carbothermal.electricity", 1700.0, points=9)
    assert any(note.startswith(f"at {T} = ") and NOT_MOLTEN in note for note in found.notes)
    fine = goal_seek(scenario, {T: "1450:1700"}, "carbothermal.electricity", 2050.0, points=9)
    assert not any(NOT_MOLTEN in note for note in fine.notes)


def test_only_an_optimum_at_an_end_is_told_to_lie_there(scenario):
    goal = ["carbothermal.electricity"]
    narrow = optimise(scenario, {T: "1500:1510"}, minimise=goal, generations=8)
    assert any(f"{T} lies at the lower end" in n and "may be better" in n for n in narrow.notes)
    # Power rises with the bath's heat: a floor under it keeps the best inside the interval.
    floor = float(sweep(scenario, {T: [1505]}, routes=["carbothermal"]).cases["electricity"][0])
    inside = optimise(scenario, {T: "1450:1600"}, minimise=goal, generations=30,
                      where=[f"carbothermal.electricity >= {floor}"])  # fmt: skip
    assert inside["optimum"][T][0] == pytest.approx(1505, abs=1)
    assert not any("end of its interval" in n for n in inside.notes)


def test_odds_won_without_a_product_are_told(scenario):
    study = uncertainty(scenario, samples=24, vary={T: "1150:1400"},
                        routes=["carbothermal", "wet_selective"])  # fmt: skip
    own = study.cases[study.cases["route"] == "carbothermal"]
    none = int((own["re_recovery"] < 1).sum())
    assert 0 < none < 24
    assert any(
        f"makes no product (RE recovery below 1 %) in {none} of 24" in n for n in study.notes
    )
    odds = study["odds"].set_index(["kpi", "route", "other"])
    row = odds.loc["acid_use", "carbothermal", "wet_selective"]
    assert row["without_product"] == none and row["better"] * 24 >= none
    # The furnace takes more power whether it makes a product or not: it wins nothing with it.
    assert odds.loc["electricity", "carbothermal", "wet_selective"]["without_product"] == 0
