"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

File = Annotated[
    Path | None,
    typer.Argument(metavar="SCENARIO", help="Scenario file; none: the packaged reference."),
]
ScenarioName = Annotated[
    str | None,
    typer.Option("--scenario", metavar="NAME", help="One of the file's named scenarios."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


def directory_for(what: str) -> Any:
    """The option `--out`; commands differ in what they write there."""
    return typer.Option("--out", metavar="DIR", help=f"Write {what} to DIR.")
