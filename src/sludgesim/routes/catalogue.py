"""The routes that sludgesim knows, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """A flowsheet: its name, what it does, and its units by label."""

    name: str
    description: str
    units: Mapping[str, str]


_WET_UNITS = {
    "dryer": "dryer",
    "roaster": "roaster",
    "afterburner": "afterburner",
    "leach": "leach",
    "iron_removal": "iron_removal",
    "filter": "filter",
    "precipitation": "precipitation",
    "calciner": "calciner",
    "effluent": "effluent",
    "utilities": "utilities",
}

ROUTES: Mapping[str, Route] = {
    "carbothermal": Route(
        "carbothermal",
        "Roast, smelt with carbon, tap pig iron and rare-earth slag, refine the slag.",
        {
            "dryer": "dryer",
            "roaster": "roaster",
            "smelter": "smelter",
            "separator": "separator",
            "afterburner": "afterburner",
            "slag_leach": "leach",
            "iron_removal": "iron_removal",
            "filter": "filter",
            "precipitation": "precipitation",
            "calciner": "calciner",
            "effluent": "effluent",
            "utilities": "utilities",
        },
    ),
    "wet_full": Route(
        "wet_full",
        "Roast, dissolve everything in acid, throw the iron out with alkali.",
        _WET_UNITS,
    ),
    "wet_selective": Route(
        "wet_selective",
        "Roast well, dissolve the rare earths in little hot acid, leave the iron as oxide.",
        _WET_UNITS,
    ),
}
