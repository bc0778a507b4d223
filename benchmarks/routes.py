"""Speed of the main job: import, cold comparison, and cases per second of a batch of all routes.

    python benchmarks/routes.py [CASES]

Everything is measured in one run on one core; the ratio to quote is cases per second of a batch
over cases per second of single runs, side by side.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

os.environ.setdefault("OMP_NUM_THREADS", "1")


def timed_process(*command: str) -> tuple[float, float]:
    """Wall seconds and peak MB of a fresh process."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *command], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - start, float(done.stdout)


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    python = sys.executable
    timed_process(python, "-m", "sludgesim.cli", "compare")  # compiles the kernels, once
    empty, _ = timed_process(python, "-c", "")
    for name, command in {
        "import sludgesim": (python, "-c", "import sludgesim"),
        "compare, cold start": (python, "-m", "sludgesim.cli", "compare"),
    }.items():
        seconds, memory = min(timed_process(*command) for _ in range(3))
        print(f"{name:24s} {seconds - empty:6.2f} s {memory:6.0f} MB")

    import numpy as np

    import sludgesim as ss

    scenario = ss.load()
    moisture = np.random.default_rng(0).uniform(0.05, 0.5, cases)
    temperature = np.random.default_rng(1).uniform(1673, 1873, cases)
    changes = {"feed.moisture": moisture, "carbothermal.smelter.temperature": temperature}
    batch = replace(scenario, inputs=scenario.inputs.with_values(changes))
    ss.compare(scenario)
    start = time.perf_counter()
    for _ in range(5):
        ss.compare(scenario)
    single = 5 / (time.perf_counter() - start)
    start = time.perf_counter()
    result = ss.compare(batch)
    together = cases / (time.perf_counter() - start)
    failed = sum(int((r.reason != "").sum()) for r in result.routes.values())
    print(f"all routes, one by one   {single:6.0f} cases/s")
    print(f"all routes, one batch    {together:6.0f} cases/s, {failed} of {cases} unsolved")
    print(f"ratio                    {together / single:6.1f}")


if __name__ == "__main__":
    main()
