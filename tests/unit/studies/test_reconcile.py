"""Reconciliation: limits that are known, bad files, the route's own streams."""

from __future__ import annotations

import hashlib

import numpy as np
import openpyxl
import pandas as pd
import pytest

import sludgesim as ss
from sludgesim.errors import InputError
from sludgesim.studies.comparison import run
from sludgesim.studies.measurements import read
from sludgesim.studies.reconcile import reconcile

HEAD = "stream,from,to,quantity,element,value,unit,sd\n"


def plant(tmp_path, text, name="plant.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_two_product_formula(tmp_path):
    """Assays of all three streams and the feed flow give the flows: C = F (f - t) / (c - t)."""
    text = HEAD + (
        "F,,mill,mass,,100,t/h,1\nF,,mill,assay,Fe,30,wt%,0.1\n"
        "C,mill,,assay,Fe,65,wt%,0.1\nT,mill,,assay,Fe,5,wt%,0.1\n"
    )
    found = reconcile(plant(tmp_path, text))
    values = found["values"].query("quantity == 'mass'").set_index("stream")
    share = (30 - 5) / (65 - 5)
    assert values.loc["C", "value"] == pytest.approx(100 * share, rel=1e-10)
    # Gauss: dC/C from F, f, c, t.
    terms = np.array([share * 1, 100 / 60 * 0.1, 100 * share / 60 * 0.1, 100 * 35 / 60**2 * 0.1])
    assert values.loc["C", "sd"] == pytest.approx(np.sqrt(terms @ terms), rel=1e-6)
    assert not found["measurements"]["redundant"].any()
    assert "can check none" in found.answer


def test_exact_values_hold_and_small_deviations_pull(tmp_path):
    text = HEAD + "A,,u,mass,,100,kg,0\nB,u,,mass,,61,kg,0.001\nC,u,,mass,,42,kg,10%\n"
    found = reconcile(plant(tmp_path, text))["values"].set_index("stream")
    assert found.loc["A", "value"] == pytest.approx(100, rel=1e-12)
    assert found.loc["A", "status"] == "exact"
    assert found.loc["B", "value"] == pytest.approx(61, abs=1e-5)
    assert found.loc["C", "value"] == pytest.approx(39, abs=1e-5)


def test_energy_of_duties_and_streams_is_balanced(tmp_path):
    text = HEAD + (
        "feed,,furnace,mass,,1000,kg/h,0\nfeed,,furnace,enthalpy,,0,MJ/kg,0\n"
        "melt,furnace,,enthalpy,,1.2,MJ/kg,0.05\n"
        "power,,furnace,energy,,400,kW,10\nloss,furnace,,energy,,80,kW,20\n"
    )
    found = reconcile(plant(tmp_path, text))
    assert found["test"]["degrees_of_freedom"].iloc[0] == 1
    values = found["values"].query("quantity == 'energy'").set_index("stream")["value"]
    assert values["power"] == pytest.approx(values["melt"] + values["loss"], rel=1e-12)
    # Imbalance 400 - 333.3 - 80 = -13.3 kW, shared in proportion to the variances.
    variances = {"power": 10.0**2, "loss": 20.0**2, "melt": (0.05 / 3.6 * 1000) ** 2}
    assert values["power"] - 400 == pytest.approx(
        (80 + 1200 / 3.6 - 400) * variances["power"] / sum(variances.values()), rel=1e-9
    )


def test_measurements_in_series_cannot_be_told_apart(tmp_path):
    text = HEAD + "A,,u,mass,,100,kg,1\nB,u,,mass,,110,kg,1\n"
    found = reconcile(plant(tmp_path, text))
    assert len(found["suspects"]) == 1
    assert "cannot be told from" in found.answer


def test_scaling_all_masses_scales_the_answer(tmp_path):
    rows = "A,,u,mass,,{a},kg,2%\nA,,u,assay,Fe,50,wt%,1\nB,u,,mass,,{b},kg,2%\n"
    rows += "B,u,,assay,Fe,80,wt%,1\nC,u,,mass,,{c},kg,2%\nC,u,,assay,Fe,9,wt%,1\n"
    one = reconcile(plant(tmp_path, HEAD + rows.format(a=100, b=60, c=45)))
    big = reconcile(plant(tmp_path, HEAD + rows.format(a=1e7, b=6e6, c=4.5e6)))
    a, b = (r["measurements"]["reconciled"].to_numpy() for r in (one, big))
    assert b[0::2] == pytest.approx(1e5 * a[0::2], rel=1e-9)
    assert b[1::2] == pytest.approx(a[1::2], rel=1e-9)


@pytest.fixture(scope="module")
def model():
    return run(ss.load(), "carbothermal")["carbothermal"].streams.set_index("name")


def measured(model, streams, elements=("Fe", "Nd"), wrong=None):
    rows = ["stream,quantity,element,value,unit,sd"]
    for s in streams:
        mass = model.loc[s, "mass_kg"]
        rows.append(f"{s},mass,,{mass * (1.1 if s == wrong else 1):.12g},kg/t,1%")
        rows += [
            f"{s},assay,{e},{100 * model.loc[s, e + '_kg'] / mass:.12g},wt%,1%" for e in elements
        ]
    return "\n".join(rows)


def test_the_models_own_figures_need_no_adjustment(tmp_path, model):
    text = measured(model, ["calcine", "pig_iron", "slag"])
    found = reconcile(plant(tmp_path, text), ss.load(), "carbothermal")
    assert found["test"]["statistic"].iloc[0] < 1e-12
    assert found["test"]["degrees_of_freedom"].iloc[0] >= 2
    assert found["balances"]["relative"].max() < 1e-9
    gas = found["values"].query("stream == 'melt' and quantity == 'mass'")["value"].iloc[0]
    assert gas == pytest.approx(model.loc["melt", "mass_kg"], rel=1e-6)


def test_a_wrong_weighbridge_is_named(tmp_path, model):
    text = measured(model, ["calcine", "pig_iron", "slag"], wrong="calcine")
    found = reconcile(plant(tmp_path, text), ss.load(), "carbothermal")
    suspects = found["suspects"].iloc[0]
    assert (suspects["stream"], suspects["quantity"]) == ("calcine", "mass")
    assert suspects["bias"] == pytest.approx(0.1 * model.loc["calcine", "mass_kg"], rel=0.05)


def test_xlsx_reads_as_csv_does(tmp_path):
    text = HEAD + "A,,u,mass,,100,kg,1\nB,u,,mass,,103,kg,1\n"
    book = openpyxl.Workbook()
    book.active.title = "cover"
    sheet = book.create_sheet("Measurements")
    for line in text.splitlines():
        sheet.append([float(c) if c.replace(".", "").isdigit() else c for c in line.split(",")])
    book.save(tmp_path / "plant.xlsx")
    from_sheet = reconcile(read(tmp_path / "plant.xlsx"))["measurements"]
    pd.testing.assert_frame_equal(
        from_sheet, reconcile(plant(tmp_path, text))["measurements"], check_dtype=False
    )


def test_cells_in_percent_format_read_as_they_show(tmp_path):
    """A spreadsheet stores what it shows as 2% as 0.02."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        ("stream", "from", "to", "quantity", "element", "value", "unit", "sd"),
        ("A", None, "u", "mass", None, 100, "kg", 0.02),
        ("A", None, "u", "assay", "Fe", 0.484, "wt%", 0.005),
        ("A", None, "u", "assay", "Nd", 0.16, "kg/kg", 0.002),
        ("B", "u", None, "mass", None, 103, "kg", 0.02),
    ]:
        sheet.append(row)
    sheet["H2"].number_format = "0%"
    sheet["F3"].number_format = sheet["H3"].number_format = sheet["F4"].number_format = "0.00%"
    sheet["H5"].number_format = '0.00" % of 1"'  # the sign is text: no percentage
    book.save(tmp_path / "plant.xlsx")
    mass, iron, neodymium, other = read(tmp_path / "plant.xlsx").measurements
    assert mass.sd == pytest.approx(2.0)
    assert (iron.value, iron.sd) == pytest.approx((0.484, 0.005 * 0.484))
    assert (neodymium.value, neodymium.sd) == pytest.approx((0.16, 0.002))
    assert other.sd == pytest.approx(0.02)


DUST = HEAD + (
    "A,,u,mass,,100,t/h,1\nB,u,,mass,,{b},t/h,1\nC,u,,,,,,\n"
    "A,,u,assay,Nd,20,wt%,0.2\nB,u,,assay,Nd,{nd},wt%,0.2\n"
)


@pytest.mark.parametrize(
    ("b", "nd", "row", "value", "says"),
    [
        (102, 19, ("C", "mass", ""), 100 - 102, "C mass -2 t/h, below 0"),
        (99, 17, ("C", "assay", "Nd"), 100 * (20 - 16.83), "C assay Nd 317 wt%, above 100"),
    ],
)
def test_values_that_no_stream_can_have_are_named(tmp_path, b, nd, row, value, says):
    """By hand: C = A - B, and its Nd likewise."""
    found = reconcile(plant(tmp_path, DUST.format(b=b, nd=nd)))
    rows = found["impossible"].set_index(["stream", "quantity", "element"])["value"]
    assert rows[row] == pytest.approx(value, rel=1e-9)
    assert f"impossible value: {says}" in found.warnings
    assert found.to_document()["warnings"] == list(found.warnings)


def test_elements_that_fill_more_than_the_stream_are_named(tmp_path):
    """C is 10 t/h with 4.7 t/h of Nd and 5.55 t/h of Fe: 102.5 wt%, neither alone above 100."""
    iron = "A,,u,assay,Fe,60.45,wt%,0.2\nB,u,,assay,Fe,61,wt%,0.2\n"
    found = reconcile(plant(tmp_path, DUST.format(b=90, nd=17) + iron))
    (row,) = found["impossible"].to_dict("records")
    assert (row["stream"], row["element"], row["limit"]) == ("C", "all", 100.0)
    assert row["value"] == pytest.approx(102.5, rel=1e-6)


def test_what_is_impossible_with_a_gross_error_may_be_possible_without(tmp_path):
    """By hand: 120, 95 and 95 t/h in series say 103.3 of the 100 before, the last two 95."""
    text = HEAD + (
        "A,,u,mass,,100,t/h,1\nB,u,v,mass,,120,t/h,1\nC,v,w,mass,,95,t/h,1\n"
        "D,w,,mass,,95,t/h,1\nE,u,,,,,,\n"
    )
    found = reconcile(plant(tmp_path, text))
    (row,) = found["impossible"].to_dict("records")
    assert (row["stream"], row["data"]) == ("E", "value")
    assert row["value"] == pytest.approx(100 - 310 / 3)
    rest = found["values"].set_index("stream").loc["E", "without_suspects"]
    assert rest == pytest.approx(5)


def test_possible_values_raise_no_warning(tmp_path):
    found = reconcile(plant(tmp_path, DUST.format(b=90, nd=20)))
    assert found["impossible"].empty
    assert found.warnings == ()


def test_values_without_the_suspects_are_those_of_a_file_without_them(tmp_path, model):
    text = measured(model, ["calcine", "pig_iron", "slag"], wrong="calcine")
    found = reconcile(plant(tmp_path, text), ss.load(), "carbothermal")
    rest = "\n".join(r for r in text.splitlines() if not r.startswith("calcine,mass"))
    alone = reconcile(plant(tmp_path, rest), ss.load(), "carbothermal")
    (without,) = found["test_without_suspects"].to_dict("records")
    (test,) = alone["test"].to_dict("records")
    assert without["statistic"] == pytest.approx(test["statistic"], abs=1e-9)
    assert without["degrees_of_freedom"] == test["degrees_of_freedom"]
    assert without["passed"]
    assert not found["test"]["passed"].iloc[0]
    keys = ["stream", "quantity", "element"]
    both = found["values"].merge(alone["values"], on=keys, suffixes=("_all", "_alone"))
    known = both.dropna(subset=["value_alone"])
    assert len(known) > 10
    for ours, theirs in (("without_suspects_all", "value"), ("without_suspects_sd_all", "sd")):
        expected = known[f"{theirs}_alone"].to_numpy()
        assert known[ours].to_numpy() == pytest.approx(expected, rel=1e-6)
    row = found["measurements"].query("stream == 'calcine' and quantity == 'mass'").iloc[0]
    assert row["without_suspects"] == pytest.approx(model.loc["calcine", "mass_kg"], rel=1e-3)
    assert abs(row["reconciled"] / row["without_suspects"] - 1) > 0.02
    assert "Without it: " in found.answer


def test_without_a_suspect_the_values_stay(tmp_path):
    text = HEAD + "A,,u,mass,,100,kg,1\nB,u,,mass,,101,kg,1\n"
    found = reconcile(plant(tmp_path, text))
    assert found["suspects"].empty
    for name, column in (("measurements", "reconciled"), ("values", "value")):
        assert (found[name]["without_suspects"] == found[name][column]).all()
    assert "Without" not in found.answer


def test_z_is_the_adjustment_over_its_deviation(tmp_path):
    """Two scales in series, 3 kg apart: each gives way by half, +- sqrt(1/2)."""
    text = HEAD + "A,,u,mass,,100,kg,1\nB,u,,mass,,103,kg,1\n"
    rows = reconcile(plant(tmp_path, text))["measurements"]
    assert rows["adjustment"].tolist() == pytest.approx([1.5, -1.5])
    assert rows["z"].tolist() == pytest.approx([1.5 * np.sqrt(2), -1.5 * np.sqrt(2)])


def test_the_document_tells_data_and_scenario(tmp_path, model):
    text = measured(model, ["calcine", "pig_iron", "slag"])
    read_in, scenario = plant(tmp_path, text), ss.load()
    document = reconcile(read_in, scenario, "carbothermal").to_document()
    assert document["settings"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert document["scenario"] == {
        "name": scenario.name,
        "variant": scenario.variant,
        "sha256": scenario.sha256,
    }
    network = HEAD + "A,,u,mass,,100,kg,1\nB,u,,mass,,101,kg,1\n"
    assert "scenario" not in reconcile(plant(tmp_path, network), scenario).to_document()


def test_a_network_of_the_files_own_beside_a_route_is_refused(tmp_path):
    network = HEAD + "A,,u,mass,,100,kg,1\nB,u,,mass,,101,kg,1\n"
    with pytest.raises(InputError, match=r"plant.csv:2: column from: the file brings its own"):
        reconcile(plant(tmp_path, network), ss.load(), "carbothermal")


def test_repeated_assays_count_in_the_mean(tmp_path):
    rows = "A,,u,mass,,100,kg,1\nA,,u,assay,Fe,70,wt%,1\nA,,u,assay,Fe,69,wt%,1\n"
    assert len(plant(tmp_path, HEAD + rows).measurements) == 3


BAD = {
    "relative to nothing": (HEAD + "A,,u,mass,,0,kg,5 %\n", ":2", "stands for an exact value"),
    "mass in percent": (HEAD + "A,,u,mass,,5 %,kg,1\n", ":2", "is a share"),
    "unknown column": ("stream,quantity,vlue,unit,sd\n", ":1", "did you mean value"),
    "number": (HEAD + "A,,u,mass,,1,kg,1\nB,u,,mass,,x,kg,1\n", ":3", "column value"),
    "comma": (HEAD + 'A,,u,mass,,"1,5",kg,1\n', ":2", "decimal point"),
    "unit": (HEAD + "A,,u,mass,,1,kg,1\nB,u,,mass,,1,t/h,1\n", ":3", "column unit"),
    "element": (HEAD + "A,,u,assay,Xx,1,wt%,1\n", ":2", "column element"),
    "negative sd": (HEAD + "A,,u,mass,,1,kg,-1\n", ":2", "column sd"),
    "share": (HEAD + "A,,u,assay,Nd,120,wt%,1\n", ":2", "0 to 100"),
    "itself": (HEAD + "A,u,u,mass,,1,kg,1\n", ":2", "to itself"),
    "ends differ": (HEAD + "A,,u,mass,,1,kg,1\nA,,v,mass,,1,kg,1\n", ":3", "column from"),
    "too full": (HEAD + "A,,u,mass,,1,kg,1\nA,,u,assay,Fe,70,wt%,1\nA,,u,assay,Nd,45,wt%,1\n", ":4",
                 "sum to 115 wt%"),
    "quantity": (HEAD + "A,,u,masss,,1,kg,1\n", ":2", "did you mean mass"),
    "no mass": (HEAD + "A,,u,assay,Fe,1,wt%,1\nB,u,,assay,Fe,2,wt%,1\n", "", "proportions"),
    "contradiction": (HEAD + "A,,u,mass,,1,kg,0\nB,u,,mass,,2,kg,0\nC,,v,mass,,2,kg,1\n", "",
                      "contradict"),
    "no ends": (HEAD + "A,,u,mass,,1,kg,1\nB,,,mass,,1,kg,1\n", ":3", "no ends"),
    "empty": ("", "", "empty"),
    "nothing": (HEAD, "", "no measurement"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_faults_name_file_line_and_column(tmp_path, case):
    text, line, says = BAD[case]
    with pytest.raises(InputError) as caught:
        reconcile(plant(tmp_path, text))
    message = str(caught.value)
    assert f"plant.csv{line}" in message or case == "contradiction"
    assert says in message


def test_an_unknown_stream_of_the_route_gets_the_nearest(tmp_path):
    text = "stream,quantity,value,unit,sd\npig_irn,mass,600,kg/t,10\n"
    with pytest.raises(InputError, match=r"plant.csv:2.*did you mean pig_iron"):
        reconcile(plant(tmp_path, text), ss.load(), "carbothermal")
