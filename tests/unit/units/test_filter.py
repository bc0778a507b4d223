"""Filter: moisture, what washing brings back, and counter-current stages by Kremser."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.units import filter
from sludgesim.units.solution import unwashed


def cake_mass(**changes: object) -> float:
    slurry = stream({"FeOOH(s)": 100.0, "Na+(aq)": 50.0, "Cl-(aq)": 50.0, "H2O(l)": 5000.0})
    return float(
        filter.run({"slurry": slurry}, section("filter", **changes)).outlets["residue"].mass()[0]
    )


def test_drier_cake_is_less_landfill_and_moisture_is_what_it_says():
    dry = stream({"FeOOH(s)": 100.0}).mass()[0]
    wet, drier = cake_mass(moisture=0.5), cake_mass(moisture=0.3)
    assert drier < wet
    assert 1 - dry / wet == pytest.approx(0.5, abs=0.02)  # water has replaced heavier brine
    assert cake_mass(moisture=0.0) == pytest.approx(dry)


def test_washing_brings_back_what_the_cake_holds():
    slurry = stream({"FeOOH(s)": 100.0, "Nd+3(aq)": 5.0, "Cl-(aq)": 15.0, "H2O(l)": 3000.0})
    lost = []
    for efficiency in (0.0, 0.5, 1.0):
        p = section("filter", wash_efficiency=efficiency, wash_ratio=2.0)
        outlets = filter.run({"slurry": slurry}, p).outlets
        lost.append(outlets["residue"]["Nd+3(aq)"][0])
        back = outlets["wash_filtrate"]["Nd+3(aq)"][0] + outlets["liquor"]["Nd+3(aq)"][0]
        assert back + lost[-1] == pytest.approx(5.0)
    assert lost[0] > lost[1] == pytest.approx(lost[0] / 2)
    assert lost[2] == pytest.approx(0, abs=1e-12)


def test_counter_current_washing_follows_kremser():
    """Fully mixed stages: what stays is (R - 1)/(R^(n+1) - 1), R wash per liquor held."""
    n, r = np.meshgrid([1.0, 2.0, 3.0, 6.0], [0.5, 0.999, 1.0, 1.5, 4.0])
    held, wash = np.ones(n.size), r.ravel()
    left = unwashed(held, wash, wash / (held + wash), n.ravel())
    powers = np.array([(x ** np.arange(k + 1)).sum() for x, k in zip(wash, n.ravel(), strict=True)])
    np.testing.assert_allclose(left, 1 / powers, rtol=1e-6)
    plug = unwashed(held, wash, np.ones(n.size), n.ravel())
    np.testing.assert_allclose(plug, np.maximum(1 - wash, 0), atol=1e-12)


def test_more_wash_stages_save_rare_earths_with_the_same_water():
    slurry = stream({"FeOOH(s)": 100.0, "Nd+3(aq)": 5.0, "Cl-(aq)": 15.0, "H2O(l)": 3000.0})
    lost, water = [], []
    for stages in (1.0, 2.0, 4.0):
        p = section("filter", wash_stages=stages, wash_ratio=2.0, wash_efficiency=0.6)
        outcome = filter.run({"slurry": slurry}, p)
        lost.append(outcome.outlets["residue"]["Nd+3(aq)"][0])
        water.append(outcome.drawn["process_water"].mass()[0])
    assert lost[0] > 2 * lost[1] > 4 * lost[2]
    assert water[0] == water[1] == water[2]


def test_short_liquor_or_short_wash_water_limits_the_cake():
    slurry = stream({"FeOOH(s)": 100.0, "Na+(aq)": 1.0, "Cl-(aq)": 1.0, "H2O(l)": 50.0})
    outlets = filter.run({"slurry": slurry}, section("filter", wash_ratio=0.0)).outlets
    assert outlets["liquor"].mass()[0] == 0
    assert outlets["wash_filtrate"].mass()[0] == 0
    assert outlets["residue"].mass()[0] == pytest.approx(slurry.mass()[0], rel=1e-12)
