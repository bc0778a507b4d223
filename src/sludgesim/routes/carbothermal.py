"""Carbothermal route: the sludge is treated as iron ore."""

from __future__ import annotations

from sludgesim.flowsheet import Plant
from sludgesim.routes import refining
from sludgesim.routes.route import Route
from sludgesim.thermo.stream import Stream


def flow(plant: Plant, sludge: Stream) -> None:
    """Dry, roast, smelt with carbon, part metal and slag, burn the gases, refine the slag."""
    dried = plant.run("dryer", sludge=sludge)["dried"]
    roasted = plant.run("roaster", dried=dried)
    smelted = plant.run("smelter", calcine=roasted["calcine"])
    tapped = plant.run("separator", melt=smelted["melt"])
    plant.run("afterburner", gas=roasted["roast_gas"], furnace_gas=smelted["furnace_gas"])
    refining.refine(plant, tapped["slag"], "slag_leach")


ROUTE = Route(
    "carbothermal",
    "Roast, smelt with carbon, tap pig iron and rare-earth slag, refine the slag.",
    {
        "dryer": "dryer",
        "roaster": "roaster",
        "smelter": "smelter",
        "separator": "separator",
        "afterburner": "afterburner",
        "slag_leach": "leach",
        **refining.UNITS,
    },
    flow,
)
