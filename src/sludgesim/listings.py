"""What `sludgesim check` and `sludgesim show` list: rows of facts, and tables made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sludgesim.data import read
from sludgesim.parameters import SECTIONS
from sludgesim.routes.provenance import shown
from sludgesim.scenario import Scenario, flat

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]


def input_rows(loaded: Scenario) -> list[Row]:
    """The resolved inputs of feed, accounting, costs and the compared routes."""
    inputs = loaded.inputs
    rows: list[Row] = []
    for path, parameter in inputs.parameters.items():
        head = path.split(".")[0]
        if head not in (*loaded.routes, *SECTIONS):
            continue
        value = shown(inputs[path], parameter)
        rows.append(
            {
                "path": path,
                "value": float(f"{value:.10g}") if isinstance(value, float) else value,
                "unit": parameter.unit,
                "origin": inputs.origin[path],
                "quality": parameter.quality,
                "source": list(parameter.source),
                "description": parameter.description,
            }
        )
    return rows


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return str(value)


def print_table(console: Console, rows: Sequence[Row], columns: Mapping[str, str]) -> None:
    """One table; `columns` maps the rows' keys to headings."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for key, heading in columns.items():
        numeric = all(isinstance(row[key], (int, float, type(None))) for row in rows)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[key]) for key in columns))
    console.print(table)


def print_sections(console: Console, rows: Sequence[Row], keys: tuple[str, ...]) -> None:
    """Rows with a dotted path, as one table for each section of the path."""
    sections: dict[str, list[Row]] = {}
    for row in rows:
        section, _, name = row["path"].rpartition(".")
        sections.setdefault(section, []).append({**row, "name": name})
    for section, members in sections.items():
        console.print(f"\n{section}", style="bold")
        print_table(console, members, {"name": "", **{key: key for key in keys}})


def parameter_rows() -> list[Row]:
    """Every parameter with its declaration."""
    return [
        {
            "path": path,
            "default": parameter.default,
            "unit": parameter.unit,
            "allowed": parameter.allowed,
            "distribution": {kind: list(args) for kind, args in parameter.distribution.items()},
            "quality": parameter.quality,
            "source": list(parameter.source),
            "year": parameter.year,
            "description": parameter.description,
        }
        for path, parameter in flat().items()
    ]


def data_rows(name: str, key: str) -> list[Row]:
    """The entries of `data/<name>.yaml`, which maps a key to facts; the key becomes a column."""
    return [{key: label, **entry} for label, entry in read(name).items()]
