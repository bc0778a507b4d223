"""The temperature that belongs to an enthalpy."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.thermo import heating, stream, temperature_at

LOW, HIGH = np.full(3, 298.15), np.full(3, 3000.0)


def test_gives_back_the_temperature_of_the_enthalpy():
    T = np.array([310.0, 1000.0, 2600.0])  # 1000 K is where the polynomials meet
    gas = stream({"N2(g)": [1.0, 2.0, 3.0], "CO(g)": 1.0, "CO2(g)": 0.2}, T=T)
    found = temperature_at(gas, gas.enthalpy(), LOW, HIGH)
    assert found == pytest.approx(T, abs=1e-3)
    assert gas.at(T=found).enthalpy() == pytest.approx(gas.enthalpy(), rel=1e-9)


def test_stops_at_the_end_of_the_bracket():
    gas = stream({"N2(g)": [1.0, 1.0, 0.0]}, T=298.15)
    found = temperature_at(gas, np.array([-1e6, 1e7, 0.0]), LOW, HIGH)
    assert found == pytest.approx([298.15, 3000.0, 298.15])


def test_a_case_without_a_number_does_not_disturb_the_others():
    gas = stream({"N2(g)": [1.0, np.nan, 1.0]}, T=500.0)
    found = temperature_at(gas, gas.enthalpy(), LOW, HIGH)
    assert found[[0, 2]] == pytest.approx(500.0)


def test_steps_that_do_not_settle_give_no_temperature(monkeypatch):
    gas = stream({"N2(g)": [1.0, 1.0, 0.0]}, T=[1649.075, 2600.0, 500.0])
    monkeypatch.setattr(heating, "PASSES", 1)
    found = temperature_at(gas, gas.enthalpy(), LOW, HIGH)
    assert found[0] == pytest.approx(1649.075)  # where the first guess already stands
    assert np.isnan(found[1])
    assert found[2] == 298.15
