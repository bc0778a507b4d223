"""The works' heat network: steam given off meets steam wanted, a boiler makes the rest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream
from sludgesim.units.base import Outcome, Unit


def network(given: Array, wanted: Array) -> Unit:
    """Make the unit that balances the steam duties of all other units.

    fuel = max(0, wanted - given) / efficiency; what is given in excess is lost

    Parameters
    ----------
    given, wanted : (n,) J of steam that the units give off and take

    Returns
    -------
    a unit without streams; duties steam, fuel, loss
    """

    def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
        fuel = np.maximum(wanted - given, 0.0) / p["boiler_efficiency"]
        steam = given - wanted
        return Outcome({}, duties={"steam": steam, "fuel": fuel, "loss": -(steam + fuel)})

    return run
