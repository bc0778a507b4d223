"""What every face says about a study: its title, its warnings, tables cut to the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sludgesim.reports import digest
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import flat
from sludgesim.studies.names import Target
from sludgesim.studies.sweep import by_case

if TYPE_CHECKING:
    from sludgesim.studies.study import Study

_STRONGEST = 12  # parameters that tables and charts of a sensitivity show
_COLUMNS = 5  # parameters and KPIs in the table of a sweep
_STILL = 1e-3  # relative change below which a KPI does not vary
_ALONG_FRONT = 20  # points of a Pareto front that are shown
_MONEY = ("operating_cost", "net_present_value")
_KEYS = ("case", "scenario", "kpi", "route", "other", "parameter")


def title(study: Study) -> str:
    """The verb, and the scenario with its variant where one was chosen."""
    variant = f" ({study.scenario.variant})" if study.scenario.variant else ""
    return f"{study.kind}: {digest.plain(study.scenario.name + variant)}"


def with_unit(name: str, unit: str) -> str:
    """A name with its unit, which may be none."""
    return name if unit in ("", "1") else f"{name}, {unit}"


def label(study: Study, column: object) -> str:
    """The head of a column: parameters and KPIs with their units."""
    name = str(column)
    if name in flat():
        return with_unit(name, flat()[name].unit)
    units = {target.text: target.unit for target in study.targets}
    if name in units:
        return with_unit(name, units[name])
    kpi = name.partition(".")[2]
    return with_unit(name, kpi_module.unit_of(kpi)) if kpi in kpi_module.ids() else name


def keys(table: pd.DataFrame) -> list[str]:
    """The first columns of a table, which tell its rows apart."""
    found: list[str] = []
    for column in map(str, table.columns):
        if column not in _KEYS and column not in flat():
            break
        found.append(column)
    return found


def warnings(study: Study) -> list[str]:
    """What the model warned of, with how many cases of the route it holds for."""
    cases = study.counts.set_index("route")["cases"]
    lines = []
    for row in study.warnings.to_dict("records"):
        least, most = row["least"], row["most"]
        count = f"{most}" if least == most else f"{least} to {most}"
        of = f"{count} of {cases.get(row['route'], most)} cases"
        lines.append(f"{row['route']}, {of}: {row['warning']}")
    return lines


def asked_kpis(study: Study) -> list[str]:
    """The KPIs that were asked for, or those that a reader looks for first."""
    named = [kpi for t in study.targets for _, _, kpi in t.terms]
    if not named:
        named = [*digest.HEADLINES, *(_MONEY if study.kind == "uncertainty" else ())]
    return [kpi for kpi in dict.fromkeys(named) if kpi in study.cases]


def what_varies(study: Study) -> list[Target]:
    """KPIs of routes that change in a sweep, those that change most first."""
    known = [kpi for kpi in digest.HEADLINES + digest.FURTHER if kpi in study.cases]
    # Where no parameter varies, the change is that from scenario to scenario.
    apart = ["scenario", "route"] if varied(study) else ["route"]
    by_route = study.cases[[*apart, *known]].groupby(apart, sort=False)
    low, high = by_route.min(), by_route.max()
    size = low.abs().where(low.abs() > high.abs(), high.abs())
    change = ((high - low) / size.where(size > 0, 1.0)).groupby("route", sort=False).max()
    pairs = pd.Series(change.T.stack(), dtype=float)
    pairs = pairs[pairs > _STILL].sort_values(ascending=False, kind="stable")
    return [plain_target(str(route), str(kpi)) for kpi, route in pairs.index]


def plain_target(route: str, kpi: str) -> Target:
    """The KPI of a route as it is."""
    return Target(f"{route}.{kpi}", ((1.0, route, kpi),))


def varied(study: Study) -> list[str]:
    """The parameters that vary in the cases of a sweep."""
    return [str(column) for column in study.cases if column in flat()]


def _sweep_tables(study: Study) -> dict[str, pd.DataFrame]:
    """One row per case: what varies, and KPIs of routes beside each other."""
    paths = varied(study)
    wanted = list(study.targets) or what_varies(study)[: max(_COLUMNS - len(paths), 1)]
    if not wanted:
        routes = dict.fromkeys(map(str, study.cases["route"].unique()))
        wanted = [plain_target(route, kpi) for kpi in asked_kpis(study)[:1] for route in routes]
    table = by_case(study.cases, paths, wanted)
    return {"cases": table if table["scenario"].nunique() > 1 else table.drop(columns="scenario")}


def _uncertainty_tables(study: Study) -> dict[str, pd.DataFrame]:
    percentiles, odds = study["percentiles"], study["odds"]
    kpis = asked_kpis(study)
    if study.targets:
        shown = [
            ("", t.text) if t.is_combined else (t.terms[0][1], t.terms[0][2]) for t in study.targets
        ]
    else:
        shown = [(route, kpi) for kpi in kpis for route in percentiles["route"].unique()]
    by_pair = percentiles.set_index(["route", "kpi"], drop=False)
    by_pair = by_pair.loc[[pair for pair in shown if pair in by_pair.index]]
    by_pair = by_pair.rename(columns={"base": "scenario", "base_percentile": "at P"})
    heads = ["kpi", "unit", "route", "scenario", "at P", "p5", "p50", "p95"]
    if (by_pair["failed"] > 0).any():
        heads.append("failed")
    odds = odds[odds["kpi"].isin(kpis) & (odds["better"] >= 0.5)]
    columns = ["kpi", "route", "other", "better"]
    if (odds["failed"] > 0).any():
        columns += ["least", "most", "failed"]
    if (odds["without_product"] > 0).any():
        columns.append("without_product")
    return {
        "percentiles, and where the scenario as it stands lies among them": by_pair[heads],
        "odds that a route is better": odds[columns],
    }


def _sensitivity_tables(study: Study) -> dict[str, pd.DataFrame]:
    method = study.settings["method"]
    made = {}
    for kpi, part in study[method].groupby("kpi", sort=False):
        best = strongest(study, part)
        if best.empty:
            continue
        title = with_unit(f"{method}: {kpi}", str(best["unit"].iloc[0])) + rows_used(part)
        if method == "tornado":
            title += f", {digest.number(float(best['base'].iloc[0]))} as the scenario stands"
            unit = best["parameter_unit"].where(best["parameter_unit"] != "1", "")
            best = best.assign(range=_span(best, "low", "high") + " " + unit)
            made[title] = best[["parameter", "range", "at_low", "at_high"]]
            continue
        columns = ["parameter"]
        for measure in ("mu_star",) if method == "morris" else ("first", "total"):
            interval = f"{measure} 95 %"
            best = best.assign(**{interval: _span(best, f"{measure}_low", f"{measure}_high")})
            columns += [measure, interval]
        made[title] = best[[*columns, *(["sigma"] if method == "morris" else [])]]
    if method == "tornado":
        made["where the ranking of routes flips"] = study["flips"]
    return made


def _span(table: pd.DataFrame, low: str, high: str) -> pd.Series[str]:
    """Two columns as one of texts `low to high`; empty where there are none."""
    spans = table[low].map(digest.number) + " to " + table[high].map(digest.number)
    return spans.where(table[low].notna(), "")


def strongest(study: Study, part: pd.DataFrame) -> pd.DataFrame:
    """The first rows of a target in a table of sensitivities, without what does not move it."""
    measure = {"tornado": "swing", "morris": "mu_star", "sobol": "total"}[study.settings["method"]]
    return part[part[measure] != 0].head(_STRONGEST)


def rows_used(part: pd.DataFrame) -> str:
    """Of a design with failed cases: what is left of it, as a part of a title."""
    if "used" not in part or not part["failed"].iloc[0]:
        return ""
    used, rows, failed = (int(part[c].iloc[0]) for c in ("used", "rows", "failed"))
    return f"; {used} of {rows} rows used, {failed} cases failed"


def _goal_tables(study: Study) -> dict[str, pd.DataFrame]:
    found = len(study["solutions"]) > 0
    return {"solutions": study["solutions"]} if found else {"nearest": study["nearest"]}


def _optimise_tables(study: Study) -> dict[str, pd.DataFrame]:
    """The optimum, or points of the front all along it."""
    (kind,) = (name for name in study.tables if name not in ("base", "constraints"))
    table = study[kind]
    made = {kind: table}
    if kind.endswith("front"):
        along = np.unique(np.linspace(0, len(table) - 1, _ALONG_FRONT).round().astype(int))
        made = {f"{kind}, {len(along)} of {len(table)} points": table.iloc[along]}
    limits = study.tables.get("constraints")
    if limits is not None and (limits["missed by"] > 0).any():
        made["constraints"] = limits
    return made


def tables(study: Study) -> dict[str, pd.DataFrame]:
    """The tables that terminal and page show, by title."""
    makers: Mapping[str, Callable[[Study], dict[str, pd.DataFrame]]] = {
        "sweep": _sweep_tables,
        "uncertainty": _uncertainty_tables,
        "sensitivity": _sensitivity_tables,
        "goal-seek": _goal_tables,
        "optimise": _optimise_tables,
    }
    made = makers[study.kind](study)
    if study.counts["failed"].any():
        made = {"cases by route": study.counts, "failed cases": study.failures, **made}
    # A column that says nothing of any row takes the room of one that does.
    return {title: t.dropna(axis="columns", how="all") for title, t in made.items() if len(t)}


def cell(value: object) -> tuple[str, bool]:
    """A value of a table as text, and whether it is a number."""
    if isinstance(value, (bool, np.bool_)):
        return ("yes" if value else "no"), False
    if isinstance(value, (int, np.integer)):
        return str(value), True
    if isinstance(value, (float, np.floating)):
        return digest.number(float(value)), True
    return digest.plain(value), False
