"""Conventional wet routes: full and selective dissolution of the roasted sludge."""

from __future__ import annotations

from sludgesim.flowsheet import Plant
from sludgesim.routes import refining
from sludgesim.routes.route import Route
from sludgesim.thermo.stream import Stream


def flow(plant: Plant, sludge: Stream) -> None:
    """Dry, roast, recover the roast's heat, leach and refine the calcine."""
    dried = plant.run("dryer", sludge=sludge)["dried"]
    roasted = plant.run("roaster", dried=dried)
    plant.run("afterburner", gas=roasted["roast_gas"])
    refining.refine(plant, roasted["calcine"], "leach")


_UNITS = {
    "dryer": "dryer",
    "roaster": "roaster",
    "afterburner": "afterburner",
    "leach": "leach",
    **refining.UNITS,
}

FULL = Route(
    "wet_full",
    "Roast, dissolve everything in acid, throw the iron out with alkali.",
    _UNITS,
    flow,
)
SELECTIVE = Route(
    "wet_selective",
    "Roast well, dissolve the rare earths in little hot acid, leave the iron as oxide.",
    _UNITS,
    flow,
)
