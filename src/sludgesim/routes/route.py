"""What a route is: a flowsheet with its units by label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sludgesim.flowsheet import Plant, run_feed
from sludgesim.parameters import Inputs
from sludgesim.thermo.stream import Stream


@dataclass(frozen=True)
class Route:
    """A flowsheet: its name, what it does, its units (label -> declaration), and the flow."""

    name: str
    description: str
    units: Mapping[str, str]
    flow: Callable[[Plant, Stream], None]

    def run(self, inputs: Inputs, progress: Callable[[str], None] | None = None) -> Plant:
        """Run the flowsheet on the feed of the inputs; the plant holds what it did.

        Parameters
        ----------
        inputs : resolved inputs of a batch of cases
        progress : called with `route: label` before each unit

        Errors: InputError for a feed that cannot be (one case); failed cases carry a reason.
        """
        plant = Plant(self.name, inputs, self.units, progress)
        self.flow(plant, run_feed(plant))
        plant.run_utilities("utilities")
        return plant
