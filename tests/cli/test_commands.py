"""What the commands print, on which stream, and with which exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
ROUTES = ["carbothermal", "wet_full", "wet_selective"]

# The command line on a model that answers at once, or fails: its own behaviour is in question.
PRETENDED = """
import sys, types
import sludgesim.cli
from sludgesim.errors import EquilibriumError

class Result:
    def to_json(self):
        return '{"schema": "sludgesim.result/1"}'

def compare(scenario, routes=None, progress=None):
    if routes == ["wet_full"]:
        raise EquilibriumError("roaster: no answer\\nleach: no answer")
    if routes == ["wet_selective"]:
        raise KeyboardInterrupt
    return Result()

def write(result, directory):
    if directory.name == "full":
        (directory / "a").mkdir()
        (directory / "a").rmdir()
        raise OSError(28, "No space left on device")
    (directory / "result.json").write_text(result.to_json())
    return [directory / "result.json"]

def pretend(name, **content):
    module = types.ModuleType(name)
    module.__dict__.update(content)
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], last, module)

import sludgesim.equilibrium
sludgesim.equilibrium.kernels_cached = lambda: False
pretend("sludgesim.studies", __path__=[])
pretend("sludgesim.studies.comparison", compare=compare)
pretend("sludgesim.reports", __path__=[], write=write)
sludgesim.cli.main()
"""


def test_json_is_the_only_thing_on_standard_output(python, tmp_path):
    done = python(PRETENDED, "compare", "--json", "--out", tmp_path / "a" / "b")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"schema": "sludgesim.result/1"}
    assert "compiling the equilibrium kernels" in done.stderr
    assert f"wrote {tmp_path / 'a' / 'b' / 'result.json'}" in done.stderr
    assert (tmp_path / "a" / "b" / "result.json").exists()


def test_run_that_fails_leaves_nothing_behind(python, tmp_path):
    done = python(PRETENDED, "compare", "--route", "wet_full", "--out", tmp_path / "a" / "b")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "error: roaster: no answer\nerror: leach: no answer\n" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_run_that_fails_keeps_what_others_wrote(python, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = python(PRETENDED, "compare", "--route", "wet_full", "--out", tmp_path)
    assert done.returncode == 3
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_full_disk_is_a_message(python, tmp_path):
    done = python(PRETENDED, "compare", "--json", "--out", tmp_path / "full")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_interrupt_ends_quietly(python, tmp_path):
    done = python(PRETENDED, "compare", "--route", "wet_selective", "--out", tmp_path / "out")
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_reader_that_leaves_early_is_no_fault():
    show = [sys.executable, "-m", "sludgesim.cli", "show", "parameters", "--json"]
    with subprocess.Popen(show, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        process.wait(timeout=60)


def test_help_needs_nothing_heavy(python):
    program = (
        "import sys, atexit, sludgesim.cli as c\n"
        "heavy = ('numpy', 'pandas', 'numba', 'cantera', 'pint', 'rich', 'scipy', 'plotly')\n"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules]))\n"
        "c.main()"
    )
    done = python(program, "--help")
    assert done.returncode == 0
    assert done.stdout.endswith("[]\n")
    for command in ("compare", "run", "check", "show"):
        assert command in done.stdout


def test_version(cli):
    done = cli("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("sludgesim")


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_of_the_project_is_valid_in_every_variant(cli, file):
    done = cli("check", file, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "sludgesim.check/1"
    assert document["scenario"]["scenario"] == "base"
    assert document["scenario"]["sources"]
    assert document["routes"] == ROUTES


def test_check_tells_value_unit_and_origin(cli):
    document = json.loads(cli("check", "--scenario", "hot", "--json").stdout)
    inputs = {row["path"]: row for row in document["inputs"]}
    assert inputs["feed.moisture"]["value"] == 30
    assert inputs["feed.moisture"]["unit"] == "wt%"
    assert inputs["feed.moisture"]["origin"].startswith("reference.yaml:")
    hot = inputs["carbothermal.smelter.charge_temperature"]
    assert hot["value"] == 900
    assert hot["origin"].endswith("(hot_charge)")
    assert inputs["carbothermal.smelter.carbon"]["value"] == "auto"
    assert inputs["carbothermal.smelter.carbon"]["origin"] == "default"
    assert all(row["quality"] and row["source"] for row in inputs.values())


@pytest.mark.parametrize("arguments", [("check",), ("show", "parameters"), ("show", "kpis")])
def test_tables_fit_eighty_columns(cli, arguments):
    done = cli(*arguments)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == ""


@pytest.mark.parametrize("topic", ["parameters", "kpis", "species", "sources"])
def test_show_as_json(cli, topic):
    done = cli("show", topic, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == f"sludgesim.{topic}/1"
    assert len(document[topic]) > 0


# --- the real model


@pytest.fixture(scope="module")
def compared(cli, tmp_path_factory):
    out = tmp_path_factory.mktemp("compared") / "out"
    return cli("compare", "--json", "--out", out), out


def test_compare_prints_the_contract_document(compared):
    done, _ = compared
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "sludgesim.result/1"
    assert document["scenario"]["name"] == "hitachi-like works"
    assert len(document["scenario"]["sha256"]) == 64
    assert list(document["routes"]) == ROUTES
    for route in document["routes"].values():
        assert {"kpis", "streams", "balance", "warnings"} <= set(route)
        assert all({"value", "unit"} <= set(kpi) for kpi in route["kpis"].values())
        stream = {"name", "from", "to", "mass_kg", "temperature_K", "elements_kg"}
        assert all(stream <= set(s) for s in route["streams"])
        assert max(map(abs, route["balance"]["elements"].values())) < 1e-9
        assert abs(route["balance"]["energy"]) < 1e-6
    assert document["comparison"]["baseline"] == "wet_full"
    assert all({"kpi", "unit", *ROUTES} >= set(row) for row in document["comparison"]["rows"])


def test_compare_writes_its_reports(compared):
    _, out = compared
    assert {".json", ".csv", ".xlsx", ".html"} <= {path.suffix for path in out.rglob("*")}


def test_run_calculates_one_route(cli):
    done = cli("run", SCENARIOS[0], "--route", "carbothermal", "--json")
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)["routes"]) == ["carbothermal"]


def test_compare_prints_a_readable_table(cli):
    done = cli("compare", "--route", "carbothermal", "--route", "wet_full")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "carbothermal" in done.stdout
    assert "wet_full" in done.stdout
