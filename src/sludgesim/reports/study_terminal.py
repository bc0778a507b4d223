"""A study as text for a terminal or a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sludgesim.reports import digest, studies

if TYPE_CHECKING:
    from sludgesim.studies.study import Study

MOST_ROWS = 24


def print_study(study: Study, console: Console) -> None:
    """Print the answer of a study and the heads of its tables.

    Parameters
    ----------
    study : any
    console : where to print
    """
    console.print(Text(studies.title(study), style="bold"))
    console.print(Text(digest.plain(study.answer)))
    for title, rows in studies.tables(study).items():
        console.print()
        console.print(Text(title, style="bold"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        shown = [
            list(map(studies.cell, row))
            for row in rows.head(MOST_ROWS).itertuples(index=False, name=None)
        ]
        for k, head in enumerate(rows.columns):
            side: Literal["left", "right"] = "right" if any(r[k][1] for r in shown) else "left"
            # A long name folds at its dots.
            text = Text(str(head).replace(".", ".\n"), justify=side)
            table.add_column(text, justify=side, overflow="fold")
        for row in shown:
            table.add_row(*(Text(text) for text, _ in row))
        console.print(table)
        if len(rows) > MOST_ROWS:
            console.print(Text(f"... {len(rows) - MOST_ROWS} more rows; --out DIR writes all"))
