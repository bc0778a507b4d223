"""Two routes compared a million times in one study, in files: time, rate, peak memory, disk.

    python benchmarks/million.py [CASES] [JOBS]

Studies of a sixteenth, a quarter and all of CASES (default 1,000,000) run after each other, each in
a process of its own, so that memory shows whether it grows with the number of cases. Every
parameter of both routes varies. Peak memory is that of the study's process, and of the largest of
its workers; with fewer cases than a million the time of a million is extrapolated, and said so.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MILLION = 1_000_000
ROUTES = ("carbothermal", "wet_selective")


def run(cases: int, jobs: int) -> dict[str, float]:
    """Run one study here; wall seconds of the runs and of the statistics, MB of memory and disk."""
    import sludgesim as ss
    from sludgesim.studies import Execution, uncertainty

    marks = {}

    def progress(done: int, total: int | None) -> None:
        marks.setdefault("begin", time.perf_counter())
        marks["end"] = time.perf_counter()
        marks["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if sys.stderr.isatty():
            print(f"\r{done} of {total}", end="", file=sys.stderr)

    with tempfile.TemporaryDirectory(dir=os.environ.get("SCRATCH")) as folder:
        study = uncertainty(
            ss.load(),
            samples=cases,
            routes=ROUTES,
            progress=progress,
            execution=Execution(jobs=jobs, store=Path(folder)),
        )
        end = time.perf_counter()
        failed = int(study.counts["failed"].sum())
        disk = sum(f.stat().st_size for f in Path(folder).rglob("*.parquet"))
    return {
        "seconds": marks["end"] - marks["begin"],
        "statistics": end - marks["end"],
        "failed": failed,
        "parameters": len(study["distributions"]),
        "running": marks["memory"],
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "disk": disk / 1e6,
    }


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else MILLION
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else len(os.sched_getaffinity(0))
    if len(sys.argv) > 3:
        print(json.dumps(run(cases, jobs)))
        return
    for part in (16, 4, 1):
        n = cases // part
        command = [sys.executable, __file__, str(n), str(jobs), "here"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout)
        rate = n / found["seconds"]
        print(
            f"{n:9,d} cases, {found['parameters']} parameters, {jobs} jobs:"
            f" {found['seconds']:.0f} s + {found['statistics']:.1f} s statistics,"
            f" {rate:.0f} cases/s,"
            f" {found['running']:.0f} MB while running, {found['memory']:.0f} MB in all,"
            f" each worker {found['worker']:.0f} MB,"
            f" {found['disk']:.0f} MB on disk, {found['failed']} rows failed",
            flush=True,
        )
    if cases < MILLION:
        hours = MILLION / rate / 3600
        print(f"extrapolated from {cases:,d}: a million in {hours:.1f} h")


if __name__ == "__main__":
    main()
