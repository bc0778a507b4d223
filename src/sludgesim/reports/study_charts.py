"""The charts of a study, each with its title and legend."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from sludgesim.reports import charts, digest
from sludgesim.reports.studies import (
    asked_kpis,
    label,
    plain_target,
    rows_used,
    strongest,
    varied,
    what_varies,
    with_unit,
)
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import flat
from sludgesim.studies.names import Target
from sludgesim.studies.sweep import by_case
from sludgesim.studies.vary import value_text

if TYPE_CHECKING:
    from sludgesim.studies.study import Study

MOST_CHARTS = 24
MOST_POINTS = 100_000  # rows of a sweep that charts can show


@dataclass(frozen=True)
class Chart:
    """A figure with its title and the swatches of its lines by name."""

    title: str
    svg: Markup
    legend: Mapping[str, Markup]


def _kpi_label(kpi: str) -> str:
    return with_unit(digest.label(kpi), kpi_module.unit_of(kpi))


def _setting(path: str, value: object) -> str:
    """A parameter and the value that it has, in few words."""
    shown = value if isinstance(value, str) else value_text(flat()[path], float(str(value)))
    return f"{path.rpartition('.')[2]} = {shown}"


def _measures(study: Study) -> dict[str, list[tuple[str, Target]]]:
    """What the charts of a sweep show: by title, the name of each line and its target."""
    found: dict[str, list[tuple[str, Target]]] = {}
    asked = list(study.targets)
    if not asked:
        # All routes of a KPI that varies in any of them.
        routes = [str(r) for r in study.cases["route"].unique()]
        kpis = dict.fromkeys(t.terms[0][2] for t in what_varies(study))
        asked = [plain_target(r, kpi) for kpi in kpis or asked_kpis(study) for r in routes]
    for target in asked:
        _, route, kpi = target.terms[0]
        if target.is_combined:
            found.setdefault(with_unit(target.text, target.unit), []).append(("", target))
        else:
            found.setdefault(_kpi_label(kpi), []).append((route, target))
    return found


def _sweep_charts(study: Study) -> Iterator[Chart]:
    paths = varied(study)
    measures = _measures(study)
    table = by_case(study.cases, paths, [t for group in measures.values() for _, t in group])
    numbers = [p for p in paths if pd.api.types.is_numeric_dtype(table[p])]
    if not numbers or len(table) > MOST_POINTS:
        return
    x, *rest = numbers
    words = [p for p in paths if p not in numbers]
    apart = [*(["scenario"] if table["scenario"].nunique() > 1 else []), *words]
    for title, group in measures.items():
        parts: dict[str, pd.DataFrame] = {}
        for name, target in group:
            if table[target.text].isna().all():
                continue
            split = table.groupby(apart, sort=False, observed=True) if apart else [((), table)]
            for key, part in split:
                told = [_setting(p, v) if p in words else str(v)
                        for p, v in zip(apart, key, strict=True)]  # fmt: skip
                line = ", ".join(filter(None, [name, *told]))
                parts[line] = part[numbers].assign(value=part[target.text])
        if not rest:
            lines = {
                name: list(part.sort_values(x).itertuples(index=False, name=None))
                for name, part in parts.items()
            }
            svg = charts.curves(lines, label(study, x), title)
            yield Chart(title, svg, charts.swatches([name for name in lines if name]))
        else:
            yield from _maps(study, title, parts, numbers)


def _maps(
    study: Study, title: str, parts: Mapping[str, pd.DataFrame], numbers: list[str]
) -> Iterator[Chart]:
    """Maps over two parameters, one for each part, with one scale of colours."""
    x, y, *rest = numbers
    here = {}
    for name, part in parts.items():
        told = [name] if name else []
        for path in rest:  # a map has two axes: the other parameters stand at their first value
            first = part[path].iloc[0]
            part = part[part[path] == first]
            told.append(_setting(path, first))
        here[", ".join(told)] = part
    finite = [v for part in here.values() for v in part["value"] if math.isfinite(v)]
    scale = (min(finite), max(finite)) if finite else (0.0, 0.0)
    for name, part in here.items():
        wide = part.pivot(index=y, columns=x, values="value")
        caption = ": ".join(filter(None, (title, name)))
        svg = charts.heat_map(
            list(wide.columns), list(wide.index), wide.to_numpy().tolist(),
            label(study, x), label(study, y), caption, scale,
        )  # fmt: skip
        yield Chart(caption, svg, {})


def _uncertainty_charts(study: Study) -> Iterator[Chart]:
    table = study["percentiles"]
    routes = [str(r) for r in study.cases["route"].unique()]
    colours = {route: charts.style(k)[0] for k, route in enumerate(routes)}
    combined = [t.text for t in study.targets if t.is_combined]
    for kpi in [*combined, *asked_kpis(study)]:
        rows = []
        for r in table[table["kpi"] == kpi].to_dict("records"):
            colour = colours.get(r["route"], charts.COLOURS[0])  # a sum has no route
            name = r["route"] or kpi
            rows.append(charts.Range(name, r["p5"], r["p95"], r["p50"], colour))
        if rows:
            unit = str(table.loc[table["kpi"] == kpi, "unit"].iloc[0])
            svg = charts.ranges(rows, f"{unit}: P5, P50, P95", kpi)
            yield Chart(with_unit(kpi, unit) if kpi in combined else _kpi_label(kpi), svg, {})


def _sensitivity_charts(study: Study) -> Iterator[Chart]:
    method = study.settings["method"]
    for kpi, part in study[method].groupby("kpi", sort=False):
        top = strongest(study, part)
        if top.empty:
            continue
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
        yield Chart(f"{kpi}: {method}{rows_used(part)}", svg, {})


def _goal_charts(study: Study) -> Iterator[Chart]:
    scan = study["scan"]
    x, y = map(str, scan.columns)
    lines = {y: list(scan.itertuples(index=False, name=None))}
    named = label(study, y)
    svg = charts.curves(lines, label(study, x), named, level=study.settings["value"])
    yield Chart(f"{named}; target dashed", svg, {})


def _optimise_charts(study: Study) -> Iterator[Chart]:
    goals = [*study.settings["minimise"], *study.settings["maximise"]]
    for name in ("front", "nearest front"):
        if name in study.tables:
            front = list(study[name][goals].itertuples(index=False, name=None))
            base = list(study["base"][goals].itertuples(index=False, name=None))
            lines = {name: front, "scenario as it stands": base}
            x, y = (label(study, goal) for goal in goals)
            svg = charts.curves(lines, x, y, joined=False)
            yield Chart(f"{goals[1]} over {goals[0]}", svg, charts.swatches(list(lines)))


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
