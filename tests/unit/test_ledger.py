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


def test_a_case_without_a_number_has_not_closed():
    gone = stream({"H2O(l)": np.array([100.0, np.nan])}, T=323.15)
    audit = ledger(gone, true_duty()).audit()
    assert {b.element for b, _ in audit.open_balances()} >= {"H", "O", "mass", "energy"}
    assert all(cases.tolist() == [False, True] for _, cases in audit.open_balances())
    with pytest.raises(BalanceError, match=r"out nan kg.*case 1"):
        audit.require_closed()


@pytest.mark.parametrize("lost", [1e-12, 1e-6])
def test_charge_is_measured_against_the_ions_that_carry_it(lost):
    brine = {"H2O(l)": 1000.0, "Na+(aq)": 1.0, "Cl-(aq)": 1.0}
    ions = brine | {"Na+(aq)": 1.0 * (1 - lost)}
    audit = Ledger(
        ("pipe",),
        (
            StreamRecord("in", "supply", "pipe", "feed", stream(brine)),
            StreamRecord("out", "pipe", "product", "product", stream(ions)),
        ),
        (),
    ).audit()
    (charge,) = (b for b in audit.element_balances if (b.unit, b.element) == ("pipe", "E"))
    assert charge.relative[0] == pytest.approx(lost / 2, rel=1e-3, abs=1e-15)
