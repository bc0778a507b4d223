"""Sobol indices and elementary effects of functions whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sludgesim.studies.indices import MorrisDesign, SobolDesign


def sobol_indices(function, d, n, seed):
    design = SobolDesign(n, d, seed)
    return design.estimate(function(design.points()))


def ishigami(u):
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


# Ishigami and Homma 1990, a = 7, b = 0.1: variances by hand.
V1 = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2
V2, V13 = 49 / 8, 8 * 0.1**2 * np.pi**8 / 225
V = V1 + V2 + V13
FIRST = np.array([V1, V2, 0]) / V
TOTAL = np.array([V1 + V13, V2, V13]) / V


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_indices_of_ishigami_lie_within_their_intervals(seed):
    found = sobol_indices(ishigami, 3, 2048, seed)
    for name, known in (("first", FIRST), ("total", TOTAL)):
        assert (found.low[name] <= known + 1e-3).all()
        assert (found.high[name] >= known - 1e-3).all()
        np.testing.assert_allclose(found.measures[name], known, atol=0.03)
        assert (found.high[name] - found.low[name] < 0.2).all()


def test_indices_agree_with_scipy():
    uniform = [stats.uniform(0, 1)] * 3
    other = stats.sobol_indices(
        func=lambda x: ishigami(x.T), n=2048, dists=uniform, rng=np.random.default_rng(5)
    )
    ours = sobol_indices(ishigami, 3, 2048, 1)
    np.testing.assert_allclose(ours.measures["first"], other.first_order, atol=0.04)
    np.testing.assert_allclose(ours.measures["total"], other.total_order, atol=0.04)


def test_indices_of_the_g_function():
    # Saltelli and Sobol 1995: V_i = 1 / (3 (1 + a_i)^2), V = prod(1 + V_i) - 1
    a = np.array([0.0, 1.0, 4.5, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    total = np.prod(1 + parts) - 1

    def g(u):
        return np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)

    found = sobol_indices(g, 4, 4096, 1)
    np.testing.assert_allclose(found.measures["first"], parts / total, atol=0.02)
    whole = parts * np.array([np.prod(1 + np.delete(parts, i)) for i in range(4)]) / total
    np.testing.assert_allclose(found.measures["total"], whole, atol=0.02)


def test_failed_cases_leave_out_their_row_and_nothing_else():
    design = SobolDesign(1024, 3, 1)
    y = ishigami(design.points())
    y[[5, 5 + 1024, 7 + 3 * 1024]] = np.nan  # rows 5 and 7
    found = design.estimate(y)
    assert found.used == 1022
    np.testing.assert_allclose(found.measures["total"], TOTAL, atol=0.06)


def test_a_constant_has_no_indices():
    found = SobolDesign(64, 2, 1).estimate(np.full(64 * 4, 3.0))
    assert np.isnan(found.measures["first"]).all()


def test_effects_of_a_linear_function_are_its_slopes():
    slopes = np.array([3.0, -2.0, 0.0])
    design = MorrisDesign(20, 3, 1)
    x = design.points()
    assert set(np.round(x.ravel() * 3).astype(int)) == {0, 1, 2, 3}
    found = design.estimate(x @ slopes + 7)
    np.testing.assert_allclose(found.measures["mu"], slopes, atol=1e-12)
    np.testing.assert_allclose(found.measures["mu_star"], np.abs(slopes), atol=1e-12)
    np.testing.assert_allclose(found.measures["sigma"], 0, atol=1e-12)


def test_interaction_shows_as_spread_of_the_effects():
    design = MorrisDesign(200, 2, 1)
    x = design.points()
    found = design.estimate(x[:, 0] * x[:, 1])
    # The slope on one axis is the other's level: mean 1/2, standard deviation sqrt(5)/6 on
    # four equally likely levels.
    np.testing.assert_allclose(found.measures["mu"], 0.5, atol=0.08)
    np.testing.assert_allclose(found.measures["sigma"], np.sqrt(5) / 6, atol=0.05)
    assert (found.low["mu_star"] < 0.5).all() and (found.high["mu_star"] > 0.5).all()


@pytest.mark.parametrize("design", [SobolDesign(16, 3, 1), MorrisDesign(9, 3, 1)])
def test_points_do_not_depend_on_how_they_are_asked_for(design):
    whole = design.points()
    assert whole.shape == (len(design), 3)
    for step in (1, 7, 16, 1000):
        cut = [design.points(k, k + step) for k in range(0, len(design), step)]
        np.testing.assert_array_equal(np.concatenate(cut), whole)
