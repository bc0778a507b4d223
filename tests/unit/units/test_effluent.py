"""Effluent: what falls, what it takes, and what the unit tells of its limits."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.liquors import water
from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.units import effluent


def test_effluent_drops_its_metals_and_lime_alone_drops_oxalate():
    liquor = stream({
        "H+(aq)": 8.0, "Nd+3(aq)": 0.5, "Fe+2(aq)": 0.4, "Na+(aq)": 3.0, "Cl-(aq)": 13.3,
        "H2C2O4(aq)": 1.0, "H2O(l)": 1000.0,
    })  # fmt: skip
    for word, falls in [("sodium_hydroxide", False), ("calcium_hydroxide", True)]:
        outcome = effluent.run({"mother_liquor": liquor}, section("effluent", alkali=word))
        out, cake = outcome.outlets["wastewater"], outcome.outlets["hydroxide_cake"]
        assert not outcome.failures
        assert out.element("Nd")[0] < 1e-3
        assert out.element("Fe")[0] < 1e-3
        assert (cake["CaC2O4.H2O(s)"][0] > 0.99) == falls
        assert outcome.drawn["air"]["O2(g)"] == pytest.approx(0.1)
        assert outcome.outlets["vent_gas"]["O2(g)"] == pytest.approx(0, abs=1e-12)
    # H+ 8, H2C2O4 2 x 1, Nd+3 3 x 0.5, Fe+2 2 x 0.4 equivalents
    assert 2 * outcome.drawn["calcium_hydroxide"]["Ca(OH)2(s)"] == pytest.approx(12.3, rel=1e-3)


def test_higher_ph_takes_more_alkali_and_leaves_less_cobalt():
    liquor = water(Co_2=1.0, H=5.0)
    used, left = [], []
    for pH in (7.0, 9.0):
        outcome = effluent.run({"mother_liquor": liquor}, section("effluent", pH=pH))
        used.append(outcome.drawn["sodium_hydroxide"]["Na+(aq)"][0])
        left.append(outcome.outlets["wastewater"].element("Co")[0])
    assert used[0] < used[1] <= 7.01
    assert left[0] > 0.9
    assert left[1] < 0.05


def test_effluent_tells_what_exceeds_its_limit():
    liquor = water(H=1.0).changed({"H3BO3(aq)": np.array([1.0])})
    done = effluent.run({"mother_liquor": liquor}, section("effluent"))
    (told,) = effluent.beyond_limits(done.outlets["wastewater"])
    assert "B beyond 10 mg/L: 598" in told  # 10.8 g in 18 kg of water, a little with the alkali
    clean = effluent.run({"mother_liquor": water(H=1.0)}, section("effluent"))
    assert not clean.warnings and not effluent.beyond_limits(clean.outlets["wastewater"])


def test_oxalate_counts_as_oxygen_demand():
    liquor = water(H=0.0).changed({"C2O4-2(aq)": np.array([0.2]), "Na+(aq)": np.array([0.4])})
    (told,) = effluent.beyond_limits(liquor)
    assert "COD beyond 160 mg/L: 178" in told  # C2O4-2 + 1/2 O2 + 2 H+: 3.2 g in 18 kg of water


def test_effluent_tells_of_its_acidity_and_of_ammonia():
    def told(pH, liquor):
        return effluent.run({"mother_liquor": liquor}, section("effluent", pH=pH)).warnings

    assert not told(8.5, water(H=1.0))
    assert "pH 9, outside 5.8 to 8.6" in told(9.0, water(H=1.0))[0]
    ammonium = water(H=1.0).changed({"NH4+(aq)": np.array([1.0]), "Cl-(aq)": np.array([1.0])})
    assert not told(7.0, ammonium)  # ammonium stays; some free ammonia goes off as the pH rises
    much = ammonium.changed({"NH4+(aq)": np.array([5.0]), "Cl-(aq)": np.array([5.0])})
    (free,) = told(8.6, much)
    assert "free ammonia" in free
    done = effluent.run({"mother_liquor": ammonium}, section("effluent"))
    (nitrogen,) = effluent.beyond_limits(done.outlets["wastewater"])
    assert "N beyond 120 mg/L: 77" in nitrogen  # 14 g in 18 kg of water


def test_alkali_that_goes_into_brucite_is_told():
    salt = {"Mg+2(aq)": np.array([20.0]), "Cl-(aq)": np.array([40.0])}
    liquor = water(H=1.0).changed(salt)
    low, high = (
        effluent.run({"mother_liquor": liquor}, section("effluent", pH=pH)) for pH in (7.0, 9.5)
    )
    assert not low.warnings
    assert any("drops magnesium hydroxide" in w for w in high.warnings)
    assert high.drawn["sodium_hydroxide"].mass()[0] > 5 * low.drawn["sodium_hydroxide"].mass()[0]
