"""What a scenario file may hold, made from the declarations of feed, accounting, costs, units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import SECTIONS, Parameter, declaration
from sludgesim.routes import ROUTES
from sludgesim.scenario.wording import listed, nearest, quoted
from sludgesim.thermo.elements import elements

TEXTS = {
    "name": "Name of the scenario, as reports show it.",
    "description": "What the scenario stands for.",
}
LISTS = {"sources": "Where the numbers of the file come from, as text."}
FILES = {"thermochemistry": "File, beside this one, with species and phases of your own."}
STACKING = ("overrides", "scenarios")
SPREAD = ("distributions", "correlations")

Tree = Mapping[str, "Tree | Parameter"]


def assay_elements() -> tuple[str, ...]:
    """Symbols of the elements that an assay (`feed.solids`) may name."""
    return tuple(symbol for symbol, element in elements().items() if element.assay)


def _solids() -> dict[str, Parameter]:
    return {
        symbol: Parameter(
            name=symbol,
            unit="wt%",
            default=0.0,
            bounds=(0.0, 100.0),
            description=f"{symbol} in the solids, water and oil apart.",
            source=("user",),
            quality="measured",
        )
        for symbol in elements()
    }


def _balance() -> Parameter:
    return Parameter(
        name="balance",
        unit="",
        default=None,
        bounds=None,
        description="Element that makes the rest of the assay up to 100 wt%.",
        source=("user",),
        quality="measured",
        words=assay_elements(),
    )


@cache
def flat() -> Mapping[str, Parameter]:
    """Every parameter that a study can vary, by its path.

    Returns
    -------
    path -> Parameter; `feed.<name>`, `feed.solids.<element>`, `accounting.<name>`,
    `costs.<name>`, `<route>.<unit label>.<name>`
    """
    out = {f"feed.{name}": p for name, p in declaration("feed").parameters.items()}
    out.pop("feed.balance", None)
    out |= {f"feed.solids.{symbol}": p for symbol, p in _solids().items()}
    for section in SECTIONS[1:]:
        out |= {f"{section}.{name}": p for name, p in declaration(section).parameters.items()}
    for route in ROUTES.values():
        for label, unit in route.units.items():
            for name, p in declaration(unit, route.name).parameters.items():
                out[f"{route.name}.{label}.{name}"] = p
    return out


@cache
def tree() -> Tree:
    """The sections of a scenario file as nested mappings that end in parameters."""
    root: dict[str, Any] = {section: {} for section in (*SECTIONS, *ROUTES)}
    for route in ROUTES.values():
        root[route.name] = {label: {} for label in route.units}
    allowed = set(assay_elements())
    for path, parameter in flat().items():
        *stem, last = path.split(".")
        if stem[-1] == "solids" and last not in allowed:
            continue
        node = root
        for part in stem:
            node = node.setdefault(part, {})
        node[last] = parameter
    root["feed"]["balance"] = _balance()
    return root


def check_routes(names: Iterable[str]) -> list[str]:
    """Names of routes, each once.

    Errors: InputError with the nearest for unknown ones.
    """
    found = list(dict.fromkeys(names))
    problems = [
        Problem(f"no route {quoted(r)}{nearest(r, ROUTES)}", "--route", allowed=listed(ROUTES))
        for r in found
        if r not in ROUTES
    ]
    if problems:
        raise InputError(problems)
    return found


def _value_schema(parameter: Parameter) -> dict[str, Any]:
    text = f"{parameter.description} Allowed: {parameter.allowed}."
    choices: list[dict[str, Any]] = []
    if parameter.words:
        choices.append({"enum": list(parameter.words)})
    if parameter.bounds is not None:
        low, high = parameter.bounds
        choices.append({"type": "number", "minimum": low, "maximum": high})
        choices.append({"type": "string", "pattern": r"^\s*[+-]?(\d+\.?\d*|\.\d+)"})
    choices.append({"type": "null"})
    schema: dict[str, Any] = {"description": text, "anyOf": choices}
    if parameter.default is not None:
        schema["default"] = parameter.default
    return schema


def _section_schema(node: Tree) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            key: _value_schema(child) if isinstance(child, Parameter) else _section_schema(child)
            for key, child in node.items()
        },
    }


def json_schema() -> dict[str, Any]:
    """The JSON schema of scenario files, for editors that complete and check while typing.

    Returns
    -------
    dict, JSON Schema draft 2020-12; sums and units are checked by `load` only
    """
    texts = {key: {"type": "string", "description": text} for key, text in (TEXTS | FILES).items()}
    names = {"type": "array", "items": {"type": "string"}}
    lists = {key: {**names, "description": text} for key, text in LISTS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sludgesim scenario",
        "type": "object",
        "required": ["name", "feed"],
        "additionalProperties": False,
        "properties": {
            **texts,
            **lists,
            **_section_schema(tree())["properties"],
            "overrides": {
                "type": "object",
                "description": "Named sets of changes, by dotted path or nested.",
                "additionalProperties": {"type": ["object", "null"]},
            },
            "scenarios": {
                "type": "object",
                "description": "Named lists of overrides, applied in their order.",
                "additionalProperties": {**names, "type": ["array", "null"]},
            },
            "distributions": {
                "type": "object",
                "description": "Distribution by dotted path, e.g. triangular(20, 30, 40) wt%.",
                "additionalProperties": {"type": "string"},
            },
            "correlations": {
                **names,
                "description": "Correlated distributions, e.g. feed.a, feed.b = 0.8.",
            },
        },
    }
