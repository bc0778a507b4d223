"""Iron as jarosite: the conditions of the jarosite process, and what they leave in the liquor.

Read, in abstracts only: sodium jarosite falls at 98 degC at pH 1.0 to 2.0 (The behaviour of
phosphate during jarosite precipitation, 2008), and at 70 to 100 degC from Fe(SO4)1.5 with 0.0125 to
0.7 mol/L Na2SO4, at a rate that rises by 87 kJ/mol (Comparative rates of precipitation of ammonium
jarosite and sodium jarosite, 2010). Recalled, not read: zinc works at pH 1.5 and 90 to 95 degC
leave 1 to 5 g/L of iron. Equilibrium is what hours and seeds come near to, so that the lower end is
expected; a tenth below it is let pass. The constant of natrojarosite is that of the data; nothing
was calibrated.
"""

from __future__ import annotations

import pytest

from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.units import iron_removal

KG = 1000 * 18.015e-3  # of 1000 mol water
FE, JAROSITE = 55.845, 484.705  # g/mol
SOLID = "NaFe3(SO4)2(OH)6(s)"


def removal(
    pH: float, degC: float, acid: float = 0.2, sodium: float = 0.2, sulphate: bool = True, **changes
):
    """The unit on 0.4 mol/kg of ferric iron, without rare earths."""
    charge = (3 * 0.4 + acid + sodium) * KG
    anion = {"SO4-2(aq)": charge / 2} if sulphate else {"Cl-(aq)": charge}
    ions = {"Fe+3(aq)": 0.4 * KG, "H+(aq)": acid * KG, "Na+(aq)": sodium * KG}
    liquor = stream({**ions, **anion, "H2O(l)": 1000.0})
    told = {"iron_solid": "jarosite", "pH": pH, "temperature": degC + 273.15, **changes}
    outcome = iron_removal.run({"slurry": liquor}, section("iron_removal", **told))
    assert not outcome.failures
    return outcome


def left(outcome) -> float:
    """Iron in the liquor, g per kg of its water."""
    slurry = outcome.outlets["slurry"]
    return float(slurry["Fe+3(aq)"][0] * FE / (slurry["H2O(l)"][0] * 18.015e-3))


@pytest.mark.parametrize("degC", [90, 95])
def test_what_the_process_leaves(degC):
    outcome = removal(1.5, degC)
    assert 0.9 <= left(outcome) <= 5
    assert not outcome.warnings


@pytest.mark.parametrize("pH", [1.0, 1.5, 2.0])
def test_sodium_jarosite_falls_when_hot(pH):
    slurry = removal(pH, 98, acid=0.8).outlets["slurry"]
    assert slurry[SOLID][0] > 0.1 * KG * 0.4 / 3
    assert slurry["Fe(OH)3(s)"][0] == 0


def test_heat_and_alkali_drive_the_iron_out():
    assert left(removal(1.5, 95)) < left(removal(1.5, 80)) < left(removal(1.5, 60))
    assert left(removal(2.5, 95)) < left(removal(2.0, 95)) / 5 < left(removal(1.5, 95)) / 25


def test_sulphate_and_sodium_are_needed():
    """Lime brings no sodium, hydrochloric acid no sulphate: hydroxide falls, above pH 2."""
    for lacking in (
        {"sodium": 0.0, "alkali": "calcium_hydroxide"},
        {"sulphate": False},
    ):
        low, high = (removal(pH, 95, **lacking) for pH in (1.5, 3.5))
        assert left(low) > 20
        assert left(high) < 0.02
        for outcome in (low, high):
            assert outcome.outlets["slurry"][SOLID][0] == 0
            assert any("jarosite" in w for w in outcome.warnings)
        hydroxide = high.outlets["slurry"]["Fe(OH)3(s)"][0]
        assert hydroxide == pytest.approx(0.4 * KG, rel=1e-3)


def test_alkali_and_cake_by_stoichiometry():
    """3 Fe+3 + 2 SO4-2 + Na+ + 6 OH- = NaFe3(SO4)2(OH)6: two of alkali per iron, not three."""
    outcome = removal(3.0, 95, acid=0.0)
    slurry = outcome.outlets["slurry"]
    caustic = outcome.drawn["sodium_hydroxide"]["Na+(aq)"][0]
    acid = slurry["H+(aq)"][0]  # most of it bisulphate
    assert caustic + acid == pytest.approx(2 * 0.4 * KG, rel=1e-3)
    assert slurry.phase("s").mass()[0] * 1e3 == pytest.approx(0.4 * KG * JAROSITE / 3, rel=1e-3)


def test_double_sulphates_go_with_it_unless_forbidden():
    ions = {"Fe+3(aq)": 0.4 * KG, "Nd+3(aq)": 0.1 * KG, "Na+(aq)": 0.2 * KG, "H+(aq)": 0.2 * KG}
    liquor = stream({**ions, "SO4-2(aq)": (1.2 + 0.3 + 0.4) / 2 * KG, "H2O(l)": 1000.0})
    told = {"iron_solid": "jarosite", "pH": 1.8, "temperature": 368.15}
    for word, share in (("fall", 0.02), ("stay", 0.97)):
        p = section("iron_removal", double_sulphates=word, **told)
        slurry = iron_removal.run({"slurry": liquor}, p).outlets["slurry"]
        assert slurry["Nd+3(aq)"][0] / (0.1 * KG) == pytest.approx(share, abs=0.02)
        assert slurry[SOLID][0] > 0.95 * KG * 0.4 / 3
