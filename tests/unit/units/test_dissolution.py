"""Minerals that share acid, against closed forms and a general integrator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from sludgesim.thermo import load_system, stream
from sludgesim.thermo.stream import solidified
from sludgesim.units.dissolution import C_RATE, Attack, dissolve, speeds
from sludgesim.units.minerals import demand, electrons, mineral_class, minerals


def wanted(solids, reduction=0.0):
    n = np.ones(solids.n)
    return demand(solids, {}, n * np.nan, n * reduction)


def iron(demanded, shares):
    return tuple(x.item() for x in demanded.tally(shares).settled())


SPREAD = 1.8


def eaten(depth):
    """Share of log-normal grains eaten: the cube-root law, by quadrature in 2000 sizes."""
    z = np.linspace(-6, 6, 2001)
    weight = np.exp(-z * z / 2)
    depth = np.asarray(depth, float)[..., None]
    core = np.maximum(1 - depth / SPREAD**z, 0.0)
    return ((1 - core**3) * weight).sum(axis=-1) / weight.sum()


def attack(acid, volume=1.0, celsius=80.0, hours=4.0, grain=2e-6, chloride=True, n=1):
    acid = np.broadcast_to(np.asarray(acid, float), (n,))
    one = np.ones(n)
    return Attack(
        acid,
        volume * one,
        (celsius + 273.15) * one,
        hours * 3600.0 * one,
        grain * one,
        SPREAD * one,
        *([] if chloride else ["SO4-2(aq)"]),
    )


ROAST = {"NdFeO3(s)": 100.0, "NdBO3(s)": 100.0, "Fe2O3(s)": 650.0, "CoO(s)": 30.0, "Fe(s)": 20.0}


NONE = np.full((1, 5), -1.0)
# Iron held at 0.05 mol/kg in 0.1 mol/kg acid, with the third power of the acid; and far less.
SOME = np.array([[0.0, 0.0, 50.0, 0.0, 0.0]])
LITTLE = SOME * 1e-3


def acid_left(demanded, shares, acid, water, limit):
    """By bisection: x + 3 min(all, B x^3) = what other ions leave of the acid."""
    tally = demanded.tally(shares[None, None, :])
    ferrous, ferric = iron(demanded, shares[None, None, :])
    rest = acid - tally.charge.item() - 2 * ferrous
    if limit[0, 0] < 0:
        return rest - 3 * ferric
    return brentq(
        lambda x: x + 3 * min(ferric, water * limit[0, 2] * max(x / water, 0) ** 3) - rest,
        min(rest, 0.0) - 1.0, max(rest, 0.0) + 1.0, xtol=1e-10,
    )  # fmt: skip


@pytest.mark.parametrize("acid", [100.0, 700.0, 1500.0, 20000.0])
@pytest.mark.parametrize("hours", [0.1, 4.0, 100.0])
@pytest.mark.parametrize("limit", [NONE, SOME, LITTLE], ids=["none", "some", "little"])
def test_agrees_with_a_general_integrator(acid, hours, limit):
    demanded = wanted(stream(ROAST), reduction=0.5)
    acts = attack(acid, hours=hours)
    k = speeds(demanded.classes, acts)[0]

    def slope(t, s):
        return [max(acid_left(demanded, eaten(k * s[0]), acid, 1000.0, limit), 0.0)]

    exposure = solve_ivp(slope, (0, hours * 3600), [0.0], "LSODA", rtol=1e-8, atol=1e-9).y[0, -1]
    found = dissolve(demanded, acts, limit)
    np.testing.assert_allclose(found.shares[0], eaten(k * exposure), atol=4e-3)
    assert found.left[0] == pytest.approx(slope(0, [exposure])[0], abs=4e-3 * acid)


@pytest.mark.parametrize("acid", [10.0, 700.0, 5000.0])
def test_iron_and_protons_balance_when_iron_falls_back(acid):
    demanded = wanted(stream(ROAST), reduction=0.5)
    free = dissolve(demanded, attack(acid, hours=48.0))
    found = dissolve(demanded, attack(acid, hours=48.0), SOME)
    shares = found.shares[:, None, :]
    ferrous, ferric = iron(demanded, shares)
    assert found.ferrous[0] == pytest.approx(ferrous)
    assert found.ferric[0] + found.fallen[0] == pytest.approx(ferric)
    charge = demanded.tally(shares).charge.item()
    ions = charge + 2 * found.ferrous[0] + 3 * found.ferric[0]
    assert found.left[0] + ions == pytest.approx(acid, rel=1e-9)
    held = 1000.0 * SOME[0, 2] * (found.left[0] / 1000) ** 3
    assert found.ferric[0] == pytest.approx(min(held, ferric), rel=1e-6)
    assert (found.shares >= free.shares - 1e-3).all()


def test_ample_acid_gives_the_cube_root_law_of_the_source():
    """Hematite in plenty of 0.5 M HCl: 2.1e10 exp(-20.9 kcal/mol / RT) g Fe/(m2 h)."""
    demanded = wanted(stream({"Fe2O3(s)": 1e-9}))
    shares = dissolve(demanded, attack(500.0, celsius=60.0, hours=24.0)).shares
    grams = 2.1e10 * np.exp(-20.9 * 4184 / (8.314 * 333.15)) * 24
    depth = grams / (5.26e6 * 0.6994) / 1e-6  # of a radius of 1 um
    assert shares[0, 0] == pytest.approx(eaten(np.array(depth)), rel=0.01)
    assert speeds(("hematite",), attack(500.0)).item() * C_RATE * 1e-6 == pytest.approx(
        7.59e-16 * np.exp(-87.4e3 / 8.314 * (1 / 353.15 - 1 / 298.15)), rel=1e-3
    )


def test_grains_of_one_size_follow_the_cube_root_law():
    """1 - (1 - depth)^3 of one size; with a spread the fine ones go first, the coarse ones last."""
    demanded = wanted(stream({"Fe2O3(s)": 1e-9}, n=3))
    acts = attack(500.0, celsius=90.0, hours=np.array([2.0, 24.0, 1000.0]), n=3)
    k = speeds(demanded.classes, acts)[:, 0]
    depth = k * 500.0 * acts.time
    one = dissolve(demanded, replace(acts, spread=np.ones(3))).shares[:, 0]
    np.testing.assert_allclose(one, 1 - np.maximum(1 - depth, 0) ** 3, rtol=3e-3)
    wide = dissolve(demanded, acts).shares[:, 0]
    assert wide[0] > one[0] and wide[-1] < one[-1] == pytest.approx(1.0)


def test_acid_runs_out_and_is_never_negative():
    acid = np.array([0.0, 1e-6, 1.0, 100.0, 1000.0, 4500.0, 1e5])
    solids = stream(ROAST, n=7)
    demanded = wanted(solids)
    found = dissolve(demanded, attack(acid, hours=1e4, n=7))
    shares, left = found.shares, found.left
    assert (left >= 0).all()
    taken = demanded.protons(shares[:, None, :])[:, 0]
    np.testing.assert_allclose(taken + left, acid, rtol=1e-12, atol=1e-12)
    assert (left[1:6] <= 1e-3 * acid[1:6]).all()
    assert (np.diff(shares, axis=0) >= -1e-9).all()
    assert shares[0].max() == 0
    assert shares[-1].min() == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "sign"),
    [({"hours": 8.0}, 1), ({"celsius": 95.0}, 1), ({"grain": 4e-6}, -1), ({"volume": 2.0}, -1)],
)
def test_time_heat_fineness_and_strength_speed_the_leach(change, sign):
    demanded = wanted(stream(ROAST))
    base = dissolve(demanded, attack(3000.0)).shares
    moved = dissolve(demanded, attack(3000.0, **change)).shares
    hematite = demanded.classes.index("hematite")
    assert sign * (moved - base)[0, hematite] > 0


# Charge of the ions as the minerals tell it; hydrogen and oxygen are what closes.
@pytest.mark.parametrize(
    ("solid", "protons", "ferrous"),
    [
        ("Fe2O3(s)", 6, 0),
        ("FeO(s)", 2, 1),
        ("Fe3O4(s)", 8, 1),
        ("Fe(s)", 2, 1),
        ("Nd2Fe14B(s)", 34, 14),
        ("NdFeO3(s)", 6, 0),
        ("NdBO3(s)", 3, 0),
        ("CeO2(s)", 3, 0),
        ("Co3O4(s)", 6, 0),
        ("NdAlO3(s)", 6, 0),
    ],
)
def test_protons_and_valence(solid, protons, ferrous):
    demanded = wanted(stream({solid: 1.0}))
    one = np.ones((1, 1, 1))
    assert demanded.protons(one).item() == pytest.approx(protons)
    assert iron(demanded, one)[0] == pytest.approx(ferrous)


def test_metal_reduces_ferric_iron_and_spinel_oxidises_ferrous():
    """Fe + 2 Fe+3 = 3 Fe+2; Co3O4 takes two electrons."""
    one = np.ones((1, 1, 2))
    mixed = wanted(stream({"Fe(s)": 1.0, "Fe2O3(s)": 1.0}), reduction=1.0)
    assert iron(mixed, one) == pytest.approx((3.0, 0.0))
    assert mixed.protons(one).item() == pytest.approx(6.0)
    oxidising = wanted(stream({"FeO(s)": 5.0, "Co3O4(s)": 1.0}))
    assert iron(oxidising, one) == pytest.approx((3.0, 2.0))
    assert oxidising.protons(one).item() == pytest.approx(6 + 3 * 2 + 2 * 3)


def test_every_solid_of_calcine_and_slag_has_a_class():
    melt = {s for name in ("roasting", "smelting", "slag") for s in load_system(name).species}
    cold = solidified(stream(dict.fromkeys(melt, 1.0))).species
    solids = [s for s in cold if not s.endswith("(g)")]
    assert {"Fe2O3(s)", "NdBO3(s)", "Nd2O2S(s)", "NdPO4(s)", "Fe2SiO4(s)", "TiC(s)"} <= set(solids)
    assert [s for s in solids if mineral_class(s) == "other"] == []
    assert mineral_class("Nd2Fe14B(s)") == "metal"
    assert {row["quality"] for row in minerals().values()} <= {"measured", "derived", "assumed"}


# Ions, gases and residues: Fe+3, H2S and SiO2 in what is counted.
@pytest.mark.parametrize(
    ("solid", "given"),
    [("Cu2O(s)", 2), ("FeS(s)", 1), ("Fe2SiO4(s)", 2), ("CaSO4(s)", 0), ("CaCO3(s)", 0),
     ("Nd2O2S(s)", 0), ("NdPO4(s)", 0), ("NdC2(s)", 3), ("Mn2O3(s)", -2), ("FeCl2(s)", 1)],
)  # fmt: skip
def test_electrons_given(solid, given):
    assert electrons(solid) == pytest.approx(given)


def test_salts_dissolve_without_acid():
    demanded = wanted(stream({"NaCl(s)": 5.0, "MgSO4(s)": 1.0, "NdO1.5(ss)": 1.0}))
    found = dissolve(demanded, attack(0.0))
    assert found.shares[0].tolist() == [1.0, 0.0]
    assert found.left[0] == 0
