"""Iron kept out of the liquor, through leach and iron removal, against published experiments.

J. Chin. Rare Earth Soc. 2024(5): heel of 0.71 M HCl, 75 degC, H2O2 fed, end pH 3.0 to 3.5: REO
99.26 %, Co 90.53 %, Fe2O3/REO below 0.01 %. Neither time, acid nor grains are told: 24 h and 1.5
times 3 mol HCl per mol of rare earth are assumed, grains of 0.25 um CALIBRATED on the rare earths.
Predicted: iron, and a bracket of the cobalt: 8 points high with all of it as CoO, 38 % with all
of it as the spinel; how the roast left it was not told.

Zhu et al., Sustainability 12 (2020) 2624: nitrate liquor of Nd 9.01, Pr 2.11, Dy 0.37, Fe 10.53
g/L, iron driven out as hematite in an autoclave: 99.94 % with fructose, which destroys nitric acid
(81.8 % without); left Nd 8.84, Pr 2.07, Dy 0.36 g/L; solid of 67.92 % Fe. The rare earths lost are
an input (1.9 %, of Nd, for all three). Fructose is replaced by alkali to pH 2, so that iron has to
go whatever the rates: that 99.94 % is reached is a balance, no prediction. What would be one, the
81.8 % without fructose, the model misses: by equilibrium 99.98 % fall at 160 degC. Temperature and
free acid of the experiment are not known here.
"""

from __future__ import annotations

import numpy as np
import pytest

from helpers.misses import known_miss
from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.thermo.elements import formula_weight
from sludgesim.units import iron_removal, leach

COBALT = {"CoO(s)": 0.3}
SPINEL = {"Co3O4(s)": 0.1}


def leached(cobalt):
    """Slurry of a roast that holds some FeO, whose iron only the peroxide takes out."""
    calcine = {"NdFeO3(s)": 1.0, "NdBO3(s)": 1.0, "Fe2O3(s)": 6.2, "FeO(s)": 0.6}
    solids = stream(calcine | cobalt)
    excess = 0.5
    acid = 3 * 2.0 * (1 + excess)
    p = section(
        "leach", acid_basis="rare_earths", acid_excess=excess, temperature=348.15, time=24 * 3600.0,
        grain_size=2.5e-7, iron_solid="goethite", liquid_to_solid=acid / 0.71 / solids.mass()[0],
    )  # fmt: skip
    return leach.run({"solids": solids}, p).outlets["slurry"]


def iron_per_oxide(liquor):
    iron = liquor.element("Fe")[0] * formula_weight({"Fe": 1.0, "O": 1.5})
    return iron / (liquor.element("Nd")[0] * formula_weight({"Nd": 1.0, "O": 1.5}))


def cobalt_dissolved(cobalt):
    return 100 * leached(cobalt).phase("aq").element("Co")[0] / 0.3


def test_peroxide_at_ph_3_keeps_the_iron_out():
    slurry = leached(COBALT)
    assert iron_per_oxide(slurry.phase("aq")) > 1e-2
    for pH in (3.0, 3.5):
        q = section("iron_removal", pH=pH, temperature=348.15, rare_earth_coprecipitated=0.0)
        liquor = iron_removal.run({"slurry": slurry}, q).outlets["slurry"].phase("aq")
        assert iron_per_oxide(liquor) < 1e-4
        assert 100 * liquor.element("Nd")[0] / 2.0 == pytest.approx(99.26, abs=0.5)  # calibrated
        assert 90.53 < 100 * liquor.element("Co")[0] / 0.3 < 99


def test_measured_cobalt_lies_between_monoxide_and_spinel():
    assert cobalt_dissolved(SPINEL) < 90.53 < cobalt_dissolved(COBALT)


@known_miss("8 points high with all cobalt as CoO")
def test_cobalt_as_monoxide_dissolves_as_measured():
    assert cobalt_dissolved(COBALT) == pytest.approx(90.53, abs=3)


GRAMS = {"Nd": 9.01, "Pr": 2.11, "Dy": 0.37, "Fe": 10.53}
LOST = 1 - 8.84 / 9.01
MOLES = {f"{e}+3(aq)": g / 1e3 / formula_weight({e: 1.0}) for e, g in GRAMS.items()}


def nitrate_liquor(acid: float = 0.0):
    """A litre, in mol."""
    nitrate = 3 * sum(MOLES.values()) + acid
    return stream({**MOLES, "H+(aq)": acid, "NO3-(aq)": nitrate, "H2O(l)": 55.5})


def test_hematite_from_a_nitrate_liquor_with_alkali_for_fructose():
    p = section(
        "iron_removal", iron_solid="hematite", pH=2.0, temperature=393.15,
        rare_earth_coprecipitated=LOST,
    )  # fmt: skip
    outcome = iron_removal.run({"slurry": nitrate_liquor()}, p)
    assert not outcome.failures
    slurry = outcome.outlets["slurry"]
    left = {e: 1e3 * slurry.phase("aq").element_mass(e)[0] for e in GRAMS}
    assert 100 * (1 - left["Fe"] / GRAMS["Fe"]) >= 99.94
    assert left["Nd"] == pytest.approx(8.84, abs=0.005)  # an input
    assert left["Pr"] == pytest.approx(2.07, abs=0.01)
    assert left["Dy"] == pytest.approx(0.36, abs=0.01)
    solid = slurry.phase("s")
    assert 100 * solid.element_mass("Fe")[0] / solid.mass()[0] == pytest.approx(67.92, abs=1)


def hydrolysed():
    """Share of the iron that equilibrium leaves at 160 degC in 0, 1 and 3 mol/L more acid."""
    system = load_aqueous("leaching", also=("Fe2O3(s)",), without=("Fe(OH)3(s)",))
    left = []
    for acid in (0.0, 1.0, 3.0):
        found = system.equilibrate_stream(nitrate_liquor(acid), np.array([433.15]))
        assert found.converged.all()
        left.append(float(found.dissolved("iron")[0] * found.water[0] / MOLES["Fe+3(aq)"]))
        rare = found.dissolved("Nd")[0] * found.water[0] / MOLES["Nd+3(aq)"]
        assert rare == pytest.approx(1.0, abs=1e-9)
    return left


def test_iron_of_a_nitrate_liquor_hydrolyses_by_heat_alone():
    """2 Fe+3 + 3 H2O = Fe2O3 + 6 H+: its own acid leaves little, more acid leaves more."""
    left = hydrolysed()
    assert left[0] < 1e-3 < left[1] < left[2] < 0.1


@known_miss("by equilibrium 99.98 % of the iron falls without fructose, as do 96 % in 3 M acid")
def test_without_fructose_a_fifth_of_the_iron_stays():
    assert 100 * (1 - hydrolysed()[0]) == pytest.approx(81.8, abs=5)
