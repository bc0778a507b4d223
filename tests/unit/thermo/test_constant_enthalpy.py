"""The temperature of a given enthalpy: found back, inside a jump, and out of range."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.equilibrium import Solution, Status, check
from sludgesim.thermo import constant_enthalpy, load_system, stream, symbols
from sludgesim.thermo.system import System

P = 1e5
SMELTING = load_system("smelting")


def amounts(charge, n):
    columns = [symbols().index(e) for e in SMELTING.elements]
    return np.repeat(stream(charge).elements()[:, columns], n, axis=0)


def enthalpy(eq):
    return (eq.moles * eq.system.data.enthalpy(eq.T)).sum(axis=1)


def test_the_temperature_is_found_back():
    T = np.linspace(1450.0, 2050.0, 41)
    b = amounts({"Fe2O3(s)": 7.0, "Nd2O3(s)": 1.0, "B2O3(s)": 0.3, "C(s)": 22.0}, T.size)
    there = SMELTING.equilibrate(T, P, b)
    back = SMELTING.equilibrate_at_enthalpy(enthalpy(there), P, b)
    assert back.converged.all()
    assert pytest.approx(T, abs=1e-6) == back.T
    assert enthalpy(back) == pytest.approx(enthalpy(there), rel=1e-11)


def test_a_search_cut_short_is_a_reason_and_no_answer(monkeypatch):
    T = np.linspace(1450.0, 2050.0, 5)
    b = amounts({"Fe2O3(s)": 7.0, "Nd2O3(s)": 1.0, "C(s)": 22.0}, T.size)
    H = enthalpy(SMELTING.equilibrate(T, P, b))
    monkeypatch.setattr(constant_enthalpy, "STEPS", 2)
    eq = SMELTING.equilibrate_at_enthalpy(H, P, b)
    assert not eq.converged.any()
    assert (eq.reason == "the temperature was not found in 2 steps").all()
    assert np.isnan(eq.T).all() and np.isnan(eq.moles).all()


def test_a_smooth_enthalpy_takes_few_solves(monkeypatch):
    T = np.linspace(1450.0, 2050.0, 41)
    b = amounts({"Fe2O3(s)": 7.0, "Nd2O3(s)": 1.0, "B2O3(s)": 0.3, "C(s)": 22.0}, T.size)
    H = enthalpy(SMELTING.equilibrate(T, P, b))
    solved, plain = [], System.equilibrate

    def counted(self, T, P, elements, start=None):
        if self is SMELTING:
            solved.append(len(elements))
        return plain(self, T, P, elements, start)

    monkeypatch.setattr(System, "equilibrate", counted)
    assert SMELTING.equilibrate_at_enthalpy(H, P, b).converged.all()
    # Halving the other end's weight at every step, not only where it stays, took 37 and 34.
    assert len(solved) <= 20
    assert sum(solved) / T.size <= 12


def test_inside_a_melting_point_the_shares_follow_from_the_enthalpy():
    b = amounts({"SiO2(s)": 1.0, "Ar(g)": 0.1}, 41)
    ends = enthalpy(SMELTING.equilibrate(np.array([1950.0, 2050.0]), P, b[:2]))
    H = np.linspace(*ends, 41)
    eq = SMELTING.equilibrate_at_enthalpy(H, P, b)
    assert eq.converged.all()
    assert enthalpy(eq) == pytest.approx(H, rel=1e-11)
    assert (np.diff(eq.T) >= -1e-6).all()
    solid = eq.moles[:, SMELTING.species.index("SiO2(s)")]
    liquid = eq.moles[:, SMELTING.species.index("SiO2(slag)")]
    both = (solid > 0) & (liquid > 0)
    assert both.sum() > 5
    assert np.ptp(eq.T[both]) < 1e-3
    rise = np.diff(liquid[both]) / np.diff(H[both])
    assert rise == pytest.approx(rise[0], rel=1e-3)  # the lever rule
    g = SMELTING.gibbs_over_RT(eq.T)  # at 1 bar
    status = np.full(41, Status.SOLVED)
    answer = Solution(eq.moles, eq.phase_moles, eq.potentials, status, np.zeros(41, dtype=np.int64))
    assert check(SMELTING.network, g, b, answer).ok.all()


def test_out_of_range_is_a_reason():
    b = amounts({"Fe(metal)": 1.0, "C(s)": 0.2}, 4)
    inside = enthalpy(SMELTING.equilibrate(1700.0, P, b[:1]))[0]
    H = np.array([-1e6, inside, 1e6, np.nan])
    eq = SMELTING.equilibrate_at_enthalpy(H, P, b)
    assert eq.converged.tolist() == [False, True, False, False]
    assert "below the range of the system smelting, 1150 degC" in eq.reason[0]
    assert "above the range of the system smelting, 1800 degC" in eq.reason[2]
    assert eq.reason[3] == "the enthalpy is not a number"
    assert np.isnan(eq.T[[0, 2, 3]]).all() and np.isnan(eq.moles[[0, 2, 3]]).all()


def test_what_cannot_be_at_all_keeps_its_reason():
    slag = load_system("slag")
    b = np.zeros((1, len(slag.elements)))
    b[0, slag.elements.index("Nd")] = 2.0
    b[0, slag.elements.index("O")] = 1.0
    eq = slag.equilibrate_at_enthalpy(0.0, P, b)
    assert "no combination" in eq.reason[0]


def test_adiabatic_flame_is_hotter_with_preheat_and_cooler_with_excess_air():
    system = load_system("offgas")

    def flame(T, air):
        gas = {"CO(g)": 1.0, "O2(g)": 0.5 * air, "N2(g)": 0.5 * air * 79 / 21}
        return system.equilibrate_adiabatically(stream(gas, T=T, P=P)).T[0]

    assert flame(298.15, 1.0) == pytest.approx(2400.0, abs=40.0)  # textbooks: 2390-2400 K
    assert flame(298.15, 2.0) < flame(298.15, 1.5) < flame(298.15, 1.0) < flame(330.0, 1.0)
