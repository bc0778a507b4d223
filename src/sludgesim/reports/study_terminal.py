"""A study as text for a terminal or a pipe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import pandas as pd
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sludgesim.reports import digest, studies

if TYPE_CHECKING:
    from sludgesim.studies.study import Study

MOST_ROWS = 36
_GAP = 2  # between two columns
_WIDEST = 44  # of a column of words before its texts are folded
# A long head folds behind its dots and commas, and before the sign of a sum.
_FOLDS = re.compile(r"(?<=\.)(?=\D)|(?<=,) | (?=[-+] )|(?<=\*)")

Cells = list[list[tuple[str, bool]]]


def print_study(study: Study, console: Console) -> None:
    """Print the answer of a study, what has to be known beside it, and the heads of its tables.

    Parameters
    ----------
    study : any
    console : where to print
    """
    console.print(Text(studies.title(study), style="bold"))
    console.print(Text(digest.plain(study.answer)))
    for head, lines in (("Notes", study.notes), ("Warnings", studies.warnings(study))):
        if lines:
            console.print()
            console.print(Text(head, style="bold"))
        for line in lines:
            console.print(Padding(Text(f"- {digest.plain(line)}"), (0, 0, 0, 2)))
    for title, rows in studies.tables(study).items():
        console.print()
        console.print(Text(title, style="bold"))
        heads = [_FOLDS.split(studies.label(study, column)) for column in rows.columns]
        cells = [
            list(map(studies.cell, row))
            for row in rows.head(MOST_ROWS).itertuples(index=False, name=None)
        ]
        for k, columns in enumerate(_that_fit(rows, heads, cells, console.width)):
            if k:
                console.print()
            console.print(_table(heads, cells, columns))
        if len(rows) > MOST_ROWS:
            console.print(Text(f"... {len(rows) - MOST_ROWS} more rows; --out DIR writes all"))


def _that_fit(
    rows: pd.DataFrame, heads: Sequence[list[str]], cells: Cells, width: int
) -> Iterator[list[int]]:
    """Columns of a table in groups that fit the width, each with the columns that name the rows."""
    wide = [
        max(max(map(len, head)), *(min(len(row[k][0]), _WIDEST) for row in cells)) + _GAP
        for k, head in enumerate(heads)
    ]
    names = list(range(len(studies.keys(rows))))
    if sum(wide[k] for k in names) > width / 2:
        names = names[:1]
    group, used = list(names), sum(wide[k] for k in names)
    for k in range(len(names), len(heads)):
        if used + wide[k] > width and len(group) > len(names):
            yield group
            group, used = list(names), sum(wide[j] for j in names)
        group.append(k)
        used += wide[k]
    yield group


def _table(heads: Sequence[list[str]], cells: Cells, columns: list[int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for k in columns:
        side: Literal["left", "right"] = "right" if any(r[k][1] for r in cells) else "left"
        text = Text("\n".join(heads[k]), justify=side)
        table.add_column(text, justify=side, overflow="fold")
    for row in cells:
        table.add_row(*(Text(row[k][0]) for k in columns))
    return table
