"""Plant measurements from CSV or XLSX: one row each, every fault with its line and column."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sludgesim.errors import InputError, Problem
from sludgesim.scenario.quantity import QuantityError, convert
from sludgesim.scenario.wording import listed, nearest, quoted, shown
from sludgesim.thermo.elements import elements

NEEDED = ("stream", "quantity", "value", "unit", "sd")
COLUMNS = ("stream", "from", "to", "quantity", "element", "value", "unit", "sd", "note")
MASS, ASSAY, ELEMENT = "mass", "assay", "element"
ENERGY, ENTHALPY, KPI = "energy", "enthalpy", "kpi"
QUANTITIES = (MASS, ASSAY, ELEMENT, ENERGY, ENTHALPY, KPI)
_OF_ELEMENT = (ASSAY, ELEMENT)
# Amounts may be per time, per batch, or per t of dry sludge; all of a file the same.
BASES = {"kg/s": "W", "kg": "J", "kg/kg": "J/kg"}
_LITERAL = re.compile(r'"[^"]*"|\\.')  # text in a number format that only stands there
_LARGEST = 10_000_000  # bytes
_MOST_ROWS = 20_000
_FULLEST = 1.02  # of a stream, all its assays together; as far as an assay of the feed may miss


@dataclass(frozen=True)
class Measurement:
    """One measured value in SI units, with standard deviation (0: exact), and where it stands.

    `factor` makes SI of a value in `unit`.
    """

    stream: str
    quantity: str
    element: str
    value: float
    sd: float
    unit: str
    factor: float
    line: int

    @property
    def label(self) -> str:
        """What was measured, in words: `slag assay Nd`."""
        return " ".join(filter(None, (self.stream, self.quantity, self.element)))


@dataclass(frozen=True)
class Plant:
    """The measurements of a file, and the ends of the streams where the file gives them.

    `basis` is the SI unit of masses: kg/s, kg, or kg/kg of dry sludge. `ends` maps a stream to
    where it comes from and goes to; empty where the file leaves that to a route. `sha256` is that
    of the file's bytes.
    """

    file: str
    sha256: str
    measurements: tuple[Measurement, ...]
    ends: Mapping[str, tuple[str, str]]
    basis: str
    lines: Mapping[str, int] = field(default_factory=dict)  # stream -> first line

    def problem(self, message: str, line: int, column: str, allowed: str = "") -> Problem:
        """A fault of the file."""
        return Problem(message, f"column {column}", self.file, line, allowed)


def read(path: Path) -> Plant:
    """Read plant measurements.

    Columns: stream, quantity, value, unit, sd; element for assay and element; from and to where
    the file brings its own network; note, ignored. A row without a quantity names a stream.

    Parameters
    ----------
    path : CSV (comma or semicolon, UTF-8), or XLSX (the sheet `measurements`, or the first)

    Returns
    -------
    Plant

    Errors: InputError with all faults found, each with file, line and column.
    """
    name = shown(str(path), 300)
    content = _bytes(path, name)
    rows = _rows(content, path.suffix.lower() == ".xlsx", name)
    problems: list[Problem] = []
    columns = _columns(rows, name, problems)
    if problems:
        raise InputError(problems)
    found: list[Measurement] = []
    ends: dict[str, tuple[str, str]] = {}
    lines: dict[str, int] = {}
    reader = _Row(name, problems)
    for line, cells in rows[1:]:
        row = {c: cells[k].strip() if k < len(cells) else "" for c, k in columns.items()}
        if not any(row.values()):
            continue
        reader.line, reader.row = line, row
        if not row["stream"]:
            reader.refuse("is empty", "stream")
            continue
        lines.setdefault(row["stream"], line)
        reader.ends(ends)
        measured = reader.measurement()
        if measured is not None:
            found.append(measured)
    problems += _too_full(found, name)
    if not problems and not found:
        problems.append(Problem("holds no measurement", file=name))
    if problems:
        raise InputError(problems)
    digest = hashlib.sha256(content).hexdigest()
    return Plant(name, digest, tuple(found), ends, reader.basis or "kg/kg", lines)


def _too_full(found: Sequence[Measurement], file: str) -> list[Problem]:
    """Streams whose assays, repeated ones in the mean, make up more than the whole."""
    assays: dict[str, dict[str, list[Measurement]]] = {}
    for m in found:
        if m.quantity == ASSAY:
            assays.setdefault(m.stream, {}).setdefault(m.element, []).append(m)
    problems = []
    for stream, elements_of in assays.items():
        total = sum(sum(m.value for m in ms) / len(ms) for ms in elements_of.values())
        if total > _FULLEST:
            message = f"the assays of {quoted(stream)} sum to {100 * total:.4g} wt%"
            line = max(m.line for ms in elements_of.values() for m in ms)
            allowed = f"at most {100 * _FULLEST:.0f} wt%"
            problems.append(Problem(message, "column value", file, line, allowed))
    return problems


def _bytes(path: Path, name: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", file=name)) from None
    if len(content) > _LARGEST:
        raise InputError(Problem("is too large", file=name, allowed="at most 10 MB"))
    return content


def _rows(content: bytes, workbook: bool, name: str) -> list[tuple[int, list[str]]]:
    rows = _sheet(content, name) if workbook else _text(content, name)
    if not any(any(cells) for _, cells in rows):
        raise InputError(Problem("is empty", file=name, allowed="a head row and measurements"))
    if len(rows) > _MOST_ROWS:
        raise InputError(Problem("has too many rows", file=name, allowed=f"at most {_MOST_ROWS}"))
    return rows


def _text(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Problem("is not UTF-8 text", file=name, line=line)) from None
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",")
    try:
        # A cell may hold line breaks: the line is that of the row's end.
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise InputError(Problem(f"is no CSV: {error}", file=name, line=reader.line_num)) from None


def _sheet(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception:  # openpyxl raises what the zip and XML readers below it raise
        raise InputError(Problem("is no XLSX workbook", file=name)) from None
    titles = {title.casefold(): title for title in book.sheetnames}
    sheet = book[titles.get("measurements", book.sheetnames[0])]
    return [
        (line, [_cell_text(cell) for cell in cells])
        for line, cells in enumerate(sheet.iter_rows(), 1)
    ]


def _cell_text(cell: Any) -> str:
    """A cell as it would stand in a CSV file: 0.02 in percent format is `2%`, as it shows."""
    if cell.value is None:
        return ""
    number = isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool)
    if number and "%" in _LITERAL.sub("", cell.number_format):
        return f"{100 * cell.value:.15g}%"
    return str(cell.value)


def _columns(
    rows: Sequence[tuple[int, list[str]]], name: str, problems: list[Problem]
) -> dict[str, int]:
    line, head = rows[0]
    found: dict[str, int] = {}
    for k, cell in enumerate(head):
        title = cell.strip().casefold()
        if not title:
            continue
        if title not in COLUMNS:
            message = f"unknown column {quoted(cell.strip())}{nearest(title, COLUMNS)}"
            problems.append(Problem(message, file=name, line=line, allowed=listed(COLUMNS)))
        elif title in found:
            problems.append(Problem(f"column {title} is given twice", file=name, line=line))
        else:
            found[title] = k
    for title in NEEDED:
        if title not in found:
            problems.append(Problem(f"column {title} is missing", file=name, line=line))
    return found


class _Row:
    """Reads one row after the other; problems are collected, the first amount sets the basis."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.line, self.row = 0, dict[str, str]()
        self.basis = ""

    def refuse(self, message: str, column: str, allowed: str = "") -> None:
        self.problems.append(Problem(message, f"column {column}", self.file, self.line, allowed))

    def ends(self, known: dict[str, tuple[str, str]]) -> None:
        source, target = self.row.get("from", ""), self.row.get("to", "")
        if not source and not target:
            return
        stream = self.row["stream"]
        if source == target:
            self.refuse(f"{quoted(stream)} leads from {quoted(source)} to itself", "to")
        elif known.setdefault(stream, (source, target)) != (source, target):
            other = " to ".join(part or "outside" for part in known[stream])
            self.refuse(f"{quoted(stream)} led from {other} in a row above", "from")

    def measurement(self) -> Measurement | None:
        row, before = self.row, len(self.problems)
        quantity, element = row["quantity"].casefold(), row.get("element", "")
        if not quantity:
            if row["value"] or row["sd"]:
                self.refuse("is empty beside a value", "quantity", listed(QUANTITIES))
            return None
        if quantity not in QUANTITIES:
            message = f"unknown quantity {quoted(row['quantity'])}{nearest(quantity, QUANTITIES)}"
            self.refuse(message, "quantity", listed(QUANTITIES))
            return None
        if quantity in _OF_ELEMENT and element not in elements():
            hint = nearest(element, elements()) if element else ""
            self.refuse(f"unknown element {quoted(element)}{hint}", "element", listed(elements()))
        elif quantity not in _OF_ELEMENT and element:
            self.refuse(f"{quantity} is of no element", "element", "an empty cell")
        value = self._value()
        relative = row["sd"].endswith("%")
        sd = self._number(row["sd"].rstrip("% "), "sd")
        if sd < 0:
            self.refuse("a standard deviation is not below 0", "sd")
        factor = self._factor(quantity)
        if len(self.problems) > before:
            return None
        if relative and sd > 0 and value == 0:
            message = f"{quoted(row['sd'])} of a value of 0 is 0, which stands for an exact value"
            self.refuse(message, "sd", f"a deviation in {row['unit']}")
        if relative:
            sd *= abs(value) / 100
        if quantity == ASSAY and not 0 <= value * factor <= 1:
            self.refuse(f"{quoted(row['value'])} is no share", "value", "0 to 100 wt%")
        if quantity in (MASS, ELEMENT) and value < 0:
            self.refuse("an amount is not below 0", "value")
        return Measurement(
            row["stream"],
            quantity,
            element,
            value * factor,
            sd * factor,
            row["unit"],
            factor,
            self.line,
        )

    def _value(self) -> float:
        """The value in the row's unit; one in percent is made so."""
        text, unit = self.row["value"], self.row["unit"]
        if not text.endswith("%"):
            return self._number(text, "value")
        number = self._number(text.rstrip("% "), "value")
        try:
            return convert(number, "%", unit)
        except QuantityError:
            self.refuse(f"{quoted(text)} is a share, {quoted(unit)} is none", "value")
            return math.nan

    def _number(self, text: str, column: str) -> float:
        try:
            value = float(text)
        except ValueError:
            why = "has a comma; write a decimal point" if "," in text else "is not a number"
            self.refuse(f"{quoted(text)} {why}" if text else "is empty", column)
            return math.nan
        if not math.isfinite(value):
            self.refuse(f"{quoted(text)} is not a finite number", column)
        return value

    def _factor(self, quantity: str) -> float:
        """What makes SI of a value in the row's unit; KPIs stay in their own."""
        unit = self.row["unit"]
        if quantity == KPI:
            return 1.0
        if quantity == ASSAY:
            return self._convert(unit, "1")
        if quantity == ENTHALPY:
            return self._convert(unit, "J/kg")
        wanted: Callable[[str], str] = (lambda b: b) if quantity != ENERGY else BASES.__getitem__
        if self.basis:
            return self._convert(unit, wanted(self.basis))
        for basis in BASES:
            try:
                factor = convert(1.0, unit, wanted(basis))
            except QuantityError:
                continue
            self.basis = basis
            return factor
        self.refuse(f"{quoted(unit)} does not fit {quantity}", "unit", "t/h, kg, kg/t or MJ/t ...")
        return math.nan

    def _convert(self, unit: str, wanted: str) -> float:
        try:
            return convert(1.0, unit, wanted)
        except QuantityError as error:
            self.refuse(f"{quoted(unit)}: {error}" if unit else "is empty", "unit")
            return math.nan
