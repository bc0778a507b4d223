"""Recycles converge to what linear algebra says, and plants book what units did."""

from __future__ import annotations

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.errors import SludgesimError
from sludgesim.flowsheet import Plant, solve_recycle
from sludgesim.thermo import stream


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_recycle_converges_to_the_geometric_series(share):
    """A share of (feed + recycle) comes back: the recycle is feed * share / (1 - share)."""
    feed = np.array([1.0, 250.0])

    def once(tear):
        return stream({"H2O(l)": (feed + tear["H2O(l)"]) * share, "Na+(aq)": 1e-6 * feed})

    tear, ok = solve_recycle(once, stream({"H2O(l)": 0.0}, n=2))
    assert ok.all()
    assert tear["H2O(l)"] == pytest.approx(feed * share / (1 - share), rel=1e-11, abs=1e-30)


def test_recycle_that_grows_is_told():
    def once(tear):
        return stream({"H2O(l)": 1.0 + 1.5 * tear["H2O(l)"]})

    _, ok = solve_recycle(once, stream({"H2O(l)": 0.0}), limit=50)
    assert not ok.any()


def test_wash_filtrate_of_the_wet_routes_is_the_stream_that_was_filtered():
    result = ss.run(ss.load(), "wet_full")["wet_full"]
    rows = [r for r in result.ledger.streams if r.name == "wash_filtrate"]
    assert [(r.source, r.target) for r in rows] == [("filter", "leach")]


def test_stream_that_leads_nowhere_is_an_error():
    inputs = ss.load().inputs
    plant = Plant("carbothermal", inputs, {"dryer": "dryer", "roaster": "roaster"})
    sludge = plant.supply("sludge", stream({"H2O(l)": 1.0, "Fe(s)": 1.0}))
    plant.run("dryer", sludge=sludge)
    with pytest.raises(SludgesimError, match="stream dried of dryer leads nowhere"):
        plant.close()
