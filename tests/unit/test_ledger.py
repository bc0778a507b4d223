"""The audit finds what a dishonest unit hides, and names it."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.errors import BalanceError
from sludgesim.ledger import DutyRecord, Ledger, StreamRecord
from sludgesim.thermo import stream

HEAT = 75.0  # J/(mol K), about the heat capacity of water


def ledger(out, duty):
    """One unit that warms 100 mol of water from 25 to 50 C."""
    cold = stream({"H2O(l)": 100.0}, n=2)
    return Ledger(
        ("heater",),
        (
            StreamRecord("cold", "supply", "heater", "feed", cold),
            StreamRecord("warm", "heater", "product", "product", out),
        ),
        (DutyRecord("heater", "steam", duty),),
    )


def warm(moles=100.0):
    return stream({"H2O(l)": np.array([100.0, moles])}, T=323.15)


def true_duty():
    return warm().enthalpy() - stream({"H2O(l)": 100.0}, n=2).enthalpy()


def test_honest_unit_closes():
    audit = ledger(warm(), true_duty()).audit()
    audit.require_closed()
    assert max(audit.worst_elements.values()) < 1e-15
    assert true_duty()[0] == pytest.approx(100 * HEAT * 25, rel=0.02)


@pytest.mark.parametrize("lost", [1e-8, -1e-8, 1e-3])
def test_a_leak_in_one_case_is_found_and_named(lost):
    audit = ledger(warm(100.0 * (1 - lost)), true_duty()).audit()
    with pytest.raises(BalanceError, match=r"unit heater: \w+ does not close.*case 1"):
        audit.require_closed()
    (balance, cases), *_ = audit.open_balances()
    assert balance.unit == "heater"
    assert cases.tolist() == [False, True]


def test_a_leak_below_tolerance_passes():
    ledger(warm(100.0 * (1 - 1e-10)), true_duty()).audit().require_closed()


def test_heat_from_nowhere_is_found():
    with pytest.raises(BalanceError, match="heater: energy does not close"):
        ledger(warm(), true_duty() * 1.01 + 500.0).audit().require_closed()


def test_cases_without_an_answer_are_not_called_open():
    gone = stream({"H2O(l)": np.array([100.0, np.nan])}, T=323.15)
    assert ledger(gone, true_duty()).audit().open_balances() == []
