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
        (
            (
                "goal-seek",
                "--vary=feed.moisture=20:40",
                "--target=wet_full.slag_feo=5",
                "--points=2",
            ),
            "--target: wet_full has no KPI slag_feo",
        ),
        (("goal-seek", f"--vary={T}", "--target=wet_full.ghg=5", "--points=1"), "--points: 1"),
        (("optimise", f"--vary={T}", "--minimise=wet_full.ghg", "--population=0"), "0 is too few"),
        (("sweep", RANGE, "--scenarios=,"), "--scenarios: names no scenario"),
        (("sweep", RANGE, "--jobs=100000"), "--jobs: 100000 jobs"),
    ],
)
def test_mistakes(cli, tmp_path, arguments, said):
    refused(cli(*arguments, "--json", "--out", tmp_path / "out"), said)
    assert list(tmp_path.iterdir()) == []


MANY = "1000000000000"


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("uncertainty", f"--samples={MANY}"), "--samples"),
        *((("sensitivity", "--kpi=ghg", f"--method={method}", f"--samples={MANY}"), "--samples")
          for method in ("tornado", "morris", "sobol")),
        (("goal-seek", f"--vary={T}", "--target=wet_full.ghg=5", f"--points={MANY}"), "--points"),
        (("optimise", f"--vary={T}", "--minimise=wet_full.ghg", f"--population={MANY}"),
         "--population"),
    ],
)  # fmt: skip
def test_more_cases_than_can_be_run(cli, tmp_path, arguments, key):
    done = cli(*arguments, "--out", tmp_path / "out")
    refused(done, f"{key}: a study of", "allowed: at most 20000000")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["sweep", "uncertainty", "sensitivity"])
def test_an_address_that_is_none_writes_nothing(cli, tmp_path, verb):
    vary = RANGE if verb == "sweep" else "--vary=feed.moisture"
    done = cli(verb, vary, "--kpi=ghg", "--scheduler=nonsense", "--format=parquet",
               "--out", tmp_path / "out")  # fmt: skip
    refused(done, "--scheduler: no scheduler at nonsense", "missing port")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_an_interrupted_study_leaves_nothing(cli, tmp_path):
    # The kernels are there: the compiler runs Python in callbacks, which swallow an interrupt.
    assert cli("compare").returncode == 0
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


def _started(arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "sludgesim.cli", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _stopped(arguments, out, parts, blow):
    """A study that gets a signal once so many parts are written: process, output, what is kept."""
    process = _started(arguments)
    try:
        while len(list(out.glob("cases/part-*.parquet"))) < parts:
            time.sleep(0.02)
            assert process.poll() is None, process.stderr.read()
        process.send_signal(getattr(signal, blow))
        printed, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert printed == "" and "Traceback" not in said
    kept = {p: p.stat().st_mtime_ns for p in out.glob("cases/part-*.parquet")}
    return process, said, kept


def _gone_on(cli, arguments, out, kept):
    """The document of the same command run again, with the parts kept as they were."""
    done = cli(*arguments)
    assert done.returncode == 0, done.stderr
    assert all(p.stat().st_mtime_ns == at for p, at in kept.items())
    assert not (out / "cases.csv").exists()
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("blow", ["SIGINT", "SIGKILL"])
def test_a_study_in_files_goes_on_after_a_blow(cli, tmp_path, blow):
    out = tmp_path / "out"
    arguments = ["uncertainty", "--samples=2500", "--vary=feed.moisture", "--route=wet_full",
                 "--format=parquet", "--out", out, "--json"]  # fmt: skip
    jobs = ["--jobs=2"] if blow == "SIGKILL" else []
    process, said, kept = _stopped([*arguments, *jobs], out, 1, blow)
    if blow == "SIGINT":
        assert process.returncode == 130 and "parts are kept, the same command goes on" in said
    assert 1 <= len(kept) < 3
    document = _gone_on(cli, arguments, out, kept)
    assert document["counts"] == [{"route": "wet_full", "cases": 2500, "solved": 2500, "failed": 0}]
    assert (out / "percentiles.csv").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_a_sensitivity_that_was_killed_goes_on(cli, tmp_path):
    out = tmp_path / "out"
    arguments = ["sensitivity", "--method=sobol", "--samples=1024", "--vary=feed.moisture",
                 "--kpi=wet_full.ghg", "--format=parquet", "--json", "--out", out]  # fmt: skip
    _, _, kept = _stopped(arguments, out, 2, "SIGKILL")
    assert 2 <= len(kept) < 5
    document = _gone_on(cli, arguments, out, kept)
    assert document["counts"][0]["solved"] == 1 + 3 * 1024
    assert document["tables"]["sobol"][0]["first"] == pytest.approx(1, abs=0.05)


def test_mistakes_of_large_studies(cli, tmp_path):
    refused(cli("uncertainty", "--samples=4", "--format=parquet"), "--format", "--out DIR")
    refused(cli("uncertainty", "--samples=4", "--jobs=0"), "0 jobs")
    out = ("--format=parquet", "--out", tmp_path / "out")
    assert cli("uncertainty", "--samples=4", "--route=wet_full", *out).returncode == 0
    refused(
        cli("uncertainty", "--samples=5", "--route=wet_full", *out),
        "holds another study: settings.samples is 4 there, 5 here",
    )


def test_without_pyarrow_or_dask(python):
    program = (
        "import sys; sys.modules[sys.argv[1]] = None; from sludgesim.cli import main;"
        "sys.argv[1:] = sys.argv[2:]; main()"
    )
    study = ("uncertainty", "--samples=4", "--route=wet_full")
    done = python(program, "pyarrow", *study, "--format=parquet", "--out=never")
    refused(done, "Parquet needs pyarrow: pip install 'sludgesim[cluster]'")
    done = python(program, "distributed", *study, "--scheduler=tcp://127.0.0.1:9")
    refused(done, "a cluster needs Dask: pip install 'sludgesim[cluster]'")
