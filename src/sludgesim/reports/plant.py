"""Reconciliations and fits as people read them: the terminal, and the files of `--out`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sludgesim.reports import digest
from sludgesim.reports.output import write_files
from sludgesim.reports.tables import to_csv
from sludgesim.studies.fit import Fit
from sludgesim.studies.override_file import override_file

if TYPE_CHECKING:
    from sludgesim.studies.reconcile import Reconciliation

# What the terminal shows of each table; the rest is in the files.
_SHOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "reconcile": {
        "measurements": ("line", "what", "unit", "measured", "reconciled", "z", "suspicious"),
        "values": ("what", "unit", "value", "sd"),
    },
    "fit": {
        "parameters": ("path", "unit", "before", "value", "low_95", "high_95"),
        "measurements": ("line", "what", "unit", "measured", "calculated", "residual_per_sd"),
    },
}


def write_plant(found: Reconciliation | Fit, directory: Path) -> list[Path]:
    """Write JSON and CSV tables into a directory, of a fit also the scenario file `fitted.yaml`."""
    files = {f"{name}.csv": to_csv(table) for name, table in found.tables.items()}
    files[f"{found.kind}.json"] = found.to_json() + "\n"
    if isinstance(found, Fit):
        files["fitted.yaml"] = override_file(found)
    return write_files({name: text.encode("utf-8") for name, text in files.items()}, directory)


def print_plant(found: Reconciliation | Fit, console: Console) -> None:
    """Print the answer and the tables that tell most.

    Parameters
    ----------
    found : from `reconcile` or `fit`
    console : where to print
    """
    console.print(Text(f"{found.kind}: {digest.plain(found.plant.file)}", style="bold"))
    console.print(Text(digest.plain(found.answer)))
    suspicious = "suspects" in found.tables and len(found["suspects"]) > 0
    for name, columns in _SHOWN[found.kind].items():
        table = found[name]
        if name == "values":  # measurements stand in the table before
            table = table[table["status"] == "computed"]
        if len(table):
            console.print()
            console.print(Text("computed" if name == "values" else name, style="bold"))
            console.print(_table(table, (*columns, *(("without_suspects",) if suspicious else ()))))
    for warning in found.warnings:
        console.print(Text(f"warning: {digest.plain(warning)}"))


def _table(rows: pd.DataFrame, columns: tuple[str, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    if "what" in columns:
        parts = rows[["stream", "quantity", "element"]].agg(" ".join, axis=1)
        rows = rows.assign(what=parts.str.strip())
    for name in columns:
        numbers = pd.api.types.is_numeric_dtype(rows[name]) and rows[name].dtype != bool
        head = Text(name.replace("_", "\n"))
        table.add_column(head, justify="right" if numbers else "left", overflow="fold")
    for row in rows[list(columns)].itertuples(index=False, name=None):
        table.add_row(*(Text(_cell(cell)) for cell in row))
    return table


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:.5g}" if value == value and abs(value) != float("inf") else "-"
    return digest.plain(value)
