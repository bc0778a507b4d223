"""Unit operations: one module each, its parameters declared in `data/parameters`."""

from __future__ import annotations

from collections.abc import Mapping

from sludgesim.units import (
    afterburner,
    calciner,
    dryer,
    effluent,
    evaporation,
    filter,
    iron_removal,
    leach,
    precipitation,
    roaster,
    separator,
    smelter,
    solvent_extraction,
)
from sludgesim.units.base import Unit

# The units that a flowsheet may name, by the name of their declaration. `utilities` is made by
# the flowsheet itself, for it balances what the others did.
UNITS: Mapping[str, Unit] = {
    "afterburner": afterburner.run,
    "calciner": calciner.run,
    "dryer": dryer.run,
    "effluent": effluent.run,
    "evaporation": evaporation.run,
    "filter": filter.run,
    "iron_removal": iron_removal.run,
    "leach": leach.run,
    "precipitation": precipitation.run,
    "roaster": roaster.run,
    "separator": separator.run,
    "smelter": smelter.run,
    "solvent_extraction": solvent_extraction.run,
}
