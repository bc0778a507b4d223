"""What a network accepts, and what it says of itself."""

import numpy as np
import pytest

from sludgesim.equilibrium import Network


def test_counts_and_signed_columns():
    network = Network([[1, 0, 1], [0, 2, -1], [1, 1, 0]], [0, 2, 3])
    assert (network.n_species, network.n_elements, network.n_phases) == (3, 3, 2)
    assert network.signed.tolist() == [False, False, True]


def test_arrays_are_private_and_frozen():
    formula = np.eye(2)
    network = Network(formula, [0, 2])
    formula[0, 0] = 7.0
    assert network.formula[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        network.formula[0, 0] = 7.0


@pytest.mark.parametrize(
    ("formula", "starts", "message"),
    [
        ([1.0, 2.0], [0, 2], "matrix"),
        (np.empty((0, 2)), [0, 0], "matrix"),
        ([[1.0, np.nan]], [0, 1], "finite"),
        ([[1.0, 0.0], [0.0, 0.0]], [0, 2], "no element"),
        (np.eye(2), [0, 1], "phase_start"),
        (np.eye(2), [0, 0, 2], "phase_start"),
        (np.eye(2), [0.0, 2.0], "integers"),
        (np.eye(2), [2], "at least two"),
        ([[1.0, -1.0], [1.0, 0.0]], [0, 2], "negative entries only"),
    ],
)
def test_refuses(formula, starts, message):
    with pytest.raises(ValueError, match=message):
        Network(formula, starts)
