"""The check must see through wrong answers."""

from dataclasses import replace

import numpy as np
import pytest

from sludgesim.equilibrium import Network, check, solve

# columns A, B; melt A B, solid A, solid B
NETWORK = Network([[1, 0], [0, 1], [1, 0], [0, 1]], [0, 2, 3, 4])
G = np.array([[0.4, 0.25, 0.0, 0.0]])
B = np.array([[0.9, 0.1]])
ANSWER = solve(NETWORK, G, B)


def judged(**changes):
    return check(NETWORK, G, B, replace(ANSWER, **changes))


def test_a_right_answer_passes():
    optimality = judged()
    assert optimality.ok.all()
    assert optimality.element_residual[0] < 1e-12
    assert optimality.present_residual[0] < 1e-11
    assert optimality.driving_force[0] <= 1e-9


@pytest.mark.parametrize("species", [0, 1, 2])
def test_a_wrong_amount_fails(species):
    moles = ANSWER.moles.copy()
    moles[0, species] *= 1 + 1e-7
    assert not judged(moles=moles).ok.any()


def test_a_negative_amount_fails():
    moles = ANSWER.moles.copy()
    moles[0, 2:] += [0.0, -1e-13]
    assert not judged(moles=moles).ok.any()


def test_conserved_but_unequal_potentials_fail():
    moles = ANSWER.moles + np.array([1e-3, 0.0, -1e-3, 0.0])
    optimality = judged(moles=moles)
    assert optimality.element_residual[0] < 1e-12
    assert optimality.present_residual[0] > 1e-4
    assert not optimality.ok.any()


def test_a_metastable_answer_fails():
    """All melt, where solid A should be: equal potentials, but a driving force."""
    moles = np.array([[0.9, 0.1, 0.0, 0.0]])
    potentials = G[:, :2] + np.log(B)
    optimality = judged(moles=moles, potentials=potentials)
    assert optimality.element_residual[0] < 1e-15
    assert optimality.present_residual[0] < 1e-12
    assert optimality.driving_force[0] == pytest.approx(0.4 + np.log(0.9))
    assert not optimality.ok.any()


def test_no_answer_is_not_ok():
    optimality = judged(moles=ANSWER.moles * np.nan)
    assert not optimality.ok.any()


def test_a_species_that_fades_away_raises_no_alarm():
    """Mole fractions far below any use, and below what a float can hold."""
    network = Network([[1, 0], [0, 1], [2, 1], [1, 2]], [0, 4])
    g = np.array([[0.0, 0.0, 80.0, 900.0]])
    solution = solve(network, g, [[1.0, 1.0]])
    assert solution.converged.all()
    optimality = check(network, g, np.ones((1, 2)), solution)
    assert optimality.present_residual[0] < 1e-10
    assert 0 < solution.moles[0, 2] < 1e-30
    assert solution.moles[0, 3] == 0.0
