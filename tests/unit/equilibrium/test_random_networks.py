"""Random networks against scipy, and against the optimality conditions."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from sludgesim.equilibrium import Network, check, solve

QUICK = settings(max_examples=400, deadline=None, derandomize=True)


@st.composite
def systems(draw, pure=False, max_species=12):
    """A network, potentials, and a feed made of the network's own species."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_elements = draw(st.integers(1, 5))
    n_species = draw(st.integers(1, max_species))
    formula = rng.integers(0, 4, (n_species, n_elements)) * (
        rng.random((n_species, n_elements)) < 0.6
    )
    formula[np.arange(n_species), rng.integers(0, n_elements, n_species)] += 1
    if pure:
        starts = np.arange(n_species + 1)
    else:
        inner = np.flatnonzero(rng.random(n_species - 1) < draw(st.floats(0, 1))) + 1
        starts = np.concatenate([[0], inner, [n_species]])
    spread = draw(st.sampled_from([1.0, 5.0, 30.0]))
    g = rng.normal(0, spread, n_species)
    amount = 10.0 ** rng.uniform(-draw(st.sampled_from([0, 3, 9])), 0, n_species)
    amount[rng.random(n_species) < draw(st.sampled_from([0.0, 0.5, 0.8]))] = 0.0
    if draw(st.booleans()):
        amount = np.round(4 * amount) / 4
    b = amount @ formula
    b[b < 1e-12 * b.sum()] = 0.0
    feasible = (amount[:, None] * formula)[:, b == 0].sum() == 0
    return Network(formula, starts), g, b, feasible


def energy(network, g, moles):
    """G / RT of given amounts."""
    starts = network.phase_start
    total = np.repeat(np.add.reduceat(moles, starts[:-1]), np.diff(starts))
    present = moles > 0
    return float(moles @ g + (moles[present] * np.log(moles[present] / total[present])).sum())


@QUICK
@given(systems())
def test_every_feasible_feed_is_solved_and_optimal(system):
    network, g, b, feasible = system
    solution = solve(network, [g], [b])
    if feasible:
        assert solution.converged.all()
        assert check(network, g, b, solution).ok.all()


def exact_stoichiometry(rng):
    """A network with a feed of its own species over twelve decades, many of them absent."""
    n_elements = rng.integers(3, 9)
    n_species = rng.integers(n_elements, 36)
    formula = rng.integers(0, 4, (n_species, n_elements)) * (
        rng.random((n_species, n_elements)) < 0.5
    )
    formula[np.arange(n_species), rng.integers(0, n_elements, n_species)] += 1
    inner = np.flatnonzero(rng.random(n_species - 1) < rng.random()) + 1
    g = rng.normal(0, rng.choice([1.0, 5.0, 30.0]), n_species)
    amount = 10.0 ** rng.uniform(-rng.choice([3, 9, 12]), 0, n_species)
    amount[rng.random(n_species) < rng.choice([0.5, 0.8])] = 0.0
    amount[rng.integers(n_species)] = 1.0
    b = amount @ formula
    # without elements scarcer than 1e-12, and the species that hold them
    amount[formula[:, b < 1e-12 * b.sum()].any(axis=1)] = 0.0
    return Network(formula, np.concatenate([[0], inner, [n_species]])), g, amount @ formula


def test_feeds_of_exact_stoichiometry_are_solved():
    """Round-off decides what of these can form: species ruled out must not upset the rest."""
    for case in range(4000):
        network, g, b = exact_stoichiometry(np.random.default_rng([5, case]))
        assert solve(network, [g], [b]).converged.all(), case


@QUICK
@given(systems(pure=True))
def test_pure_phases_agree_with_linear_programming(system):
    network, g, b, feasible = system
    solution = solve(network, [g], [b])
    if feasible and b.sum() > 0:
        # HiGHS judges balances by an absolute tolerance: feeds of one mole in all
        reference = linprog(
            g, A_eq=network.formula.T, b_eq=b / b.sum(), method="highs",
            options={"primal_feasibility_tolerance": 1e-10},
        )  # fmt: skip
        assert reference.status == 0
        ours = solution.moles[0] @ g / b.sum()
        assert abs(ours - reference.fun) < 1e-8 * np.abs(g).max()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(systems(max_species=7))
def test_no_feasible_point_has_less_energy(system):
    """SLSQP, started at the answer and at random feasible points, finds nothing better."""
    network, g, b, feasible = system
    solution = solve(network, [g], [b])
    if not feasible or b.sum() == 0:
        return
    ours = energy(network, g, solution.moles[0])
    rng = np.random.default_rng(0)
    scale = b.sum()
    for start in (solution.moles[0] + 1e-3 * scale, rng.random(g.size) * scale):
        found = minimize(
            lambda n: energy(network, g, np.maximum(n, 0.0)) / scale,
            start,
            method="SLSQP",
            bounds=[(0, None)] * g.size,
            constraints={"type": "eq", "fun": lambda n: (n @ network.formula - b) / scale},
            options={"maxiter": 200, "ftol": 1e-12},
        )
        slack = np.abs(found.x @ network.formula - b).max() * 100 * (1 + np.abs(g).max())
        assert energy(network, g, np.maximum(found.x, 0.0)) > ours - 1e-7 * scale - slack


@QUICK
@given(systems(), st.integers(0, 11))
def test_taking_away_what_an_element_needs_is_infeasible_or_solved(system, which):
    """A feed lowered in one element either is solved or is shown infeasible, as linprog agrees."""
    network, g, b, _ = system
    b = b.copy()
    b[which % b.size] *= 0.5
    status = solve(network, [g], [b]).status[0]
    assert status in (0, 1)
    if b.sum() > 0 and b[b > 0].min() > 1e-3 * b.sum():
        # HiGHS judges balances by an absolute tolerance: no traces, feeds of one mole in all
        reference = linprog(0 * g, A_eq=network.formula.T, b_eq=b / b.sum(), method="highs")
        assert (status == 1) == (reference.status == 2)
