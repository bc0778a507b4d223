"""Cascade against stage-by-stage counting; solvent extraction and evaporation by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.thermo.stream import merge
from sludgesim.units import evaporation, solvent_extraction
from sludgesim.units.cascade import cascade

HEAVY, LIGHT = 0.99, 0.999


def steps(first, last, following):
    """Stages from one mole fraction to another, of the last one the part by logits."""

    def logit(z):
        return np.log(z / (1 - z))

    here, n = first, 0
    while (here < last) == (first < last):
        before, here, n = here, following(here), n + 1
    return n - (logit(here) - logit(last)) / (logit(here) - logit(before))


def counted(c, beta, feed):
    """Stages of both sections one by one; x, y: heavy in the aqueous and the organic phase.

    Extraction, from the raffinate up to the feed: x' = (S y + B (1 - P_B)) / (S + B). Scrub, from
    the organic product down to the organic phase that the feed is in equilibrium with:
    y' = (W x + A P_A) / S. Constant flows.
    """
    S, W, A, B = c.loaded[0], c.scrubbed[0], c.heavy[0], c.light[0]

    def organic(x):
        return beta * x / (1 + (beta - 1) * x)

    def aqueous(y):
        return y / (beta - (beta - 1) * y)

    extraction = steps(1 - LIGHT, feed, lambda x: (S * organic(x) + B * (1 - LIGHT)) / (S + B))
    return extraction, steps(HEAVY, organic(feed), lambda y: (W * aqueous(y) + A * HEAVY) / S)


@pytest.mark.parametrize("feed", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("beta", [5.0, 30.0])
@pytest.mark.parametrize(
    ("reflux", "share", "stages"),
    [(1.2, 0.18, 0.5), (1.5, 0.17, 0.3), (3, 0.1, 0.1), (20, 0.02, 0.02)],
)
def test_stages_lie_near_a_count_stage_by_stage(feed, beta, reflux, share, stages):
    """The theory takes the flows' ratio as that of the ends: exact for much reflux."""
    one = np.ones(1)
    c = cascade(feed * one, HEAVY * one, LIGHT * one, beta * one, reflux * one)
    extraction, scrub = counted(c, beta, feed)
    assert c.extraction_stages[0] == pytest.approx(extraction, rel=share)
    assert c.scrub_stages[0] == pytest.approx(scrub, abs=stages)


def test_products_have_the_purity_asked_for_and_balance():
    one = np.ones(3)
    feed = np.array([0.02, 0.1, 0.6])
    c = cascade(feed, 0.98 * one, 0.995 * one, 30 * one, one)
    np.testing.assert_allclose(c.heavy * 0.98 + c.light * 0.005, feed)
    np.testing.assert_allclose(c.loaded, c.heavy + c.scrubbed)
    assert (c.scrubbed > 0).all()


def test_easier_pairs_take_fewer_stages_and_less_scrub():
    one = np.ones(4)
    c = cascade(0.1 * one, 0.99 * one, 0.999 * one, np.array([2.0, 5.0, 30.0, 500.0]), one)
    assert (np.diff(c.extraction_stages) < 0).all()
    assert (np.diff(c.scrub_stages) < 0).all()
    assert (np.diff(c.scrubbed) < 0).all()


def test_a_feed_of_one_group_is_not_parted():
    one = np.ones(2)
    c = cascade(np.array([0.0, 1.0]), 0.99 * one, 0.999 * one, 30 * one, 2 * one)
    np.testing.assert_allclose(c.heavy, [0.0, 1.0])
    assert (c.scrubbed == 0).all()
    assert (c.extraction_stages == 0).all()


LIQUOR = {"Nd+3(aq)": 80.0, "Pr+3(aq)": 15.0, "Dy+3(aq)": 5.0, "Co+2(aq)": 3.0, "Cl-(aq)": 306.0,
          "H2O(l)": 20000.0}  # fmt: skip


def test_alkali_and_acid_follow_from_what_is_carried():
    """Per loading 3 mol NaOH and 3 mol HCl per mol RE: 0.713 and 0.650 kg per kg Nd2O3."""
    p = section("solvent_extraction", strip_excess=0.0)
    o = solvent_extraction.run({"liquor": stream(LIQUOR)}, p)
    c, _ = solvent_extraction.separated(stream(LIQUOR), p)
    carried = 100 * c.loaded
    np.testing.assert_allclose(o.drawn["sodium_hydroxide"]["Na+(aq)"], 3 * carried)
    np.testing.assert_allclose(o.drawn["hydrochloric_acid"]["Cl-(aq)"], 3 * carried)
    per_kg = 3 * 39.997 / (0.5 * 336.48), 3 * 36.461 / (0.5 * 336.48)
    assert per_kg == pytest.approx((0.713, 0.650), rel=1e-3)


def test_ammonia_saponifies_mole_for_mole_and_stays_with_the_raffinate():
    """HL + NH3 = NH4L; 3 NH4L + RE+3 = REL3 + 3 NH4+: 0.304 kg per kg Nd2O3 and loading."""
    soda, ammonia = (
        solvent_extraction.run({"liquor": stream(LIQUOR)}, section("solvent_extraction", **words))
        for words in ({}, {"saponification": "ammonia"})
    )
    drawn = ammonia.drawn["ammonia"]
    np.testing.assert_allclose(drawn["NH3(aq)"], soda.drawn["sodium_hydroxide"]["Na+(aq)"])
    assert pytest.approx(0.304, rel=2e-3) == 3 * 17.031 / (0.5 * 336.48)
    raffinate = ammonia.outlets["raffinate"]
    np.testing.assert_allclose(raffinate["NH4+(aq)"], drawn["NH3(aq)"])
    assert "sodium_hydroxide" not in ammonia.drawn
    assert not np.any(raffinate["Na+(aq)"])
    for ion in ("Nd+3(aq)", "Dy+3(aq)", "Cl-(aq)", "Co+2(aq)"):
        np.testing.assert_allclose(raffinate[ion], soda.outlets["raffinate"][ion])
    for outcome in (soda, ammonia):
        inn = merge([stream(LIQUOR), *outcome.drawn.values()])
        out = merge(outcome.outlets.values())
        for element in ("H", "O", "N", "Cl", "Na", "Nd", "E"):
            np.testing.assert_allclose(out.element(element), inn.element(element), atol=1e-9)


def test_products_part_by_group_and_cobalt_stays():
    o = solvent_extraction.run({"liquor": stream(LIQUOR)}, section("solvent_extraction"))
    heavy, light = o.outlets["strip_liquor"], o.outlets["raffinate"]
    in_heavy = {e: heavy[f"{e}+3(aq)"][0] for e in ("Nd", "Pr", "Dy")}
    assert in_heavy["Dy"] / sum(in_heavy.values()) == pytest.approx(0.99)
    in_light = {e: light[f"{e}+3(aq)"][0] for e in ("Nd", "Pr", "Dy")}
    assert in_light["Dy"] / sum(in_light.values()) == pytest.approx(0.001)
    assert light["Co+2(aq)"] == pytest.approx(3.0)
    assert heavy["Co+2(aq)"] == 0


def test_the_stages_are_a_kpi_and_rise_with_the_purity():
    scenario = ss.load()

    def stages(purity):
        words = {
            "wet_selective.solvent_extraction.separation": "light_heavy",
            "wet_selective.solvent_extraction.heavy_purity": purity,
        }
        asked = replace(scenario, inputs=scenario.inputs.with_values(words))
        return ss.run(asked, "wet_selective")["wet_selective"].kpis["extraction_stages"][0]

    assert 1 < stages(0.99) < stages(0.9999) < 20
    assert "extraction_stages" not in ss.run(scenario, "wet_selective").kpis.index


@pytest.mark.parametrize(
    ("anion", "number", "says"),
    [
        ("NO3-(aq)", 20.0, "6 % of the anions' charge is nitrate"),
        ("SO4-2(aq)", 10.0, "6 % of the anions' charge is sulphate"),
        ("SO4-2(aq)", 5.0, ""),
    ],
)
def test_a_liquor_that_is_no_chloride_is_told(anion, number, says):
    """20 of 326 mol of charge are 6 %, 10 are 3 %."""
    cations = {"Na+(aq)": number * (2 if anion.startswith("SO4") else 1)}
    liquor = stream({**LIQUOR, **cations, anion: number})
    told = solvent_extraction.run({"liquor": liquor}, section("solvent_extraction")).warnings
    found = [w for w in told if "anions' charge" in w]
    assert len(found) == bool(says)
    assert all(w.startswith(says) for w in found)


def test_gadolinium_is_the_harder_key():
    with_gd = stream({**LIQUOR, "Gd+3(aq)": 1.0})
    assert solvent_extraction.key_factor(with_gd) < solvent_extraction.key_factor(stream(LIQUOR))


SALT = {"Na+(aq)": 900.0, "Cl-(aq)": 900.0, "H3BO3(aq)": 20.0, "H2O(l)": 15000.0}


def test_salt_and_water_part_and_the_cake_is_as_moist_as_told():
    p = section("evaporation", method="recompression", moisture=0.1)
    o = evaporation.run({"wastewater": stream(SALT)}, p)
    cake = o.outlets["salt_cake"]
    assert cake["NaCl(s)"] == pytest.approx(900.0)
    assert cake["H2O(l)"][0] * 0.018015 / cake.mass()[0] == pytest.approx(0.1, rel=1e-4)
    assert set(o.outlets["condensate"].species) == {"H2O(l)"}


def test_steam_is_the_latent_heat_over_the_effects():
    """2283 kJ/kg at 90 degC (steam tables)."""
    changes = {"effects": 3.0, "effect_efficiency": 1.0, "power": 0.0}
    p = section("evaporation", method="steam", temperature=298.15, **changes)
    o = evaporation.run({"wastewater": stream(SALT)}, p)
    per_kg = o.duties["steam"] / o.outlets["condensate"].mass()
    assert per_kg[0] == pytest.approx(2283e3 / 3, rel=0.01)


def test_recompression_takes_its_power_per_tonne_of_water():
    p = section("evaporation", method="recompression", power=0.0)
    o = evaporation.run({"wastewater": stream(SALT)}, p)
    kwh = o.duties["electricity"] / 3.6e6 / (o.outlets["condensate"].mass() / 1000)
    assert kwh[0] == pytest.approx(30.0)
