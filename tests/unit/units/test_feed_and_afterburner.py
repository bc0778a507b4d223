"""How the lesser elements lie in the sludge, and what their vapours become in the burnt gas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from helpers.sections import section
from sludgesim.errors import InputError
from sludgesim.thermo import stream
from sludgesim.units import afterburner, feed

BASE = ss.load()


def sludge(n=1, **percent):
    shares = {f"feed.solids.{e}": np.full(n, v / 100) for e, v in percent.items()}
    changes = {p: np.zeros(n) for p in BASE.inputs.parameters if p.startswith("feed.solids.")}
    inputs = replace(BASE, inputs=BASE.inputs.with_values(changes | shares)).inputs
    return feed.run(inputs.section("feed"))


def test_chlorine_lies_with_sodium_then_with_iron():
    s = sludge(Fe=97.0, Na=1.0, Cl=2.0).outlets["sludge"]
    salt, rust = s["NaCl(s)"][0], s["FeCl2(s)"][0]
    assert salt > 0
    assert (salt + 2 * rust) / salt == pytest.approx(2.0 / 35.45 * 22.990, rel=1e-3)
    assert s["Na2O(s)"][0] == pytest.approx(0.0, abs=1e-9)


def test_sodium_is_never_metal_where_the_alloy_is():
    s = sludge(Fe=99.0, Na=1.0).outlets["sludge"]
    assert s.only(lambda x: x == "Na(s)").mass()[0] == 0
    assert s["Na2O(s)"][0] > 0


def test_more_chlorine_than_sodium_and_iron_bind_is_refused():
    with pytest.raises(InputError, match="more chlorine than its sodium and iron"):
        sludge(Nd=95.0, Cl=5.0)
    batch = sludge(n=2, Nd=95.0, Cl=5.0)
    assert batch.failures[0].cases.all()


def burnt(**gas):
    inlet = {"CO(g)": 10.0, **{f"{s}(g)": n for s, n in gas.items()}}
    return afterburner.run({"gas": stream(inlet, T=1500.0)}, section("afterburner")).outlets


def test_sodium_vapour_becomes_sulphate_then_salt_then_carbonate():
    fume = burnt(Na=10.0, SO2=1.0, HCl=3.0)["fume"]
    found = {s: fume[s][0] for s in ("Na2SO4(s)", "NaCl(s)", "Na2CO3(s)", "Na2O(s)")}
    assert found == pytest.approx(
        {"Na2SO4(s)": 1.0, "NaCl(s)": 3.0, "Na2CO3(s)": 2.5, "Na2O(s)": 0.0}, abs=1e-9
    )


def test_sulphur_and_chlorine_without_sodium_leave_by_the_stack():
    out = burnt(SO2=1.0, HCl=3.0, FeCl2=0.5)
    stack = out["stack_gas"]
    assert stack["SO2(g)"][0] + stack["SO3(g)"][0] == pytest.approx(1.0, rel=1e-6)
    assert stack.element("Cl")[0] == pytest.approx(4.0)
    assert out["fume"]["Fe2O3(s)"][0] == pytest.approx(0.25)
