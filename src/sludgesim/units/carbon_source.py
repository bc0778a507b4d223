"""Carbon as it is bought: fixed carbon with ash, sulphur, volatiles and moisture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sludgesim.data import read
from sludgesim.thermo.elements import formula_weight
from sludgesim.thermo.sit import WATER_WEIGHT
from sludgesim.thermo.species import Array, database
from sludgesim.thermo.stream import Stream, stream

GRAPHITE = "C(s)"
SULPHUR = "S(s)"  # stands for the organic sulphur and the sulphides of the material


@dataclass(frozen=True)
class CarbonSource:
    """A carbon material: mol of every species per mol of fixed carbon, by where it goes.

    ash : solid oxides and sulphur; volatiles : gases; moisture : mol water
    """

    name: str
    ash: Mapping[str, float]
    volatiles: Mapping[str, float]
    moisture: float

    def material(self, carbon: Array) -> Stream:
        """The moist material that brings an amount of fixed carbon, mol (n,), at 25 degC."""
        amounts = {GRAPHITE: 1.0, **self.ash, **self.volatiles, "H2O(l)": self.moisture}
        return stream({s: k * carbon for s, k in amounts.items()}, n=len(carbon))

    def ashes(self, carbon: Array) -> Stream:
        """The ash that comes with an amount of fixed carbon, mol (n,), at 25 degC."""
        return stream({s: k * carbon for s, k in self.ash.items()}, n=len(carbon))

    def fumes(self, carbon: Array) -> Stream:
        """Volatiles and steam that come with an amount of fixed carbon, mol (n,)."""
        amounts = {**self.volatiles, "H2O(g)": self.moisture}
        return stream({s: k * carbon for s, k in amounts.items()}, n=len(carbon))


def table() -> Mapping[str, Mapping[str, Any]]:
    """The carbon sources of `data/carbon_sources.yaml`."""
    content: Mapping[str, Mapping[str, Any]] = read("carbon_sources")
    return content


@cache
def carbon_source(name: str) -> CarbonSource:
    """The carbon source of a name in `data/carbon_sources.yaml`.

    n_i / n_C = w_i M_C / (w_C M_i), w mass shares of the dry material

    Raises ValueError where fixed carbon, ash, volatiles and sulphur, or a composition, are not
    100 wt%.
    """
    entry = table()[name]
    dry = ("fixed_carbon", "ash", "volatiles", "sulphur")
    shares = {k: float(entry[k]["value"]) for k in dry}
    parts = {k: entry[f"{k}_composition"]["value"] for k in ("ash", "volatiles")}
    for what, total in [("dry material", sum(shares.values()))] + [
        (k, sum(v.values())) for k, v in parts.items()
    ]:
        if abs(total - 100) > 1e-9:
            raise ValueError(f"{name}: {what} adds up to {total:g} wt%, not to 100")
    per_mass = formula_weight({"C": 1.0}) / shares["fixed_carbon"]

    def moles(kind: str, suffix: str) -> dict[str, float]:
        names = {f"{s}({suffix})": share for s, share in parts[kind].items()}
        return {
            s: shares[kind] * share / 100 * per_mass / formula_weight(database()[s].composition)
            for s, share in names.items()
        }

    water = float(entry["moisture"]["value"]) * per_mass / WATER_WEIGHT
    sulphur = shares["sulphur"] * per_mass / formula_weight({"S": 1.0})
    ash = moles("ash", "s") | ({SULPHUR: sulphur} if sulphur else {})
    return CarbonSource(name, ash, moles("volatiles", "g"), water)
