"""reconcile and fit as commands: documents, files, exit status."""

from __future__ import annotations

import json

import pytest

NETWORK = "stream,from,to,quantity,value,unit,sd\nA,,u,mass,100,kg,1\nB,u,,mass,{b},kg,1\n"
FURNACE = (
    "stream,quantity,value,unit,sd\nslag,mass,358,kg/t,2 %\nfurnace_electricity,kpi,2080,kWh/t,40\n"
)
EFFICIENCY = "carbothermal.smelter.efficiency"


@pytest.fixture
def plant(tmp_path):
    def write(text):
        path = tmp_path / "plant.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_reconcile_prints_one_document(cli, plant):
    done = cli("reconcile", plant(NETWORK.format(b=102)), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "sludgesim.reconcile/1"
    assert [row["reconciled"] for row in document["tables"]["measurements"]] == pytest.approx(
        [101, 101]
    )


def test_what_is_suspicious_or_impossible_is_printed_and_written(cli, plant, tmp_path):
    rows = (
        "stream,from,to,quantity,value,unit,sd\nA,,u,mass,100,t/h,1\nB,u,v,mass,120,t/h,1\n"
        "C,v,,mass,101,t/h,1\nD,w,,mass,90,t/h,1\nE,,w,mass,92,t/h,1\nF,w,,,,,\n"
        "G,w,,mass,9,t/h,1\n"
    )
    done = cli("reconcile", plant(rows), "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "without" in done.stdout and "Without it:" in " ".join(done.stdout.split())
    assert "impossible value: F mass -7 t/h, below 0" in done.stdout
    header, *rest = (tmp_path / "out" / "impossible.csv").read_text().splitlines()
    assert header.startswith("stream,quantity") and rest[0].startswith("F,mass")
    assert "without_suspects" in (tmp_path / "out" / "measurements.csv").read_text()
    document = json.loads((tmp_path / "out" / "reconcile.json").read_text(encoding="utf-8"))
    assert any("F mass" in w for w in document["warnings"])
    (rest,) = document["tables"]["test_without_suspects"]
    assert rest["statistic"] == pytest.approx(0.5)  # A and C, 1 t/h apart


def test_fit_writes_a_scenario_that_compare_reads(cli, plant, tmp_path):
    vary = f"{EFFICIENCY}=40:95"
    data, out = plant(FURNACE), tmp_path / "out"
    done = cli("fit", data, "--route", "carbothermal", "--vary", vary, "--out", out)
    assert done.returncode == 0, done.stderr
    assert EFFICIENCY in done.stdout
    written = {path.name for path in out.iterdir()}
    assert {"fit.json", "fitted.yaml", "parameters.csv"} <= written
    again = cli("compare", out / "fitted.yaml", "--scenario", "fitted", "--json",
                "--route", "carbothermal")  # fmt: skip
    kpis = json.loads(again.stdout)["routes"]["carbothermal"]["kpis"]
    assert kpis["furnace_electricity"]["value"] == pytest.approx(2080, rel=1e-3)


def test_the_fitted_scenario_finds_the_species_beside_the_old_one(cli, plant, tmp_path):
    (tmp_path / "species.yaml").write_text("systems: {smelting: {spinel: [Fe3O4(s)]}}\n")
    (tmp_path / "own.yaml").write_text(
        "name: own\nthermochemistry: species.yaml\nfeed: {rate: 10 t/d, moisture: 30, oil: 5, "
        "oxidised: 20, solids: {Fe: 65, Nd: 30, B: 1, Co: 4}}\n"
    )
    out, vary = tmp_path / "out", f"{EFFICIENCY}=40:95"
    done = cli("fit", plant(FURNACE), tmp_path / "own.yaml", "--route", "carbothermal",
               "--vary", vary, "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert cli("check", out / "fitted.yaml", "--scenario", "fitted").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("reconcile", "no.csv"), "no.csv: cannot be read"),
        (("reconcile", "{plant}"), "plant.csv:3: column value"),
        (("reconcile", "{plant}", "--route", "wet"), "no route 'wet'"),
        (("reconcile", "{good}", "--level", "2"), "--level"),
        (("fit", "{good}", "--route", "carbothermal"), "--vary"),
        (("fit", "{good}", "--route", "carbothermal", "--vary", "smelter.x=1:2"), "no parameter"),
    ],
)
def test_mistakes_are_told_without_a_traceback(cli, plant, tmp_path, arguments, says):
    bad = plant(NETWORK.format(b="many"))
    good = tmp_path / "good.csv"
    good.write_text(NETWORK.format(b=101), encoding="utf-8")
    done = cli(*(a.format(plant=bad, good=good) for a in arguments), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
