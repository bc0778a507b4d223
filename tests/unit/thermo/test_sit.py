"""The activity model satisfies Gibbs-Duhem and its limits."""

import numpy as np
import pytest

from sludgesim.thermo.sit import LN10, WATER_WEIGHT, debye_huckel, epsilon, sit

SOLUTES = ("H+(aq)", "Nd+3(aq)", "Fe+2(aq)", "Cl-(aq)", "SO4-2(aq)", "H3BO3(aq)")
T = np.array([298.15])


def test_water_and_solutes_obey_gibbs_duhem():
    # d ln a_w / M_w + sum m d(ln m + ln gamma) = 0 along any path
    model = sit(SOLUTES)
    m = np.array([[0.7, 0.3, 0.2, 1.8, 0.25, 0.1]])
    dm = 1e-6 * np.array([[1.0, 0.5, -0.3, 2.0, 0.1, 0.4]])
    (up, water_up), (down, water_down) = model(m + dm, T), model(m - dm, T)
    solutes = (m * (up - down + 2 * dm / m)).sum()
    assert solutes == pytest.approx(-(water_up - water_down)[0] / WATER_WEIGHT, rel=1e-7)


def test_limiting_law():
    m = np.array([[1e-8, 0, 0, 1e-8, 0, 0]])
    ln_gamma, ln_water = sit(SOLUTES)(m, T)
    assert ln_gamma[0, 1] == pytest.approx(-9 * 0.5092 * LN10 * 1e-4, rel=1e-3)
    assert ln_gamma[0, 5] == 0
    assert ln_water == pytest.approx(-WATER_WEIGHT * 2e-8, rel=1e-3)


def test_slope_rises_with_temperature_through_the_tabulated_values():
    assert debye_huckel(np.array([298.15, 373.15, 473.15])) == pytest.approx(
        [0.5092, 0.5998, 0.8099], abs=5e-4
    )


def test_coefficients_are_of_the_table_or_by_charge():
    assert epsilon("H+", "Cl-", 1, -1) == 0.12
    assert epsilon("Tb+3", "Cl-", 3, -1) == 0.23
    assert epsilon("CoOH+", "NO3-", 1, -1) == 0.05
    assert epsilon("Na+", "Co(C2O4)2-2", 1, -2) == -0.10
    assert epsilon("Nd+3", "SO4-2", 3, -2) == 0.0
