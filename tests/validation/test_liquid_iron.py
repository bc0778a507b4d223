"""Carbon in liquid iron: saturation and what boron and silicon do to it.

Source: carbon saturation of the assessed Fe-C liquid (P. Gustafson 1985, computed with NASA's
liquid iron) and of Chipman's line 1.30 + 2.57e-3 t; slopes per wt% of solute from
theta_CB = 18900/T - 6.34 (Huang et al., Tetsu-to-Hagane 81 (1995) 1049) and from e_C^Si.
Calibrated: the Fe-C associates on the assessed liquid; the Fe : B and Fe : Si ratios of their
associates on the slopes. Neither is thereby validated: saturation and slopes test the fit, and only
the agreement with Chipman's line and with the iron-carbon diagram is independent.
"""

from __future__ import annotations

import numpy as np
import pytest

from helpers.misses import known_miss
from sludgesim.thermo import load_system, stream


def saturated(celsius, **solutes):
    """wt% C, and wt% of each solute, in liquid iron over graphite; solutes in mol per mol Fe."""
    amounts = {"Fe(metal)": 10.0, "C(s)": 10.0}
    names = {"B": "Fe2.5B(metal)", "Si": "Fe2.5Si(metal)"}
    amounts |= {names[e]: 10.0 * n for e, n in solutes.items()}
    charge = stream(amounts, T=np.atleast_1d(celsius) + 273.15)
    metal = load_system("smelting").equilibrate_stream(charge).stream().phase("metal")
    share = {e: 100 * metal.element_mass(e) / metal.mass() for e in ("C", *solutes)}
    return share


def test_saturation_of_the_assessed_liquid():
    celsius = np.array([1160.0, 1200, 1300, 1400, 1500, 1600])
    found = saturated(celsius)["C"]
    assert found == pytest.approx([4.355, 4.460, 4.719, 4.975, 5.231, 5.487], abs=0.05)


def test_saturation_against_chipmans_line():
    """Not calibrated on it; the assessed liquid itself lies 0.08 wt% above."""
    celsius = np.array([1160.0, 1200, 1300, 1400, 1450, 1500, 1600])
    found = saturated(celsius)["C"]
    assert found == pytest.approx(1.30 + 2.57e-3 * celsius, abs=0.13)


@pytest.mark.parametrize(
    ("solute", "published", "within", "celsius"),
    [("B", -0.72, 0.05, t) for t in (1300.0, 1375.0, 1450.0)]
    + [("Si", -0.30, 0.02, t) for t in (1300.0, 1450.0, 1550.0)],
)
@pytest.mark.parametrize("content", [0.02, 0.05])
def test_slope_of_a_solute(solute, published, within, celsius, content):
    """At contents where the silicon stays in the metal: no SiC forms."""
    plain, alloyed = saturated(celsius), saturated(celsius, **{solute: content})
    slope = (alloyed["C"] - plain["C"]) / alloyed[solute]
    assert slope[0] == pytest.approx(published, abs=within)


def test_austenite_and_liquid_share_the_carbon_at_1200():
    """Iron-carbon diagram at 1200 C: austenite to 1.8, liquid from 3.9 wt% C (textbook)."""
    charge = stream({"Fe(metal)": 10.0, "C(s)": 1.2}, T=1473.15)
    melt = load_system("smelting").equilibrate_stream(charge).stream()
    for phase, percent in (("fcc", 1.8), ("metal", 3.9)):
        part = melt.phase(phase)
        assert part.mass()[0] > 0
        found = 100 * part.element_mass("C") / part.mass()
        assert found[0] == pytest.approx(percent, abs=0.35), phase


@known_miss("the eutectic of liquid, austenite and graphite lies at 1140 C instead of 1153 C")
def test_nothing_is_molten_below_the_eutectic():
    charge = stream({"Fe(metal)": 10.0, "C(s)": 10.0}, T=1150.0 + 273.15)
    melt = load_system("smelting").equilibrate_stream(charge).stream()
    assert melt.phase("metal").mass()[0] == pytest.approx(0.0, abs=1e-9)
