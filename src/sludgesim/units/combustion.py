"""Air, what it must burn, and the heat of vessels that burn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.data import read
from sludgesim.thermo.elements import elements
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, stream


def dry_air() -> Mapping[str, float]:
    """Mole fractions of dry air."""
    shares: Mapping[str, float] = read("constants")["dry_air"]["value"]
    return shares


def oxygen_demand(charge: Stream) -> Array:
    """Oxygen, mol O2, that oxidises a stream fully beyond the oxygen it holds, shape (n,).

    n_O2 = (sum_e nu_e n_e - n_O) / 2, nu_e the oxygen atoms per atom of `elements.yaml`
    """
    roasted = np.array([e.roasted for e in elements().values()])
    wanted: Array = charge.elements()[:, : len(roasted)] @ roasted
    return (wanted - charge.element("O")) / 2


def air(oxygen: Array) -> Stream:
    """Dry air at 25 degC that brings an amount of oxygen, mol O2 (n,)."""
    shares = dry_air()
    return stream({s: oxygen * x / shares["O2(g)"] for s, x in shares.items()}, n=len(oxygen))


def surplus_duties(heat: Array, recovered: Array, burner: Array) -> dict[str, Array]:
    """Duties of a hot vessel: surplus heat partly becomes steam, a deficit is met by fuel.

    heat : (n,) J needed; negative where the vessel gives heat off
    """
    surplus, deficit = np.maximum(-heat, 0.0), np.maximum(heat, 0.0)
    fuel = deficit / burner
    steam = -recovered * surplus
    return {"steam": steam, "fuel": fuel, "loss": heat - steam - fuel}
