"""Dissolution against published leaching of roasted magnets.

Sources: Jiang 2020: HCl, 110 degC, 30 min, RE 96.27 %, Fe 13.33 %. Vander Hoogerstraete 2014:
3.5 mol HCl per mol RE, 0.1 g/mL, 80 degC. Chinese Rare Earths 2024(3): Ce-rich, 10 wt% HCl, 1.30
times theory, 110 degC, 30 min, RE 74.65 %, with FeCl2 95.88 %. J. Chin. Rare Earth Soc. 2024(5):
75 degC, acid short at the end (pH 3.0-3.5), Fe2O3/REO below 0.01 %.
Calibrated: the orthoferrite's rate on the rare earths of Jiang, ceria's to stay behind, and how
much faster it is with FeCl2 on the 95.88 %, which is not validated by it; the dose there, not told,
is taken as 1 mol per mol of Ce(IV). Grains
of 2 um, 3 M and 6 mol HCl per mol RE are assumed for Jiang; the dose decides the iron there (8 % at
4.5, 18 % at 8), so that it shows consistency with the hematite rate of Sidhu 1981 and no more.
Chosen: ferrihydrite for half an hour, goethite for days. With goethite in half an hour Jiang's iron
would be 6 % and the rare earths 99 %. The Ce-rich feed gives 59 % of its rare earths with
ferrihydrite and 83 % with goethite: 15 points below and 9 above what was measured, so that the test
is one of the bracket. Wu 2026: 2 M HCl, 10 mL/g, 85 degC, 105 min, 97.94 % with ultrasound, 8
points above the best without, whose conditions are not told: a bracket again. Of Vander
Hoogerstraete neither time nor shares were read: what is tested is that little acid is selective,
and that it takes this model days.
"""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.thermo import stream
from sludgesim.units.dissolution import Attack, settled
from sludgesim.units.minerals import demand, mineral_class
from sludgesim.units.solution import atoms

ROAST = {"NdFeO3(s)": 1.0, "NdBO3(s)": 1.0, "Fe2O3(s)": 6.5}  # of Nd2Fe14B


def leached(solids, acid, volume, celsius, hours, grain=2e-6, falls_as=None, dose=0.0):
    """% dissolved by element, and what is left of the acid, mol."""
    one = np.ones(1)
    wanted = demand(stream(solids), {}, one * np.nan, one * 0.5)
    attack = Attack(
        one * acid, one * volume, one * (celsius + 273.15),
        one * hours * 3600, one * grain, one * 1.8, reductant=one * dose,
    )  # fmt: skip
    dissolved = settled(wanted, attack, falls_as, one > 0)
    share = {s: dissolved.shares[0, wanted.classes.index(mineral_class(s))] for s in solids}
    found = {}
    for element in ("Nd", "Ce"):
        total = sum(n * atoms(s, element) for s, n in solids.items())
        gone = sum(n * atoms(s, element) * share[s] for s, n in solids.items())
        found[element] = 100 * gone / total if total else 0.0
    iron = sum(n * atoms(s, "Fe") for s, n in solids.items())
    found["Fe"] = 100 * (dissolved.ferrous + dissolved.ferric)[0] / iron
    return found, dissolved.left[0]


def weights(solid):
    """kg of a mole."""
    return float(stream({solid: 1.0}).mass()[0])


def per_rare_earth(solids, ratio):
    return ratio * sum(n * (atoms(s, "Nd") + atoms(s, "Ce")) for s, n in solids.items())


def test_jiang_is_consistent_with_the_hematite_rate_of_sidhu():
    acid = per_rare_earth(ROAST, 6.0)
    found, _ = leached(ROAST, acid, acid / 3000, 110, 0.5, falls_as="ferrihydrite(s)")
    assert found["Nd"] == pytest.approx(96.27, abs=0.5)  # calibrated
    assert found["Fe"] == pytest.approx(13.33, rel=0.25)


def test_between_the_leaches_with_and_without_ultrasound():
    litres = 10 * sum(n * weights(s) for s, n in ROAST.items())
    found, _ = leached(ROAST, 2 * litres, litres / 1000, 85, 1.75, falls_as="ferrihydrite(s)")
    assert 97.94 - 8 <= found["Nd"] <= 97.94


def test_little_acid_at_80_degc_takes_days_and_leaves_the_iron():
    acid = per_rare_earth(ROAST, 3.5)
    volume = sum(n * w for n, w in zip(ROAST.values(), (0.2481, 0.2031, 0.1597), strict=True)) / 100
    rare_earths = [
        leached(ROAST, acid, volume, 80, h, falls_as="FeOOH(s)")[0]["Nd"] for h in (1, 8, 24, 72)
    ]
    assert np.all(np.diff(rare_earths) > 0)
    assert rare_earths[0] < 60
    assert rare_earths[-1] > 90
    found, _ = leached(ROAST, acid, volume, 80, 72, falls_as="FeOOH(s)")
    assert found["Fe"] < 2


def test_without_fall_back_the_little_acid_runs_out():
    acid = per_rare_earth(ROAST, 3.5)
    kept, left = leached(ROAST, acid, acid / 700, 80, 200)
    given, _ = leached(ROAST, acid, acid / 700, 80, 200, falls_as="FeOOH(s)")
    assert left < 0.01 * acid
    assert kept["Nd"] < 80 < 95 < given["Nd"]


def test_acid_short_at_the_end_leaves_no_iron():
    acid = per_rare_earth(ROAST, 3.02)
    found, _ = leached(ROAST, acid, acid / 710, 75, 200, falls_as="FeOOH(s)")
    iron_oxide = found["Fe"] / 100 * sum(n * atoms(s, "Fe") for s, n in ROAST.items()) * 79.85
    assert iron_oxide / (found["Nd"] / 100 * 2 * 168.24) < 1e-4


RICH = {"NdFeO3(s)": 1.0, "NdBO3(s)": 0.5, "CeO2(s)": 0.5, "Fe2O3(s)": 6.5}


def rich_leached(dose: float, falls_as: str) -> tuple[dict[str, float], float]:
    """1.30 times the theory of everything but CeO2; % by element, and of both."""
    solids = RICH | ({"FeCl2(s)": 0.5 * dose} if dose else {})
    acid = 1.3 * 3 * 1.5
    found, _ = leached(solids, acid, acid / 2900, 110, 0.5, falls_as=falls_as, dose=dose)
    return found, (1.5 * found["Nd"] + 0.5 * found["Ce"]) / 2


def test_ceria_stays_behind():
    """The measured share lies between those of the two solids as which iron may fall."""
    totals = []
    for falls_as in ("ferrihydrite(s)", "FeOOH(s)"):
        found, total = rich_leached(0.0, falls_as)
        assert found["Ce"] < 50 < 70 < found["Nd"]
        totals.append(total)
    assert 74.65 - 16 < totals[0] < 74.65 < totals[1] < 74.65 + 9


def test_ferrous_chloride_brings_the_ceria():
    doses = [rich_leached(d, "FeOOH(s)") for d in (0.0, 0.5, 1.0, 2.0)]
    ceria = [found["Ce"] for found, _ in doses]
    assert ceria[0] < ceria[1] < ceria[2]
    assert ceria[3] == pytest.approx(ceria[2], abs=0.5)  # more than it takes is no help
    assert doses[2][1] == pytest.approx(95.88, abs=0.5)  # calibrated
