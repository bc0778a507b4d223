"""Iron removal and rare-earth precipitation against stoichiometry and published experiments.

Stoichiometry: kg of reagent and of solid per kg, worked out by hand from atomic weights; 0.1 %.
Nothing is calibrated.

Klemettinen et al., Minerals 13 (2023): sulphuric leach liquor of magnets, oxalic acid at 1.0, 1.2
and 1.4 times the stoichiometric amount. Its abstract tells no composition: metal contents are those
of a 35 g/L magnet, the FREE ACID IS CALIBRATED on the yield at dose 1.0; the yields at 1.2 and 1.4
are predicted, within 2 points. The 7 % of Fe(II) that fell at 1.4 are a parameter of the unit and
not validated; that none falls once iron is oxidised is.

KIGAM, SIPS 2017: Nd 23.39, Dy 8.67 g/L, 60 degC, 7 equivalents of Na2SO4. The solubility products
OF THE DOUBLE SULPHATES ARE CALIBRATED on these yields, as one solid solution, which the first
figures only check. For 3.5 equivalents the abstract has no figures, but says that Nd falls easily
and Dy wants the excess.

University of Kentucky 2019 (oxalate at 6.4 g/L): shares fallen by element. Liquor and acid are not
stated; a dilute sulphate liquor was taken and ITS ACID CHOSEN so that La falls as measured. The
ratios of the solubility products are calibrated on another experiment (`test_oxalate_order.py`), so
Ce, Pr and Nd beside La are predicted, within 1 point. Gd comes before Ce instead of after it, Dy
before La, as in that experiment, and of Ca and Fe next to nothing falls.
"""

from __future__ import annotations

import pytest

from helpers.misses import known_miss
from helpers.sections import section
from sludgesim.thermo import Stream, stream
from sludgesim.units import calciner, iron_removal, precipitation

FE, H2O = 55.845, 18.015


def iron_liquor(valence: int) -> Stream:
    return stream({f"Fe+{valence}(aq)": 20.0, "Cl-(aq)": 20.0 * valence, "H2O(l)": 1000.0})


# (valence, alkali, what counts, its molar mass, kg per kg of iron)
ALKALI = [
    (3, "sodium_hydroxide", "Na+(aq)", 39.997, 2.149),
    (2, "sodium_hydroxide", "Na+(aq)", 39.997, 1.433),
    (3, "calcium_hydroxide", "Ca(OH)2(s)", 74.092, 1.990),
    (2, "calcium_hydroxide", "Ca(OH)2(s)", 74.092, 1.327),
    (3, "ammonia", "NH3(aq)", 17.031, 0.915),
    (2, "ammonia", "NH3(aq)", 17.031, 0.610),
]


@pytest.mark.parametrize(("valence", "alkali", "species", "weight", "expected"), ALKALI)
def test_alkali_per_kg_of_iron(valence, alkali, species, weight, expected):
    p = section("iron_removal", alkali=alkali)
    drawn = iron_removal.run({"slurry": iron_liquor(valence)}, p).drawn[alkali]
    assert drawn[species][0] * weight / (20 * FE) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("word", "expected"), [("goethite", 1.591), ("hydroxide", 1.914), ("hematite", 1.430)]
)
def test_dry_iron_precipitate_per_kg_of_iron(word, expected):
    slurry = iron_removal.run(
        {"slurry": iron_liquor(3)}, section("iron_removal", iron_solid=word)
    ).outlets["slurry"]
    assert slurry.phase("s").mass()[0] * 1e3 / (20 * FE) == pytest.approx(expected, rel=1e-3)


# mol/kg of water: 35 g/L of a magnet with 30 % Nd and 65 % Fe; acid calibrated.
ND, IRON, FREE_ACID = 0.073, 0.41, 1.6
YIELDS = [(1.0, 93.0, 0.5), (1.2, 96.7, 2.0), (1.4, 98.1, 2.0)]  # within; calibrated on the first


def oxalate(dose: float, valence: int, carried: float) -> tuple[float, float]:
    """% of the rare earths and of the iron that fall from 1000 mol of water."""
    kg = 1000 * H2O / 1000
    ions = {"Nd+3(aq)": ND * kg, f"Fe+{valence}(aq)": IRON * kg, "H+(aq)": FREE_ACID * kg}
    charge = (3 * ND + valence * IRON + FREE_ACID) * kg
    liquor = stream({**ions, "SO4-2(aq)": charge / 2, "H2O(l)": 1000.0})
    p = section(
        "precipitation", dose=dose, temperature=298.15, fines=0.0, iron_coprecipitated=carried
    )
    outcome = precipitation.run({"liquor": liquor}, p)
    assert not outcome.failures
    solid = outcome.outlets["precipitate"].phase("s")
    return tuple(float(100 * solid.element(e)[0] / liquor.element(e)[0]) for e in ("Nd", "Fe"))


@pytest.mark.parametrize(("dose", "measured", "within"), YIELDS)
def test_oxalate_yields_by_dose(dose, measured, within):
    rare_earths, iron = oxalate(dose, 2, 0.0)
    assert rare_earths == pytest.approx(measured, abs=within)
    assert iron < 1.0  # practically none by solubility


def test_oxidised_iron_stays_in_solution():
    assert oxalate(1.4, 2, 0.07)[1] == pytest.approx(7.0, abs=0.5)
    assert oxalate(1.4, 3, 0.07)[1] < 0.01


def double_sulphate(equivalents: float) -> tuple[dict[str, float], precipitation.Outcome]:
    """% of Nd and Dy in the cake; one equivalent is 1/2 mol of Na2SO4 per mol of rare earths."""
    amounts = {"Nd": 23.39 / 144.242, "Dy": 8.67 / 162.50}
    ions = {f"{e}+3(aq)": n for e, n in amounts.items()}
    liquor = stream({**ions, "SO4-2(aq)": 1.5 * sum(amounts.values()), "H2O(l)": 1000 / H2O})
    words = {"precipitant": "sodium_sulphate", "temperature": 333.15, "fines": 0.0}
    p = section("precipitation", dose=equivalents, **words)
    outcome = precipitation.run({"liquor": liquor}, p)
    assert not outcome.failures
    cake = outcome.outlets["precipitate"]
    return {e: float(100 * cake.element(e)[0] / n) for e, n in amounts.items()}, outcome


def test_double_sulphate_at_seven_equivalents_and_at_half():
    at_seven, at_half = double_sulphate(7.0)[0], double_sulphate(3.5)[0]
    assert at_seven == pytest.approx({"Nd": 99.7, "Dy": 94.3}, abs=0.2)  # calibrated
    assert 98.0 < at_half["Nd"] < at_seven["Nd"]
    assert 80.0 < at_half["Dy"] < at_seven["Dy"] - 2
    assert at_seven["Nd"] - at_half["Nd"] < at_seven["Dy"] - at_half["Dy"]  # Dy wants the excess


def test_double_sulphates_become_hydroxide_and_oxide():
    """NaRE(SO4)2.H2O + 3 NaOH = RE(OH)3 + 2 Na2SO4 + H2O, by kg of caustic soda."""
    outcome = double_sulphate(7.0)[1]
    cake, drawn = outcome.outlets["precipitate"], outcome.drawn
    rare = cake.element("Nd")[0] + cake.element("Dy")[0]
    assert drawn["sodium_sulphate"]["Na2SO4(s)"][0] == pytest.approx(
        3.5 * (23.39 / 144.242 + 8.67 / 162.50)
    )
    assert drawn["sodium_hydroxide"]["Na+(aq)"][0] == pytest.approx(1.2 * 3 * rare, rel=1e-3)
    hydroxide = cake["Nd(OH)3(s)"][0] + cake["Dy(OH)3(s)"][0]
    assert hydroxide == pytest.approx(rare, rel=1e-4)
    assert cake.element("S")[0] < 0.01 * rare
    oxide = calciner.run({"precipitate": cake}, section("calciner")).outlets["oxide"]
    assert 2 * oxide["Nd2O3(s)"][0] == pytest.approx(cake.element("Nd")[0])
    earths = (oxide["Nd2O3(s)"] * 336.48 + oxide["Dy2O3(s)"] * 373.0)[0] / 1e3
    assert earths / oxide.mass()[0] > 0.99


# % fallen with 6.4 g/L oxalic acid (Kentucky).
FALLEN = {"La": 94, "Ce": 97, "Pr": 99, "Nd": 99, "Gd": 96, "Dy": 85, "Ca": 21, "Fe": 15}


@pytest.fixture(scope="module")
def fallen():
    """% of each element in the oxalate; the acid of 0.42 mol/L is chosen for La."""
    kg = 1000 * H2O / 1000
    rare = {f"{e}+3(aq)": 1e-4 * kg for e in ("La", "Ce", "Pr", "Nd", "Gd", "Dy")}
    ions = rare | {"Ca+2(aq)": 5e-4 * kg, "Fe+3(aq)": 5e-4 * kg, "H+(aq)": 0.42 * kg}
    charge = 3 * (sum(rare.values()) + ions["Fe+3(aq)"]) + 2 * ions["Ca+2(aq)"] + ions["H+(aq)"]
    liquor = stream({**ions, "SO4-2(aq)": charge / 2, "H2O(l)": 1000.0})
    oxalate_per_kg = 6.4 / 126.07
    words = {"temperature": 298.15, "fines": 0.0, "iron_coprecipitated": 0.0}
    p = section("precipitation", dose=2 * oxalate_per_kg * kg / (3 * sum(rare.values())), **words)
    solid = precipitation.run({"liquor": liquor}, p).outlets["precipitate"].phase("s")
    return {e: float(100 * solid.element(e)[0] / liquor.element(e)[0]) for e in FALLEN}


def test_rare_earths_fall_for_the_oxalate_before_calcium_and_iron(fallen):
    assert min(fallen["Nd"], fallen["Pr"]) > fallen["Ce"] > fallen["La"] > 50 > fallen["Ca"]
    for e in ("La", "Ce", "Pr", "Nd"):
        assert fallen[e] == pytest.approx(FALLEN[e], abs=1)


@pytest.mark.parametrize(
    ("first", "second"), [("Ce", "Gd"), ("La", "Dy")], ids=["Gd after Ce", "Dy after La"]
)
@known_miss("the heavy ones fall too well")
def test_heavy_rare_earths_fall_after_the_light_ones(fallen, first, second):
    assert fallen[first] > fallen[second]


@pytest.mark.parametrize("element", ["Dy", "Ca", "Fe"])
@known_miss("Dy 14 points high, Ca 21 and Fe 15 points low")
def test_dysprosium_calcium_and_iron_fall_as_measured(fallen, element):
    assert fallen[element] == pytest.approx(FALLEN[element], abs=5)
