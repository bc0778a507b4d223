"""Random solids through leach, iron removal, filter, precipitation and effluent: none unsolved.

The draw is that of `benchmarks/random_chains.py`: any elements, any parameters within their bounds.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

CHAINS = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "random_chains.py"))


@pytest.mark.parametrize("seed", range(6))
def test_random_chains_are_solved_and_close(seed):
    found = CHAINS["Tally"]()
    CHAINS["run"](np.random.default_rng(seed), CHAINS["BATCH"], found)
    assert not found.unsolved
    for worst in (found.worst, found.charge):
        assert set(worst) == set(CHAINS["CHAIN"])
        assert max(worst.values()) < CHAINS["CLOSE"]
