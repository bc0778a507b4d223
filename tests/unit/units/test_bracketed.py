"""Roots of rising functions, all cases at once."""

from __future__ import annotations

import numpy as np

from sludgesim.units.bracketed import rising_root


def test_smooth_kinked_and_far_roots():
    at = np.array([0.3, 1e-6, 700.0, 5.0])

    def f(x):
        smooth = np.expm1(x - at)
        kinked = np.where(x < at, x - at, 100 * (x - at))
        cubic = (x / at) ** 3 - 1
        return np.stack([smooth, kinked, cubic, cubic])[[1, 0, 2, 3], np.arange(4)]

    np.testing.assert_allclose(rising_root(f, np.ones(4)), at, rtol=1e-9, atol=1e-12)


def test_no_root_is_nan():
    assert np.isnan(rising_root(lambda x: np.arctan(x) - 2.0, np.ones(1))).all()
