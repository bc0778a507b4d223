"""The CSV tables hold the result's own numbers, units in their headers."""

import io

import pandas as pd
import pytest

from sludgesim.reports import tables


@pytest.fixture(scope="module")
def read(result):
    return {
        name: pd.read_csv(io.StringIO(tables.to_csv(table)), keep_default_na=False, na_values=[""])
        for name, table in tables.csv_tables(result).items()
    }


def test_streams_keep_every_stream_and_its_mass(result, read):
    table = read["streams.csv"]
    for name, route in result.routes.items():
        mine = table[table["route"] == name].set_index("name")
        theirs = route.streams.set_index("name")
        assert mine["mass_kg"].to_dict() == pytest.approx(theirs["mass_kg"].to_dict(), rel=1e-12)


def test_elements_of_a_stream_sum_to_its_mass(read):
    table = read["streams.csv"]
    elements = [c for c in table.columns if c.endswith("_kg") and c != "mass_kg"]
    total = table[elements].sum(axis=1)
    assert total.to_numpy() == pytest.approx(table["mass_kg"].to_numpy(), rel=1e-9, abs=1e-9)


def test_wastes_tell_moisture_and_acidity(result, read):
    table = read["streams.csv"]
    wet = table[table["role"].isin(["waste", "emission"]) & (table["moisture_percent"] > 0)]
    assert {"residue", "hydroxide_cake", "wastewater"} <= set(wet["name"])
    assert wet["pH"].notna().all()
    let_go = wet[wet["name"] == "wastewater"].set_index("route")
    # the effluent was dosed to this pH; the table settles it anew
    assert let_go["pH"].to_numpy() == pytest.approx(8.5, abs=1e-6)
    salt = let_go["mass_kg"] * (1 - let_go["moisture_percent"] / 100)
    for name, route in result.routes.items():
        assert salt[name] == pytest.approx(route.kpis["salt_load"][0], rel=1e-9)
        told = route.to_document()["streams"]
        assert {s["name"]: s.get("pH") for s in told}["wastewater"] == pytest.approx(8.5, abs=1e-6)
    assert table[table["role"].isin(["feed", "reagent"])]["pH"].isna().all()


def test_balances_close_in_the_file_itself(read):
    table = read["balances.csv"]
    elements = table[table["quantity"] != "energy"]
    assert elements["in"].to_numpy() == pytest.approx(
        elements["out"].to_numpy(), rel=1e-9, abs=1e-9
    )
    energy = table[table["quantity"] == "energy"]
    into = energy["in"] + energy["duties"]
    scale = energy[["in", "out", "duties"]].abs().max(axis=1)
    assert ((into - energy["out"]).abs() <= 1e-6 * scale + 1e-9).all()
    assert set(table["measure"]) == {"kg", "MJ"}


def test_comparison_has_a_column_per_route_and_a_unit_per_row(result, read):
    table = read["comparison.csv"]
    assert set(result.routes) <= set(table.columns)
    assert table["unit"].notna().all()
    assert table["kpi"].is_unique


def test_parameters_name_quality_and_source(read):
    table = read["parameters.csv"]
    assert set(table["quality"]) <= {"measured", "assessed", "derived", "assumed"}
    assert table["source"].notna().all()
