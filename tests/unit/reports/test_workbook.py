"""The workbook: sheets an engineer expects, numbers as numbers, the same bytes each time."""

import io

import openpyxl
import pytest

from sludgesim.reports.workbook import workbook


@pytest.fixture(scope="module")
def book(result):
    return openpyxl.load_workbook(io.BytesIO(workbook(result)))


def test_sheets_have_frozen_filtered_headers(book):
    expected = ["Summary", "Comparison", "Streams", "Species", "Balances", "Energy"]
    assert book.sheetnames == [*expected, "Parameters", "Assumptions", "Sources"]
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes in ("A2", "C2")
        assert sheet.auto_filter.ref
        assert sheet.max_row > 1, sheet.title


def test_stream_masses_are_numbers_with_units_in_the_header(book, result):
    sheet = book["Streams"]
    heads = [cell.value for cell in sheet[1]]
    route, mass = heads.index("route"), heads.index("mass [kg/t]")
    assert "temperature [K]" in heads
    for name, outcome in result.routes.items():
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        total = sum(row[mass] for row in rows if row[route] == name)
        assert total == pytest.approx(outcome.streams["mass_kg"].sum(), rel=1e-9)


def test_assumptions_are_those_of_quality_assumed(book):
    heads = [cell.value for cell in book["Assumptions"][1]]
    quality = heads.index("quality")
    found = {row[quality] for row in book["Assumptions"].iter_rows(min_row=2, values_only=True)}
    assert found == {"assumed"}


def test_a_name_like_a_formula_stays_a_name(hostile):
    book = openpyxl.load_workbook(io.BytesIO(workbook(hostile)))
    cell = book["Summary"]["A2"]
    assert cell.value.startswith("=2+2")
    assert cell.data_type == "s"


def test_equal_results_give_equal_bytes(result):
    assert workbook(result) == workbook(result)
