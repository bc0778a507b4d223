"""Parameters found again from what a route with known parameters gave."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.errors import InputError
from sludgesim.studies.fit import fit
from sludgesim.studies.measurements import read
from sludgesim.studies.override_file import override_file
from sludgesim.studies.sampling import sample

SLAG = "carbothermal.separator.slag_in_metal"
POWER = "carbothermal.smelter.efficiency"
FEO = "carbothermal.smelter.target_feo"
TRUE = {SLAG: 2.5, POWER: 68.0}


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


@pytest.fixture(scope="module")
def known(scenario):
    declared = scenario.inputs.parameters
    changed = {p: declared[p].to_si(np.array([v])) for p, v in TRUE.items()}
    inputs = scenario.inputs.with_values(changed)
    return ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]


@pytest.fixture(scope="module")
def rows(known):
    slag = known.streams.set_index("name").loc["slag"]
    metal = known.streams.set_index("name").loc["pig_iron"]
    return [
        "stream,quantity,element,value,unit,sd",
        f"slag,mass,,{slag['mass_kg']:.12g},kg/t,1%",
        f"pig_iron,assay,Nd,{100 * metal['Nd_kg'] / metal['mass_kg']:.12g},wt%,0.02",
        f"furnace_electricity,kpi,,{known.kpis['furnace_electricity'][0]:.12g},kWh/t,20",
    ]


def plant(tmp_path, rows):
    path = tmp_path / "plant.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return read(path)


@pytest.fixture(scope="module")
def found(tmp_path_factory, rows, scenario):
    measured = plant(tmp_path_factory.mktemp("fit"), rows)
    return fit(measured, scenario, "carbothermal", {SLAG: (0.0, 10.0), POWER: (40.0, 95.0)})


def test_true_parameters_are_found_again(found):
    table = found["parameters"].set_index("path")
    for path, value in TRUE.items():
        assert table.loc[path, "value"] == pytest.approx(value, rel=1e-5)
        assert table.loc[path, "low_95"] < value < table.loc[path, "high_95"]
    assert not found.warnings


def test_the_document_tells_which_data(found, rows):
    settings = found.to_document()["settings"]
    assert settings["sha256"] == hashlib.sha256("\n".join(rows).encode()).hexdigest()


def test_deviation_of_the_furnace_efficiency(found, known):
    """Power is heat / efficiency, so d(eff)/eff = d(power)/power: 20 kWh/t in all of it."""
    power = known.kpis["furnace_electricity"][0]
    sd = found["parameters"].set_index("path").loc[POWER, "sd"]
    assert sd == pytest.approx(68.0 * 20 / power, rel=0.1)


def test_the_override_file_is_a_scenario_that_gives_the_fitted_run(found, known, tmp_path):
    path = tmp_path / "fitted.yaml"
    path.write_text(override_file(found), encoding="utf-8")
    loaded = ss.load(path, "fitted")
    again = ss.run(loaded, "carbothermal")["carbothermal"].kpis
    for kpi in ("slag_mass", "furnace_electricity", "re_recovery"):
        assert again[kpi][0] == pytest.approx(known.kpis[kpi][0], rel=1e-5)
    mean, sd = loaded.inputs.parameters[POWER].distribution["normal"]
    assert mean == pytest.approx(68.0, rel=1e-5)
    assert sd == pytest.approx(found["parameters"].set_index("path").loc[POWER, "sd"], rel=1e-3)
    assert ss.load(path).inputs[POWER][0] == ss.load().inputs[POWER][0]


PARTED = "carbothermal.separator.metal_in_slag"


def test_studies_of_the_fitted_file_draw_from_the_joint_spread(tmp_path, scenario):
    """Two causes of metal that goes astray, one assay of each product: their errors are tied."""
    streams = ss.run(scenario, "carbothermal")["carbothermal"].streams.set_index("name")
    slag, metal = streams.loc["slag"], streams.loc["pig_iron"]
    rows = [
        "stream,quantity,element,value,unit,sd",
        f"slag,mass,,{slag['mass_kg']:.12g},kg/t,0.5%",
        f"pig_iron,mass,,{metal['mass_kg']:.12g},kg/t,2%",
        f"slag,assay,Fe,{100 * slag['Fe_kg'] / slag['mass_kg']:.12g},wt%,0.5",
    ]
    vary = {SLAG: (0.0, 10.0), PARTED: (0.0, 10.0), POWER: (40.0, 95.0)}
    own = tmp_path / "own.yaml"
    own.write_text(
        WORKS.format(solids=ASSAYS["rescaled"][0], balance="")
        + 'distributions: {feed.oil: "uniform(4, 6) wt%"}\n'
        + f'correlations: ["{SLAG}, feed.oil = 0.5", "feed.moisture, feed.oil = 0.2"]\n',
        encoding="utf-8",
    )
    found = fit(plant(tmp_path, rows), ss.load(own), "carbothermal", vary)
    pair = found["correlations"].query("a == @SLAG and b == @PARTED")["correlation"].iloc[0]
    assert abs(pair) > 0.3
    path = tmp_path / "fitted.yaml"
    path.write_text(override_file(found), encoding="utf-8")
    loaded = ss.load(path, "fitted")
    # of what the file had, the pair with a fitted parameter is gone, the other stays
    assert loaded.correlations[0] == ("feed.moisture", "feed.oil", 0.2)
    assert len(loaded.correlations) == 2  # the furnace's efficiency is not determined: no pair
    varied = (SLAG, PARTED)
    spread = {p: loaded.inputs.parameters[p] for p in varied}
    tied = [c for c in loaded.correlations if {*c[:2]} <= {*varied}]
    drawn = sample(spread, 4000, "lhs", 1, tied)
    free = sample(spread, 4000, "lhs", 1)
    assert drawn.corr(method="spearman").iloc[0, 1] == pytest.approx(pair, abs=0.08)
    assert abs(free.corr(method="spearman").iloc[0, 1]) < 0.05
    text = path.read_text(encoding="utf-8")
    assert text.count("hold for all scenarios of this file") == 1
    again = fit(plant(tmp_path, rows), loaded, "carbothermal", vary)
    assert override_file(again).count("hold for all scenarios of this file") == 1


def test_what_the_data_cannot_tell_is_said(tmp_path, rows, scenario):
    """The leach says nothing to the furnace: its parameter has no deviation at all."""
    vary = {SLAG: (0.0, 10.0), POWER: (40.0, 95.0), "wet_full.leach.temperature": (20.0, 95.0)}
    found = fit(plant(tmp_path, rows), scenario, "carbothermal", vary)
    assert any(w.startswith("wet_full.leach.temperature: the data tell") for w in found.warnings)
    assert any("no more data than parameters" in w for w in found.warnings)
    assert "not determined" in found.answer
    assert "wet_full.leach.temperature" not in override_file(found).partition("distributions:")[2]


WORKS = """
name: works
feed: {{rate: 5 t/d, moisture: 30 wt%, oil: 5 wt%, solids: {{{solids}}}, oxidised: 20 %{balance}}}
carbothermal: {{}}
"""
ASSAYS = {
    "rescaled": ("Fe: 67, Nd: 24, Pr: 4, B: 1, Co: 4", ""),
    "balance": ("Nd: 24, Pr: 4, B: 1, Co: 4", ", balance: Fe"),
}
NEODYMIUM, PRASEODYMIUM = 27.0, 6.0  # wt%, as the plant had them


@pytest.mark.parametrize("kind", ASSAYS)
def test_an_assay_is_found_again_from_the_products(tmp_path, kind):
    """By hand: the others keep their proportions, or the balance takes the whole difference."""
    solids, balance = ASSAYS[kind]
    path = tmp_path / "works.yaml"
    path.write_text(WORKS.format(solids=solids, balance=balance), encoding="utf-8")
    scenario = ss.load(path)
    elements = {"Fe": 67, "Nd": NEODYMIUM, "Pr": PRASEODYMIUM, "B": 1, "Co": 4}
    if kind == "rescaled":
        kept = (100 - NEODYMIUM - PRASEODYMIUM) / 72
        elements |= {e: elements[e] * kept for e in ("Fe", "B", "Co")}
    else:
        elements["Fe"] = 100 - NEODYMIUM - PRASEODYMIUM - 5
    shares = {f"feed.solids.{e}": np.array([v / 100]) for e, v in elements.items()}
    true = replace(scenario, inputs=scenario.inputs.with_values(shares))
    slag = ss.run(true, "carbothermal")["carbothermal"].streams.set_index("name").loc["slag"]
    percent = {e: 100 * slag[f"{e}_kg"] / slag["mass_kg"] for e in ("Nd", "Pr")}
    measured = plant(tmp_path, [
        "stream,quantity,element,value,unit,sd",
        f"slag,mass,,{slag['mass_kg']:.12g},kg/t,1%",
        *(f"slag,assay,{e},{v:.12g},wt%,0.2" for e, v in percent.items()),
    ])  # fmt: skip
    vary = {"feed.solids.Nd": (15.0, 35.0), "feed.solids.Pr": (0.0, 10.0)}
    found = fit(measured, scenario, "carbothermal", vary)
    values = found["parameters"].set_index("path")["value"]
    assert values.tolist() == pytest.approx([NEODYMIUM, PRASEODYMIUM], rel=1e-4)
    fitted = tmp_path / "fitted.yaml"
    fitted.write_text(override_file(found), encoding="utf-8")
    again = ss.load(fitted, "fitted").inputs
    for element, value in elements.items():
        assert 100 * again[f"feed.solids.{element}"][0] == pytest.approx(value, rel=1e-3)


def test_an_assay_that_leaves_nothing_for_the_others_is_not_tried(tmp_path):
    path = tmp_path / "works.yaml"
    path.write_text(WORKS.format(solids=ASSAYS["balance"][0], balance=ASSAYS["balance"][1]),
                    encoding="utf-8")  # fmt: skip
    rows = ["stream,quantity,element,value,unit,sd", "slag,mass,,500,kg/t,1%"]
    vary = {"feed.solids.Nd": (5.0, 99.0)}  # beside Pr, B and Co of 9 wt%: 91 wt% at most
    found = fit(plant(tmp_path, rows), ss.load(path), "carbothermal", vary)
    assert found["measurements"]["calculated"][0] == pytest.approx(500, rel=1e-6)
    with pytest.raises(InputError, match="Fe is the assay's balance"):
        fit(plant(tmp_path, rows), ss.load(path), "carbothermal", {"feed.solids.Fe": (40.0, 90.0)})


def test_masses_per_time_tell_the_moisture(tmp_path, scenario):
    """What is dried of 10 t/d: the calcine per time falls with the water that came with it."""
    declared = scenario.inputs.parameters["feed.moisture"]
    wetter = replace(scenario, inputs=scenario.inputs.with_values(
        {"feed.moisture": declared.to_si(np.array([38.0]))}))  # fmt: skip
    streams = ss.run(wetter, "carbothermal")["carbothermal"].streams.set_index("name")
    rate = 10 * (1 - 0.38 - float(scenario.inputs["feed.oil"][0]))  # t/d of dry sludge
    tonnes = streams.loc["calcine", "mass_kg"] / 1000 * rate
    rows = ["stream,quantity,element,value,unit,sd", f"calcine,mass,,{tonnes:.12g},t/d,1%"]
    found = fit(plant(tmp_path, rows), scenario, "carbothermal", {"feed.moisture": (20.0, 50.0)})
    assert found["parameters"]["value"][0] == pytest.approx(38, rel=1e-5)


@pytest.mark.parametrize(
    ("row", "vary", "says"),
    [
        ("slg,mass,,1,kg/t,1", {SLAG: (0.0, 10.0)}, "plant.csv:2.*did you mean slag"),
        ("slagmass,kpi,,1,kg/t,1", {SLAG: (0.0, 10.0)}, "plant.csv:2.*did you mean slag_mass"),
        ("slag_mass,kpi,,1,MJ/kg,1", {SLAG: (0.0, 10.0)}, "plant.csv:2.*column unit"),
        ("slag,mass,,1,kg/t,0", {SLAG: (0.0, 10.0)}, "plant.csv:2.*column sd"),
        ("slag,mass,,1,kg/t,1", {"feed.solids.O": (0.0, 10.0)}, "feed.oxidised instead"),
        ("slag,mass,,1,kg/t,1", {}, "no parameter is given"),
    ],
)
def test_bad_input_is_refused(tmp_path, scenario, row, vary, says):
    with pytest.raises(InputError, match=says):
        fit(plant(tmp_path, ["stream,quantity,element,value,unit,sd", row]), scenario,
            "carbothermal", vary)  # fmt: skip


def test_a_network_of_the_files_own_is_refused(tmp_path, scenario):
    rows = ["stream,from,to,quantity,value,unit,sd", "slag,furnace,,mass,1,kg/t,1"]
    with pytest.raises(InputError, match=r"plant.csv:2: column from: the file brings its own"):
        fit(plant(tmp_path, rows), scenario, "carbothermal", {SLAG: (0.0, 10.0)})
