"""The studies on the command line: sweep, uncertainty, sensitivity, goal-seek, optimise."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sludgesim.cli_options import AsJson, File, ScenarioName, directory_for
from sludgesim.cli_streams import answer, bar, say
from sludgesim.errors import InputError, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from sludgesim.scenario.spread import Correlation
    from sludgesim.studies.cases import Progress
    from sludgesim.studies.study import Study
    from sludgesim.studies.workers import Execution

app = typer.Typer()

Routes = Annotated[
    list[str] | None, typer.Option("--route", metavar="R", help="Route; may be repeated.")
]
Kpis = Annotated[
    list[str] | None,
    typer.Option(
        "--kpi",
        metavar="KPI",
        help="route.kpi, a sum such as a.ghg-b.ghg, or an id for every route; may be repeated.",
    ),
]
VaryValues = Annotated[
    list[str] | None,
    typer.Option("--vary", metavar="PATH=VALUES", help="start:stop:stepUNIT or a,b,c UNIT."),
]
VaryDistribution = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH[=DISTRIBUTION]",
        help="low:high, 'normal(mean,sd)UNIT', 'triangular(low,mode,high)', 'uniform(low,high)'; "
        "the path alone takes the declared one; none: every parameter that has one.",
    ),
]
VaryInterval = Annotated[
    list[str] | None,
    typer.Option(
        "--vary", metavar="PATH[=LOW:HIGH]", help="What to search; the path alone: its bounds."
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same study.")]
OutputDirectory = Annotated[Path | None, directory_for("JSON, CSV tables and a page")]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", help="Processes on this machine.")]
Scheduler = Annotated[
    str, typer.Option("--scheduler", metavar="ADDRESS", help="Run on the Dask cluster there.")
]


class Format(StrEnum):
    """How the cases of a study are kept."""

    csv = "csv"
    parquet = "parquet"


CasesFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        help="Of the cases in DIR; parquet: written as they are run, resumed by the same command.",
    ),
]


def _execution(jobs: int, scheduler: str, cases: Format, out: Path | None) -> Execution:
    from sludgesim.studies.workers import Execution

    if cases is Format.parquet and out is None:
        raise InputError(
            Problem("parquet files go to a directory", "--format", allowed="--out DIR")
        )
    return Execution(jobs, scheduler, out if cases is Format.parquet else None)


def _study(
    compute: Callable[[Progress], Study],
    as_json: bool,
    directory: Path | None,
    execution: Execution | None = None,
) -> None:
    """Answer with a study; when it is interrupted, say what is left of it in Parquet."""
    stored = execution is not None and execution.store is not None
    if directory is not None and not stored and (directory / "manifest.json").exists():
        from sludgesim.scenario.wording import shown

        message = f"{shown(str(directory), 300)} holds a study in Parquet files, not to be mixed"
        raise InputError(Problem(message, "--out", allowed="another directory"))
    from sludgesim.reports import left_over, write_study

    def run() -> Study:
        try:
            with bar() as progress:
                return compute(progress)
        except KeyboardInterrupt:
            kept = len(list(directory.glob("cases/*.parquet"))) if directory else 0
            if kept:
                say(f"interrupted; {kept} parts are kept, the same command goes on from there")
            raise

    def write(study: Study, place: Path) -> list[Path]:
        left = left_over(study, place)
        written = write_study(study, place)
        if left:
            say(f"removed files of an earlier study that is not this one: {', '.join(left)}")
        return written

    answer(run, write, _show, as_json, directory)


def _show(study: Study, screen: Console) -> None:
    from sludgesim.reports.study_terminal import print_study

    print_study(study, screen)


@app.command("sweep")
def sweep_command(
    file: File = None,
    vary: VaryValues = None,
    scenario: ScenarioName = None,
    scenarios: Annotated[
        str | None,
        typer.Option("--scenarios", metavar="A,B", help="Named scenarios, side by side."),
    ] = None,
    route: Routes = None,
    kpi: Kpis = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
    cases: CasesFormat = Format.csv,
    jobs: Jobs = 1,
    scheduler: Scheduler = "",
) -> None:
    """Run every combination of values of some parameters."""
    from sludgesim.scenario import load
    from sludgesim.studies import vary as variation
    from sludgesim.studies.sweep import sweep

    varied = variation.parse(vary or [])
    names = list(dict.fromkeys(n.strip() for n in (scenarios or "").split(",") if n.strip()))
    if scenarios is not None and not names:
        raise InputError(Problem("names no scenario", "--scenarios", allowed="A,B"))
    if names and scenario is not None:
        raise InputError(Problem("--scenario and --scenarios are both given", "--scenarios"))
    how = _execution(jobs, scheduler, cases, out)
    loaded = {n: load(file, n) for n in names} or load(file, scenario)
    _study(
        lambda progress: sweep(
            loaded, varied, routes=route, kpis=kpi or (), progress=progress, execution=how
        ),
        as_json,
        out,
        how,
    )


def _correlations(texts: list[str] | None) -> list[Correlation] | None:
    """The correlations of the command line; None where there are none."""
    from sludgesim.scenario import flat
    from sludgesim.scenario.quantity import QuantityError
    from sludgesim.scenario.spread import read_correlation

    try:
        return [read_correlation(text, flat()) for text in texts] if texts else None
    except QuantityError as error:
        raise InputError(Problem(str(error), "--correlate", allowed="path,path=0.8")) from None


@app.command("uncertainty")
def uncertainty_command(
    file: File = None,
    vary: VaryDistribution = None,
    correlate: Annotated[
        list[str] | None,
        typer.Option("--correlate", metavar="PATH,PATH=R", help="Correlation; may be repeated."),
    ] = None,
    samples: Annotated[int, typer.Option("--samples", help="Cases.")] = 1000,
    sampling: Annotated[
        str, typer.Option("--sampling", help="lhs (Latin hypercube), random or sobol.")
    ] = "lhs",
    seed: Seed = 1,
    scenario: ScenarioName = None,
    route: Routes = None,
    kpi: Kpis = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
    cases: CasesFormat = Format.csv,
    jobs: Jobs = 1,
    scheduler: Scheduler = "",
) -> None:
    """Draw the parameters from their distributions; P5, P50 and P95 of every KPI."""
    from sludgesim.scenario import load
    from sludgesim.studies import vary as variation
    from sludgesim.studies.uncertainty import uncertainty

    varied = variation.parse(vary or [])
    pairs = _correlations(correlate)
    how = _execution(jobs, scheduler, cases, out)
    loaded = load(file, scenario)
    _study(
        lambda progress: uncertainty(
            loaded,
            samples=samples,
            sampling=sampling,
            seed=seed,
            vary=varied,
            correlations=pairs,
            routes=route,
            kpis=kpi or (),
            progress=progress,
            execution=how,
        ),
        as_json,
        out,
        how,
    )


@app.command("sensitivity")
def sensitivity_command(
    file: File = None,
    kpi: Kpis = None,
    method: Annotated[str, typer.Option("--method", help="tornado, morris or sobol.")] = "tornado",
    vary: VaryDistribution = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", help="Points per parameter, trajectories, or base samples."),
    ] = None,
    seed: Seed = 1,
    scenario: ScenarioName = None,
    route: Routes = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
    cases: CasesFormat = Format.csv,
    jobs: Jobs = 1,
    scheduler: Scheduler = "",
) -> None:
    """Rank the parameters by what they do to KPIs; find where the ranking of routes flips."""
    from sludgesim.scenario import load
    from sludgesim.studies import vary as variation
    from sludgesim.studies.sensitivity import sensitivity

    varied = variation.parse(vary or [])
    how = _execution(jobs, scheduler, cases, out)
    loaded = load(file, scenario)
    _study(
        lambda progress: sensitivity(
            loaded,
            kpi or (),
            method=method,
            vary=varied,
            samples=samples,
            seed=seed,
            routes=route,
            progress=progress,
            execution=how,
        ),
        as_json,
        out,
        how,
    )


@app.command("goal-seek")
def goal_seek_command(
    target: Annotated[
        str, typer.Option("--target", metavar="KPI=VALUE", help="carbothermal.slag_feo=0.5")
    ],
    file: File = None,
    vary: VaryInterval = None,
    points: Annotated[int, typer.Option("--points", help="Points of the first scan.")] = 41,
    scenario: ScenarioName = None,
    route: Routes = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
) -> None:
    """Find the value of a parameter at which a KPI meets a target."""
    from sludgesim.scenario import load
    from sludgesim.studies import vary as variation
    from sludgesim.studies.goal_seek import goal_seek

    varied = variation.parse(vary or [])
    kpi, _, number = target.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        message, allowed = f"{target!r} is no target", "route.kpi=number, in the KPI's unit"
        raise InputError(Problem(message, "--target", allowed=allowed)) from None
    loaded = load(file, scenario)
    _study(
        lambda progress: goal_seek(
            loaded, varied, kpi, value, points=points, routes=route, progress=progress
        ),
        as_json,
        out,
    )


@app.command("optimise")
def optimise_command(
    file: File = None,
    vary: VaryInterval = None,
    minimise: Annotated[
        list[str] | None,
        typer.Option("--minimise", metavar="KPI", help="route.kpi or a weighted sum."),
    ] = None,
    maximise: Annotated[
        list[str] | None,
        typer.Option("--maximise", metavar="KPI", help="Two objectives in all: Pareto front."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="CONSTRAINT", help="'carbothermal.reo_purity>=99'"),
    ] = None,
    generations: Annotated[int, typer.Option("--generations", help="At most so many.")] = 100,
    population: Annotated[
        int | None, typer.Option("--population", help="Cases of a generation.")
    ] = None,
    seed: Seed = 1,
    scenario: ScenarioName = None,
    route: Routes = None,
    as_json: AsJson = False,
    out: OutputDirectory = None,
) -> None:
    """Find the settings that are best for a KPI or a weighted cost, or the front of two."""
    from sludgesim.scenario import load
    from sludgesim.studies import vary as variation
    from sludgesim.studies.optimise import optimise

    varied = variation.parse(vary or [])
    loaded = load(file, scenario)
    _study(
        lambda progress: optimise(
            loaded,
            varied,
            minimise=minimise or (),
            maximise=maximise or (),
            where=where or (),
            generations=generations,
            population=population,
            seed=seed,
            routes=route,
            progress=progress,
        ),
        as_json,
        out,
    )
