"""Derivatives of the answer against central differences, and where there is none."""

import numpy as np
import pytest

from sludgesim.equilibrium import Network, respond, solve

# columns Fe, C, O, N, H; gas, melt, solids FeO, C
FORMULA = np.array(
    [
        [0, 1, 1, 0, 0], [0, 1, 2, 0, 0], [0, 0, 2, 0, 0], [0, 0, 0, 2, 0], [0, 0, 0, 0, 2],
        [0, 0, 1, 0, 2], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 0, 1, 0, 0],
        [1, 0, 1, 0, 0], [0, 1, 0, 0, 0],
    ],
    dtype=float,
)  # fmt: skip
NETWORK = Network(FORMULA, [0, 6, 9, 10, 11])
G0 = np.array([-33, -58, -27, -25, -17, -42, -7.5, 0.5, -38.6, -40.0, -2.0])
RNG = np.random.default_rng(3)
N = 30
G = G0 + RNG.normal(0, 0.3, (N, G0.size))
B = RNG.uniform(0.2, 1.0, (N, 5))
B[:, 2] += B[:, 1]
ANSWER = solve(NETWORK, G, B)


def difference(g, b, dg, db, step):
    """Central difference along one direction, and where all three answers have the same phases."""
    up, down = (solve(NETWORK, g + s * dg, b + s * db) for s in (step, -step))
    phases = [a.phase_moles > 0 for a in (up, down, ANSWER)]
    same = ((phases[0] == phases[1]) & (phases[1] == phases[2])).all(axis=1)
    moles = (up.moles - down.moles) / (2 * step)
    return moles, (up.potentials - down.potentials) / (2 * step), same


@pytest.mark.parametrize("e", range(5))
def test_by_element_amounts(e):
    moles, potentials, same = difference(G, B, 0.0, np.eye(5)[e], 1e-6)
    found = respond(NETWORK, ANSWER, db=np.eye(5))
    assert same.sum() > N / 2
    np.testing.assert_allclose(found.moles[same, :, e], moles[same], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found.potentials[same, :, e], potentials[same], rtol=1e-6, atol=1e-6)


def test_by_standard_potentials():
    dg = RNG.normal(0, 1, (N, 11, 1))
    moles, potentials, same = difference(G, B, dg[:, :, 0], 0.0, 1e-6)
    found = respond(NETWORK, ANSWER, dg=dg)
    assert same.sum() > N / 2
    np.testing.assert_allclose(found.moles[same, :, 0], moles[same], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found.potentials[same, :, 0], potentials[same], rtol=1e-6, atol=1e-6)


def test_elements_stay_balanced_and_scale_changes_amounts_only():
    found = respond(NETWORK, ANSWER, db=np.eye(5))
    np.testing.assert_allclose(
        np.einsum("nie,ik->nke", found.moles, FORMULA), np.tile(np.eye(5), (N, 1, 1)), atol=1e-9
    )
    # Euler: amounts are homogeneous of degree one, potentials of degree zero
    np.testing.assert_allclose(
        np.einsum("nie,ne->ni", found.moles, B), ANSWER.moles, rtol=1e-7, atol=1e-10
    )
    np.testing.assert_allclose(np.einsum("nfe,ne->nf", found.potentials, B), 0.0, atol=1e-8)


def test_gibbs_energy_makes_the_answer_symmetric():
    """dn_i/dg_j = dn_j/dg_i and dlam/db is symmetric (second derivatives of one function)."""
    by_g = respond(NETWORK, ANSWER, dg=np.eye(11)).moles
    by_b = respond(NETWORK, ANSWER, db=np.eye(5)).potentials
    np.testing.assert_allclose(by_g, np.swapaxes(by_g, 1, 2), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(by_b, np.swapaxes(by_b, 1, 2), rtol=1e-6, atol=1e-8)


def test_what_has_no_derivative_is_nan():
    """Absent elements, unsolved cases, and water alone: H and O cannot change one by one."""
    b = np.array([[0, 0, 1, 0, 2], [1, 1, 2, 0, 0], [-1, 1, 2, 0, 0]], float)
    answer = solve(NETWORK, np.tile(G0, (3, 1)), b)
    found = respond(NETWORK, answer, db=np.eye(5))
    assert np.isnan(found.moles[1, :, 3]).all() and np.isfinite(found.moles[1, :, 2]).all()
    assert np.isnan(found.potentials[1, 3]).all()
    assert np.isnan(found.moles[2]).all()
    steam = Network([[1, 2]], [0, 1])
    answer = solve(steam, [[-40.0]], [[1.0, 2.0]])
    assert np.isnan(respond(steam, answer, db=np.eye(2)).moles).all()
    together = respond(steam, answer, db=np.array([[1.0], [2.0]]))
    assert together.moles[0, 0, 0] == pytest.approx(1.0, rel=1e-12)
    assert np.isnan(together.potentials).all()


def test_two_equal_polymorphs_have_no_shares():
    network = Network([[1, 0], [1, 0], [0, 1]], [0, 1, 2, 3])
    answer = solve(network, [[1.0, 1.0, 0.0]], [[1.0, 1.0]])
    found = respond(network, answer, db=np.eye(2))
    assert (answer.moles[0, :2] > 0).all()  # or there would be nothing to leave open
    assert np.isnan(found.moles[0, :2, 0]).all()
    assert found.moles[0, 2, 1] == pytest.approx(1.0)


def test_wrong_directions_are_refused():
    with pytest.raises(ValueError, match="neither"):
        respond(NETWORK, ANSWER)
    with pytest.raises(ValueError, match="db has shape"):
        respond(NETWORK, ANSWER, db=np.eye(4))
