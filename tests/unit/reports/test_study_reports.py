"""What readers see of a study: heads with units, legends, one study in a folder."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from sludgesim.errors import InputError
from sludgesim.reports import charts, left_over, write_study
from sludgesim.reports.studies import label, tables
from sludgesim.reports.study_charts import figures
from sludgesim.reports.study_page import page
from sludgesim.reports.study_terminal import print_study
from sludgesim.studies import goal_seek, optimise, sensitivity, sweep, uncertainty

SMELTER = "carbothermal.smelter."
T = SMELTER + "temperature"
DIFFERENCE = "carbothermal.ghg-wet_full.ghg"


@pytest.fixture(scope="module")
def swept(scenario):
    return sweep(
        scenario,
        {T: [1500, 1600], "feed.moisture": [20, 40], SMELTER + "furnace": ["induction"]},
        routes=["carbothermal", "wet_full"],
        kpis=["ghg", "electricity", DIFFERENCE],
    )


def printed(study, width=80):
    text = io.StringIO()
    print_study(study, Console(file=text, width=width, markup=False))
    return text.getvalue()


def test_heads_have_units_and_fold_at_their_dots(swept):
    assert label(swept, T) == f"{T}, degC" and label(swept, "feed.moisture").endswith(", wt%")
    assert label(swept, DIFFERENCE) == f"{DIFFERENCE}, kg/t"
    text = printed(swept)
    assert max(map(len, text.splitlines())) <= 80
    # Each piece of a long head is whole, on a line of its own.
    pieces = set(text.split())
    assert {"carbothermal.", "smelter.", "temperature,", "degC", "kWh/t", "-wet_full."} <= pieces


def test_columns_that_do_not_fit_follow_below_with_what_names_the_rows(swept):
    heads = [line for line in printed(swept).splitlines() if line.lstrip().startswith("case ")]
    assert len(heads) > 1
    assert len([line for line in printed(swept, 200).splitlines() if "case " in line]) == 1


def test_a_sum_has_a_chart_of_its_own(swept):
    found = {chart.title: chart for chart in figures(swept)}
    assert f"{DIFFERENCE}, kg/t: furnace = induction" in found
    assert "GHG, kg/t: carbothermal, furnace = induction" in found


def test_maps_side_by_side_share_their_colours(swept):
    maps = [c.svg for c in figures(swept) if c.title.startswith("GHG, kg/t: ")]
    assert len(maps) == 2
    ends = [re.findall(r"<text[^>]*>([\d,.]+)</text></svg>", svg)[0] for svg in maps]
    assert ends[0] == ends[1]
    # The route that emits less has none of the colours of the other.
    shades = [set(re.findall(r'fill="(#\w+)"><title>', svg)) for svg in maps]
    assert shades[0].isdisjoint(shades[1])


def test_more_lines_than_colours_differ_in_their_dashes():
    styles = [charts.style(k) for k in range(3 * len(charts.COLOURS))]
    assert len(set(styles)) == len(styles)
    names = [f"line {k}" for k in range(9)]
    drawn = charts.curves({n: [(0.0, k), (1.0, k)] for k, n in enumerate(names)}, "x", "y")
    paths = re.findall(r"<path [^>]*>", drawn)
    assert len({re.sub(r' d="[^"]*"', "", path) for path in paths}) == 9
    swatches = charts.swatches(names)
    assert list(swatches) == names and len(set(swatches.values())) == 9


def test_the_last_mark_of_an_axis_is_inside_the_picture():
    svg = charts.ranges([charts.Range("a", 0, 1_200_000, 5)], "USD/t", "a")
    width = float(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    x, text = re.findall(r'class="tick" x="([\d.]+)"[^>]*>([^<]*)<', svg)[-1]
    assert float(x) + 6 * len(text) / 2 <= width


def test_axes_of_searches_have_units(scenario):
    sought = goal_seek(scenario, {T: "1450:1600"}, "carbothermal.electricity", 2000.0, points=4)
    (chart,) = figures(sought)
    assert f"{T}, degC" in chart.svg and ">carbothermal.electricity, kWh/t<" in chart.svg
    goals = ["carbothermal.electricity", "carbothermal.slag_reo_grade"]
    front = optimise(scenario, {T: "1450:1600"}, minimise=goals[:1], maximise=goals[1:],
                     generations=1)  # fmt: skip
    (chart,) = figures(front)
    assert ">carbothermal.electricity, kWh/t<" in chart.svg
    assert ">carbothermal.slag_reo_grade, wt%<" in chart.svg


def test_terminal_and_page_tell_notes_and_warnings(scenario):
    study = optimise(
        scenario, {T: "1150:1300"}, minimise=["carbothermal.electricity"], generations=1
    )
    flat = " ".join(printed(study).split())
    html = page(study)
    for note in study.notes:
        assert note in flat and note in html
    assert "of the slag is molten" in html and re.search(r"carbothermal, \d.* of \d+ cases:", html)


def test_money_is_told_without_asking_and_odds_with_their_bounds(scenario):
    study = uncertainty(
        scenario,
        samples=8,
        vary={"feed.moisture": "20:90", "feed.oil": "5:40"},
        routes=["carbothermal", "wet_full"],
    )
    made = tables(study)
    (percentiles,) = (t for name, t in made.items() if name.startswith("percentiles"))
    assert {"operating_cost", "net_present_value"} <= set(percentiles["kpi"])
    assert {"scenario", "at P"} <= set(percentiles.columns)
    assert {"least", "most", "failed"} <= set(made["odds that a route is better"].columns)


def test_a_design_with_failed_cases_tells_what_is_left(scenario):
    study = sensitivity(scenario, ["wet_full.ghg"], method="sobol", samples=8,
                        vary={"feed.moisture": "20:90", "feed.oil": "5:60"})  # fmt: skip
    row = study["sobol"].iloc[0]
    told = f"{row['used']} of 8 rows used, {row['failed']} cases failed"
    assert told in " ".join(printed(study).split()) and told in page(study)


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_another_study_takes_the_files_of_the_one_before_away(scenario, swept, tmp_path):
    write_study(swept, tmp_path)
    (tmp_path / "mine.csv").write_text("mine")
    found = sensitivity(scenario, ["carbothermal.ghg"], vary={T: "1500:1600"}, samples=3)
    left = left_over(found, tmp_path)
    assert {"sweep.json", "sweep.html", "combinations.csv"} == {*left}
    write_study(found, tmp_path)
    fresh = write_study(found, tmp_path / "fresh")
    assert names(tmp_path) == {path.name for path in fresh} | {"mine.csv", "fresh"}
    assert left_over(found, tmp_path) == []
    # Another method of the same verb leaves no table behind either.
    morris = sensitivity(scenario, ["carbothermal.ghg"], method="morris", samples=2,
                         vary={T: "1500:1600"})  # fmt: skip
    assert {*left_over(morris, tmp_path)} == {"tornado.csv", "flips.csv"}


def test_files_that_are_no_study_stay(swept, scenario, tmp_path):
    (tmp_path / "uncertainty.json").write_text(
        json.dumps({"schema": "mine", "tables": {"odds": []}})
    )
    (tmp_path / "odds.csv").write_text("mine")
    assert left_over(swept, tmp_path) == []


def test_a_name_that_leads_out_of_the_directory_is_no_file_of_ours(swept, tmp_path):
    (tmp_path / "outside.csv").write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    document = {"schema": "sludgesim.optimise/1", "tables": {"../outside": []}}
    (folder / "optimise.json").write_text(json.dumps(document))
    assert left_over(swept, folder) == ["optimise.json"]


def test_what_was_there_comes_back_when_writing_fails(scenario, swept, tmp_path):
    write_study(swept, tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    found = sensitivity(scenario, ["carbothermal.ghg"], vary={T: "1500:1600"}, samples=3)
    (tmp_path / "sensitivity.json").mkdir()
    with pytest.raises(InputError, match="is a directory"):
        write_study(found, tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before
