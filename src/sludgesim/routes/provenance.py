"""What a run stands on: every parameter, table entry and species, with source and quality."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from sludgesim.data import data
from sludgesim.ledger import Ledger
from sludgesim.parameters import SECTIONS, Inputs, Parameter, declaration
from sludgesim.thermo.elements import symbols
from sludgesim.thermo.masters import aqueous_data
from sludgesim.thermo.system import load_system
from sludgesim.thermo.thermochemistry import Thermochemistry

_OF_ROUTE = ("equipment", "energy_levels")  # tables that KPIs read
_SYSTEMS = "systems."


def table(
    route: str, units: Iterable[str], inputs: Inputs, ledger: Ledger, known: Thermochemistry
) -> pd.DataFrame:
    """Everything that went into a route, one row each.

    Parameters
    ----------
    route : its name
    units : of the route, by declaration
    inputs : resolved inputs
    ledger : what the route left, for the elements and species in it
    known : the thermochemistry that the run used

    Returns
    -------
    path, value, unit, default, origin, quality, source, description. Tables are listed whole,
    carbon sources as far as they were charged, systems as far as the route's elements form their
    species.
    """
    wanted = [name for unit in units for name in declaration(unit, route).data]
    tables = dict.fromkeys([n for n in wanted if not n.startswith(_SYSTEMS)] + [*_OF_ROUTE])
    systems = dict.fromkeys(n.removeprefix(_SYSTEMS) for n in wanted if n.startswith(_SYSTEMS))
    rows = [*_parameters(inputs, route), *_entries(tables, ledger)]
    return pd.DataFrame([*rows, *_species(systems, ledger, known)])


def _parameters(inputs: Inputs, route: str) -> Iterator[dict[str, Any]]:
    for path, parameter in inputs.parameters.items():
        if path.partition(".")[0] not in (*SECTIONS, route):
            continue
        value = shown(inputs[path], parameter)
        if path.startswith("feed.solids.") and value == 0:
            continue
        yield {
            "path": path,
            "value": value,
            "unit": parameter.unit,
            "default": parameter.default,
            "origin": inputs.origin[path],
            "quality": parameter.quality,
            "source": ", ".join(parameter.source),
            "description": parameter.description,
        }


def shown(value: Any, parameter: Parameter) -> Any:
    """The first case's value in the declared unit, or the word that stands for none."""
    if isinstance(value, str):
        return value
    if np.isnan(value[0]):
        return parameter.words[0] if parameter.words else None
    return parameter.from_si(float(value[0]))


def _entries(tables: Iterable[str], ledger: Ledger) -> Iterator[dict[str, Any]]:
    # A shaft furnace draws its fuel by a name of its own.
    charged = {r.name.removeprefix("fuel_") for r in ledger.streams if r.role == "reagent"}
    for name in tables:
        for entry in data(name):
            if name == "carbon_sources" and entry.path.split(".")[1] not in charged:
                continue
            yield {
                "path": entry.path,
                "value": entry.value,
                "unit": entry.unit,
                "default": entry.value,
                "origin": "default",
                "quality": entry.quality,
                "source": ", ".join(entry.source),
                "description": entry.note,
            }


def _species(
    systems: Iterable[str], ledger: Ledger, known: Thermochemistry
) -> Iterator[dict[str, Any]]:
    streams = [r.stream for r in ledger.streams]
    held = frozenset(symbols()[-1:]).union(*(s.holds() for s in streams))
    names = {x for s in streams for x, n in zip(s.species, s.moles[0], strict=True) if n > 0}
    for system in systems:
        names |= {s for s in _members(system) if held.issuperset(known.species[s].composition)}
    for name in sorted(names):
        s = known.species[name]
        yield {
            "path": f"species.{name}",
            "value": "data",
            "unit": "",
            "default": "data",
            "origin": known.user.get(name, "default"),
            "quality": s.quality,
            "source": ", ".join(s.source),
            "description": s.note,
        }


def _members(system: str) -> Iterable[str]:
    liquor = aqueous_data()["systems"].get(system)
    if liquor is None:
        return load_system(system).species
    mixed = liquor["solid_solutions"].values()
    return [
        *liquor["liquor"],
        *liquor["solids"],
        *chain(*mixed),
        *liquor["slow"],
        *liquor["vapour"],
    ]
