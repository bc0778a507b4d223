"""CO burnt over the bath of an electric furnace, against arithmetic on the heat of combustion.

At 1800 K the enthalpies over 298.15 K are 49.5 (CO) and 79.4 kJ/mol (CO2) in the JANAF tables, so
CO of the bath and cold oxygen that become CO2 of bath temperature give 283.0 + 49.5 - 79.4 kJ/mol.
"""

from __future__ import annotations

import pytest

from sludgesim.thermo import stream

T = 1800.0
PER_CO = 283.0 + 49.5 - 79.4  # kJ/mol


def burn(smelt, **changes):
    return smelt(temperature=T, carbon_source="graphite", **changes)


def gas(outcome):
    return outcome.outlets["furnace_gas"]


@pytest.mark.parametrize("transfer", [0.0, 0.4, 1.0])
def test_saves_the_heat_that_reaches_the_bath(smelt, transfer):
    off = burn(smelt)
    on = burn(smelt, post_combustion=0.5, post_combustion_transfer=transfer)
    co = gas(off)["CO(g)"][0]
    saved = 0.75 * (off.duties["electricity"][0] - on.duties["electricity"][0])
    assert saved / co / 1e3 == pytest.approx(0.5 * transfer * PER_CO, abs=0.5)
    assert gas(on)["CO(g)"][0] == pytest.approx(co / 2)
    assert gas(on)["CO2(g)"][0] == pytest.approx(co / 2, rel=0.01)
    assert on.drawn["oxygen"]["O2(g)"][0] == pytest.approx(co / 4)


def test_what_the_bath_does_not_get_leaves_with_the_gas(smelt):
    whole, part = (burn(smelt, post_combustion=0.2, post_combustion_transfer=t) for t in (1.0, 0.5))
    assert gas(whole).T[0] == pytest.approx(T)
    assert gas(part).T[0] > T + 300


def test_air_heats_its_nitrogen(smelt):
    """3.77 mol N2 and Ar per mol O2, 48 kJ/mol at 1800 K, leave 253 - 90 kJ per mol CO."""
    off = burn(smelt)
    on = burn(smelt, post_combustion=1.0, post_combustion_gas="air", post_combustion_transfer=1.0)
    saved = 0.75 * (off.duties["electricity"][0] - on.duties["electricity"][0])
    assert saved / gas(off)["CO(g)"][0] / 1e3 == pytest.approx(PER_CO - 3.77 / 2 * 48, abs=2)


def test_closes_and_warns_of_gas_that_no_roof_stands(smelt):
    charge = {"Fe2O3(s)": 5000.0, "Nd2O3(s)": 800.0, "B2O3(s)": 150.0}
    on = smelt(charge, post_combustion=1.0, post_combustion_transfer=0.0)
    assert any("over the bath" in w for w in on.warnings)
    coming = stream(charge, T=1173.15).enthalpy() + sum(s.enthalpy() for s in on.drawn.values())
    coming = coming + sum(on.duties.values())
    assert coming == pytest.approx(sum(s.enthalpy() for s in on.outlets.values()), rel=1e-9)
    assert not smelt(charge).warnings
