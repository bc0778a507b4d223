"""Plant data on the command line: reconcile, fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sludgesim.cli_options import AsJson, File, ScenarioName, directory_for
from sludgesim.cli_streams import answer, bar

if TYPE_CHECKING:
    from sludgesim.studies.cases import Progress
    from sludgesim.studies.fit import Fit
    from sludgesim.studies.reconcile import Reconciliation

app = typer.Typer()

Data = Annotated[Path, typer.Argument(metavar="DATA", help="Measurements, CSV or XLSX.")]
OutputDirectory = Annotated[Path | None, directory_for("JSON and CSV tables")]


def _answer(
    compute: Callable[[Progress], Reconciliation | Fit], as_json: bool, directory: Path | None
) -> None:
    from sludgesim.reports.plant import print_plant, write_plant

    def run() -> Reconciliation | Fit:
        with bar() as progress:
            return compute(progress)

    answer(run, write_plant, print_plant, as_json, directory)


@app.command("reconcile")
def reconcile_command(
    data: Data,
    file: File = None,
    route: Annotated[
        str | None,
        typer.Option("--route", metavar="R", help="Route whose streams are meant."),
    ] = None,
    level: Annotated[float, typer.Option("--level", help="Significance of the tests.")] = 0.05,
    scenario: ScenarioName = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
) -> None:
    """Close the balances on plant measurements and name the suspicious ones."""
    from sludgesim.scenario import check_routes, load
    from sludgesim.studies.measurements import read
    from sludgesim.studies.reconcile import reconcile

    (name,) = check_routes([route]) if route else ("",)
    plant = read(data)
    loaded = load(file, scenario) if name else None
    _answer(lambda _: reconcile(plant, loaded, name, level=level), as_json, out)


@app.command("fit")
def fit_command(
    data: Data,
    route: Annotated[str, typer.Option("--route", metavar="R", help="Route to fit.")],
    file: File = None,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="PATH[=LOW:HIGH]", help="What to fit; may be repeated."),
    ] = None,
    scenario: ScenarioName = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
) -> None:
    """Fit parameters of a route to plant measurements; DIR also gets fitted.yaml."""
    from sludgesim.scenario import check_routes, load
    from sludgesim.studies import vary as variation
    from sludgesim.studies.fit import fit
    from sludgesim.studies.measurements import read

    (name,) = check_routes([route])
    varied = variation.intervals(variation.parse(vary or []))
    plant = read(data)
    loaded = load(file, scenario)
    _answer(lambda progress: fit(plant, loaded, name, varied, progress), as_json, out)
