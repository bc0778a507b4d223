"""Everything declared has words for it, and a source that can be looked up."""

from __future__ import annotations

import pytest

from sludgesim.data import data, read
from sludgesim.listings import data_rows
from sludgesim.parameters import QUALITIES, declaration
from sludgesim.routes import ROUTES
from sludgesim.scenario import flat
from sludgesim.thermo import packaged, species_table
from sludgesim.units import UNITS

from .pages import ROOT

DECLARED = sorted(
    path.stem for path in (ROOT / "src/sludgesim/data/parameters").glob("*.yaml")
)  # fmt: skip
TABLES = {
    path.relative_to(ROOT / "src/sludgesim/data").with_suffix("").as_posix()
    for path in (ROOT / "src/sludgesim/data").rglob("*.yaml")
}
# Tables of numbers, each with its pedigree; and those that hold names and stoichiometry only.
NUMBERS = {"dissolution", "solvent_extraction", "effluent_limits", "energy_levels", "equipment",
           "carbon_sources", "constants", "aqueous", "thermo/sit"}  # fmt: skip
NAMES = {"elements", "charge", "products", "reagents", "kpis", "sources", "scenarios/reference",
         "thermo/solidification", "thermo/systems", "thermo/aqueous_systems"}  # fmt: skip
SOURCES = {row["key"] for row in data_rows("sources", "key")}


def test_every_parameter_says_what_it_is_and_where_its_value_comes_from():
    for path, parameter in flat().items():
        assert len(parameter.description) > 5, path
        assert parameter.source, path
        assert set(parameter.source) <= SOURCES, path


def test_every_parameter_without_a_source_is_called_assumed():
    for path, parameter in flat().items():
        if parameter.source == ("assumption",):
            assert parameter.quality == "assumed", path


def test_every_table_of_the_package_is_known():
    species = {f"thermo/{n}" for n in ("gas", "metal", "slag", "solids", "aqueous", "organics")}
    parameters = {name for name in TABLES if name.startswith("parameters/")}
    assert NUMBERS | NAMES | species | parameters == TABLES


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_every_number_of_a_table_has_unit_source_and_quality(name):
    entries = data(name)
    assert entries
    for entry in entries:
        assert entry.source and (entry.unit or isinstance(entry.value, str)), entry
        assert set(entry.source) <= SOURCES and entry.quality in QUALITIES, entry
        assert entry.source != ("assumption",) or entry.quality in ("assumed", "derived"), entry
    if name != "aqueous":  # most of which is stoichiometry
        assert len(list(without_pedigree(read(name)))) == 0


def without_pedigree(entry):
    """Numbers of a table that stand in no entry with a quality."""
    if isinstance(entry, dict) and "quality" in entry:
        return
    for below in entry.values() if isinstance(entry, dict) else entry:
        if isinstance(below, (dict, list)):
            yield from without_pedigree(below)
        elif isinstance(below, (int, float)):
            yield below


def test_what_a_unit_stands_on_exists():
    for unit in DECLARED:
        for name in declaration(unit).data:
            system = name.removeprefix("systems.")
            assert name in NUMBERS or system in {"leaching", *packaged().systems}, (unit, name)


def test_every_kpi_has_unit_name_group_and_definition():
    for row in data_rows("kpis", "id"):
        for key in ("unit", "name", "group", "definition"):
            assert row[key].strip(), (row["id"], key)


def test_every_source_is_cited_in_full():
    for row in data_rows("sources", "key"):
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
