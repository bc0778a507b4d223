"""What a run stands on is listed: all its parameters, the tables of its units, its species."""

from __future__ import annotations

import pytest

import sludgesim as ss
from sludgesim.data import data


@pytest.fixture(scope="module")
def result():
    return ss.compare(ss.load())


def test_rates_and_constants_of_the_wet_routes_are_listed(result):
    paths = set(result["wet_selective"].assumptions["path"])
    assert {"dissolution.orthoferrite", "sit.pairs.H+ Cl-", "constants.dry_air"} <= paths
    assert {"species.NdCl+2(aq)", "species.FeCl4-(aq)"} <= paths  # though streams hold simple ions
    assert {"sidhu1981", "bath1968"} <= set(result["wet_selective"].sources)


def test_every_species_of_every_stream_is_listed(result):
    for route in result.routes.values():
        listed = set(route.assumptions["path"])
        assert {f"species.{s}" for s in route.species["species"]} <= listed


def test_what_the_feed_cannot_form_is_not_listed(result):
    for route in result.routes.values():
        assert not [p for p in route.assumptions["path"] if p.startswith("species.Tb")]


def test_only_the_carbon_that_was_charged_is_listed(result):
    listed = result["carbothermal"].assumptions["path"]
    charged = {p.split(".")[1] for p in listed if p.startswith("carbon_sources.")}
    assert charged == {"graphite"}
    assert not any(p.startswith("carbon_sources.") for p in result["wet_full"].assumptions["path"])


def test_nothing_is_listed_twice(result):
    for route in result.routes.values():
        assert not route.assumptions["path"].duplicated().any()


def test_an_entry_of_a_table_tells_its_numbers_with_their_units():
    known = {entry.path: entry for name in ("dissolution", "thermo/sit") for entry in data(name)}
    hydrogen = known["sit.pairs.H+ Cl-"]
    assert (hydrogen.value, hydrogen.unit) == (0.12, "kg/mol")
    assert known["dissolution.orthoferrite"].value == "rate 3e-14 m/s, activation 87.4 kJ/mol"
