"""The hydrometallurgical part that all routes share: from a solid to rare-earth oxide."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sludgesim.flowsheet import Plant, solve_recycle
from sludgesim.thermo.stream import Stream, stream

UNITS: Mapping[str, str] = {
    "iron_removal": "iron_removal",
    "filter": "filter",
    "solvent_extraction": "solvent_extraction",
    "precipitation": "precipitation",
    "calciner": "calciner",
    "heavy_precipitation": "precipitation",
    "heavy_calciner": "calciner",
    "effluent": "effluent",
    "evaporation": "evaporation",
    "utilities": "utilities",
}


def refine(plant: Plant, solids: Stream, leach: str) -> None:
    """Leach solids, take the iron out, filter, precipitate and calcine the rare earths.

    The wash filtrate of the residue returns to the leach as make-up water; that recycle is solved.
    The residue is landfilled, or is the product itself where only boron was leached from it.
    Where asked for, solvent extraction parts light from heavy rare earths, which become an oxide of
    their own, and evaporation takes the salt water to dryness.

    Parameters
    ----------
    plant : the route being run
    solids : calcine or slag
    leach : label of the leach in this route
    """
    Run = Callable[..., dict[str, Stream]]

    def leached_and_filtered(wash: Stream, run: Run) -> dict[str, Stream]:
        slurry = run(leach, solids=solids, wash=wash)["slurry"]
        neutral = run("iron_removal", slurry=slurry)["slurry"]
        return run("filter", slurry=neutral)

    wash, closed = solve_recycle(
        lambda guess: leached_and_filtered(guess, plant.trial)["wash_filtrate"],
        stream({"H2O(l)": 0.0}, n=solids.n),
    )
    plant.fail(~closed, "filter: the wash filtrate returned to the leach did not settle")
    parts = leached_and_filtered(wash, plant.run)
    plant.recycle(parts["wash_filtrate"], to=leach)

    liquor, waste = parts["liquor"], {}
    if plant.inputs[f"{plant.route}.solvent_extraction.separation"] != "none":
        parted = plant.run("solvent_extraction", liquor=liquor)
        liquor = parted["raffinate"]
        heavy = plant.run("heavy_precipitation", liquor=parted["strip_liquor"])
        plant.run("heavy_calciner", precipitate=heavy["precipitate"])
        waste["heavy_liquor"] = heavy["mother_liquor"]
    fallen = plant.run("precipitation", liquor=liquor)
    to_kiln = {"precipitate": fallen["precipitate"]}
    if "product_cake" in parts:
        to_kiln["solids"] = parts["product_cake"]
    plant.run("calciner", **to_kiln)
    treated = plant.run("effluent", mother_liquor=fallen["mother_liquor"], **waste)
    if plant.inputs[f"{plant.route}.evaporation.method"] != "none":
        plant.run("evaporation", wastewater=treated["wastewater"])
