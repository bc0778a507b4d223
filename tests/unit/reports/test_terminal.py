"""The terminal's text: fits 80 columns, needs no colour, obeys nothing that a user wrote."""

import io
import subprocess
import sys

import pytest
from rich.console import Console

from sludgesim.reports import digest, tables
from sludgesim.reports.terminal import print_result


def text_of(result, width=80):
    stream = io.StringIO()
    print_result(result, Console(file=stream, width=width))
    return stream.getvalue()


@pytest.mark.parametrize("which", ["result", "single", "hostile"])
def test_text_fits_80_columns_and_has_no_escape_codes(which, request):
    text = text_of(request.getfixturevalue(which))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text


def shown(result):
    """Rows of the terminal: the terms of a sum (`detail`) are left to the files."""
    return [row for row in digest.per_tonne(digest.kpi_rows(result)) if not row.detail]


def test_the_terms_of_a_sum_are_left_to_the_files(result):
    details = [row for row in digest.kpi_rows(result) if row.detail]
    assert {"cost_reagents", "cost_labour"} <= {row.kpi for row in details}
    lines = [line.strip() for line in text_of(result, width=120).splitlines()]
    assert not any(line.startswith(row.name) for row in details for line in lines)
    assert {row.kpi for row in details} <= set(tables.comparison(result)["kpi"])


def test_every_kpi_per_tonne_stands_in_the_table_with_its_unit(result):
    lines = text_of(result, width=120).splitlines()
    for row in shown(result):
        found = [line for line in lines if line.strip().startswith(row.name)]
        assert any(row.unit in line for line in found), row.kpi


def test_numbers_survive_a_narrow_window(result):
    text = text_of(result, width=80)
    for row in shown(result):
        for value in row.values.values():
            assert digest.number(value, row.unit) in text, row.kpi


def test_routes_baseline_closure_and_trust_are_told(result):
    text = text_of(result)
    for route in result.routes:
        assert route in text
        assert f"{route}: audit passed" in text
    assert "(baseline)" in text
    assert f"{len(digest.assumed(result))} of {len(digest.parameters(result))}" in text
    assert "modelled" in text


def test_one_route_has_no_baseline_and_no_winner(single):
    text = text_of(single)
    assert "(baseline)" not in text
    assert "does best" not in text


def test_markup_in_a_scenario_name_is_shown_not_obeyed(hostile):
    assert "[bold]" in text_of(hostile)


def test_printing_needs_neither_plots_nor_workbooks():
    code = (
        "import sys, sludgesim.reports.terminal\n"
        "print([m for m in ('plotly', 'openpyxl', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
