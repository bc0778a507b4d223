"""Roots and optima of functions whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.studies.evolution import search
from sludgesim.studies.roots import brackets, refine


def test_all_roots_are_found_and_refined():
    x = np.linspace(0, 10, 41)
    found = brackets(x, np.sin(x))
    roots = [b.root for b in refine(lambda _, at: np.sin(at), found)]
    np.testing.assert_allclose(roots, [0, np.pi, 2 * np.pi, 3 * np.pi], atol=1e-8)


def test_failed_points_do_not_hide_a_root():
    x = np.linspace(0, 1, 11)
    y = np.where(np.abs(x - 0.5) < 0.15, np.nan, x - 0.52)
    (found,) = refine(lambda _, at: at - 0.52, brackets(x, y))
    assert found.root == pytest.approx(0.52, abs=1e-9)


def step(x):
    return np.where(x < 0.33, -1.0, 1.0)


def test_a_jump_stays_far_from_zero():
    x = np.linspace(0, 1, 11)
    (found,) = refine(lambda _, at: step(at), brackets(x, step(x)))
    assert found.low <= 0.33 <= found.high and found.high - found.low < 1e-8
    assert found.at_low == -1 and found.at_high == 1


def test_the_minimum_of_rosenbrocks_valley():
    def valley(x):
        return (100 * (x[:, 1:] - x[:, :1] ** 2) ** 2 + (1 - x[:, :1]) ** 2), np.zeros(len(x))

    found = search(valley, np.full(2, -2.0), np.full(2, 2.0), generations=200, tolerance=1e-12)
    np.testing.assert_allclose(found.x[found.best], [[1, 1]], atol=1e-4)


def test_constraints_are_met_and_bind():
    def on_a_disc(x):  # minimise x + y on the unit disc: both -1/sqrt(2)
        return x.sum(axis=1, keepdims=True), np.maximum((x**2).sum(axis=1) - 1, 0)

    found = search(on_a_disc, np.full(2, -2.0), np.full(2, 2.0), generations=150, tolerance=1e-10)
    assert found.objectives[found.best][0, 0] == pytest.approx(-(2**0.5), abs=1e-4)
    np.testing.assert_allclose(found.x[found.best], [[-(0.5**0.5)] * 2], atol=0.01)
    assert found.violation[found.best][0] == 0


def test_failed_points_are_avoided():
    def hole(x):
        y = np.where(x[:, :1] < 0.3, np.nan, x[:, :1])
        return y, np.zeros(len(x))

    found = search(hole, np.zeros(1), np.ones(1), generations=60)
    assert found.objectives[found.best][0, 0] == pytest.approx(0.3, abs=1e-3)


def test_the_front_of_two_parabolas():
    # x^2 against (x - 2)^2 (Schaffer 1985): every x between 0 and 2, sqrt(f1) + sqrt(f2) = 2.
    def both(x):
        return np.hstack([x[:, :1] ** 2, (x[:, :1] - 2) ** 2]), np.zeros(len(x))

    found = search(both, np.full(1, -10.0), np.full(1, 10.0), generations=40)
    front = found.objectives[found.best]
    # The two ends may lie a little outside: nothing beyond them beats them.
    np.testing.assert_allclose(np.sqrt(front[1:-1]).sum(axis=1), 2, atol=1e-6)
    assert front[0, 0] < 0.01 and front[-1, 1] < 0.01
    assert np.diff(np.sqrt(front[:, 0])).max() < 0.2


def test_the_same_seed_gives_the_same_search():
    def bowl(x):
        return (x**2).sum(axis=1, keepdims=True), np.zeros(len(x))

    runs = [search(bowl, -np.ones(2), np.ones(2), generations=5, seed=s) for s in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0].x, runs[1].x)
    assert (runs[0].x != runs[2].x).any()
