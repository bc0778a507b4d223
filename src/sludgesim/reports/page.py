"""The self-contained page: everything a reader needs in one file that asks no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from sludgesim.reports import digest, figures
from sludgesim.reports.rendering import render
from sludgesim.reports.sankey import layout

if TYPE_CHECKING:
    from sludgesim.studies.comparison import Result, RouteResult

# What the Sankeys follow: everything, the iron, a rare earth, and the two that must go astray.
_FOLLOWED = ("mass", "Fe", "Nd", "B", "C")
_TILES = ("re_recovery", "landfill", "acid_use", "alkali_use", "electricity", "ghg")


@dataclass(frozen=True)
class Flowchart:
    """A Sankey of one route with the sentence that goes under it."""

    route: str
    what: str
    svg: Markup | None
    note: str


@dataclass(frozen=True)
class Grid:
    """A table ready for the template: headers, and rows of (text, is a number)."""

    headers: list[tuple[str, bool]]
    rows: list[list[tuple[str, bool]]]


def _grid(table: pd.DataFrame, headers: dict[str, str] | None = None) -> Grid:
    named = headers or {}
    rows = []
    for record in table.itertuples(index=False):
        cells = []
        for value in record:
            is_number = isinstance(value, (int, float))
            cells.append((digest.number(value) if is_number else digest.plain(value), is_number))
        rows.append(cells)
    numeric = [pd.api.types.is_numeric_dtype(table[c]) for c in table.columns]
    heads = [named.get(str(c), digest.words(str(c))) for c in table.columns]
    return Grid(list(zip(heads, numeric, strict=True)), rows)


def _flowchart(route: RouteResult, what: str) -> Flowchart:
    column = f"{what}_kg"
    diagram = layout(route.streams, column) if column in route.streams else None
    if diagram is None:
        return Flowchart(route.name, what, None, f"{what} does not occur in this route.")
    missing = diagram.total_in - diagram.total_out
    relative = abs(missing) / diagram.total_in
    gap = f"{missing:.1e} kg (relative {relative:.1e})" if missing else "0 kg"
    note = (
        f"In {digest.number(diagram.total_in)} kg, out {digest.number(diagram.total_out)} kg, "
        f"imbalance {gap}, per t of dry sludge."
    )
    if diagram.hidden:
        flows = "1 flow" if diagram.hidden == 1 else f"{diagram.hidden} flows"
        note += (
            f" Not drawn: {flows} below 0.1 % of the input, "
            f"{digest.number(diagram.hidden_sum)} kg together."
        )
    caption = f"{'Mass' if what == 'mass' else what} through {digest.words(route.name)}"
    return Flowchart(route.name, what, figures.sankey(diagram, caption), note)


def _residuals(route: RouteResult) -> Grid:
    """Relative residuals: units in rows, elements and energy in columns."""
    elements = route.balance.elements
    wide = elements.pivot(index="unit", columns="element", values="relative")
    order = list(dict.fromkeys(elements["unit"]))
    wide = wide.reindex(index=order, columns=list(dict.fromkeys(elements["element"])))
    energy = route.balance.energy.set_index("unit")["relative"]
    rows = []
    for unit in list(dict.fromkeys([*order, *energy.index])):
        values = [*(wide.loc[unit] if unit in order else [float("nan")] * wide.shape[1])]
        values.append(energy.get(unit, float("nan")))
        cells = [(digest.words(unit), False)]
        cells += [("" if pd.isna(v) else "0" if v == 0 else f"{abs(v):.0e}", True) for v in values]
        rows.append(cells)
    heads = [(str(element), True) for element in wide.columns]
    return Grid([("unit", False), *heads, ("energy", True)], rows)


def _streams(route: RouteResult) -> Grid:
    table = route.streams.copy()
    for column in ("name", "from", "to"):
        table[column] = table[column].map(digest.words)
    masses = [c for c in table.columns if str(c).endswith("_kg") and c != "mass_kg"]
    table = table.drop(columns=[c for c in masses if not table[c].any()])
    table = table.replace(0.0, float("nan"))  # an empty cell is easier to read past than a 0
    names = {str(c): str(c).removesuffix("_kg") for c in masses}
    names |= {"mass_kg": "mass, kg", "temperature_K": "T, K", "moisture_percent": "moisture, wt%"}
    return _grid(table, names)


def _duties(route: RouteResult) -> Grid:
    wide = route.duties.pivot_table(index="unit", columns="kind", values="MJ", aggfunc="sum")
    wide = wide.reindex(list(dict.fromkeys(route.duties["unit"])))
    wide.loc["sum"] = wide.sum()
    wide.index = wide.index.map(digest.words)
    return _grid(wide.rename_axis("unit").reset_index())


def _parameters(table: pd.DataFrame) -> list[dict[str, Any]]:
    shown = []
    for line in table.to_dict("records"):
        entry = {key: digest.plain(line[key]) for key in ("path", "origin", "quality", "source")}
        entry["value"] = digest.quantity(line["value"], str(line["unit"]))
        entry["description"] = digest.plain(line["description"])
        shown.append(entry)
    return shown


def _assumed(result: Result) -> tuple[list[dict[str, Any]], list[str]]:
    """Assumed parameters, routes with the same value in one line, and species with assumed data."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    species = []
    for entry in _parameters(digest.assumed(result)):
        section, _, name = str(entry["path"]).partition(".")
        if section == "species":
            species.append(name)
            continue
        route = section if section in result.routes else ""
        key = (name if route else entry["path"], entry["value"])
        line = lines.setdefault(key, {**entry, "path": key[0], "routes": []})
        line["routes"] += [route] if route else []
    paths = set(digest.parameters(result)["path"])
    for line in lines.values():
        everywhere = [r for r in result.routes if f"{r}.{line['path']}" in paths]
        line["where"] = "" if line["routes"] == everywhere else ", ".join(line["routes"])
    return list(lines.values()), species


def page(result: Result) -> str:
    """The HTML page of a result.

    Parameters
    ----------
    result : a comparison of routes, or a run of one

    Returns
    -------
    str
        One self-contained document: no script, style, font or image from elsewhere.
    """
    routes = list(result.routes)
    rows = digest.kpi_rows(result)
    colours = figures.route_colours(routes, result.baseline)
    # A single bar compares nothing.
    charted = [r for r in digest.per_tonne(rows) if len(r.values) > 1]
    by_kpi = {row.kpi: row for row in rows}
    assumed, assumed_species = _assumed(result)
    return render(
        "report.html.j2",
        title=digest.title(result),
        scenario=result.scenario,
        feed=digest.feed(result),
        routes=routes,
        baseline=result.baseline if len(routes) > 1 else "",
        colours=colours,
        roles=figures.ROLE_COLOURS,
        tiles=[by_kpi[kpi] for kpi in _TILES if kpi in by_kpi],
        groups=_grouped(digest.per_tonne(rows)),
        groups_per_kg=_grouped(digest.per_kg(rows)),
        bars=[
            (group, [(row, figures.bars(row, colours, result.baseline)) for row in members])
            for group, members in _grouped(charted)
        ],
        closures=digest.closures(result),
        warnings=digest.warnings(result),
        honesty=digest.honesty(result),
        assumed=assumed,
        assumed_species=assumed_species,
        parameters=_parameters(digest.parameters(result)),
        sources=digest.sources(result).to_dict("records"),
        flowcharts=[_flowchart(r, what) for what in _FOLLOWED for r in result.routes.values()],
        followed=_FOLLOWED,
        residuals={name: _residuals(route) for name, route in result.routes.items()},
        streams={name: _streams(route) for name, route in result.routes.items()},
        duties={name: _duties(route) for name, route in result.routes.items()},
    )


def _grouped(rows: list[digest.Row]) -> list[tuple[str, list[digest.Row]]]:
    groups: dict[str, list[digest.Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return list(groups.items())
