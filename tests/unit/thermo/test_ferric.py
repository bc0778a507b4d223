"""Iron(III) held over its oxides, against the whole equilibrium of the liquor."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.thermo import stream
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.thermo.ferric import Liquor, ferric_limit

ACID = np.array([0.1, 0.3, 0.6, 1.0, 2.0, 4.0])
POWERS = np.arange(1, 6)


def held(solid, celsius, water=1.0, anion="Cl-(aq)"):
    """Molality of iron, from the acid beyond 0.5 mol of rare earth in some kg of water."""
    one = np.ones_like(ACID)
    given = ACID / water
    iron, acid = 0.2 * given, 0.3 * given
    for _ in range(24):
        liquor = Liquor(acid, 1.5 / water + given, 0.5 * one / water, 0.0 * one, iron)
        limit = ferric_limit(liquor, one * (celsius + 273.15), solid, anion)
        acid = given.copy()
        for _ in range(100):
            powers = acid[:, None] ** POWERS
            total, slope = (limit * powers).sum(1), (limit * POWERS * powers).sum(1) / acid
            acid = acid - (acid + 3 * total - given) / (1 + 3 * slope)
        iron = 0.5 * (iron + total)
    return iron


@pytest.mark.parametrize("anion", ["Cl-(aq)", "SO4-2(aq)", "NO3-(aq)"])
@pytest.mark.parametrize("celsius", [60, 90, 110])
@pytest.mark.parametrize(
    ("solid", "tolerance"), [("ferrihydrite(s)", 0.05), ("FeOOH(s)", 0.15), ("Fe2O3(s)", 0.2)]
)
def test_agrees_with_the_equilibrium_of_the_liquor(solid, tolerance, celsius, anion):
    """What is left out: protons of hydrolysed iron, chloride of the rare earths, water bound.

    Without chloride more of the iron is hydrolysed; in sulphate strong complexes amplify it.
    """
    if anion != "Cl-(aq)":
        tolerance = 0.35
    n = len(ACID)
    liquor = stream(
        {
            "H2O(l)": np.full(n, 65.5),  # 10 of them for the oxide of the iron
            "Nd+3(aq)": np.full(n, 0.5),
            anion: (1.5 + ACID) / (2 if anion == "SO4-2(aq)" else 1),
            "H+(aq)": ACID - 15.0,
            "Fe+3(aq)": np.full(n, 5.0),
        },
        T=celsius + 273.15,
    )
    system = load_aqueous("leaching", also=(solid,), without=("Fe(OH)3(s)",))
    found = system.equilibrate_stream(liquor)
    assert found.converged.all()
    iron = held(solid, celsius, found.water, anion)
    np.testing.assert_allclose(iron, found.dissolved("iron"), rtol=tolerance)


def test_stabler_solids_and_heat_leave_less_iron():
    by_solid = [held(s, 90) for s in ("ferrihydrite(s)", "FeOOH(s)", "Fe2O3(s)")]
    assert (np.diff(by_solid, axis=0) < 0).all()
    assert (held("Fe2O3(s)", 110) < held("Fe2O3(s)", 60)).all()


def test_a_solid_of_ferrous_iron_is_refused():
    one = np.ones(1)
    with pytest.raises(ValueError, match="not Fe"):
        ferric_limit(Liquor(one, one, one, one, one), one * 300, "Fe(OH)2(s)")
