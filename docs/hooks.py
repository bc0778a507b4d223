"""MkDocs hooks: the reference pages and the units' tables are made from their declarations.

A page of its own: everything in `PAGES`. Inside a page of a unit: the line `<!-- declaration -->`
becomes its ports, its equations and its parameters. Nothing of this is kept in a file.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mkdocs.structure.files import File, Files

from sludgesim.listings import data_rows
from sludgesim.parameters import Declaration, Parameter, declaration
from sludgesim.routes import ROUTES
from sludgesim.routes.kpis import PER_REO
from sludgesim.thermo import load_system, species_table, system_names
from sludgesim.units import UNITS, feed, utilities

MARK = "<!-- declaration -->"
# What the units without a vessel are computed by.
COMPUTED: Mapping[str, Callable[..., Any]] = {
    **UNITS,
    "feed": feed.run,
    "utilities": utilities.network,
}
FATES = {
    "product": "sold",
    "landfill": "landfill",
    "atmosphere": "the atmosphere",
    "discharge": "discharge",
}


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |"

    return "\n".join([line(heads), line("---" for _ in heads), *map(line, rows)]) + "\n"


def _cited(keys: Iterable[str], root: str) -> str:
    return ", ".join(f"[{k}]({root}sources.md#{k})" for k in keys)


def _value(value: float | str | None, unit: str) -> str:
    if value is None:
        return "must be given"
    number = f"{value:g}" if isinstance(value, float) else f"`{value}`"
    return number if isinstance(value, str) or unit in ("", "1") else f"{number} {unit}"


def _shape(parameter: Parameter) -> str:
    (kind, values), *_ = parameter.distribution.items()
    return f"{kind} {', '.join(f'{v:g}' for v in values)}".strip()


def _labels(unit: str) -> dict[str, list[str]]:
    """Route -> labels under which it runs a unit."""
    found: dict[str, list[str]] = defaultdict(list)
    for route in ROUTES.values():
        for label, name in route.units.items():
            if name == unit:
                found[route.name].append(label)
    return found


def _parameters(unit: str, root: str) -> str:
    """The parameters of a unit; a route whose declaration differs has a row of its own."""
    rows = []
    for name, general in declaration(unit).parameters.items():
        variants: dict[str, Parameter] = {"": general}
        for route in _labels(unit):
            variants[route] = declaration(unit, route).parameters[name]
        special = {r: p for r, p in variants.items() if r and p != general}
        # Where every route that has the unit says its own, the general default reaches nobody.
        if not special or len(special) < len(variants) - 1:
            special = {"": general, **special}
        for route, p in special.items():
            rows.append(
                (
                    f"`{name}`" + (f" ({route})" if route else ""),
                    _value(p.default, p.unit),
                    p.allowed,
                    _shape(p),
                    f"{p.quality}: {_cited(p.source, root)}" + (f" ({p.year})" if p.year else ""),
                    p.description,
                )
            )
    heads = ("parameter", "default", "allowed", "distribution", "quality and source", "meaning")
    return _table(heads, rows)


def _ports(declared: Declaration) -> str:
    rows = [("in", f"`{port}`", entry["text"], "") for port, entry in declared.inlets.items()]
    for port, entry in declared.outlets.items():
        rows.append(("out", f"`{port}`", entry["text"], FATES.get(entry.get("fate", ""), "")))
    return _table(("", "port", "what", "leaves the plant to"), rows) if rows else ""


def _paths(unit: str) -> str:
    paths = [f"`{route}.{label}`" for route, labels in _labels(unit).items() for label in labels]
    return "In scenario files: " + ", ".join(paths or [f"`{unit}`"]) + ".\n"


def _declaration(unit: str) -> str:
    declared = declaration(unit)
    parts = [f"> {declared.description}\n", _paths(unit), _ports(declared)]
    if unit in COMPUTED:
        text = inspect.cleandoc(COMPUTED[unit].__doc__ or "")
        parts.append(f"## What is computed\n\n```text\n{text}\n```\n")
    parts.append("## Parameters\n\n" + _parameters(unit, "../reference/"))
    return "\n".join(parts)


def _parameters_page() -> str:
    units = dict.fromkeys(u for route in ROUTES.values() for u in route.units.values())
    text = (
        "# Parameters\n\nEverything that a scenario or a study can vary, as the files in "
        "`src/sludgesim/data/parameters/` declare it. A path in a scenario file is "
        "`<route>.<label>.<parameter>`; `feed`, `accounting` and `costs` stand for themselves. "
        "Values are in the unit of the default; bare numbers in a scenario file are read in it.\n"
    )
    for unit in ("feed", *units, "accounting", "costs"):
        title = f"\n## {unit}\n\n{declaration(unit).description} {_paths(unit)}"
        text += f"{title}\nSee [{unit}](../units/{unit}.md).\n\n{_parameters(unit, '')}"
    return text


def _kpis_page() -> str:
    rows = []
    for row in data_rows("kpis", "id"):
        name = "reagent.&lt;name&gt;" if row["id"] == "reagent" else row["id"]
        rows.append(
            (
                f"`{name}`" if "&" not in name else name,
                row["unit"],
                row["group"],
                row["definition"],
                row.get("better", ""),
                "yes" if row.get("per_reo") else "",
            )
        )
    heads = ("id", "unit", "group", "definition", "better", "per kg REO")
    return (
        "# KPIs\n\nPer t of dry sludge (the feed without its water and oil) unless the unit says "
        f"otherwise. Rows marked *per kg REO* exist a second time with the suffix `{PER_REO}`: the "
        "same per kg of rare-earth oxide in the final product. A KPI that does not apply to a "
        "route is absent from its results. *Better* is filled in only where the direction is "
        "beyond argument.\n\n" + _table(heads, rows)
    )


def _species_page() -> str:
    systems: dict[str, list[str]] = defaultdict(list)
    text = (
        "# Species and systems\n\nA system is the set of phases that one vessel can hold. A phase "
        "of one species is a pure substance; a phase of several is an ideal mixture of them.\n"
    )
    for name in system_names():
        system = load_system(name)
        for species in system.species:
            systems[species].append(name)
        low, high = (f"{T - 273.15:.0f}" for T in (system.T_min, system.T_max))
        ends = [*system.phase_start[1:]]
        phases = zip(system.phases, system.phase_start, ends, strict=False)
        rows = [(f"`{p}`", ", ".join(system.species[a:b])) for p, a, b in phases]
        text += f"\n## System {name}\n\n{system.description} {low} to {high} degC.\n\n"
        text += _table(("phase", "species"), rows)
    rows = [
        (
            row["species"],
            row["formula"],
            f"{row['T_min_K']:g}-{row['T_max_K']:g}",
            row["quality"],
            _cited(str(row["source"]).split(", "), ""),
            ", ".join(systems[str(row["species"])]),
            row["note"],
        )
        for row in species_table()
    ]
    heads = ("species", "formula", "K", "quality", "source", "systems", "note")
    return (
        text
        + "\n## Species\n\nE is the electron: ions hold less or more.\n\n"
        + _table(heads, rows)
    )


def _sources_page() -> str:
    text = (
        "# Sources\n\nKeys of `src/sludgesim/data/sources.yaml`. `sludgesim show sources` prints "
        "the same list, and every report prints the sources behind its own run.\n"
    )
    for row in data_rows("sources", "key"):
        text += f"\n## {row['key']} {{#{row['key']}}}\n\n{row['citation']}\n\n{row['note']}\n"
    return text


PAGES: Mapping[str, Callable[[], str]] = {
    "reference/parameters.md": _parameters_page,
    "reference/kpis.md": _kpis_page,
    "reference/species.md": _species_page,
    "reference/sources.md": _sources_page,
}


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made from declarations."""
    for path, make in PAGES.items():
        files.append(File.generated(config, path, content=make()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put a unit's declaration where its page asks for it."""
    folder, _, name = page.file.src_uri.rpartition("/")
    if folder == "units" and MARK in markdown:
        return markdown.replace(MARK, _declaration(name.removesuffix(".md")))
    return markdown
