"""Tables of data that KPIs and costs read, and the reagents drawn by them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from sludgesim.ledger import Ledger
from sludgesim.thermo.species import Array


@cache
def table(name: str) -> Mapping[str, Mapping[str, Any]]:
    """The entries of `data/<name>.yaml`."""
    path = resources.files("sludgesim") / "data" / f"{name}.yaml"
    content: Mapping[str, Mapping[str, Any]]
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def reagents() -> Mapping[str, Mapping[str, Any]]:
    """Reagent id -> class, the species that count at 100 %, the accounting factor, the price."""
    return table("reagents")


def drawn(ledger: Ledger) -> dict[str, Array]:
    """Mass of each reagent drawn, on a 100 % basis, kg."""
    used: dict[str, Array] = {}
    for r in ledger.streams:
        if r.role == "reagent":
            basis: list[str] = reagents()[r.name]["basis"]
            used[r.name] = used.get(r.name, 0.0) + r.stream.only(basis.__contains__).mass()
    return used
