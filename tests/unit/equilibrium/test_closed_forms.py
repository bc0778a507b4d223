"""Equilibria that can be worked out by hand."""

import numpy as np
import pytest

from sludgesim.equilibrium import Network, Status, solve

RELATIVE = 1e-9


def only(solution):
    """Moles of the single case, which must be solved."""
    assert solution.status.tolist() == [Status.SOLVED]
    return solution.moles[0]


@pytest.mark.parametrize("ln_k", [-40.0, -20.0, -5.0, 0.0, 5.0, 20.0])
def test_dissociation(ln_k):
    """A2 = 2 A in a gas: x_A^2 / x_A2 = K gives the degree alpha = sqrt(K / (4 + K))."""
    network = Network([[2], [1]], [0, 2])
    a2, a = only(solve(network, [[0.3, (0.3 - ln_k) / 2]], [[2.0]]))
    k = np.exp(ln_k)
    alpha = np.sqrt(k / (4 + k))
    assert a == pytest.approx(2 * alpha, rel=RELATIVE)
    assert a2 == pytest.approx(4 / (4 + k) / (1 + alpha), rel=RELATIVE)


@pytest.mark.parametrize("ln_k", [-30.0, -3.0, 0.0, 2.0, 30.0])
def test_water_gas_shift(ln_k):
    """CO + H2O = CO2 + H2 from one mole of each reactant: (xi / (1 - xi))^2 = K."""
    # columns C, O, H; species CO, H2O, CO2, H2
    network = Network([[1, 1, 0], [0, 1, 2], [1, 2, 0], [0, 0, 2]], [0, 4])
    co, h2o, co2, h2 = only(solve(network, [[1.0, -2.0, -1.5 - ln_k, 0.5]], [[1.0, 2.0, 2.0]]))
    root = np.exp(ln_k / 2)
    assert co2 == pytest.approx(root / (1 + root), rel=RELATIVE)
    assert h2 == pytest.approx(co2, rel=RELATIVE)
    assert co == pytest.approx(1 / (1 + root), rel=RELATIVE)
    assert h2o == pytest.approx(co, rel=RELATIVE)


def test_decomposition_pressure():
    """MO(s) = M(s) + 1/2 O2 in inert gas: both solids present fix x(O2), else none is left."""
    # columns M, O, inert; gas O2 and inert, then solids M and MO
    network = Network([[0, 2, 0], [0, 0, 1], [1, 0, 0], [1, 1, 0]], [0, 2, 3, 4])
    ln_x = -3.0
    g = [0.0, 0.0, 0.0, ln_x / 2]
    x = np.exp(ln_x)
    least = 2 * x / (1 - x)  # oxygen that the gas takes up per mole of inert
    o2, inert, m, mo = only(solve(network, [g], [[1.0, 1.0, 1.0]]))
    assert o2 / (o2 + inert) == pytest.approx(x, rel=RELATIVE)
    assert m == pytest.approx(2 * o2, rel=RELATIVE)
    assert m + mo == pytest.approx(1.0, rel=RELATIVE)
    _, _, m, mo = only(solve(network, [g], [[1.0, 1.0 + 1.01 * least, 1.0]]))
    assert m == 0.0
    assert mo == pytest.approx(1.0, rel=RELATIVE)
    _, _, m, mo = only(solve(network, [g], [[1.0, 0.99 * least, 1.0]]))
    assert m == pytest.approx(1.0, rel=RELATIVE)
    assert mo == 0.0


@pytest.mark.parametrize(
    ("share", "solids"),
    [(0.1, (True, False)), (0.5, (False, False)), (0.9, (False, True))],
)
def test_liquidus_and_lever_rule(share, solids):
    """Ideal melt of A and B over their pure solids: x at the liquidus is exp(g_s - g_l)."""
    network = Network([[1, 0], [0, 1], [1, 0], [0, 1]], [0, 2, 3, 4])
    melting = np.array([0.4, 0.25])  # g_l - g_s
    melt_a, melt_b, *solid = only(solve(network, [[*melting, 0.0, 0.0]], [[1 - share, share]]))
    assert (np.array(solid) > 0).tolist() == list(solids)
    x_b = melt_b / (melt_a + melt_b)
    if solids[0]:
        assert 1 - x_b == pytest.approx(np.exp(-melting[0]), rel=RELATIVE)
        lever = (x_b - share) / x_b
        assert solid[0] == pytest.approx(lever, rel=RELATIVE)
    elif solids[1]:
        assert x_b == pytest.approx(np.exp(-melting[1]), rel=RELATIVE)
    else:
        assert x_b == pytest.approx(share, rel=RELATIVE)


def test_below_the_eutectic_no_melt():
    network = Network([[1, 0], [0, 1], [1, 0], [0, 1]], [0, 2, 3, 4])
    moles = only(solve(network, [[0.8, 0.8, 0.0, 0.0]], [[0.3, 0.7]]))
    np.testing.assert_allclose(moles, [0.0, 0.0, 0.3, 0.7], rtol=RELATIVE)


def test_water_dissociates_by_charge_balance():
    """H2O = H+ + OH-: electric charge is a signed column that must stay active at b = 0."""
    # columns H, O, charge
    network = Network([[2, 1, 0], [1, 0, 1], [1, 1, -1]], [0, 3])
    ln_k = np.log(1e-14 / 55.5**2)
    water, proton, hydroxide = only(solve(network, [[0.0, -ln_k, 0.0]], [[2.0, 1.0, 0.0]]))
    assert proton == pytest.approx(hydroxide, rel=1e-6)
    assert proton * hydroxide == pytest.approx(np.exp(ln_k) * (water + 2 * proton) ** 2, rel=1e-6)


def test_weak_acid_buffer():
    """HA = H+ + A- with sodium as counter ion: half neutralised, x(H+) = K within dilution."""
    # columns water, Na, A, H of the acid, charge; species water, Na+, HA, A-, H+
    network = Network(
        [[1, 0, 0, 0, 0], [0, 1, 0, 0, 1], [0, 0, 1, 1, 0], [0, 0, 1, 0, -1], [0, 0, 0, 1, 1]],
        [0, 5],
    )
    k = 1e-7
    g = [[0.0, 0.0, 0.0, -np.log(k), 0.0]]
    _, sodium, acid, base, proton = only(solve(network, g, [[55.5, 0.1, 0.2, 0.1, 0.0]]))
    total = 55.5 + sodium + acid + base + proton
    assert proton / total * (base / total) / (acid / total) == pytest.approx(k, rel=1e-6)
    assert proton / total == pytest.approx(k, rel=1e-3)


def test_vapour_over_a_melt_follows_raoult():
    network = Network([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]], [0, 3, 5])
    ln_p = np.array([-4.0, -30.0])
    m = only(solve(network, [[*-ln_p, 0.0, 0.0, 0.0]], [[1.0, 2.0, 1.0]]))
    gas, melt = m[:3] / m[:3].sum(), m[3:] / m[3:].sum()
    np.testing.assert_allclose(gas[:2], melt * np.exp(ln_p), rtol=1e-8)
