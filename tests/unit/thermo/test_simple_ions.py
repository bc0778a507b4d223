"""Liquors in simple ions: nothing is lost, and nothing but simple ions is left."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.thermo import stream
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.thermo.elements import CHARGE, symbols
from sludgesim.thermo.masters import masters
from sludgesim.thermo.simple_ions import in_simple_ions
from sludgesim.thermo.species import database

WATER = {"H2O(l)": 55.5}
LIQUORS = {
    "ferric chloride": {"Fe+3(aq)": 0.3, "Nd+3(aq)": 0.1, "H+(aq)": 0.5, "Cl-(aq)": 1.7},
    "oxalic acid": {"H2C2O4(aq)": 0.2, "Al+3(aq)": 0.1, "Cl-(aq)": 0.3},
    "soda": {"Na+(aq)": 1.0, "HCO3-(aq)": 0.4, "CO3-2(aq)": 0.3},
    "ammonia and borate": {"NH3(aq)": 0.3, "NH4+(aq)": 0.2, "Cl-(aq)": 0.2, "H3BO3(aq)": 0.2},
    "cerium": {"Ce+4(aq)": 1e-9, "Ce+3(aq)": 0.1, "H+(aq)": 1.0, "Cl-(aq)": 1.3 + 4e-9},
}  # fmt: skip


@pytest.mark.parametrize("ions", LIQUORS.values(), ids=LIQUORS)
def test_elements_charge_and_valences_are_kept(ions):
    liquor = stream({**WATER, **ions}, T=323.15)
    system = load_aqueous("leaching")
    simple = in_simple_ions(system.equilibrate_stream(liquor))
    scale = liquor.elements() + 1e-30
    scale[:, symbols().index(CHARGE)] = 1.0
    assert (np.abs(simple.elements() - liquor.elements()) <= 1e-11 * np.abs(scale)).all()
    before, after = system.totals(liquor)[0], system.totals(simple)[0]
    np.testing.assert_allclose(after, before, rtol=1e-11, atol=1e-12)
    plain = {m.species for m in masters()} | {"Fe+3(aq)", "Ce+4(aq)"}
    for species in simple.phase("aq").species:
        metals = set(database()[species].composition) - {"H", "O", "C", "N", "S", "B", "Cl", CHARGE}
        assert not metals or species in plain


def test_acid_and_hydroxide_do_not_stand_together():
    liquor = stream({**WATER, "Al+3(aq)": 0.1, "Na+(aq)": 0.1, "Cl-(aq)": 0.3, "OH-(aq)": 0.1})
    found = load_aqueous("leaching", without=("Al(OH)3(s)",)).equilibrate_stream(liquor)
    simple = in_simple_ions(found)
    assert found.pH[0] < 6
    assert simple["OH-(aq)"][0] == pytest.approx(0.1)  # bound to aluminium
    assert simple["H+(aq)"][0] == 0


def test_what_was_not_found_is_nan():
    liquor = stream({**WATER, "Na+(aq)": 1.0, "Cl-(aq)": 1.0}, T=[300.0, 600.0])
    simple = in_simple_ions(load_aqueous("leaching").equilibrate_stream(liquor))
    assert np.isfinite(simple.moles[0]).all()
    assert np.isnan(simple["Na+(aq)"][1])
