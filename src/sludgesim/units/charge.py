"""Solids as metal and oxide: which species the elements of a charge lie in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sludgesim.data import read
from sludgesim.thermo.species import Array, database


def charge_species() -> Mapping[str, Mapping[str, str]]:
    """Element -> {metal, oxide} species, most stable oxide first."""
    table: Mapping[str, Mapping[str, str]] = read("charge")
    return table


@cache
def oxide_of(element: str) -> tuple[str, float, float]:
    """Oxide species of an element, its atoms of the element, and its O per atom of the element."""
    name = charge_species()[element]["oxide"]
    composition = database()[name].composition
    return name, composition[element], composition["O"] / composition[element]


def as_oxide(element: str, amount: Array) -> tuple[str, Array]:
    """Oxide species and its amount, mol, that holds an amount of an element."""
    name, atoms, _ = oxide_of(element)
    return name, amount / atoms
