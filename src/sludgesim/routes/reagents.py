"""Reagents: what each counts as, and how much of them a route draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sludgesim.data import read
from sludgesim.ledger import Ledger, StreamRecord
from sludgesim.thermo.species import Array


def reagents() -> Mapping[str, Mapping[str, Any]]:
    """Reagent id -> class, the species that count at 100 %, the accounting factor, the price."""
    table: Mapping[str, Mapping[str, Any]] = read("reagents")
    return table


def drawn(ledger: Ledger) -> dict[str, Array]:
    """Mass of each reagent drawn, on a 100 % basis, kg."""
    return _summed(ledger, lambda record: record.name)


def drawn_by_class(ledger: Ledger) -> dict[str, Array]:
    """Mass of the reagents of each class, on a 100 % basis, kg; soda that precipitates is one."""

    def kind(record: StreamRecord) -> str:
        entry = reagents()[record.name]
        return str(entry.get("at", {}).get(record.target, entry["class"]))

    return _summed(ledger, kind)


def _summed(ledger: Ledger, key: Callable[[StreamRecord], str]) -> dict[str, Array]:
    used: dict[str, Array] = {}
    for r in ledger.streams:
        if r.role == "reagent":
            basis: list[str] = reagents()[r.name]["basis"]
            used[key(r)] = used.get(key(r), 0.0) + r.stream.only(basis.__contains__).mass()
    return used
