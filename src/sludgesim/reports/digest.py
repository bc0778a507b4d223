"""What every face says about a result: KPI rows in order, the closure, the assumptions.

The terminal, the workbook and the page show the same facts; they take them from here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sludgesim.data import read
from sludgesim.routes.kpis import NO_PRODUCT, PER_REO, REAGENT, declarations, entry
from sludgesim.scenario.thermochemistry import USER

if TYPE_CHECKING:
    from sludgesim.studies.comparison import Result

# What a reader looks for first: what returns, what is avoided, what it takes.
HEADLINES = (
    "re_recovery",
    "landfill",
    "acid_use",
    "alkali_use",
    "precipitant_use",
    "carbon_input",
    "electricity",
    "fuel",
    "ghg",
)
# What a sweep shows after them, where it varies: the trade-offs inside the furnace and the product.
FURTHER = (
    "slag_reo_grade",
    "slag_b2o3",
    "slag_feo",
    "slag_liquid",
    "unparted",
    "pig_iron_boron",
    "iron_recovery",
    "reo_purity",
    "operating_cost",
)


@dataclass(frozen=True)
class Row:
    """One KPI across the routes; a route to which it does not apply is not in `values`."""

    kpi: str
    name: str
    unit: str
    group: str
    definition: str
    values: Mapping[str, float]
    best: str  # the route that does best, "" where better is undefined or the routes tie
    detail: bool = False  # a part of another row: not for the terminal

    @property
    def base(self) -> str:
        """The KPI id without the suffix of its functional unit."""
        return self.kpi.removesuffix(PER_REO)


@dataclass(frozen=True)
class Closure:
    """How well a route closes: the worst element and the energy, relative."""

    route: str
    element: str
    element_residual: float
    energy_residual: float


def plain(text: object) -> str:
    """Text fit for any face: control characters, which a terminal would obey, become visible."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def words(identifier: str) -> str:
    """A label of the model as people write it: `slag_leach` becomes `slag leach`."""
    return plain(identifier).replace("_", " ")


def number(value: float, unit: str = "") -> str:
    """A value with three significant figures, whole numbers in full.

    A share just below 100 % keeps the decimals that tell it from 100 %.
    """
    if not math.isfinite(value):
        return ""
    if abs(value) < 1e-12:
        return "0"
    # Of the rounded value: 9.999 becomes 10.0, not 10.00.
    digits = 2 - math.floor(math.log10(abs(float(f"{value:.3g}"))))
    if digits > 6:
        return f"{value:.2e}"
    digits = max(0, digits)
    if unit in ("%", "wt%") and 99 < value < 100 - 1e-6:
        while round(value, digits) == 100 and digits < 5:
            digits += 1
    return f"{value:,.{digits}f}"


def quantity(value: object, unit: str) -> str:
    """A parameter's value as its user would write it, with its unit; words stand alone."""
    if isinstance(value, str):
        return value
    shown = f"{float(value):.6g}"  # type: ignore[arg-type]  # tables hold numbers or words
    return shown if unit in ("", "1") else f"{shown} {unit}"


def label(identifier: str) -> str:
    """The name of a KPI as its declaration gives it."""
    base = identifier.removesuffix(PER_REO)
    if base.startswith(REAGENT):
        return words(base.removeprefix(REAGENT))
    return str(entry(base)["name"])


def _best(
    values: Mapping[str, float], routes: int, better: str, unit: str, made: Collection[str]
) -> str:
    # A route to which a KPI does not apply cannot be beaten, so all must have a value; one that
    # makes nothing to sell takes little of everything, which is no merit.
    if better not in ("lower", "higher") or routes < 2 or len(values) < routes or len(made) < 2:
        return ""
    order = sorted(made, key=lambda route: values[route], reverse=better == "higher")
    tie = number(values[order[0]], unit) == number(values[order[1]], unit)
    return "" if tie else order[0]


def kpi_rows(result: Result) -> list[Row]:
    """The KPIs of a result in the order of their groups, those per kg REO included."""
    definitions: dict[str, str] = {}
    for route in result.routes.values():
        table = route.kpi_table
        definitions |= dict(zip(table["kpi"], table["definition"], strict=True))
    groups = list(dict.fromkeys(str(entry["group"]) for entry in declarations().values()))
    made = [n for n, r in result.routes.items() if r.kpis["re_recovery"][0] >= NO_PRODUCT]
    rows = []
    for kpi, line in result.kpis.iterrows():
        name = str(kpi)
        declared, unit = entry(name), str(line["unit"])
        values = {r: float(line[r]) for r in result.routes if math.isfinite(float(line[r]))}
        better = str(declared.get("better", ""))
        rows.append(
            Row(
                kpi=name,
                name=label(name),
                unit=unit,
                group=str(declared["group"]),
                definition=definitions.get(name, ""),
                values=values,
                best=_best(values, len(result.routes), better, unit, made),
                detail=bool(declared.get("detail")),
            )
        )
    order = {group: place for place, group in enumerate(groups)}
    reagents_last = [r for r in rows if not r.kpi.startswith(REAGENT)]
    reagents_last += [r for r in rows if r.kpi.startswith(REAGENT)]
    return sorted(reagents_last, key=lambda row: order.get(row.group, len(order)))


def per_tonne(rows: list[Row]) -> list[Row]:
    """The rows whose functional unit is a tonne of dry sludge, or a share."""
    return [row for row in rows if not row.kpi.endswith(PER_REO)]


def per_kg(rows: list[Row]) -> list[Row]:
    """The rows whose functional unit is a kilogram of rare-earth oxide."""
    return [row for row in rows if row.kpi.endswith(PER_REO)]


def closures(result: Result) -> list[Closure]:
    """The worst relative residuals of each route, as the audit found them."""
    found = []
    for name, route in result.routes.items():
        elements: Mapping[str, float] = route.balance.worst_elements
        worst = max(elements, key=lambda element: abs(elements[element]))
        found.append(
            Closure(name, worst, float(elements[worst]), float(route.balance.worst_energy))
        )
    return found


def parameters(result: Result) -> pd.DataFrame:
    """Every parameter behind the result, once, sections shared by the routes first."""
    table = pd.concat([route.assumptions for route in result.routes.values()], ignore_index=True)
    once: pd.DataFrame = table.drop_duplicates("path").reset_index(drop=True)
    return once


def assumed(result: Result) -> pd.DataFrame:
    """The parameters whose value no source supports."""
    table = parameters(result)
    marked: pd.DataFrame = table[table["quality"] == "assumed"].reset_index(drop=True)
    return marked


def sources(result: Result) -> pd.DataFrame:
    """The references behind this result: key, citation, note, and the routes that use them."""
    declared = read("sources")
    users: dict[str, list[str]] = {}
    for name, route in result.routes.items():
        for key in route.sources:
            users.setdefault(str(key), []).append(name)
    lines = []
    for key in sorted(users):
        source = declared.get(key) or {}
        lines.append(
            {
                "source": key,
                "citation": " ".join(str(source.get("citation", "")).split()),
                "note": " ".join(str(source.get("note") or "").split()),
                "routes": ", ".join(users[key]),
            }
        )
    data = result.scenario.thermochemistry
    lines = [line for line in lines if line["source"] != USER]
    lines += [
        {
            "source": USER,
            "citation": f"{name} ({place})",
            "note": data.species[name].note,
            "routes": ", ".join(users.get(USER, [])),
        }
        for name, place in data.user.items()
    ]
    given = [str(text) for text in result.scenario.sources]
    lines += [
        {"source": "scenario file", "citation": text, "note": "", "routes": ""} for text in given
    ]
    return pd.DataFrame(lines, columns=["source", "citation", "note", "routes"])


def warnings(result: Result) -> list[tuple[str, str]]:
    """(route, warning) for everything that a run wants its reader to know."""
    return [(name, text) for name, route in result.routes.items() for text in route.warnings]


def title(result: Result) -> str:
    """Scenario name, with the variant where one was chosen."""
    scenario = result.scenario
    variant = f" ({plain(scenario.variant)})" if scenario.variant else ""
    return f"{plain(scenario.name)}{variant}"


def feed(result: Result) -> str:
    """What the plant takes in, in a sentence."""
    inputs = result.scenario.inputs
    stated = []
    for name in ("rate", "moisture", "oil", "oxidised"):
        path = f"feed.{name}"
        value = float(inputs[path][0])
        if math.isfinite(value):
            unit = inputs.parameters[path].unit
            stated.append(f"{name} {quantity(inputs.parameters[path].from_si(value), unit)}")
    solids = {el: 100 * float(v[0]) for el, v in inputs.section("feed.solids").items()}
    order = sorted((el for el in solids if solids[el] > 0), key=lambda el: -solids[el])
    # With oxygen in it the assay is of the solid as it lies, without it of the alloy.
    basis = "dry solids" if solids.get("O", 0.0) > 0 else "alloy"
    assay = ", ".join(f"{el} {solids[el]:.4g}" for el in order)
    return f"Feed: {', '.join(stated)}; {basis} in wt%: {assay}."


def honesty(result: Result) -> list[str]:
    """What a reader must know before quoting a figure."""
    total, count = len(parameters(result)), len(assumed(result))
    idle = [n for n, r in result.routes.items() if not r.kpis["re_recovery"][0] >= NO_PRODUCT]
    return [
        *(f"{n} recovers hardly any rare earths: it does best in nothing." for n in idle),
        "Every figure is modelled; none was measured on a plant.",
        f"{count} of {total} input numbers are assumptions without a source.",
        "Generating less waste and recycling more are different claims: read the landfill, "
        "wastewater and recovery rows each for itself.",
        "The process is a small part of a company's total; nothing here speaks of that total.",
    ]
