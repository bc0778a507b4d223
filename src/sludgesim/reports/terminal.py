"""The result as text for a terminal of 80 columns or a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sludgesim.reports import digest

if TYPE_CHECKING:
    from sludgesim.studies.comparison import Result

_BEST = "*"
_NAME, _UNIT = 36, 10  # widths in characters, before a narrow window takes from the names


def _table(result: Result, rows: list[digest.Row], heading: str, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    heads = [
        route + ("\n(baseline)" if route == result.baseline and len(result.routes) > 1 else "")
        for route in result.routes
    ]
    # The names give way when the window is narrow; numbers must not be cut.
    taken = _UNIT + 2 + sum(max(map(len, head.split("\n"))) + 2 for head in heads)
    names = max(12, min(_NAME, width - taken))
    table.add_column(Text(heading), width=names, no_wrap=True, overflow="ellipsis")
    table.add_column("unit", min_width=_UNIT, no_wrap=True)
    for head in heads:
        table.add_column(Text(head, justify="right"), justify="right", no_wrap=True)
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            table.add_row(Text(group, style="bold"))
        cells = []
        for route in result.routes:
            shown = digest.number(row.values[route], row.unit) if route in row.values else ""
            best = route == row.best
            # The mark keeps its column, so that digits stay aligned without colour.
            cells.append(Text(shown + (_BEST if best else " "), style="bold" if best else ""))
        table.add_row(Text("  " + row.name), Text(row.unit), *cells)
    return table


def _note(console: Console, text: str, indent: int = 0) -> None:
    console.print(Padding(Text(text), (0, 0, 0, indent)))


def print_result(result: Result, console: Console) -> None:
    """Print a result: comparison, closure, warnings, and how far the numbers can be trusted.

    Parameters
    ----------
    result : a comparison of routes, or a run of one
    console : where to print; without a terminal behind it, plain text of 80 columns
    """
    rows = [row for row in digest.kpi_rows(result) if not row.detail]
    console.print(Text(digest.title(result), style="bold"))
    if result.scenario.description:
        _note(console, digest.plain(result.scenario.description))
    _note(console, digest.feed(result))
    console.print()
    console.print(_table(result, digest.per_tonne(rows), "per t of dry sludge", console.width))
    specific = [row for row in digest.per_kg(rows) if row.base in digest.HEADLINES]
    if specific:
        console.print()
        console.print(_table(result, specific, "per kg of rare-earth oxide", console.width))
    console.print()
    if any(row.best for row in rows):
        _note(console, f"{_BEST} does best on this row; marked only where all routes have a value.")
    for closure in digest.closures(result):
        _note(
            console,
            f"{closure.route}: audit passed; worst relative residual "
            f"{closure.element} {abs(closure.element_residual):.0e}, "
            f"energy {abs(closure.energy_residual):.0e}",
        )
    found = digest.warnings(result)
    if found:
        console.print()
        console.print(Text("Warnings", style="bold"))
    for route, text in found:
        _note(console, f"- {route}: {digest.plain(text)}", indent=2)
    console.print()
    for line in digest.honesty(result):
        _note(console, line)
    _note(console, "The report of --out DIR lists the assumptions, sources and every stream.")
