"""The command line: `sludgesim compare | run | check | show` and the studies; parse, call, print.

What costs time to import (numpy, pandas, cantera, rich) is imported inside the commands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sludgesim import cli_plant, cli_studies
from sludgesim.cli_options import AsJson, File, ScenarioName, directory_for
from sludgesim.cli_streams import Progress, answer, console, print_json, say, spinner
from sludgesim.errors import SludgesimError

if TYPE_CHECKING:
    from rich.console import Console

    from sludgesim.studies.comparison import Result

app = typer.Typer(
    name="sludgesim",
    help="Mass and energy balances of recycling Nd-Fe-B grinding sludge, route beside route.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_ROUTE_HELP = "Route to calculate; see the keys of a scenario file."
OutputDirectory = Annotated[Path | None, directory_for("JSON, CSVs, workbook and page")]


class Topic(StrEnum):
    """What `sludgesim show` can show."""

    parameters = "parameters"
    kpis = "kpis"
    species = "species"
    sources = "sources"


def _calculate(
    compute: Callable[[Progress], Result], as_json: bool, directory: Path | None
) -> None:
    from sludgesim.reports import write

    def run() -> Result:
        with spinner() as progress:
            return compute(progress)

    answer(run, write, _show, as_json, directory)


def _show(result: Result, screen: Console) -> None:
    from sludgesim.reports.terminal import print_result

    print_result(result, screen)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        try:
            print(f"sludgesim {metadata.version('sludgesim')}")
        except metadata.PackageNotFoundError:
            print("sludgesim, not installed")
        raise typer.Exit()


@app.command("compare")
def compare_command(
    file: File = None,
    scenario: ScenarioName = None,
    route: Annotated[
        list[str] | None,
        typer.Option("--route", metavar="R", help=_ROUTE_HELP + " May be repeated."),
    ] = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
) -> None:
    """Compare the routes on one sludge."""
    from sludgesim.scenario import check_routes, load

    routes = check_routes(route or [])
    loaded = load(file, scenario)

    def compute(progress: Progress) -> Result:
        from sludgesim.studies.comparison import compare

        return compare(loaded, routes or None, progress=progress)

    _calculate(compute, as_json, out)


@app.command("run")
def run_command(
    file: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file.")],
    route: Annotated[str, typer.Option("--route", metavar="R", help=_ROUTE_HELP)],
    scenario: ScenarioName = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
) -> None:
    """Calculate one route."""
    from sludgesim.scenario import check_routes, load

    (name,) = check_routes([route])
    loaded = load(file, scenario)

    def compute(progress: Progress) -> Result:
        from sludgesim.studies.comparison import run

        return run(loaded, name, progress=progress)

    _calculate(compute, as_json, out)


@app.command("check")
def check_command(
    file: File = None,
    scenario: ScenarioName = None,
    as_json: AsJson = False,
) -> None:
    """Validate a scenario and print its resolved inputs with their sources."""
    from sludgesim.listings import input_rows, print_sections
    from sludgesim.scenario import load

    loaded = load(file, scenario)
    rows = input_rows(loaded)
    about = {
        "name": loaded.name,
        "scenario": loaded.variant,
        "description": loaded.description,
        "path": loaded.path,
        "sha256": loaded.sha256,
        "sources": list(loaded.sources),
    }
    if as_json:
        routes = list(loaded.routes)
        print_json(
            {"schema": "sludgesim.check/1", "scenario": about, "routes": routes, "inputs": rows}
        )
        return
    screen = console()
    variant = f", scenario {loaded.variant}" if loaded.variant else ""
    screen.print(f"{loaded.name}{variant}: valid", style="bold")
    for text in (loaded.description, *(f"source: {s}" for s in loaded.sources)):
        if text:
            screen.print(text)
    screen.print(f"routes: {', '.join(loaded.routes)}")
    told = [r for r in rows if r["value"] != 0 or not r["path"].startswith("feed.solids.")]
    print_sections(screen, told, ("value", "unit", "origin", "quality", "source"))


@app.command("show")
def show_command(
    topic: Annotated[Topic, typer.Argument(help="What to show.")], as_json: AsJson = False
) -> None:
    """Show what the model knows: parameters, KPIs, species, sources."""
    from sludgesim.listings import data_rows, parameter_rows, print_sections, print_table

    if topic is Topic.parameters:
        rows = parameter_rows()
    elif topic is Topic.species:
        from sludgesim.thermo import species_table

        rows = list(species_table())
    else:
        key = "id" if topic is Topic.kpis else "key"
        rows = data_rows(topic.value, key)
    if as_json:
        print_json({"schema": f"sludgesim.{topic.value}/1", topic.value: rows})
    elif topic is Topic.parameters:
        print_sections(console(), rows, ("default", "allowed", "quality", "description"))
    else:
        columns = {
            Topic.kpis: ("id", "unit", "definition"),
            Topic.species: ("species", "phase", "T_min_K", "T_max_K", "quality", "source"),
            Topic.sources: ("key", "citation", "note"),
        }[topic]
        print_table(console(), rows, {name: name for name in columns})


app.add_typer(cli_studies.app)
app.add_typer(cli_plant.app)


def main() -> None:
    """Run the command line and leave with its exit status.

    0: done; 2: bad input; 3: a run that did not converge or did not close; 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # Matrices here are small: threads of BLAS only wait for one another on a busy machine.
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    status = 0
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except SludgesimError as error:
        for line in str(error).splitlines():
            say(f"error: {line}")
        status = error.exit_status
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
