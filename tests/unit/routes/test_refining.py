"""The acid that oxalates give back returns to the leach; ammonia that saponifies is waste."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.ledger import ELEMENT_TOLERANCE, ENERGY_TOLERANCE
from sludgesim.routes import ROUTES

REFERENCE = ss.load()
HCL = 0.036458  # kg/mol


def returning(route, shares, **words):
    changes = {f"{route}.precipitation.acid_returned": np.array(shares)}
    changes |= {f"{route}.{k}": v for k, v in words.items()}
    scenario = replace(REFERENCE, inputs=REFERENCE.inputs.with_values(changes))
    return ss.run(scenario, route)[route]


@pytest.mark.parametrize("route", ROUTES)
def test_returned_acid_replaces_fresh_acid(route):
    result = returning(route, [0.0, 0.2, 0.4])
    assert (result.reason == "").all()
    assert max(result.balance.worst_elements.values()) < ELEMENT_TOLERANCE
    assert result.balance.worst_energy < ENERGY_TOLERANCE
    back = [r for r in result.ledger.streams if r.name == "returned_acid"]
    assert len(back) == 1
    acid = result.kpis["acid_use"]
    returned = back[0].stream["H+(aq)"] * HCL
    np.testing.assert_allclose(acid[0] - acid[1:], returned[1:], rtol=0.05)
    assert (np.diff(result.kpis["wastewater"]) < 0).all()
    # Returned oxalate takes rare earths down with the iron.
    assert (np.diff(result.kpis["re_recovery"]) < 0).all()


def test_case_without_returned_acid_is_as_if_alone():
    together, alone = (returning("wet_selective", x) for x in ([0.0, 0.5], [0.0]))
    for kpi in ("acid_use", "wastewater", "re_recovery"):
        assert together.kpis[kpi][0] == pytest.approx(alone.kpis[kpi][0], rel=1e-9)


def test_precipitant_without_acid_is_refused():
    words = {"precipitation.precipitant": "sodium_carbonate"}
    result = returning("wet_selective", [0.0, 0.5], **words)
    assert list(result.reason != "") == [False, True]


@pytest.mark.parametrize("route", ROUTES)
def test_ammonia_that_saponifies_is_nitrogen_of_the_waste_water(route):
    words = {"separation": "light_heavy", "saponification": "ammonia"}
    words = {f"solvent_extraction.{k}": v for k, v in words.items()}
    result = returning(route, [0.0], **words)
    assert not any(result.reason)
    streams = {r.name: r.stream for r in result.ledger.streams}
    drawn, found = streams["ammonia"]["NH3(aq)"], streams["wastewater"].element("N")
    # The cakes of the effluent and of the oxalate hold a little of the liquor.
    assert found == pytest.approx(drawn, rel=0.02)
    assert found < drawn
    assert result.kpis["reagent.ammonia"] > 0
    assert any("holds N beyond 120 mg/L" in w for w in result.warnings)
