"""Energy of furnaces that work elsewhere, as plausibility: their charge through this smelter.

Source: section 6 of the project's notes on the carbothermal route: Highveld 1440-1650 kWh per t hot
metal from a pre-reduced charge; induction melting of cast iron without reduction 510-640 kWh/t; and
the coke rate of blast furnaces without coal injection, 450-500 kg/t hot metal.
Calibrated on them: nothing. What the sources do not tell (ore, share of indirect reduction, losses)
is stated at each test.
"""

from __future__ import annotations

import pytest

from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.units import smelter

KWH = 3.6e6
IRON = 945e3 / 55.845  # mol in a t hot metal


def smelt(charge, **changes):
    """Outcome of one case with the smelter's defaults but for some, in SI or words."""
    return smelter.run({"calcine": stream(charge)}, section("smelter", **changes))


def hot_metal(outcome):
    """Mass of the metal, t."""
    return outcome.outlets["melt"].phase("metal").mass()[0] / 1000


def power(outcome):
    return outcome.duties["electricity"][0] / KWH / hot_metal(outcome)


@pytest.mark.parametrize(("blast", "loss"), [(1100, 0.10), (1150, 0.08), (1200, 0.05)])
def test_blast_furnace_coke_rate(blast, loss):
    """Hematite with 225 kg/t of gangue and lime, 60 % indirect reduction, 1450 degC."""
    ore = {
        "Fe2O3(s)": IRON / 2,
        "SiO2(s)": 90e3 / 60.08,
        "Al2O3(s)": 35e3 / 101.96,
        "CaO(s)": 100e3 / 56.08,
    }
    settings = {"furnace": "shaft", "carbon_source": "coke", "indirect_reduction": 0.6}
    settings |= {"temperature": 1723.15, "blast_temperature": blast + 273.15, "shaft_loss": loss}
    o = smelt(ore, **settings)
    coke = sum(o.drawn[k].only(lambda s: s != "H2O(l)").mass()[0] for k in ("coke", "fuel_coke"))
    assert 450 < coke / hot_metal(o) < 500
    assert 1300 < o.drawn["blast_air"].mass()[0] / hot_metal(o) < 1700
    assert 100 < o.outlets["furnace_gas"].T[0] - 273.15 < 250
    metal = o.outlets["melt"].phase("metal")
    # Practice has 0.3 to 1 %; the rate of silicon is an assumption, so only its size is asked for.
    si = 100 * metal.element_mass("Si")[0] / metal.mass()[0]
    assert 0.1 < si < 1.0


@pytest.mark.parametrize("efficiency", [0.65, 0.75])
def test_induction_melting_of_cast_iron(efficiency):
    """Iron and carbon to 1450 degC; efficiencies of 65 to 75 % are usual."""
    o = smelt({"Fe(s)": IRON}, furnace="induction", temperature=1723.15, efficiency=efficiency)
    assert 510 < power(o) < 640


def test_a_pre_reduced_charge_takes_the_published_power():
    """Iron half metal takes less, all wustite more; the source does not tell the share."""
    settings = {"temperature": 1723.15, "efficiency": 0.8}
    half = smelt({"Fe(s)": IRON / 2, "FeO(s)": IRON / 2}, **settings)
    wustite = smelt({"FeO(s)": IRON}, **settings)
    assert power(half) < 1440 < 1650 < power(wustite)
