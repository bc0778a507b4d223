"""Precipitation of the rare earths: doses, what falls with them, what comes back."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.liquors import H2O, HCL, OXALIC, grams, water, weight
from helpers.sections import section
from sludgesim.thermo import Stream, merge, stream
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.units import precipitation
from sludgesim.units.beaker import dose_leaving


def fall(liquor: Stream, **changes: object):
    changes = {"fines": 0.0, "iron_coprecipitated": 0.0, **changes}
    return precipitation.run({"liquor": liquor}, section("precipitation", **changes))


def fallen(outcome, element: str) -> float:
    return float(outcome.outlets["precipitate"].phase("s").element(element)[0])


def test_precipitant_per_kg_of_oxide():
    oxide = weight(Nd=1, O=1.5)
    for word, species, molar, expected in [
        ("oxalic_acid", "H2C2O4.2H2O(s)", OXALIC, 1.124),
        ("ammonium_bicarbonate", "NH4HCO3(s)", weight(N=1, H=5, C=1, O=3), 1.410),
        ("sodium_carbonate", "Na2CO3(s)", weight(Na=2, C=1, O=3), 0.945),
    ]:
        drawn = fall(water(Nd_3=1.0), dose=1.0, precipitant=word).drawn[word]
        assert grams(drawn, species, molar) / oxide == pytest.approx(expected, rel=1e-3)


def test_oxalate_gives_the_acid_back():
    """All but a thousandth of 1 mol Nd falls from dilute chloride and returns 3 mol of acid."""
    outcome = fall(water(Nd_3=1.0), dose=1.4, temperature=298.15)
    free = sum(outcome.outlets[port]["H+(aq)"][0] for port in ("mother_liquor", "precipitate"))
    half = sum(outcome.outlets[port]["C2O4-2(aq)"][0] for port in ("mother_liquor", "precipitate"))
    hcl = (free - 2 * half) * HCL  # but for the protons that unused oxalic acid gave off
    assert hcl / weight(Nd=1, O=1.5) == pytest.approx(0.650, rel=1e-3)


def test_too_little_precipitant_precipitates_what_it_can():
    for word in ("oxalic_acid", "ammonium_bicarbonate"):
        outcome = fall(water(Nd_3=1.0), precipitant=word, dose=0.5, temperature=298.15)
        assert fallen(outcome, "Nd") == pytest.approx(0.5, abs=0.02)


def test_more_dose_less_acid_and_cold_bring_more_rare_earth_down():
    acid = water(Nd_3=5.0, H=40.0)
    by_dose = [fallen(fall(acid, dose=d), "Nd") for d in (1.0, 1.2, 1.4)]
    assert by_dose[0] < by_dose[1] < by_dose[2] < 5.0
    assert fallen(fall(water(Nd_3=5.0)), "Nd") > by_dose[2]
    hot, cold = (fallen(fall(acid, temperature=T), "Nd") for T in (350.0, 300.0))
    assert cold > hot


def test_rich_liquors_are_diluted():
    outcome = fall(water(Nd_3=10.0), rare_earths=300.0, wash_ratio=0.0)
    liters = (1000.0 * H2O + outcome.drawn["process_water"].mass()[0] * 1000) / 1000
    assert 10.0 / liters == pytest.approx(0.3, rel=1e-4)


def test_ferrous_iron_falls_as_oxalate_and_ferric_does_not():
    for ion, falls in [("Fe_2", True), ("Fe_3", False)]:
        liquor = water(Nd_3=1.0, H=5.0, **{ion: 1.0})
        solid = fallen(fall(liquor, iron_coprecipitated=0.07), "Fe")
        assert solid == pytest.approx(0.07 if falls else 0.0, abs=1e-9)


def test_fines_pass_the_filter():
    caught = [fallen(fall(water(Nd_3=1.0), fines=share), "Nd") for share in (0.0, 0.1)]
    assert caught[1] == pytest.approx(0.9 * caught[0])


def test_bicarbonate_neutralises_free_acid_before_it_precipitates():
    more = fall(water(Nd_3=1.0, H=2.0), precipitant="ammonium_bicarbonate")
    less = fall(water(Nd_3=1.0), precipitant="ammonium_bicarbonate")
    salt = [o.drawn["ammonium_bicarbonate"]["NH4HCO3(s)"][0] for o in (more, less)]
    gas = [o.outlets["precipitation_gas"]["CO2(g)"][0] for o in (more, less)]
    assert salt[0] - salt[1] == pytest.approx(2.0)
    assert gas[0] - gas[1] == pytest.approx(2.0, rel=0.02)
    assert more.outlets["mother_liquor"]["H+(aq)"] == pytest.approx(0, abs=1e-3)


RESIDUALS = [
    ("oxalic_acid", lambda s: "C2O4" in s, 2, [0.005, 0.02, 0.1]),
    ("ammonium_bicarbonate", lambda s: "CO" in s, 1, [0.04, 0.1, 0.3]),
    ("sodium_carbonate", lambda s: "CO" in s, 1, [0.04, 0.1, 0.3]),
]


@pytest.mark.parametrize(("word", "counted", "carbon", "residuals"), RESIDUALS)
def test_precipitant_dosed_to_a_residual(word, counted, carbon, residuals):
    """The residual is met, and a case alone is the case of a batch; one of them goes by dose."""
    kg = H2O / 1e3
    changes = {"precipitant": word, "wash_ratio": 0.0, "wash_efficiency": 0.0}
    liquor = water(Nd_3=1.0, Dy_3=0.2)
    alone = [fall(liquor, residual=r, **changes) for r in residuals]
    for r, o in zip(residuals, alone, strict=True):
        mother = o.outlets["mother_liquor"]
        held = mother.only(counted).element("C")[0] / carbon
        # Standard weights here against those of the package: 2e-6.
        assert held / (mother["H2O(l)"][0] * kg) == pytest.approx(r, rel=1e-5)
    drawn = [o.drawn[word].moles[0, 0] for o in alone]
    assert drawn == sorted(drawn)
    many = np.array([*residuals, np.nan])
    p = section("precipitation", n=4, fines=0.0, iron_coprecipitated=0.0, residual=many, **changes)
    four = stream({s: liquor[s][0] for s in liquor.species}, n=4)
    batch = precipitation.run({"liquor": four}, p)
    by_dose = fall(liquor, **changes).drawn[word].moles[0, 0]
    np.testing.assert_allclose(batch.drawn[word].moles[:, 0], [*drawn, by_dose], rtol=1e-9)


def test_residual_oxalate_is_met_exactly():
    liquor = water(Nd_3=1.0, Dy_3=0.2)
    unit, system = stream({"H2C2O4.2H2O(s)": 1.0}), load_aqueous("leaching")
    residual = np.array([0.005, 0.02, 0.1])
    many = stream({s: liquor[s][0] for s in liquor.species}, T=303.15, n=3)
    amount, failures = dose_leaving(system, many, unit, "oxalate", residual, many.T)
    assert not failures
    found = system.equilibrate_stream(merge([many, unit.times(amount)]), many.T)
    np.testing.assert_allclose(found.dissolved("oxalate"), residual, rtol=1e-9)


def test_more_residual_oxalate_recovers_more():
    outcomes = [fall(water(Nd_3=1.0, Dy_3=0.2), residual=r) for r in (0.005, 0.02, 0.1)]
    for element in ("Nd", "Dy"):
        recovered = [fallen(o, element) for o in outcomes]
        assert recovered[0] < recovered[1] < recovered[2]


def test_residual_that_is_passed_or_cannot_be_met():
    rich = water(Nd_3=1.0).changed({"H2C2O4(aq)": np.array([3.0])})
    passed = fall(rich, residual=0.01)
    assert passed.drawn["oxalic_acid"].moles[0, 0] == 0
    assert not passed.failures
    # Oxalic acid saturates at 1.1 mol/kg in water at 25 degC.
    beyond = fall(water(Nd_3=1.0), residual=3.0, temperature=298.15)
    assert [f.reason for f in beyond.failures] == ["the reagent does not reach the target"]
