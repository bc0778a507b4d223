"""Samples have the distributions, the layers and the correlations that were asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from sludgesim.errors import InputError
from sludgesim.scenario import flat
from sludgesim.studies.sampling import correlation_matrix, normal_quantile, quantile, sample
from sludgesim.studies.unit_cube import points

MOISTURE = flat()["feed.moisture"]  # 0 to 90 wt%
SHAPES = {
    "uniform": ((20, 40), stats.uniform(20, 20)),
    "triangular": ((20, 25, 40), stats.triang(0.25, 20, 20)),
    "normal": ((30, 4), stats.truncnorm(-30 / 4, 60 / 4, 30, 4)),
}


def shaped(kind, numbers):
    return replace(MOISTURE, distribution={kind: numbers})


def test_normal_quantiles_agree_with_scipy():
    p = np.concatenate([np.logspace(-300, -1, 200), np.linspace(0.1, 0.9, 201)[:100]])
    np.testing.assert_allclose(normal_quantile(p), special.ndtri(p), rtol=1e-14)


@pytest.mark.parametrize("kind", SHAPES)
def test_quantiles_are_those_of_the_distribution(kind):
    numbers, known = SHAPES[kind]
    u = np.linspace(0.001, 0.999, 99)
    np.testing.assert_allclose(quantile(shaped(kind, numbers), u), known.ppf(u), rtol=1e-9)


def test_a_normal_distribution_stays_within_the_bounds():
    values = quantile(shaped("normal", (1, 10)), np.linspace(0, 1, 101))
    assert values.min() >= 0 and values.max() <= 90
    known = stats.truncnorm(-0.1, 8.9, 1, 10)
    assert np.median(values) == pytest.approx(known.median(), rel=1e-9)


@pytest.mark.parametrize("method", ["lhs", "random", "sobol"])
def test_marginals_and_correlation(method):
    spread = {kind: shaped(kind, SHAPES[kind][0]) for kind in SHAPES}
    pairs = [("uniform", "normal", -0.7)]
    drawn = sample(spread, 1024, method, 3, pairs)
    for kind, (_, known) in SHAPES.items():
        assert stats.kstest(drawn[kind], known.cdf).pvalue > 0.01
    scores = special.ndtri((stats.rankdata(drawn.to_numpy(), axis=0) - 0.5) / len(drawn))
    found = np.corrcoef(scores, rowvar=False)
    assert found[0, 2] == pytest.approx(-0.7, abs=0.01)
    # What is not tied correlates by chance only: standard deviation 1 / sqrt(n).
    assert abs(found[0, 1]) < 4 / np.sqrt(1024) and abs(found[1, 2]) < 4 / np.sqrt(1024)


def test_a_latin_hypercube_has_one_point_in_every_layer():
    spread = {kind: shaped(kind, SHAPES[kind][0]) for kind in SHAPES}
    drawn = sample(spread, 200, "lhs", 3, [("uniform", "normal", 0.9)])
    for kind, (_, known) in SHAPES.items():
        layers = np.sort((known.cdf(drawn[kind]) * 200).astype(int))
        np.testing.assert_array_equal(layers, np.arange(200))


def test_the_same_seed_gives_the_same_points():
    for method in ("lhs", "random", "sobol"):
        np.testing.assert_array_equal(points(method, 50, 3, 7), points(method, 50, 3, 7))
        assert (points(method, 50, 3, 7) != points(method, 50, 3, 8)).any()


def test_correlations_that_cannot_hold():
    paths = ["a", "b", "c"]
    tied = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)]
    with pytest.raises(InputError, match="a, b, c cannot hold together"):
        correlation_matrix(paths, tied)
    with pytest.raises(InputError, match="d does not vary"):
        correlation_matrix(paths, [("a", "d", 0.5)])
    with pytest.raises(InputError, match="given twice"):
        correlation_matrix(paths, [("a", "b", 0.5), ("b", "a", 0.5)])
    # Full correlation is on the edge of what can hold.
    correlation_matrix(paths, [("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 1.0)])


def test_full_correlation_gives_the_same_ranks():
    spread = {kind: shaped(kind, SHAPES[kind][0]) for kind in ("uniform", "normal")}
    drawn = sample(spread, 100, "lhs", 1, [("uniform", "normal", 1.0)])
    ranks = drawn.rank()
    assert (ranks["uniform"] - ranks["normal"]).abs().max() <= 1


@pytest.mark.parametrize(("method", "n"), [("latin", 10), ("lhs", 0)])
def test_bad_samples(method, n):
    with pytest.raises(InputError):
        points(method, n, 2, 1)
