"""The studies on the real model: confirmed by brute force, by single runs, by repetition."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sludgesim as ss
from sludgesim import reports
from sludgesim.errors import InputError
from sludgesim.reports import studies as study_report
from sludgesim.reports.study_charts import figures
from sludgesim.studies import goal_seek, optimise, sensitivity, sweep, uncertainty

SMELTER = "carbothermal.smelter."
T = SMELTER + "temperature"
BASICS = {"feed.moisture": None, SMELTER + "efficiency": None, "accounting.ghg_electricity": None}


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


def test_a_sweep_is_the_grid_of_its_values(scenario):
    several = {"base": scenario, "wet": ss.load(None, "wetter")}
    study = sweep(
        several,
        {T: "1400:1600:100 degC", SMELTER + "furnace": ["induction", "electric_arc"]},
        kpis=["carbothermal.electricity"],
        routes=["carbothermal"],
    )
    assert len(study.cases) == 12 and study.cases["case"].tolist() == list(range(12))
    assert set(study.cases["scenario"]) == {"base", "wet"}
    # A hotter bath takes more power, in every furnace and scenario.
    for _, part in study.cases.groupby(["scenario", SMELTER + "furnace"]):
        assert (np.diff(part["electricity"]) > 0).all()


def test_a_sweep_shows_what_varies(scenario):
    study = sweep(scenario, {T: [1450, 1650]}, routes=["carbothermal", "wet_full"])
    shown = study_report.tables(study)["cases"].columns
    assert "carbothermal.pig_iron_boron" in shown  # from 0.2 to 1.2 wt%: the most telling
    assert not [name for name in shown if name.startswith("wet_full")]
    titles = [chart.title for chart in figures(study)]
    assert "REO in slag, wt%" in titles
    # Iron is saved whatever the heat.
    assert not [title for title in titles if title.startswith("Iron recovery")]


def test_uncertainty_repeats_and_brackets_the_scenario(scenario):
    runs = [uncertainty(scenario, samples=40, vary=BASICS, seed=s) for s in (1, 1, 2)]
    pd.testing.assert_frame_equal(runs[0].cases, runs[1].cases, check_exact=True)
    assert (runs[0].cases["feed.moisture"] != runs[2].cases["feed.moisture"]).any()
    table = runs[0]["percentiles"].set_index(["route", "kpi"])
    assert (table["p5"] <= table["p50"]).all() and (table["p50"] <= table["p95"]).all()
    base = ss.compare(scenario).kpis
    for kpi in ("electricity", "ghg"):
        row = table.loc["carbothermal", kpi]
        assert row["p5"] < base.loc[kpi, "carbothermal"] < row["p95"]
    # Nothing that varies moves the acid.
    acid = table.loc["wet_full", "acid_use"]
    assert acid["sd"] == pytest.approx(0, abs=1e-6 * acid["mean"])


def test_odds_count_failed_cases_on_both_sides(scenario):
    vary = {"feed.moisture": "uniform(20, 90)", "feed.oil": "uniform(5, 40)"}
    study = uncertainty(scenario, samples=60, vary=vary, routes=["carbothermal", "wet_full"])
    failed = int(study.counts["failed"].iloc[0])
    assert failed == (study.cases[["feed.moisture", "feed.oil"]].sum(axis=1) >= 100).sum() / 2 > 0
    odds = study["odds"].set_index(["kpi", "route", "other"])
    row = odds.loc["landfill", "carbothermal", "wet_full"]
    assert row["failed"] == failed and row["better"] == 1
    assert row["least"] == pytest.approx(1 - failed / 60) and row["most"] == 1
    assert (study["percentiles"].query("kpi == 'landfill'")["failed"] == failed).all()


def test_a_correlated_assay_is_sampled_as_asked(scenario):
    spread = {"feed.solids.Nd": "normal(22, 1)", "feed.solids.Pr": "normal(5, 0.3)"}
    pairs = [(*spread, -0.8)]
    study = uncertainty(scenario, samples=200, vary=spread, correlations=pairs, routes=["wet_full"])
    drawn = study.cases[list(spread)]
    assert drawn.corr().iloc[0, 1] == pytest.approx(-0.8, abs=0.03)
    assert drawn.mean().tolist() == pytest.approx([22, 5], rel=0.01)
    # Against each other: less scatter of the product than from independent assays.
    free = uncertainty(scenario, samples=200, vary=spread, routes=["wet_full"])
    scatter = [s["percentiles"].set_index("kpi").loc["reo_product", "sd"] for s in (study, free)]
    assert scatter[0] < scatter[1]


def test_a_tornado_bar_is_two_single_runs(scenario):
    study = sensitivity(scenario, ["carbothermal.electricity"], vary=BASICS)
    table = study["tornado"]
    assert table["parameter"].iloc[0] == SMELTER + "efficiency"
    row = table.iloc[0]
    assert row["low"] > 60 and row["high"] < 90 and row["at_low"] > row["base"] > row["at_high"]
    inputs = scenario.inputs.with_values({SMELTER + "efficiency": row["low"] / 100})
    alone = ss.run(replace(scenario, inputs=inputs), "carbothermal")
    assert row["at_low"] == pytest.approx(alone.kpis.loc["electricity", "carbothermal"], rel=1e-9)
    assert table.set_index("parameter").loc["accounting.ghg_electricity", "swing"] == 0


def test_at_a_flip_the_routes_are_equal(scenario):
    dissolved = "carbothermal.slag_leach.rare_earth_dissolved"
    still = "carbothermal.smelter.hold"
    pair = ["carbothermal.re_recovery", "wet_full.re_recovery"]
    study = sensitivity(scenario, pair, vary={dissolved: (50, 100), still: (30, 90)})
    (flip,) = study["flips"].to_dict("records")
    assert flip["parameter"] == dissolved and flip["rises"]
    inputs = scenario.inputs.with_values({dissolved: flip["value"] / 100})
    there = ss.compare(replace(scenario, inputs=inputs)).kpis.loc["re_recovery"]
    assert there["carbothermal"] == pytest.approx(there["wet_full"], rel=1e-6)
    # By hand: recovery is in proportion to what dissolves.
    inputs = scenario.inputs.with_values({dissolved: 0.9})
    here = ss.compare(replace(scenario, inputs=inputs)).kpis.loc["re_recovery"]
    by_hand = 90 * here["wet_full"] / here["carbothermal"]
    assert flip["value"] == pytest.approx(by_hand, rel=0.01)
    # The difference as a target of its own says the same.
    alone = sensitivity(scenario, [" - ".join(pair)], vary={dissolved: (50, 100)})
    assert alone["flips"]["value"].tolist() == pytest.approx([flip["value"]], rel=1e-6)


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_what_varies_most_comes_first(scenario, method):
    samples = {"morris": 8, "sobol": 64}[method]
    study = sensitivity(scenario, ["electricity"], method=method, vary=BASICS, samples=samples,
                        routes=["carbothermal"])  # fmt: skip
    first = study[method].iloc[0]
    assert first["parameter"] == SMELTER + "efficiency"
    assert study[method].set_index("parameter").loc["accounting.ghg_electricity"].filter(
        regex="^(mu_star|total)$"
    ).iloc[0] == pytest.approx(0, abs=1e-9)


def test_a_goal_is_met_by_the_value_found(scenario):
    study = goal_seek(scenario, {SMELTER + "carbon": "100:300 kg/t"}, "carbothermal.slag_feo", 5.0)
    (row,) = study["solutions"].to_dict("records")
    # The number that is printed meets the target.
    told = float(study.answer.partition(f"{SMELTER}carbon = ")[2].split()[0])
    assert told == row[SMELTER + "carbon"]
    inputs = scenario.inputs.with_values({SMELTER + "carbon": told / 1000})
    alone = ss.run(replace(scenario, inputs=inputs), "carbothermal")
    assert alone.kpis.loc["slag_feo", "carbothermal"] == pytest.approx(5.0, rel=1e-5)


def test_a_goal_out_of_reach_is_answered_with_the_nearest(scenario):
    study = goal_seek(
        scenario, {SMELTER + "efficiency": "60:90 %"}, "carbothermal.furnace_electricity", 100
    )
    assert study["solutions"].empty
    assert study.answer.startswith(f"No value of {SMELTER}efficiency between 60 and 90 % gives")
    assert study["nearest"][SMELTER + "efficiency"][0] == pytest.approx(90)


def test_the_optimum_is_that_of_a_brute_force_sweep(scenario):
    # Boron leaves the slag in time and heat, which cost power: a weighted cost with a valley.
    cost = "0.02*carbothermal.electricity - carbothermal.slag_reo_grade"
    box = {T: (1450, 1700), SMELTER + "hold": (0, 120)}
    study = optimise(scenario, box, minimise=[cost], where=["carbothermal.slag_feo <= 1.5"], seed=3)
    best = study["optimum"].iloc[0]
    brute = sweep(
        scenario, {T: np.linspace(1450, 1700, 26), SMELTER + "hold": np.linspace(0, 120, 13)},
        routes=["carbothermal"],
    ).cases  # fmt: skip
    costs = 0.02 * brute["electricity"] - brute["slag_reo_grade"]
    least = costs[brute["slag_feo"] <= 1.5].min()
    assert best[cost] <= least + 1e-5
    # The grid's best lies within a step of the optimum, so it cannot be much worse.
    assert best[cost] == pytest.approx(least, abs=0.02)
    assert best["carbothermal.slag_feo"] <= 1.5
    assert (study["constraints"]["missed by"] == 0).all()


def test_constraints_that_cannot_be_met_are_said_so(scenario):
    study = optimise(scenario, {T: "1500:1600"}, maximise=["carbothermal.re_recovery"],
                     where=["carbothermal.re_recovery >= 200"], generations=2)  # fmt: skip
    assert "No case meets all constraints" in study.answer
    assert "optimum" not in study.tables
    best = study["nearest optimum"]["carbothermal.re_recovery"][0]
    assert 50 < best < 100
    (row,) = study["constraints"].to_dict("records")
    assert row["missed by"] == pytest.approx(200 - best) and row["unit"] == "%"
    assert f"misses carbothermal.re_recovery >= 200 by {200 - best:.3g} %" in study.answer


def test_no_point_of_the_front_beats_another(scenario):
    goals = ["carbothermal.electricity", "carbothermal.slag_reo_grade"]
    study = optimise(
        scenario, {T: "1450:1650"}, minimise=goals[:1], maximise=goals[1:], generations=6
    )
    front = study["front"]
    assert len(front) > 10
    assert (np.diff(front[goals[0]]) > 0).all() and (np.diff(front[goals[1]]) > 0).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: sweep(s, {}), "nothing to vary"),
        (lambda s: sweep(s, {T: None}), "given without values"),
        (lambda s: sweep(s, {T: "1600:1500:25"}), "runs backwards"),
        (lambda s: sweep(s, {T: [1500, 5000]}), "out of range"),
        (lambda s: sweep(s, {"smelter.temperature": [1]}), f"did you mean {T}"),
        (lambda s: sweep(s, {T: [1500]}, kpis=["carbothermal.gh"]), "mean carbothermal.ghg"),
        (lambda s: sweep(s, {T: [1500]}, kpis=["wet_full.slag_feo"]), "has no KPI slag_feo"),
        (lambda s: sweep(s, {T: [1500]}, routes=["wet_ful"]), "did you mean wet_full"),
        (lambda s: uncertainty(s, vary={SMELTER + "pressure": None}), "no declared distribution"),
        (lambda s: uncertainty(s, vary={SMELTER + "furnace": None}), "takes words"),
        (lambda s: uncertainty(s, samples=0), "1 or more"),
        (lambda s: uncertainty(s, vary={"feed.moisture": "uniform(80, 90)",
                                        "feed.oil": "uniform(30, 60)"}), "no case could be run"),
        (lambda s: sensitivity(s, []), "no KPI is given"),
        (lambda s: sensitivity(s, ["ghg"], method="sobl"), "did you mean sobol"),
        (lambda s: goal_seek(s, {T: "1500:1600"}, "ghg", 5), "of which route"),
        (lambda s: goal_seek(s, {T: None, "feed.oil": None}, "wet_full.ghg", 5), "2 parameters"),
        (lambda s: goal_seek(s, {T: "1600:1500"}, "wet_full.ghg", 5), "runs backwards"),
        (lambda s: optimise(s, {T: None}), "0 objectives"),
        (lambda s: optimise(s, {T: None}, minimise=["wet_full.ghg"], where=["x"]), "no constraint"),
    ],
)  # fmt: skip
def test_bad_studies(scenario, call, said):
    with pytest.raises(InputError, match=said):
        call(scenario)


def test_every_study_writes_json_tables_and_a_page(scenario, tmp_path):
    vary = {T: "1450:1600"}
    made = [
        sweep(scenario, {T: [1500, 1600], "feed.moisture": [20, 30]}, kpis=["ghg"]),
        uncertainty(scenario, samples=5, vary=BASICS),
        sensitivity(scenario, ["carbothermal.ghg"], vary=BASICS, samples=3),
        goal_seek(scenario, vary, "carbothermal.electricity", 2000.0, points=5),
        optimise(scenario, vary, minimise=["carbothermal.ghg"], generations=1),
        optimise(scenario, vary, minimise=["carbothermal.ghg", "carbothermal.slag_b2o3"],
                 generations=1),
    ]  # fmt: skip
    for k, study in enumerate(made):
        first, again = tmp_path / f"{k}", tmp_path / f"{k} again"
        names = [path.name for path in reports.write_study(study, first)]
        assert {f"{study.kind}.html", f"{study.kind}.json", "cases.csv", "failures.csv"} <= {*names}
        reports.write_study(study, again)
        assert all((first / n).read_bytes() == (again / n).read_bytes() for n in names)
        document = json.loads((first / f"{study.kind}.json").read_text())
        assert document["schema"] == f"sludgesim.{study.kind}/1"
        assert {"scenario", "settings", "answer", "counts", "failures", "tables"} <= set(document)
        page = (first / f"{study.kind}.html").read_text()
        assert "<svg" in page or study.kind == "optimise"
        assert "http://" not in page and "https://" not in page
        cases = pd.read_csv(first / "cases.csv")
        assert len(cases) == len(study.cases)
