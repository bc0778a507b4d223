"""Traces, degenerate and infeasible feeds, and bad input among good."""

import numpy as np
import pytest

from sludgesim.equilibrium import Network, Status, check, kernels_cached, solve

# columns Al, O, H, N, Ar; gas H2O H2 O2 N2 Ar, solids Al2O3 (two forms), Al
FORMULA = [
    [0, 1, 2, 0, 0], [0, 0, 2, 0, 0], [0, 2, 0, 0, 0], [0, 0, 0, 2, 0], [0, 0, 0, 0, 1],
    [2, 3, 0, 0, 0], [2, 3, 0, 0, 0], [1, 0, 0, 0, 0],
]  # fmt: skip
NETWORK = Network(FORMULA, [0, 5, 6, 7, 8])
G = np.array([-45.0, -18.0, -27.0, -25.0, -20.0, -140.0, -140.0, -5.0])


def one(b, g=G, network=NETWORK):
    solution = solve(network, [g], [b])
    optimality = check(network, [g], [b], solution)
    if solution.status[0] == Status.SOLVED:
        assert optimality.ok.all()
    return solution


@pytest.mark.parametrize(
    "b",
    [
        [0, 1, 2, 0, 0],  # only water: H and O are not independent
        [0, 0, 0, 2, 1],  # only N2 and Ar
        [2, 3, 0, 0, 0],  # exactly alumina, of which two forms are equal
        [0.2, 0.3, 0, 0, 0],  # the same, in numbers that round
        [2, 3, 2, 0, 0],  # alumina and hydrogen
        [2, 4, 2, 0, 0],  # alumina and water
        [1, 0, 0, 0, 0],  # one species
        [1, 0, 0, 0, 1e-12],
        [0, 0, 2, 0, 0],
        [0, 2, 0, 0, 0],
        [2, 3, 0, 1e-12, 0],
        [2, 3 + 1e-12, 0, 0, 0],
        [2 + 1e-12, 3, 0, 0, 0],
        [2, 3, 1, 1, 1],
    ],
)
def test_degenerate_feeds_are_solved(b):
    solution = one(b)
    assert solution.status[0] == Status.SOLVED
    moles = solution.moles[0]
    np.testing.assert_allclose(moles @ np.array(FORMULA), b, rtol=1e-10, atol=0)
    np.testing.assert_array_equal(np.isnan(solution.potentials[0]), np.array(b) == 0)


def test_two_equal_polymorphs_share_or_one_takes_all():
    moles = one([2, 3, 0, 1, 0]).moles[0]
    assert moles[5] + moles[6] == pytest.approx(1.0, rel=1e-11)


def test_the_slightly_stabler_polymorph_takes_all():
    g = G.copy()
    g[6] += 1e-6
    moles = one([2, 3, 0, 1, 0], g).moles[0]
    assert moles[6] == 0.0
    assert moles[5] == pytest.approx(1.0, rel=1e-11)


@pytest.mark.parametrize("surplus", [1e-13, 1e-12, 1e-11])
@pytest.mark.parametrize("trace", [0.0, 1e-9, 1e-6])
def test_next_to_no_free_oxygen(surplus, trace):
    """Oxides of fixed valence with a breath of O2: its largest amount is far below its oxygen.

    Columns Nd, Al, Cu, O; O2 gas, a melt, NdO1.5, CuO0.5, AlO1.5, CuO, NdAlO3.
    """
    formula = [
        [0, 0, 0, 2],
        [1, 0, 0, 1.5], [0, 0, 1, 0.5], [0, 1, 0, 1.5], [0, 0, 1, 1], [1, 1, 0, 3],
        [1, 0, 0, 1.5], [0, 0, 1, 0.5], [0, 1, 0, 1.5], [0, 0, 1, 1], [1, 1, 0, 3],
    ]  # fmt: skip
    g = [-28, -100, -20, -95, -25, -199, -101, -19, -96, -23, -203]
    amounts = np.array([0, 0, 0, 0, 0, 0, 0.3, trace, 0.2, 0.0, 0.01])
    b = amounts @ np.array(formula)
    b[3] *= 1 + surplus
    solution = one(b, np.array(g, float), Network(formula, [0, 1, 6, 7, 8, 9, 10, 11]))
    assert solution.status[0] == Status.SOLVED
    assert solution.iterations[0] < 1000


def test_species_that_stoichiometry_rules_out():
    """Pure B2D, A3B, AC, ABC, fed B2D and ABC: A exceeds C by round-off, B falls short by more."""
    network = Network([[0, 2, 0, 1], [3, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0]], range(5))
    g = np.array([-2.49, -0.679, 3.024, -0.44])
    b = [8.837871688646771e-06, 0.7762829922744421, 8.837871688637933e-06, 0.38813707720098856]
    solution = one(b, g, network)
    assert solution.status[0] == Status.SOLVED
    np.testing.assert_allclose(solution.moles[0, [0, 3]], [b[3], b[0]], rtol=1e-10)
    assert solution.moles[0, 1] <= b[0] - b[2]
    assert solution.moles[0, 2] == 0.0


def test_potentials_that_no_phase_fixes_give_way():
    """Perovskite beside oxide with no oxygen to spare, copper and nitrogen as traces.

    Columns Fe, Pr, Nd, Cu, O, N.  The feed makes up (Fe)(Pr, Nd)O3, (Pr, Nd)O1.5, Cu and N2 to
    the last digit: the potential of oxygen may lie anywhere between those of its reactions.
    """
    formula = [
        [0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 2, 0], [0, 0, 0, 0, 1, 1],
        [1, 1, 0, 0, 3, 0], [1, 0, 1, 0, 3, 0],
        [0, 1, 0, 0, 1.5, 0], [0, 0, 1, 0, 1.5, 0],
        [2, 0, 0, 0, 3, 0], [3, 0, 0, 0, 4, 0], [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 1, 1, 0], [0, 0, 0, 2, 1, 0], [0, 0, 0, 1, 0, 0],
        [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0],
    ]  # fmt: skip
    g = np.array([
        -25.404, -27.084, -14.572, -220.893, -218.473, -147.062, -143.406, -135.228, -187.447,
        -49.002, -4.607, -29.786, -38.936, -5.172, -10.144, -9.907,
    ])  # fmt: skip
    iron, praseodymium, neodymium = 0.17249385212816642, 0.17249385212816642, 0.39752607801979645
    copper, nitrogen = 1.0415741891590274e-08, 2.2158034679779704e-08
    b = [iron, praseodymium, neodymium, copper, 1.113770673414194, nitrogen]
    network = Network(formula, [0, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    solution = one(b, g, network)
    assert solution.status[0] == Status.SOLVED
    moles = solution.moles[0]
    # to the oxygen that the tolerance of its balance lets go
    assert moles[3:5].sum() == pytest.approx(iron, rel=1e-9)
    assert moles[11:14] @ [1, 2, 1] == pytest.approx(copper, rel=1e-10)
    assert moles[0] + moles[2] / 2 == pytest.approx(nitrogen / 2, rel=1e-10)


def test_an_empty_feed_yields_nothing():
    solution = one([0.0] * 5)
    assert solution.status[0] == Status.SOLVED
    assert (solution.moles == 0).all()
    assert np.isnan(solution.potentials).all()


def test_infeasible_feeds_are_told_from_failures():
    """A rare earth without a metal phase to go to needs its oxygen."""
    network = Network([[2, 3], [0, 2]], [0, 1, 2])
    g = np.tile([-100.0, -20.0], (5, 1))
    b = np.array([[2, 3], [2, 2.9], [2, 0], [2, 3 * (1 - 1e-9)], [2, 3 * (1 + 1e-9)]], float)
    status = solve(network, g, b).status
    assert status.tolist() == [0, 1, 1, 1, 0]


def test_an_element_that_no_species_holds_is_infeasible():
    network = Network([[1, 0], [2, 0]], [0, 2])
    assert solve(network, [[0.0, 0.0]], [[1.0, 1e-6]]).status.tolist() == [Status.INFEASIBLE]


def test_infeasible_charge():
    network = Network([[1, 1], [1, 0], [1, -1]], [0, 3])
    assert solve(network, [[0.0] * 3], [[1.0, 2.0]]).status[0] == Status.INFEASIBLE
    assert solve(network, [[0.0] * 3], [[0.0, 2.0]]).status[0] == Status.INFEASIBLE
    solution = solve(network, [[0.0] * 3], [[1.0, -0.5]])
    assert solution.moles[0] @ [1, 0, -1] == pytest.approx(-0.5, rel=1e-10)


def test_bad_input_spoils_its_own_case_only():
    b = np.tile([2.0, 3.5, 1.0, 1.0, 1.0], (9, 1))
    g = np.tile(G, (9, 1))
    b[1, 0], b[2, 1], b[3, 2], b[4, 3] = np.nan, np.inf, -1.0, 1e-20
    g[5, 0], g[6, 7] = np.nan, -np.inf
    b[7, :] = -1e-300
    solution = solve(NETWORK, g, b)
    assert solution.status.tolist() == [0, 3, 3, 3, 3, 3, 3, 3, 0]
    assert np.isnan(solution.moles[1:8]).all()
    assert np.isnan(solution.phase_moles[1:8]).all()
    assert np.isnan(solution.potentials[1:8]).all()
    np.testing.assert_array_equal(solution.moles[0], solution.moles[8])


def test_absurd_potentials_do_no_harm():
    g = np.tile(G, (4, 1))
    g[1, 0], g[2, 5], g[3] = 1e300, -1e300, 1e150
    status = solve(NETWORK, g, np.tile([2.0, 3.5, 1.0, 1.0, 1.0], (4, 1))).status
    assert status[0] == Status.SOLVED
    assert set(status.tolist()) <= {Status.SOLVED, Status.NOT_CONVERGED}


@pytest.mark.parametrize("trace", [1e-4, 1e-8, 1e-10, 1e-12])
@pytest.mark.parametrize("element", range(5))
def test_traces_keep_their_relative_accuracy(element, trace):
    b = np.array([2.0, 4.0, 2.0, 1.0, 1.0])
    b[element] = trace * b.sum()
    solution = one(b)
    assert solution.status[0] == Status.SOLVED
    np.testing.assert_allclose(solution.moles[0] @ np.array(FORMULA), b, rtol=1e-11)


def test_a_trace_in_dilute_solution_follows_henry():
    """Trace M between melt and gas: the ratio is fixed by g, not by the amount."""
    # columns Fe, Ar, M; melt Fe, M; gas Ar, M
    network = Network([[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]], [0, 2, 4])
    amounts = 10.0 ** -np.arange(3, 13)
    b = np.column_stack([np.ones(10), np.ones(10), amounts])
    solution = solve(network, np.tile([0.0, 0.0, 0.0, 2.0], (10, 1)), b)
    assert solution.converged.all()
    share = solution.moles[:, 3] / solution.moles[:, 1]
    np.testing.assert_allclose(share, np.exp(-2.0), rtol=1e-2)
    np.testing.assert_allclose(share[3:], np.exp(-2.0), rtol=1e-6)


def test_empty_batch():
    solution = solve(NETWORK, np.empty((0, 8)), np.empty((0, 5)))
    assert solution.moles.shape == (0, 8)
    assert solution.converged.shape == (0,)


@pytest.mark.parametrize(
    ("g", "b", "start", "threads"),
    [
        (np.zeros((1, 7)), np.ones((1, 5)), None, None),
        (np.zeros((1, 8)), np.ones((1, 4)), None, None),
        (np.zeros((2, 8)), np.ones((1, 5)), None, None),
        (np.zeros((1, 8)), np.ones((1, 5)), np.zeros((2, 5)), None),
        (np.zeros((1, 8)), np.ones((1, 5)), None, 0),
    ],
)
def test_wrong_shapes_are_refused(g, b, start, threads):
    with pytest.raises(ValueError, match=r"shape|threads"):
        solve(NETWORK, g, b, start=start, threads=threads)


def test_kernels_are_cached_once_used():
    one([2, 3.5, 1, 1, 1])
    assert kernels_cached()
