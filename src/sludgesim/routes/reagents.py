"""Reagents: what each counts as, and how much of them a route draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sludgesim.data import read
from sludgesim.ledger import Ledger
from sludgesim.thermo.species import Array


def reagents() -> Mapping[str, Mapping[str, Any]]:
    """Reagent id -> class, the species that count at 100 %, the accounting factor, the price."""
    table: Mapping[str, Mapping[str, Any]] = read("reagents")
    return table


def drawn(ledger: Ledger) -> dict[str, Array]:
    """Mass of each reagent drawn, on a 100 % basis, kg."""
    used: dict[str, Array] = {}
    for r in ledger.streams:
        if r.role == "reagent":
            basis: list[str] = reagents()[r.name]["basis"]
            used[r.name] = used.get(r.name, 0.0) + r.stream.only(basis.__contains__).mass()
    return used
