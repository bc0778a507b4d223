"""Points by row: any cut into blocks gives the same points, and they fill the cube evenly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sludgesim.studies.unit_cube import METHODS, count, points


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 2, 37, 256])
def test_blocks_do_not_matter(method, n):
    whole = points(method, n, 5, 11)
    assert whole.shape == (count(method, n), 5)
    for size in (1, 7, 100):
        parts = [points(method, n, 5, 11, k, k + size) for k in range(0, len(whole), size)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("n", [1, 2, 5, 64, 1000])
def test_every_layer_of_every_axis_is_met_once(n):
    layers = np.sort((points("lhs", n, 20, 3) * n).astype(int), axis=0)
    np.testing.assert_array_equal(layers, np.repeat(np.arange(n)[:, None], 20, axis=1))


@pytest.mark.parametrize("n", [3, 10, 100])
def test_layers_are_in_random_order(n):
    axes = 4000
    layers = (points("lhs", n, axes, 5) * n).astype(int)
    # The first point is in any layer alike, and so is the last.
    for row in (layers[0], layers[-1]):
        assert stats.chisquare(np.bincount(row, minlength=n)).pvalue > 1e-3
    # Neighbouring points, and neighbouring axes, correlate by chance only: for a random
    # permutation by -1/(n-1) and by 0.
    centred = layers - (n - 1) / 2
    variance = (n**2 - 1) / 12
    along = (centred[:-1] * centred[1:]).mean() / variance
    assert along == pytest.approx(-1 / (n - 1), abs=5 / np.sqrt(axes * (n - 1)))
    across = (centred[:, :-1] * centred[:, 1:]).mean() / variance
    assert abs(across) < 5 / np.sqrt(axes * n)


def test_what_is_inside_a_layer_is_uniform():
    inside = (points("lhs", 500, 8, 9) * 500) % 1
    assert stats.kstest(inside.ravel(), "uniform").pvalue > 1e-3


def test_another_seed_gives_other_points():
    for method in METHODS:
        assert (points(method, 16, 2, 1) != points(method, 16, 2, 2)).all()
