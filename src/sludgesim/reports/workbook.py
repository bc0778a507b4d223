"""The workbook for engineers."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sludgesim.reports import digest, tables

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from sludgesim.studies.comparison import Result

_WIDEST = 60  # characters; longer texts wrap
# A workbook carries the time of its writing in two places; both would change its bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def _format(value: float) -> str:
    size = abs(value)
    if value == 0:
        return "0"
    if size < 1e-3 or size >= 1e7:
        return "0.00E+00"
    return "#,##0" if size >= 1000 else "0.00" if size >= 10 else "0.0000"


def _put(sheet: Worksheet, row: int, column: int, value: object) -> Any:
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = digest.plain(value)
        cell.data_type = "s"  # a name that begins with "=" stays a name
    elif isinstance(value, (int, float, np.number)) and np.isfinite(float(value)):
        cell.value = float(value)
        cell.number_format = _format(cell.value)
    return cell


def _fill(sheet: Worksheet, table: pd.DataFrame, headers: dict[str, str]) -> None:
    """Write a table with a frozen, filterable header and columns as wide as their content."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    wrap = Alignment(wrap_text=True, vertical="top")
    for column, name in enumerate(table.columns, start=1):
        head = _put(sheet, 1, column, headers.get(str(name), digest.words(str(name))))
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="1F3A4D")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        values = table[name].tolist()
        widest = max([len(str(head.value))] + [len(v) for v in values if isinstance(v, str)])
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(11, widest + 2))
        for row, value in enumerate(values, start=2):
            cell = _put(sheet, row, column, value)
            if isinstance(value, str) and len(value) > _WIDEST:
                cell.alignment = wrap
    sheet.freeze_panes = "C2" if len(table.columns) > 4 else "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _summary(sheet: Worksheet, result: Result) -> None:
    from openpyxl.styles import Alignment, Font

    line = 1

    def put(values: list[object], bold: bool = False) -> None:
        nonlocal line
        for column, value in enumerate(values, start=1):
            cell = _put(sheet, line, column, value)
            cell.font = Font(bold=bold)
            # Only the first column is wide; a sentence there wraps instead of being cut.
            if column == 1:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        line += 1

    put([digest.title(result)], bold=True)
    put([result.scenario.description])
    put([digest.feed(result)])
    put([f"Scenario file sha256 {result.scenario.sha256}"])
    put([""])
    put(["KPI", "Unit", *result.routes], bold=True)
    for row in digest.kpi_rows(result):
        if row.base in digest.HEADLINES:
            put([row.name, row.unit, *(row.values.get(route) for route in result.routes)])
    put([""])
    put(["Closure, worst relative residual", "", *result.routes], bold=True)
    found = digest.closures(result)
    put(["Elements", "1", *(abs(c.element_residual) for c in found)])
    put(["Energy", "1", *(abs(c.energy_residual) for c in found)])
    put([""])
    put(["How far to trust it"], bold=True)
    for text in digest.honesty(result):
        put([text])
    for route, text in digest.warnings(result):
        put([f"Warning, {route}: {text}"])
    sheet.column_dimensions["A"].width = _WIDEST
    for column in "BCDEFGH":
        sheet.column_dimensions[column].width = 16


def _stable(book: Workbook) -> bytes:
    """The workbook's bytes without the time of writing."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with (
        zipfile.ZipFile(raw) as source,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return fixed.getvalue()


def workbook(result: Result) -> bytes:
    """The workbook of a result as the bytes of an .xlsx file.

    Parameters
    ----------
    result : a comparison of routes, or a run of one

    Returns
    -------
    bytes
        Equal for equal results.
    """
    from openpyxl import Workbook

    book = Workbook()
    summary = book.active
    assert summary is not None
    summary.title = "Summary"
    _summary(summary, result)
    masses = {
        name: f"{name.removesuffix('_kg')} [kg/t]"
        for name in map(str, tables.streams(result).columns)
        if name.endswith("_kg")
    }
    masses |= {"mass_kg": "mass [kg/t]", "temperature_K": "temperature [K]"}
    masses |= {"moisture_percent": "moisture [wt%]", "pH": "pH"}
    measure = " [kg/t or MJ/t, see measure]"
    audit = {name: name + measure for name in ("in", "out", "duties", "residual")}
    sheets = {
        "Comparison": (tables.comparison(result), {route: route for route in result.routes}),
        "Streams": (tables.streams(result), masses),
        "Species": (tables.species(result), {"kg": "mass [kg/t]"}),
        "Balances": (tables.balances(result), audit | {"relative": "relative residual [1]"}),
        "Energy": (tables.duties(result), {"MJ": "duty into the unit [MJ/t]"}),
        "Parameters": (digest.parameters(result), {}),
        "Assumptions": (digest.assumed(result), {}),
        "Sources": (digest.sources(result), {}),
    }
    for name, (table, headers) in sheets.items():
        _fill(book.create_sheet(name), table, headers)
    return _stable(book)
