"""A result as tidy tables: one fact per row, units in the headers, routes as a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sludgesim.reports import digest

if TYPE_CHECKING:
    from sludgesim.studies.comparison import Result


def _by_route(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for route, frame in frames.items():
        part = frame.reset_index(drop=True).copy()
        part.insert(0, "route", route)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    # An element that only one route has is an amount of nothing in the others.
    amounts = [name for name in table.columns if str(name).endswith("_kg")]
    table[amounts] = table[amounts].fillna(0.0)
    return table


def comparison(result: Result) -> pd.DataFrame:
    """KPIs in rows, routes in columns; empty where a KPI does not apply."""
    lines = []
    for row in digest.kpi_rows(result):
        line: dict[str, object] = {
            "kpi": row.kpi,
            "name": row.name,
            "group": row.group,
            "unit": row.unit,
        }
        line |= {route: row.values.get(route) for route in result.routes}
        lines.append(line | {"best": row.best, "definition": row.definition})
    return pd.DataFrame(lines)


def streams(result: Result) -> pd.DataFrame:
    """Every stream of every route, kg per t of dry sludge."""
    return _by_route({name: route.streams for name, route in result.routes.items()})


def species(result: Result) -> pd.DataFrame:
    """Every species of every stream, kg per t of dry sludge."""
    return _by_route({name: route.species for name, route in result.routes.items()})


def duties(result: Result) -> pd.DataFrame:
    """Energy into (positive) and out of every unit, MJ per t of dry sludge."""
    return _by_route({name: route.duties for name, route in result.routes.items()})


def balances(result: Result) -> pd.DataFrame:
    """The audit: each element in kg and the energy in MJ over every unit and the plant."""
    names = {"in_kg": "in", "out_kg": "out", "residual_kg": "residual"}
    names |= {"in_MJ": "in", "out_MJ": "out", "duties_MJ": "duties", "residual_MJ": "residual"}
    parts = []
    for route, outcome in result.routes.items():
        elements = outcome.balance.elements.rename(columns=names | {"element": "quantity"})
        energy = outcome.balance.energy.rename(columns=names)
        elements["measure"], energy["measure"], energy["quantity"] = "kg", "MJ", "energy"
        elements["route"] = energy["route"] = route
        parts += [elements, energy]
    columns = ["route", "unit", "quantity", "measure", "in", "out", "duties", "residual"]
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)[[*columns, "relative"]]
    return table


def csv_tables(result: Result) -> dict[str, pd.DataFrame]:
    """The CSV files of `--out` by file name."""
    return {
        "comparison.csv": comparison(result),
        "streams.csv": streams(result),
        "species.csv": species(result),
        "balances.csv": balances(result),
        "duties.csv": duties(result),
        "parameters.csv": digest.parameters(result),
        "sources.csv": digest.sources(result),
    }


def to_csv(table: pd.DataFrame) -> str:
    """A table as CSV text whose bytes depend on its values alone."""
    text: str = table.to_csv(index=False, float_format="%.15g", lineterminator="\n")
    return text
