"""Where targets are met and rankings flip, what moves nothing, and what studies refuse."""

from __future__ import annotations

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.errors import InputError
from sludgesim.scenario import load
from sludgesim.studies import goal_seek, optimise, sensitivity, sweep, uncertainty
from sludgesim.studies.goal_seek import search
from sludgesim.studies.names import limits, targets
from sludgesim.studies.roots import brackets, refine

SMELTER = "carbothermal.smelter."
T = SMELTER + "temperature"


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


def met(function, low, high, points=11, value=1.0):
    x = np.linspace(low, high, points)
    return search(lambda at: function(at) - value, x, function(x) - value, value, 1e-12)


def test_the_nearest_is_a_solution_where_a_jump_comes_first():
    def jumps_then_crosses(x):  # over 1 at 0.23 in a jump, back through it at 0.75
        return np.where(x < 0.23, 0.5, 1.75 - x)

    found = met(jumps_then_crosses, 0, 1)
    assert found.jump_at.tolist() == pytest.approx([0.23], abs=1e-6)
    assert found.at.tolist() == pytest.approx([0.75])
    assert (found.nearest, found.nearest_missed) == (
        pytest.approx(0.75),
        pytest.approx(0, abs=1e-6),
    )


def test_a_plateau_at_the_target_is_one_interval():
    def flat_in_the_middle(x):
        return 1 + np.where(x < 0.312, x - 0.312, np.where(x > 0.687, x - 0.687, 0.0))

    found = met(flat_in_the_middle, 0, 1)
    assert found.at.tolist() == pytest.approx([0.312], abs=1e-7)
    assert found.to.tolist() == pytest.approx([0.687], abs=1e-7)


def test_a_solution_has_the_digits_that_it_needs():
    found = met(lambda x: 100 * x, 0, 1, points=10, value=33.333)
    assert found.at.tolist() == [0.33333]
    steep = met(lambda x: 1e7 * (x - 3), 0, 10, points=8, value=12.345678)
    # Six digits would be off by tens: those that are told meet the target.
    assert 1e7 * (steep.at[0] - 3) == pytest.approx(12.345678, rel=1e-5)
    assert float(f"{steep.at[0]:.12g}") == steep.at[0]
    # Nothing is left of a root at zero but zero.
    assert met(lambda x: 1 + x, -1, 2.5, points=10).at.tolist() == [0.0]


def test_zeros_change_the_sign_once_or_not_at_all():
    x = np.linspace(0, 1, 11)
    turns = {
        "through a plateau": (np.clip(x - 0.55, 0, 1) + np.clip(x - 0.25, -1, 0), [1]),
        "tie": (np.zeros(11), [0]),
        "touch": (-((x - 0.5) ** 2), [0]),
        "plateau at the end": (np.clip(x - 0.35, -1, 0), [0]),
        "round-off about zero": (1e-13 * np.cos(30 * x), [0]),
        "through a point of the scan": (x - 0.5, [1]),
    }
    for name, (y, expected) in turns.items():
        assert [b.turn for b in brackets(x, y, 1e-12)] == expected, name
    (through,) = brackets(x, turns["through a plateau"][0], 1e-12)
    assert through.is_flat and (through.low, through.high) == (
        pytest.approx(0.3),
        pytest.approx(0.5),
    )


def test_the_ends_of_a_plateau_stop_at_failed_cases():
    def flat(_, at):
        return np.where(at > 0.62, np.nan, np.clip(at - 0.333, -1, 0))

    x = np.linspace(0, 1, 11)
    (found,) = refine(flat, brackets(x, flat(None, x)))
    assert found.low == pytest.approx(0.333, abs=1e-7)
    assert 0.6 - 1e-9 <= found.high <= 0.62 + 1e-9


def test_routes_that_tie_do_not_flip(scenario):
    # What is paid for the sludge is the same for both, whatever the wage.
    pair = ["wet_full.cost_sludge", "wet_selective.cost_sludge"]
    study = sensitivity(scenario, pair, vary={"costs.wage": None}, samples=5)
    first, second = study["tornado"].groupby("kpi")["base"].first()
    assert first == pytest.approx(second)
    assert study["flips"].empty


@pytest.mark.parametrize("method", ["tornado", "morris", "sobol"])
def test_round_off_moves_nothing(scenario, method):
    # The furnace's power does not depend on what the wet route's acid costs.
    study = sensitivity(scenario, ["wet_selective.acid_use"], method=method, samples=8,
                        vary={"accounting.ghg_electricity": None, "costs.wage": None})  # fmt: skip
    assert study.answer == "wet_selective.acid_use: nothing moves it."
    measure = {"tornado": "swing", "morris": "mu_star", "sobol": "first"}[method]
    assert (study[method][measure].fillna(0) == 0).all()


def test_few_rows_rank_nothing(scenario):
    wet = {"feed.moisture": "20:90", "feed.oil": "5:60"}
    study = sensitivity(scenario, ["wet_full.ghg"], method="sobol", vary=wet, samples=16)
    row = study["sobol"].iloc[0]
    assert row["rows"] == 16 and row["used"] < 8 and row["failed"] > 0
    assert f"no ranking, {row['used']} of 16 rows of the design are left" in study.answer
    assert study["sobol"]["parameter"].tolist() == list(wet)


def test_only_one_kpi_of_two_routes_ranks_them():
    texts = ["carbothermal.ghg - wet_full.ghg", "carbothermal.ghg - carbothermal.electricity",
             "carbothermal.ghg - wet_full.landfill", "carbothermal.ghg + wet_full.ghg"]  # fmt: skip
    assert [t.is_difference for t in targets(texts, [])] == [True, False, False, False]


def read_one(text):
    return targets([text], [])[0]


@pytest.mark.parametrize("number", ["9.9.9", ".", "1e", "1.e+"])
def test_a_limit_that_is_no_number(number):
    with pytest.raises(InputError, match="is no constraint"):
        limits([f"carbothermal.reo_purity>={number}"], read_one)


@pytest.mark.parametrize(("number", "value"), [("9.", 9), (".5", 0.5), ("-1e-3", -0.001), ("0", 0)])
def test_a_limit_that_is_one(number, value):
    (limit,) = limits([f"carbothermal.reo_purity <= {number}"], read_one)
    assert limit.value == value


def test_a_limit_of_zero_is_missed_by_an_amount(scenario):
    study = optimise(scenario, {T: "1450:1600"}, minimise=["carbothermal.electricity"],
                     where=["carbothermal.slag_feo<=0", "carbothermal.reo_purity>=50"],
                     generations=2)  # fmt: skip
    there = study["nearest optimum"]["carbothermal.slag_feo"][0]
    missed = study["constraints"].set_index("constraint")["missed by"]
    assert missed["carbothermal.slag_feo <= 0"] == pytest.approx(there) and there > 0.5
    assert missed["carbothermal.reo_purity >= 50"] == 0
    assert f"misses carbothermal.slag_feo <= 0 by {there:.3g} wt%." in study.answer


def test_a_sum_has_percentiles_and_a_column(scenario):
    text = "carbothermal.ghg-wet_full.ghg"
    study = uncertainty(scenario, samples=12, vary={"feed.moisture": None, T: "1450:1650"},
                        kpis=[text], routes=["carbothermal", "wet_full"])  # fmt: skip
    wide = study.cases.pivot(index="case", columns="route", values="ghg")
    by_hand = np.percentile(wide["carbothermal"] - wide["wet_full"], [5, 50, 95])
    row = study["percentiles"].set_index("kpi").loc[text]
    assert row[["p5", "p50", "p95"]].tolist() == pytest.approx(by_hand.tolist())
    base = ss.compare(scenario).kpis.loc["ghg"]
    assert row["base"] == pytest.approx(base["carbothermal"] - base["wet_full"])

    grid = sweep(scenario, {T: [1500, 1600]}, kpis=[text], routes=["carbothermal", "wet_full"])
    wide = grid.cases.pivot(index="case", columns="route", values="ghg")
    told = grid["combinations"]
    assert told[T].tolist() == [1500, 1600]
    assert told[text].tolist() == pytest.approx((wide["carbothermal"] - wide["wet_full"]).tolist())
    assert {"combinations", "cases"} <= set(grid.to_document()["tables"])


def test_the_scenario_has_its_place_among_the_cases(scenario):
    study = uncertainty(scenario, samples=40, vary={"accounting.ghg_electricity": "600:900"},
                        routes=["carbothermal"], kpis=["ghg"])  # fmt: skip
    row = study["percentiles"].set_index("kpi").loc["ghg"]
    assert row["base"] < row["p5"] and row["base_percentile"] == 0
    assert any("outside P5 to P95" in n and "carbothermal.ghg" in n for n in study.notes)
    # What nothing moves is in the middle of its equals.
    assert study["percentiles"].set_index("kpi").loc["acid_use", "base_percentile"] == 50


def test_scenarios_side_by_side_need_no_parameter(scenario):
    study = sweep({"base": scenario, "hot": ss.load(None, "hot")}, {}, kpis=["ghg"])
    table = study.cases.set_index(["scenario", "route"])["ghg"]
    for name, variant in (("base", None), ("hot", "hot")):
        alone = ss.compare(ss.load(None, variant)).kpis.loc["ghg", "carbothermal"]
        assert table[name, "carbothermal"] == pytest.approx(alone, rel=1e-9)


def test_a_bare_id_is_that_of_the_routes_that_have_it(scenario):
    study = sweep(scenario, {T: [1500, 1600]}, kpis=["slag_feo"])
    assert [t.text for t in study.targets] == ["carbothermal.slag_feo"]
    found = sensitivity(scenario, ["slag_feo"], vary={T: "1450:1650"}, samples=3)
    assert set(found["tornado"]["kpi"]) == {"carbothermal.slag_feo"}
    assert found.settings["routes"] == ["carbothermal"]
    sought = goal_seek(scenario, {SMELTER + "carbon": "100:300"}, "slag_feo", 5.0, points=5)
    assert sought.settings["kpi"] == "carbothermal.slag_feo" and len(sought["solutions"]) == 1
    with pytest.raises(InputError, match="wet_full has no KPI slag_feo"):
        sweep(scenario, {"feed.moisture": [30]}, kpis=["slag_feo"], routes=["wet_full"])


@pytest.mark.parametrize(
    "call",
    [
        lambda s, v: goal_seek(s, v, "carbothermal.ghg", 5),
        lambda s, v: optimise(s, v, minimise=["carbothermal.ghg"]),
        lambda s, v: sensitivity(s, ["carbothermal.ghg"], vary=v),
    ],
)
def test_a_parameter_of_another_route_is_refused(scenario, call):
    with pytest.raises(InputError, match="acts on wet_full alone, and only carbothermal"):
        call(scenario, {"wet_full.leach.acid_excess": "10:40"})


BALANCED = """
name: works
feed:
  rate: 5 t/d
  moisture: 35 wt%
  oil: 2 wt%
  solids: {{Nd: {Nd}, Pr: 5, Dy: 1.5, B: 1.0, Al: 0.8{more}}}
  {rest}
  oxidised: 25 %
wet_selective: {{}}
"""


def written(tmp_path, **values):
    file = tmp_path / "works.yaml"
    file.write_text(BALANCED.format(**values))
    return load(file)


def test_the_balance_is_not_varied(tmp_path):
    works = written(tmp_path, Nd=26, more="", rest="balance: Fe")
    for call in (
        lambda: sweep(works, {"feed.solids.Fe": [60, 65]}),
        lambda: goal_seek(works, {"feed.solids.Fe": "60:65"}, "wet_selective.ghg", 5),
    ):
        with pytest.raises(InputError, match="Fe is the assay's balance"):
            call()
    (tmp_path / "more.yaml").write_text(
        (tmp_path / "works.yaml").read_text() + "distributions:\n  feed.solids.Fe: normal(65, 1)\n"
    )
    with pytest.raises(InputError, match="Fe is the assay's balance"):
        uncertainty(load(tmp_path / "more.yaml"), samples=4)


def test_the_assay_told_with_an_answer_gives_the_answer(tmp_path):
    # The assay of the file sums to 99 and is brought to 100; the study sets Nd after that.
    works = written(tmp_path, Nd=26, more=", Fe: 64.7", rest="")
    study = goal_seek(
        works, {"feed.solids.Nd": "20:30"}, "wet_selective.reo_product", 300, points=5
    )
    at = study["solutions"]["feed.solids.Nd"][0]
    (note,) = (n for n in study.notes if "the assay is" in n)
    solids = note.partition("the assay is ")[2]
    text = (tmp_path / "works.yaml").read_text().splitlines()
    file = tmp_path / "told.yaml"
    file.write_text("\n".join("  " + solids if "solids:" in line else line for line in text) + "\n")
    told = load(file)
    assert 100 * told.inputs["feed.solids.Nd"][0] == pytest.approx(at, rel=1e-6)
    product = ss.compare(told).kpis.loc["reo_product", "wet_selective"]
    assert product == pytest.approx(300, rel=1e-4)


def test_beside_a_balance_a_value_is_that_of_the_file(tmp_path):
    works = written(tmp_path, Nd=26, more="", rest="balance: Fe")
    study = sweep(works, {"feed.solids.Nd": [22]})
    alone = ss.compare(written(tmp_path, Nd=22, more="", rest="balance: Fe"))
    product = alone.kpis.loc["reo_product", "wet_selective"]
    assert study.cases["reo_product"].tolist() == pytest.approx([product])


def test_nothing_to_vary_in_one_scenario_is_refused(scenario):
    with pytest.raises(InputError, match="nothing to vary"):
        sweep({"base": scenario}, {})
