"""Everything declared has words for it, and a source that can be looked up."""

from __future__ import annotations

import pytest

from sludgesim.listings import data_rows
from sludgesim.parameters import declaration
from sludgesim.routes import ROUTES
from sludgesim.scenario import flat
from sludgesim.thermo import species_table
from sludgesim.units import UNITS

from .pages import ROOT

DECLARED = sorted(
    path.stem for path in (ROOT / "src/sludgesim/data/parameters").glob("*.yaml")
)  # fmt: skip
SOURCES = {row["key"] for row in data_rows("sources.yaml", "key")}


def test_every_parameter_says_what_it_is_and_where_its_value_comes_from():
    for path, parameter in flat().items():
        assert len(parameter.description) > 5, path
        assert parameter.source, path
        assert set(parameter.source) <= SOURCES, path


def test_every_parameter_without_a_source_is_called_assumed():
    for path, parameter in flat().items():
        if parameter.source == ("assumption",):
            assert parameter.quality == "assumed", path


def test_every_kpi_has_unit_name_group_and_definition():
    for row in data_rows("kpis.yaml", "id"):
        for key in ("unit", "name", "group", "definition"):
            assert row[key].strip(), (row["id"], key)


def test_every_source_is_cited_in_full():
    for row in data_rows("sources.yaml", "key"):
        assert len(row["citation"]) > 10 and row["note"].strip(), row["key"]


def test_every_species_has_sources_that_exist():
    for row in species_table():
        assert set(str(row["source"]).split(", ")) <= SOURCES, row["species"]


@pytest.mark.parametrize("unit", DECLARED)
def test_every_unit_describes_itself_and_has_a_page(unit):
    declared = declaration(unit)
    assert len(declared.description) > 10
    for port, entry in {**declared.inlets, **declared.outlets}.items():
        assert entry["text"].strip(), port
    page = (ROOT / "docs" / "units" / f"{unit}.md").read_text(encoding="utf-8")
    assert "<!-- declaration -->" in page
    assert f"units/{unit}.md" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_every_unit_and_route_documents_what_it_computes():
    for name, run in UNITS.items():
        text = run.__doc__ or ""
        for part in ("Parameters", "Returns", "Range:", "Source:"):
            assert part in text, (name, part)
    for route in ROUTES.values():
        assert len(route.description) > 10, route.name
        assert set(route.units.values()) <= set(DECLARED), route.name
