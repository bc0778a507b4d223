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
_WIDEST = 30  # of a column of words in a table that is too wide
# Long names fold behind their dots and commas, and before the sign of a sum.
_FOLDS = re.compile(r"(?<=\.)(?=\D)|(?<=,)(?= )|(?= ?[-+] ?[a-z])|(?<=\*)")

Cells = list[list[tuple[str, bool]]]


def print_study(study: Study, console: Console) -> None:
    """Print the answer of a study with its notes, the heads of its tables, and the warnings.

    Parameters
    ----------
    study : any
    console : where to print
    """
    console.print(Text(studies.title(study), style="bold"))
    console.print(Text(digest.plain(study.answer)))
    _print_list("Notes", study.notes, console)
    for title, rows in studies.tables(study).items():
        console.print()
        console.print(Text(title, style="bold"))
        heads = [_pieces(studies.label(study, column)) for column in rows.columns]
        cells = [
            list(map(studies.cell, row))
            for row in rows.head(MOST_ROWS).itertuples(index=False, name=None)
        ]
        if sum(_widths(heads, cells)) > console.width:
            cells = [[(_folded(text), number) for text, number in row] for row in cells]
        wide = _widths(heads, cells)
        for k, columns in enumerate(_that_fit(rows, wide, console.width)):
            if k:
                console.print()
            console.print(_table(heads, cells, columns))
        if len(rows) > MOST_ROWS:
            console.print(Text(f"... {len(rows) - MOST_ROWS} more rows; --out DIR writes all"))
    _print_list("Warnings", studies.warnings(study), console)


def _print_list(head: str, lines: Sequence[str], console: Console) -> None:
    if lines:
        console.print()
        console.print(Text(head, style="bold"))
    for line in lines:
        console.print(Padding(Text(f"- {digest.plain(line)}"), (0, 0, 0, 2)))


def _pieces(name: str) -> list[str]:
    """A name in the pieces that a line may end with."""
    return [piece.strip() for piece in _FOLDS.split(name) if piece.strip()]


def _folded(text: str) -> str:
    """A text in lines of a width that leaves room for other columns."""
    lines = [""]
    for piece in _FOLDS.split(text):
        if lines[-1] and len(lines[-1]) + len(piece) > _WIDEST:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def _widths(heads: Sequence[list[str]], cells: Cells) -> list[int]:
    """What the columns take of a line; a line with spaces in it may be folded at them."""
    wide = []
    for k, head in enumerate(heads):
        lines = [line for row in cells for line in row[k][0].split("\n")]
        taken = [min(len(line), _WIDEST) if " " in line else len(line) for line in lines]
        wide.append(max(*map(len, head), *taken) + _GAP)
    return wide


def _that_fit(rows: pd.DataFrame, wide: Sequence[int], width: int) -> Iterator[list[int]]:
    """Columns of a table in groups that fit the width, each with the columns that name the rows."""
    names = list(range(len(studies.keys(rows))))
    if sum(wide[k] for k in names) > width * 0.75:
        names = names[:1]
    group, used = list(names), sum(wide[k] for k in names)
    for k in range(len(names), len(wide)):
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
