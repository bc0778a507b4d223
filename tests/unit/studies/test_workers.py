"""Who runs a study does not matter; what dies on the way loses nothing and doubles nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sludgesim as ss
from sludgesim.errors import InputError, SludgesimError
from sludgesim.studies import Execution, plan, uncertainty
from sludgesim.studies import workers as workers_module
from sludgesim.studies.plan import Plan, Table, run_task
from sludgesim.studies.workers import run_tasks

SAMPLE = {
    "samples": 60,
    "vary": {"feed.moisture": "20:40 wt%"},
    "routes": ["wet_full"],
}
FOLDER = str(Path(ss.__file__).parents[1])


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


@pytest.fixture(scope="module")
def serial(scenario, tmp_path_factory):
    folder = tmp_path_factory.mktemp("serial")
    return uncertainty(scenario, **SAMPLE, execution=Execution(store=folder, part=5))


def all_of(study):
    return study.cases[list(study.cases.columns)]


def started(*command):
    path = os.pathsep.join(filter(None, (FOLDER, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def cluster(folder, workers):
    """A scheduler and then workers, each a process of its own, as a user starts them."""
    told = folder / "scheduler.json"
    log = ["--no-dashboard"]
    processes = [started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                         "--scheduler-file", str(told), *log)]  # fmt: skip
    try:
        for _ in range(workers):
            processes.append(
                started("distributed.cli.dask_worker", "--scheduler-file", str(told), *log,
                        "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
            )  # fmt: skip
        end = time.monotonic() + 60
        while not told.exists() or not told.read_text():
            assert time.monotonic() < end and processes[0].poll() is None
            time.sleep(0.05)
        yield json.loads(told.read_text())["address"], processes
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def test_processes_give_the_same_table(scenario, serial, tmp_path):
    execution = Execution(jobs=2, store=tmp_path, part=5)
    study = uncertainty(scenario, **SAMPLE, execution=execution)
    pd.testing.assert_frame_equal(all_of(study), all_of(serial), check_exact=True)


def test_a_process_that_is_killed_is_told_of(scenario):
    plan = Plan({"": scenario}, Table(pd.DataFrame({"feed.moisture": np.full(40, 30.0)})),
                ("wet_full",), 2)  # fmt: skip
    with pytest.raises(SludgesimError, match=r"was killed.*--format parquet"):
        for number, _ in run_tasks(plan.tasks(range(plan.parts)), Execution(jobs=2)):
            if number == 0:
                for child in multiprocessing.active_children():
                    os.kill(child.pid, signal.SIGKILL)


def test_who_stops_does_not_wait_for_parts_that_run(scenario):
    many = Plan({"": scenario}, Table(pd.DataFrame({"feed.moisture": np.full(4000, 30.0)})),
                ("wet_full",), 400)  # fmt: skip
    others = multiprocessing.active_children()
    results = run_tasks(many.tasks(range(many.parts)), Execution(jobs=2))
    next(results)
    started_here = [p for p in multiprocessing.active_children() if p not in others]
    results.close()
    # Polled, not joined: the pool's own thread joins them too, and where it reaps one first, a join
    # here returns before the exit code is set.
    end = time.monotonic() + 60
    while None in (codes := [p.exitcode for p in started_here]) and time.monotonic() < end:
        time.sleep(0.05)
    assert codes == [-signal.SIGTERM] * 2


def test_a_worker_of_a_cluster_that_is_killed_loses_and_doubles_nothing(scenario, serial, tmp_path):
    with cluster(tmp_path, 3) as (address, (_, *workers)):
        seen = []

        def kill_one(done, total):
            seen.append(done)
            if len(seen) == 4:
                workers[1].send_signal(signal.SIGKILL)

        execution = Execution(scheduler=address, store=tmp_path / "out", part=5)
        study = uncertainty(scenario, **SAMPLE, execution=execution, progress=kill_one)
        assert workers[1].wait(timeout=10) == -signal.SIGKILL
    assert seen == list(range(0, 61, 5))
    table = all_of(study)
    assert table["case"].tolist() == list(range(60))
    pd.testing.assert_frame_equal(table, all_of(serial), check_exact=True)


def test_a_scheduler_that_is_killed_costs_no_finished_part(scenario, serial, tmp_path, capfd):
    with cluster(tmp_path, 1) as (address, (scheduler, _)):
        seen = []

        def kill(done, total):
            seen.append(done)
            if len(seen) == 3:
                scheduler.kill()

        execution = Execution(scheduler=address, store=tmp_path / "out", part=5)
        with pytest.raises(SludgesimError, match="is gone; finished parts are kept"):
            uncertainty(scenario, **SAMPLE, execution=execution, progress=kill)
    assert capfd.readouterr().err == ""
    resumed = []
    here = Execution(store=tmp_path / "out", part=5)
    study = uncertainty(
        scenario, **SAMPLE, execution=here, progress=lambda *d: resumed.append(d[0])
    )
    assert resumed[0] >= seen[-1] > 0
    pd.testing.assert_frame_equal(all_of(study), all_of(serial), check_exact=True)


def test_a_scheduler_that_is_not_there(scenario, monkeypatch):
    monkeypatch.setattr(workers_module, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(InputError, match=r"--scheduler: no scheduler at tcp://127.0.0.1:9"):
        uncertainty(scenario, **SAMPLE, execution=Execution(scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(InputError, match="no scheduler at nonsense"):
        uncertainty(scenario, **SAMPLE, execution=Execution(scheduler="nonsense://x"))


def test_a_worker_of_another_version_is_refused(scenario, monkeypatch):
    whole = Plan({"": scenario}, Table(pd.DataFrame({"feed.moisture": [30.0]})), ("wet_full",))
    (task,) = whole.tasks([0])
    assert len(run_task(task).table) == 1
    monkeypatch.setattr(plan, "program_digest", lambda: "another")
    with pytest.raises(SludgesimError, match="another version of sludgesim"):
        run_task(task)


def test_what_cannot_be_asked_for():
    with pytest.raises(InputError, match="0 jobs"):
        Execution(jobs=0)
    with pytest.raises(InputError, match="100000 jobs"):
        Execution(jobs=100_000)
    with pytest.raises(InputError, match="both given"):
        Execution(jobs=2, scheduler="tcp://localhost:8786")
