"""What every face says about a study: its title, tables cut to what is asked for, charts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from sludgesim.reports import charts, digest
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import flat
from sludgesim.studies.names import Target

if TYPE_CHECKING:
    from sludgesim.studies.study import Study

MOST_CHARTS = 24
MOST_POINTS = 100_000  # rows of a sweep that charts can show
_COLUMNS = 5  # parameters and KPIs in the table of a sweep
_STILL = 1e-3  # relative change below which a KPI does not vary
_ALONG_FRONT = 20  # points of a Pareto front that are shown
_STRONGEST = 12  # parameters that a chart of a sensitivity shows


@dataclass(frozen=True)
class Chart:
    """A figure with its title and the colours of its lines by name."""

    title: str
    svg: Markup
    legend: Mapping[str, str]


def title(study: Study) -> str:
    """The verb, and the scenario with its variant where one was chosen."""
    variant = f" ({study.scenario.variant})" if study.scenario.variant else ""
    return f"{study.kind}: {digest.plain(study.scenario.name + variant)}"


def _kpis(study: Study) -> list[str]:
    """The KPIs that were asked for, or those that a reader looks for first."""
    named = [kpi for t in study.targets for _, _, kpi in t.terms] or list(digest.HEADLINES)
    return [kpi for kpi in dict.fromkeys(named) if kpi in study.cases]


def _swept(study: Study) -> pd.Series[float]:
    """Relative change in the sweep by KPI and route, the greatest first."""
    known = [kpi for kpi in digest.HEADLINES + digest.FURTHER if kpi in study.cases]
    by_route = study.cases[["scenario", "route", *known]].groupby(["scenario", "route"], sort=False)
    low, high = by_route.min(), by_route.max()
    size = low.abs().where(low.abs() > high.abs(), high.abs())
    change = ((high - low) / size.where(size > 0, 1.0)).groupby("route", sort=False).max()
    pairs = pd.Series(change.T.stack(), dtype=float)
    return pairs[pairs > _STILL].sort_values(ascending=False, kind="stable")


def _sweep_tables(study: Study) -> dict[str, pd.DataFrame]:
    """One row per case: what varies, and KPIs of routes beside each other."""
    paths = [str(c) for c in study.cases if c in flat()]
    heads = study.cases[["case", "scenario", "route", *paths]]
    routes = [str(r) for r in heads["route"].unique()]
    apart = ["case", *(["scenario"] if heads["scenario"].nunique() > 1 else []), *paths]
    by_case = heads.loc[heads["route"] == routes[0], apart].reset_index(drop=True)
    wanted = study.targets
    if not wanted:
        pairs = list(_swept(study).index)[: max(_COLUMNS - len(paths), 1)]
        pairs = pairs or [(kpi, route) for kpi in _kpis(study)[:1] for route in routes]
        wanted = [Target(f"{route}.{kpi}", ((1.0, route, kpi),)) for kpi, route in pairs]
    for target in wanted:
        by_case[target.text] = target.of(study.cases)
    return {"cases": by_case}


def _uncertainty_tables(study: Study) -> dict[str, pd.DataFrame]:
    shown = study["percentiles"], study["odds"]
    percentiles, odds = (t[t["kpi"].isin(_kpis(study))] for t in shown)
    order = ["kpi", "unit", "route", "p5", "p50", "p95", "mean", "sd", "failed"]
    rank = {kpi: k for k, kpi in enumerate(_kpis(study))}
    percentiles = percentiles.sort_values("kpi", key=lambda c: c.map(rank), kind="stable")
    odds = odds[odds["better"] >= 0.5] if len(odds) else odds
    return {
        "percentiles": percentiles[order],
        "odds that a route is better": odds[["kpi", "route", "other", "better", "failed"]],
    }


def _sensitivity_tables(study: Study) -> dict[str, pd.DataFrame]:
    method = study.settings["method"]
    heads = {
        "tornado": ["parameter", "range", "at_low", "at_high"],
        "morris": ["parameter", "mu_star", "mu_star_low", "mu_star_high", "sigma"],
        "sobol": ["parameter", "first", "first_low", "first_high", "total", "total_low",
                  "total_high"],
    }  # fmt: skip
    made = {}
    for kpi, part in study[method].groupby("kpi", sort=False):
        best = part.head(_STRONGEST)
        title = ", ".join(filter(None, (f"{method}: {kpi}", str(best["unit"].iloc[0]))))
        if method == "tornado":
            title += f", {digest.number(float(best['base'].iloc[0]))} as the scenario stands"
            ends = [best[c].map(digest.number) for c in ("low", "high")]
            unit = best["parameter_unit"].where(best["parameter_unit"] != "1", "")
            best = best.assign(range=ends[0] + " to " + ends[1] + " " + unit)
        made[title] = best[heads[method]]
    if method == "tornado":
        made["where the ranking of routes flips"] = study["flips"]
    return made


def _goal_tables(study: Study) -> dict[str, pd.DataFrame]:
    found = len(study["solutions"]) > 0
    return {"solutions": study["solutions"]} if found else {"nearest": study["nearest"]}


def _optimise_tables(study: Study) -> dict[str, pd.DataFrame]:
    """The optimum, or points of the front all along it."""
    if "optimum" in study.tables:
        return {"optimum": study["optimum"]}
    front = study["front"]
    along = np.unique(np.linspace(0, len(front) - 1, _ALONG_FRONT).round().astype(int))
    return {f"front, {len(along)} of {len(front)} points": front.iloc[along]}


def tables(study: Study) -> dict[str, pd.DataFrame]:
    """The tables that terminal and page show, by title."""
    makers: Mapping[str, Callable[[Study], dict[str, pd.DataFrame]]] = {
        "sweep": _sweep_tables,
        "uncertainty": _uncertainty_tables,
        "sensitivity": _sensitivity_tables,
        "goal-seek": _goal_tables,
        "optimise": _optimise_tables,
    }
    make = makers.get(study.kind)
    made = make(study) if make else dict(study.tables)
    if study.counts["failed"].any():
        made = {"cases by route": study.counts, "failed cases": study.failures, **made}
    return {title: table for title, table in made.items() if len(table)}


def _label(path: str) -> str:
    unit = flat()[path].unit
    return path if unit in ("", "1") else f"{path}, {unit}"


def _kpi_label(kpi: str) -> str:
    return f"{digest.label(kpi)}, {kpi_module.unit_of(kpi)}"


def _colours(names: list[str]) -> dict[str, str]:
    return {n: charts.COLOURS[k % len(charts.COLOURS)] for k, n in enumerate(names)}


def _sweep_charts(study: Study) -> Iterator[Chart]:
    paths = [str(c) for c in study.cases if c in flat()]
    kpis = _kpis(study)
    if not study.targets:
        kpis = list(dict.fromkeys(str(kpi) for kpi, _ in _swept(study).index)) or kpis
    table = study.cases[["scenario", "route", *paths, *kpis]]
    numbers = [p for p in paths if pd.api.types.is_numeric_dtype(table[p])]
    others = [p for p in paths if p not in numbers]
    apart = ["route", *(["scenario"] if table["scenario"].nunique() > 1 else []), *others]
    if not numbers or len(table) > MOST_POINTS:
        return
    for kpi in kpis:
        groups = {
            " ".join(map(str, key)): part
            for key, part in table.groupby(apart, sort=False, observed=True)
        }
        groups = {name: part for name, part in groups.items() if part[kpi].notna().any()}
        if len(numbers) == 1:
            (x,) = numbers
            lines = {
                name: list(zip(*(part.sort_values(x)[c] for c in (x, kpi)), strict=True))
                for name, part in groups.items()
            }
            svg = charts.curves(lines, _label(x), _kpi_label(kpi))
            yield Chart(_kpi_label(kpi), svg, _colours(list(lines)))
            continue
        x, y, *rest = numbers
        for name, part in groups.items():
            here = part
            for path in rest:  # a map has two axes: the other parameters stand at their first value
                here = here[here[path] == part[path].iloc[0]]
                name += f", {path} = {part[path].iloc[0]:g}"
            wide = here.pivot(index=y, columns=x, values=kpi)
            svg = charts.heat_map(
                list(wide.columns), list(wide.index), wide.to_numpy().tolist(),
                _label(x), _label(y), f"{kpi} of {name}",
            )  # fmt: skip
            yield Chart(f"{_kpi_label(kpi)}: {name}", svg, {})


def _uncertainty_charts(study: Study) -> Iterator[Chart]:
    table = study["percentiles"]
    routes = _colours([str(r) for r in study.cases["route"].unique()])
    for kpi in _kpis(study):
        rows = [
            charts.Range(r["route"], r["p5"], r["p95"], r["p50"], routes[r["route"]])
            for r in table[table["kpi"] == kpi].to_dict("records")
        ]
        if rows:
            svg = charts.ranges(rows, f"{kpi_module.unit_of(kpi)}: P5, P50, P95", kpi)
            yield Chart(_kpi_label(kpi), svg, {})


def _sensitivity_charts(study: Study) -> Iterator[Chart]:
    method = study.settings["method"]
    for kpi, part in study[method].groupby("kpi", sort=False):
        top = part.head(_STRONGEST)
        measure = {"tornado": "swing", "morris": "mu_star", "sobol": "total"}[method]
        ends = (f"{measure}_low", f"{measure}_high", measure)
        heads = ("at_low", "at_high", "base") if method == "tornado" else ends
        rows = [
            charts.Range(row["parameter"], *(row[h] for h in heads))
            for row in top.to_dict("records")
        ]
        unit = "total-order Sobol index" if method == "sobol" else str(top["unit"].iloc[0])
        middle = float(top["base"].iloc[0]) if method == "tornado" else None
        svg = charts.ranges(rows, unit, str(kpi), middle)
        yield Chart(f"{kpi}: {method}", svg, {})


def _goal_charts(study: Study) -> Iterator[Chart]:
    scan = study["scan"]
    x, y = scan.columns
    lines = {y: list(scan.itertuples(index=False, name=None))}
    svg = charts.curves(lines, _label(x), y, level=study.settings["value"])
    yield Chart(f"{y}, target dashed", svg, {})


def _optimise_charts(study: Study) -> Iterator[Chart]:
    if "front" in study.tables:
        goals = [*study.settings["minimise"], *study.settings["maximise"]]
        front = list(study["front"][goals].itertuples(index=False, name=None))
        base = list(study["base"][goals].itertuples(index=False, name=None))
        lines = {"front": front, "scenario as it stands": base}
        svg = charts.curves(lines, *goals, joined=False)
        yield Chart(f"{goals[1]} (up) over {goals[0]} (across)", svg, _colours(list(lines)))


def figures(study: Study) -> list[Chart]:
    """The charts of a study, at most `MOST_CHARTS`."""
    makers: Mapping[str, Callable[[Study], Iterator[Chart]]] = {
        "sweep": _sweep_charts,
        "uncertainty": _uncertainty_charts,
        "sensitivity": _sensitivity_charts,
        "goal-seek": _goal_charts,
        "optimise": _optimise_charts,
    }
    return list(itertools.islice(makers[study.kind](study), MOST_CHARTS))


def cell(value: object) -> tuple[str, bool]:
    """A value of a table as text, and whether it is a number."""
    if isinstance(value, (bool, np.bool_)):
        return ("yes" if value else "no"), False
    if isinstance(value, (int, np.integer)):
        return str(value), True
    if isinstance(value, (float, np.floating)):
        return digest.number(float(value)), True
    return digest.plain(value), False
