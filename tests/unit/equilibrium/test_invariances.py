"""What must not change an answer, and what must change it in proportion."""

import subprocess
import sys

import numpy as np
import pytest

from sludgesim.equilibrium import Network, Status, solve

# columns Fe, C, O, N, H; gas, melt, solids Fe, FeO, Fe3O4, C
FORMULA = np.array(
    [
        [0, 1, 1, 0, 0], [0, 1, 2, 0, 0], [0, 0, 2, 0, 0], [0, 0, 0, 2, 0], [0, 0, 0, 0, 2],
        [0, 0, 1, 0, 2], [0, 1, 0, 0, 4], [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 0, 1, 0, 0],
        [1, 0, 0, 0, 0], [1, 0, 1, 0, 0], [3, 0, 4, 0, 0], [0, 1, 0, 0, 0],
    ],
    dtype=float,
)  # fmt: skip
STARTS = [0, 8, 11, 12, 13, 14, 15]
NETWORK = Network(FORMULA, STARTS)


def cases(n, seed=1):
    rng = np.random.default_rng(seed)
    g0 = np.array([-33, -58, -27, -25, -17, -42, -21, 24, -7.5, 3, -39, -8, -38.6, -138, -2.0])
    g = g0 + rng.normal(0, 1.0, (n, g0.size))
    b = 10.0 ** rng.uniform(-6, 0, (n, 5))
    b[:, 2] += b[:, 1]
    return g, b


G, B = cases(300)
ANSWER = solve(NETWORK, G, B, threads=1)


def test_all_solved():
    assert (ANSWER.status == Status.SOLVED).all()
    assert ANSWER.converged.all()


def test_elements_are_conserved():
    np.testing.assert_allclose(ANSWER.moles @ FORMULA, B, rtol=1e-11)


def test_no_negative_amounts_and_phase_sums():
    assert (ANSWER.moles >= 0).all()
    sums = np.add.reduceat(ANSWER.moles, STARTS[:-1], axis=1)
    np.testing.assert_array_equal(ANSWER.phase_moles, sums)


def test_same_input_same_bits_whatever_the_company():
    for order in (np.arange(300)[::-1], np.random.default_rng(0).permutation(300)[:17]):
        again = solve(NETWORK, G[order], B[order], threads=1)
        np.testing.assert_array_equal(again.moles, ANSWER.moles[order])
        np.testing.assert_array_equal(again.potentials, ANSWER.potentials[order])


@pytest.mark.parametrize("threads", [2, 5, None])
def test_same_bits_on_any_number_of_threads(threads):
    again = solve(NETWORK, G, B, threads=threads)
    np.testing.assert_array_equal(again.moles, ANSWER.moles)
    np.testing.assert_array_equal(again.potentials, ANSWER.potentials)


@pytest.mark.parametrize("factor", [1e-6, 3.0, 1e7])
def test_amounts_scale_with_the_feed(factor):
    again = solve(NETWORK, G, factor * B)
    np.testing.assert_allclose(again.moles, factor * ANSWER.moles, rtol=1e-7, atol=1e-14 * factor)


def test_order_of_species_and_phases_is_immaterial():
    order = np.concatenate([np.arange(11, 15), np.arange(10, 7, -1), np.arange(7, -1, -1)])
    network = Network(FORMULA[order], [0, 1, 2, 3, 4, 7, 15])
    again = solve(network, G[:, order], B)
    np.testing.assert_allclose(again.moles, ANSWER.moles[:, order], rtol=1e-7, atol=1e-14)


def test_absent_elements_disturb_nothing():
    """A further element with its species, fed in amount zero, does not change a bit."""
    more = np.zeros((FORMULA.shape[0] + 3, 6))
    more[: FORMULA.shape[0], :5] = FORMULA
    more[-3:, 5] = [1, 2, 1]
    more[-2:, 2] = [3, 1]
    network = Network(more, [*STARTS, 16, 18])
    g = np.hstack([G, np.full((300, 3), -400.0)])
    again = solve(network, g, np.hstack([B, np.zeros((300, 1))]))
    np.testing.assert_array_equal(again.moles[:, :-3], ANSWER.moles)
    assert (again.moles[:, -3:] == 0).all()
    assert np.isnan(again.potentials[:, 5]).all()
    np.testing.assert_array_equal(again.potentials[:, :5], ANSWER.potentials)


def test_potentials_are_derivatives_of_the_energy():
    """lam_e = dG/db_e, by central difference, where no phase boundary is near."""

    def energy(b):
        s = solve(NETWORK, G, b)
        assert s.converged.all()
        return (np.nan_to_num(ANSWER.potentials) * 0 + s.potentials * b).sum(axis=1)

    for e in range(5):
        h = np.zeros(5)
        h[e] = 1e-5
        slope = (energy(B * (1 + h)) - energy(B * (1 - h))) / (2e-5 * B[:, e])
        assert np.median(np.abs(slope - ANSWER.potentials[:, e])) < 1e-4


def test_warm_start_gives_the_same_answer_sooner():
    g, b = G + 1e-4 * np.sin(np.arange(15)), B * (1 + 0.01 * np.cos(np.arange(5)))
    cold, warm = solve(NETWORK, g, b), solve(NETWORK, g, b, start=ANSWER.potentials)
    assert warm.converged.all()
    np.testing.assert_allclose(warm.moles, cold.moles, rtol=1e-6, atol=1e-13)
    assert warm.iterations.mean() < 0.7 * cold.iterations.mean()


def test_any_start_is_survived():
    rng = np.random.default_rng(3)
    for start in (rng.normal(0, 100, B.shape), np.full(B.shape, np.nan), np.zeros(B.shape)):
        again = solve(NETWORK, G, B, start=start)
        assert again.converged.all()
        np.testing.assert_allclose(again.moles, ANSWER.moles, rtol=1e-6, atol=1e-13)


def test_import_does_not_load_numba():
    code = "import sys, sludgesim.equilibrium; print('numba' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
