"""What every face says about a study: its tables cut to what is asked for, and its charts."""

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

if TYPE_CHECKING:
    from sludgesim.studies.study import Study

MOST_CHARTS = 24
_STRONGEST = 12  # parameters that a chart of a sensitivity shows


@dataclass(frozen=True)
class Chart:
    """A figure with its title and the colours of its lines by name."""

    title: str
    svg: Markup
    legend: Mapping[str, str]


def short(name: str) -> str:
    """A path or KPI as a heading: parameters without their route, where that is plain."""
    return digest.words(name.replace(".", " "))


def _kpis(study: Study) -> list[str]:
    """The KPIs that were asked for, or those that a reader looks for first."""
    named = [kpi for t in study.targets for _, _, kpi in t.terms] or list(digest.HEADLINES)
    return [kpi for kpi in dict.fromkeys(named) if kpi in study.cases]


def _sweep_tables(study: Study) -> dict[str, pd.DataFrame]:
    paths = [c for c in study.cases if c in flat()]
    kpis = _kpis(study) if study.targets else _kpis(study)[:4]
    heads = (["scenario"] if study.cases["scenario"].nunique() > 1 else []) + paths
    return {"cases": study.cases[[*heads, "route", "status", *kpis]]}


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
        "tornado": ["kpi", "parameter", "low", "high", "parameter_unit", "at_low", "base",
                    "at_high", "unit"],
        "morris": ["kpi", "parameter", "mu_star", "mu_star_low", "mu_star_high", "sigma", "unit"],
        "sobol": ["kpi", "parameter", "first", "first_low", "first_high", "total", "total_low",
                  "total_high"],
    }  # fmt: skip
    best = study[method].groupby("kpi", sort=False).head(_STRONGEST)
    tables = {method: best[heads[method]]}
    if method == "tornado":
        tables["where the ranking of routes flips"] = study["flips"]
    return tables


def tables(study: Study) -> dict[str, pd.DataFrame]:
    """The tables that terminal and page show, by title."""
    makers: Mapping[str, Callable[[Study], dict[str, pd.DataFrame]]] = {
        "sweep": _sweep_tables,
        "uncertainty": _uncertainty_tables,
        "sensitivity": _sensitivity_tables,
    }
    make = makers.get(study.kind)
    made = make(study) if make else dict(study.tables)
    made.pop("scan", None)
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
    table = study.cases
    numbers = [c for c in table if c in flat() and pd.api.types.is_numeric_dtype(table[c])]
    others = [c for c in table if c in flat() and c not in numbers]
    apart = ["route", *(["scenario"] if table["scenario"].nunique() > 1 else []), *others]
    if not numbers:
        return
    for kpi in _kpis(study):
        groups = {" ".join(map(str, key)): part for key, part in table.groupby(apart, sort=False)}
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
    routes = _colours(list(dict.fromkeys(study.cases["route"])))
    for kpi in _kpis(study):
        rows = [
            charts.Range(r.route, r.p5, r.p95, r.p50, routes[r.route])
            for r in table[table["kpi"] == kpi].itertuples()
        ]
        if rows:
            svg = charts.ranges(rows, f"{kpi_module.unit_of(kpi)}: P5, P50, P95", kpi)
            yield Chart(_kpi_label(kpi), svg, {})


def _sensitivity_charts(study: Study) -> Iterator[Chart]:
    method = study.settings["method"]
    for kpi, part in study[method].groupby("kpi", sort=False):
        top = part.head(_STRONGEST)
        if method == "tornado":
            rows = [charts.Range(r.parameter, r.at_low, r.at_high, r.base) for r in top.itertuples()]
            svg = charts.ranges(rows, str(top["unit"].iloc[0]), str(kpi), float(top["base"].iloc[0]))
        else:
            measure = "mu_star" if method == "morris" else "total"
            rows = [
                charts.Range(*(row[c] for c in ("parameter", f"{measure}_low", f"{measure}_high",
                                                measure)))
                for row in top.to_dict("records")
            ]  # fmt: skip
            unit = str(top["unit"].iloc[0]) if method == "morris" else "total-order Sobol index"
            svg = charts.ranges(rows, unit, str(kpi))
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
    if isinstance(value, (int, float, np.number)):
        return digest.number(float(value)), True
    return digest.plain(value), False
