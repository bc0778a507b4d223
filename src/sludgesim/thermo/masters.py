"""Masters: what a liquor conserves, and every species written in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sludgesim.data import read
from sludgesim.thermo.elements import CHARGE, written_out
from sludgesim.thermo.species import Array, database
from sludgesim.thermo.thermochemistry import per_data

WATER, PROTON, OXIDANT = "water", "proton", "oxidant"
_SOLUBLE = ("chloride", "nitrate", "sodium", "ammonia")


@dataclass(frozen=True)
class Master:
    """A conserved amount: the species it counts, its element, and which species' names show it."""

    name: str
    species: str
    element: str
    where: str


@cache
def aqueous_data() -> Mapping[str, Any]:
    """`data/thermo/aqueous_systems.yaml`, `{RE}` written out."""
    content: dict[str, Any] = written_out(read("thermo/aqueous_systems"))
    return content


@cache
def masters() -> tuple[Master, ...]:
    """All masters, in the order of every array of masters."""
    return tuple(
        Master(name, entry.get("species", ""), entry["element"], entry.get("where", ""))
        for name, entry in aqueous_data()["masters"].items()
    )


@per_data
def in_masters(species: str) -> Mapping[str, float] | None:
    """Amounts of the masters in one mole of a species; None where it has an element in no master.

    water = O beyond the other masters; proton = H beyond those and water; oxidant = charge beyond
    those and the protons.  The sum conserves atoms and charge exactly.
    """
    atoms = database()[species].composition
    amounts: dict[str, float] = {}
    oxygen, hydrogen = atoms.get("O", 0.0), atoms.get("H", 0.0)
    charge = -atoms.get(CHARGE, 0.0)
    for element, count in atoms.items():
        if element in ("O", "H", CHARGE):
            continue
        master = next((m for m in masters() if m.element == element and m.where in species), None)
        if master is None:
            return None
        own = database()[master.species].composition
        n = count / own[element]
        amounts[master.name] = amounts.get(master.name, 0.0) + n
        oxygen -= n * own.get("O", 0.0)
        hydrogen -= n * own.get("H", 0.0)
        charge += n * own.get(CHARGE, 0.0)
    proton = hydrogen - 2 * oxygen
    found = {WATER: oxygen, PROTON: proton, **amounts, OXIDANT: charge - proton}
    return {name: n for name, n in found.items() if abs(n) > 1e-9}


@per_data
def tableau(species: tuple[str, ...]) -> Array:
    """Amounts of the masters in one mole of each species, shape (S, M).

    Raises KeyError for a species that cannot be written in masters.
    """
    column = {m.name: k for k, m in enumerate(masters())}
    table = np.zeros((len(species), len(column)))
    for i, name in enumerate(species):
        amounts = in_masters(name)
        if amounts is None:
            raise KeyError(f"{name} cannot be written in the masters of a liquor")
        for master, n in amounts.items():
            table[i, column[master]] = n
    table.flags.writeable = False
    return table


def salt(totals: Array) -> Array:
    """The most abundant of the masters that stay dissolved, mol per mol of water, (n,)."""
    columns = [k for k, m in enumerate(masters()) if m.name in _SOLUBLE]
    most: Array = totals[:, columns].max(axis=1) / totals[:, 0]
    return most
