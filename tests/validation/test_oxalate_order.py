"""How the rare earths part between oxalate and liquor, in the experiment that this is made of.

Source: Wang, Ziemkiewicz and Noble, Minerals 12 (2022) 236, as tabulated in the PrOMMiS library
(`precipitate/all_species.csv`), at pH 1.28: % fallen from a strip solution of 440 mg/L rare earths
(its abstract), much Ca, Al, Mn, Fe and Mg. The paper itself was not read; dose and medium are not
in the table. Equal amounts of the rare earths in a chloride liquor stand for it, THE DOSE IS CHOSEN
so that La falls as measured, and THE SOLUBILITY PRODUCTS BESIDE THAT OF ND ARE CALIBRATED on the
others. What is tested is that one solid solution tells all seven shares: with pure oxalates beside
one another, each would fall by itself, and two of three light ones were 14 points off.

What is predicted with these products stands in `test_precipitation.py` (University of Kentucky
2019): the light ones agree; Gd and Dy, which leave before all light ones here, stay longest there.
"""

from __future__ import annotations

import pytest

from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.units import precipitation

FALLEN = {"La": 51.51, "Ce": 68.07, "Pr": 78.0, "Nd": 81.55, "Gd": 88.01, "Tb": 87.66, "Dy": 87.16}
EACH, ACID, OXALATE = 4.3e-4, 10**-1.28, 0.00357  # mol/kg water; 7 of them are 440 mg/L


@pytest.fixture(scope="module")
def fallen():
    kg = 1000 * 18.015e-3
    ions = {f"{e}+3(aq)": EACH * kg for e in FALLEN}
    charge = (3 * EACH * len(FALLEN) + ACID) * kg
    liquor = stream({**ions, "H+(aq)": ACID * kg, "Cl-(aq)": charge, "H2O(l)": 1000.0})
    words = {"temperature": 298.15, "fines": 0.0, "iron_coprecipitated": 0.0}
    p = section("precipitation", dose=2 * OXALATE / (3 * EACH * len(FALLEN)), **words)
    outcome = precipitation.run({"liquor": liquor}, p)
    assert not outcome.failures
    solid = outcome.outlets["precipitate"].phase("s")
    return {e: float(100 * solid.element(e)[0] / liquor.element(e)[0]) for e in FALLEN}


@pytest.mark.parametrize("element", FALLEN)
def test_each_falls_as_measured(fallen, element):
    assert fallen[element] == pytest.approx(FALLEN[element], abs=1.0)


def test_the_cake_of_half_a_dose_holds_what_the_liquor_held():
    """Half the oxalate of a Nd-Pr-Dy liquor takes half of each, as mixed crystals do."""
    kg = 1000 * 18.015e-3
    ions = {"Nd+3(aq)": 0.15 * kg, "Pr+3(aq)": 0.035 * kg, "Dy+3(aq)": 0.018 * kg}
    liquor = stream({**ions, "Cl-(aq)": 3 * sum(ions.values()), "H2O(l)": 1000.0})
    p = section("precipitation", dose=0.5, temperature=303.15, fines=0.0)
    solid = precipitation.run({"liquor": liquor}, p).outlets["precipitate"].phase("s")
    for element in ("Nd", "Pr", "Dy"):
        assert 40 < 100 * solid.element(element)[0] / liquor.element(element)[0] < 70
