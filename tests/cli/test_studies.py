"""The studies as commands: what they print and write, and how they answer mistakes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

T = "carbothermal.smelter.temperature"
RANGE = f"--vary={T}=1450:1550:50degC"


def refused(result, *said):
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for text in said:
        assert text in result.stderr


def test_sweep_writes_what_it_prints(cli, tmp_path):
    out = tmp_path / "deep" / "out"
    done = cli("sweep", RANGE, "--vary=feed.moisture=30,40wt%", "--scenarios=base,hot",
               "--kpi=carbothermal.electricity", "--json", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "sludgesim.sweep/1"
    assert document == json.loads((out / "sweep.json").read_text())
    rows = document["tables"]["cases"]
    assert len(rows) == 2 * 3 * 2 * 3
    hot = {(r["scenario"], r[T], r["feed.moisture"]): r["electricity"] for r in rows
           if r["route"] == "carbothermal"}  # fmt: skip
    assert hot["hot", 1500, 30] < hot["base", 1500, 30] < hot["base", 1550, 30]
    assert "wrote" in done.stderr and (out / "cases.csv").exists()


def test_every_study_prints_an_answer(cli):
    for arguments, said in {
        ("uncertainty", "--samples=8", "--kpi=ghg"): "8 cases (lhs, seed 1)",
        ("sensitivity", "--kpi=carbothermal.ghg", "--vary=feed.moisture"): "feed.moisture",
        ("goal-seek", "--target=carbothermal.electricity=1e6", f"--vary={T}=1500:1600",
         "--points=3"): "No value of",
        ("optimise", "--minimise=carbothermal.electricity", f"--vary={T}=1500:1600",
         "--generations=2"): "carbothermal.electricity = ",
    }.items():  # fmt: skip
        done = cli(*arguments)
        assert done.returncode == 0, done.stderr
        assert said in " ".join(done.stdout.split())
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sweep", "--vary=carbothermal.smelter.temprature=1500"), f"did you mean {T}"),
        (("sweep", f"--vary={T}=1600:1500:25"), "runs backwards"),
        (("sweep", f"--vary={T}="), "no values"),
        (("sweep", RANGE, "--kpi=carbothermal.slag_fe"), "did you mean carbothermal.slag_feo"),
        (
            (
                "uncertainty",
                "--correlate=feed.moisture,feed.oxidised=0.9",
                f"--correlate=feed.moisture,{T}=0.9",
                f"--correlate=feed.oxidised,{T}=-0.9",
            ),
            "cannot hold together",
        ),
        (("goal-seek", f"--vary={T}", "--target=carbothermal.ghg"), "is no target"),
    ],
)
def test_mistakes(cli, tmp_path, arguments, said):
    refused(cli(*arguments, "--json", "--out", tmp_path / "out"), said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_an_interrupted_study_leaves_nothing(tmp_path):
    out = tmp_path / "out"
    arguments = ["uncertainty", "--samples=1000000", "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "sludgesim.cli", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while not out.exists():  # it is made before the study begins
            time.sleep(0.05)
            assert process.poll() is None, process.stderr.read()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert printed == "" and "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
