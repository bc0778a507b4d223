"""Any feasible feed, with any allowed setting, closes every balance of every unit and route."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sludgesim as ss
from sludgesim.ledger import ELEMENT_TOLERANCE, ENERGY_TOLERANCE
from sludgesim.routes import ROUTES
from sludgesim.thermo import elements
from sludgesim.thermo.elements import formula_weight

CASES = 40  # feeds per example; hypothesis draws the seed and which elements are absent
ASSAYED = [e.symbol for e in elements().values() if e.assay and e.symbol not in ("O", "C")]
ALONE = ["Fe", "Nd", "Ce", "B", "Al", "Cu", "Mn", "Mg", "Ti", "Nb", "Na", "S", "P"]
TYPICAL = {"Fe": 65, "Nd": 22, "Pr": 5, "Dy": 3, "B": 1, "Co": 2, "Al": 1, "Cu": 1, "Ni": 1}


def feeds(rng, n, absent):
    """Assays (mass fractions, sum 1), water, oil and oxidised share of n random sludges."""
    mean = np.array([TYPICAL.get(e, 0.5) for e in ASSAYED], float)
    shares = rng.dirichlet(mean / mean.sum() * 8 + 0.02, size=n)
    shares[shares < 1e-6] = 0.0
    shares[:, [ASSAYED.index(e) for e in absent]] = 0.0
    # A feed holds no more chlorine than its sodium and iron bind.
    mol = {e: shares[:, ASSAYED.index(e)] / formula_weight({e: 1.0}) for e in ("Na", "Fe", "Cl")}
    bound = np.minimum(mol["Cl"], 0.99 * (mol["Na"] + 2 * mol["Fe"]))
    shares[:, ASSAYED.index("Cl")] = bound * formula_weight({"Cl": 1.0})
    shares /= shares.sum(axis=1, keepdims=True)
    moisture = rng.uniform(0, 0.7, n)
    return {f"feed.solids.{e}": shares[:, i] for i, e in enumerate(ASSAYED)} | {
        "feed.moisture": moisture,
        "feed.oil": rng.uniform(0, 0.25, n),
        "feed.oxidised": rng.uniform(0, 1, n),
    }


def settings_of(rng, n, route, parameters):
    """Values of every number parameter of a route, anywhere within its bounds (SI)."""
    values = {}
    for path, p in parameters.items():
        # acid that returns has a test of its own: with nine tenths of it the recycle may not settle
        if path.startswith(route + ".") and p.is_number and not path.endswith("acid_returned"):
            low, high = (p.to_si(b) for b in p.bounds)
            near = np.full(n, np.nan) if p.default is None or isinstance(p.default, str) else None
            if near is None:
                default = p.to_si(p.default)
                far = rng.uniform(low, high, n)
                values[path] = np.where(rng.random(n) < 0.7, default, far)
    return values


REFERENCE = ss.load()


def outcome(route, changes):
    scenario = replace(REFERENCE, inputs=REFERENCE.inputs.with_values(changes))
    return ss.run(scenario, route)[route]


# Rows that a shaft furnace refuses, for no such furnace could be run.
REFUSED = "smelter: the furnace makes less CO than the indirect reduction would take"


def check(result, refused=""):
    good = result.reason == ""
    assert (good | (result.reason == refused)).all(), sorted(set(result.reason))
    assert good.mean() > 0.9
    assert max(result.balance.worst_elements.values()) < ELEMENT_TOLERANCE
    assert result.balance.worst_energy < ENERGY_TOLERANCE
    for record in result.ledger.streams:
        size = np.abs(record.stream.moles).sum(axis=1, keepdims=True)
        assert (record.stream.moles >= -1e-9 * size)[good].all(), record.name


@pytest.mark.parametrize("route", ROUTES)
@given(
    seed=st.integers(0, 2**32 - 1),
    absent=st.lists(st.sampled_from(ASSAYED), max_size=6, unique=True),
)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_feeds(route, seed, absent):
    rng = np.random.default_rng(seed)
    check(outcome(route, feeds(rng, CASES, absent)))


@pytest.mark.parametrize("route", ROUTES)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_feeds_and_settings(route, seed):
    rng = np.random.default_rng(seed)
    changes = feeds(rng, CASES, [])
    changes |= settings_of(rng, CASES, route, REFERENCE.inputs.parameters)
    check(outcome(route, changes))


@pytest.mark.parametrize(
    "words",
    [
        {"furnace": "shaft", "carbon_source": "coke"},
        {"furnace": "shaft", "carbon_source": "charcoal"},
        {"furnace": "induction", "carbon_source": "coke", "post_combustion_gas": "air"},
    ],
    ids=["shaft coke", "shaft charcoal", "induction air"],
)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_feeds_and_settings_of_other_furnaces(words, seed):
    rng = np.random.default_rng(seed)
    route = "carbothermal"
    changes = feeds(rng, CASES, [])
    changes |= settings_of(rng, CASES, route, REFERENCE.inputs.parameters)
    changes |= {f"{route}.smelter.{name}": word for name, word in words.items()}
    check(outcome(route, changes), REFUSED)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("evaporation", ["recompression", "steam"])
@given(
    seed=st.integers(0, 2**32 - 1),
    absent=st.lists(st.sampled_from(ASSAYED), max_size=6, unique=True),
)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_optional_units(route, evaporation, seed, absent):
    rng = np.random.default_rng(seed)
    changes = feeds(rng, CASES, absent)
    furnaces = (f"{route}.roaster", f"{route}.smelter", f"{route}.separator", f"{route}.dryer")
    changes |= {
        path: value
        for path, value in settings_of(rng, CASES, route, REFERENCE.inputs.parameters).items()
        if not path.startswith(furnaces)
    }
    saponification = {"recompression": "sodium_hydroxide", "steam": "ammonia"}[evaporation]
    words = {
        "solvent_extraction.separation": "light_heavy",
        "solvent_extraction.saponification": saponification,
        "evaporation.method": evaporation,
    }
    check(outcome(route, changes | {f"{route}.{k}": v for k, v in words.items()}))


@pytest.mark.parametrize("route", ROUTES)
@given(seed=st.integers(0, 2**32 - 1), separation=st.sampled_from(["none", "light_heavy"]))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_returned_acid(route, seed, separation):
    rng = np.random.default_rng(seed)
    changes = feeds(rng, CASES, [])
    for label in ("precipitation", "heavy_precipitation"):
        share = rng.uniform(0, 0.9, CASES) * (rng.random(CASES) < 0.7)
        changes[f"{route}.{label}.acid_returned"] = share
    check(outcome(route, changes | {f"{route}.solvent_extraction.separation": separation}))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("only", ALONE)
@pytest.mark.parametrize("oxidised", [0.0, 0.5, 1.0])
def test_feed_of_one_element(route, only, oxidised):
    changes = {f"feed.solids.{e}": np.full(2, float(e == only)) for e in ASSAYED}
    changes["feed.oxidised"] = np.full(2, oxidised)
    check(outcome(route, changes))
