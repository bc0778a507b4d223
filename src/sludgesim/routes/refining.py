"""The hydrometallurgical part that all routes share: from a solid to rare-earth oxide."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sludgesim.flowsheet import Plant, solve_recycle
from sludgesim.thermo.stream import Stream, merge, stream

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

    The wash filtrate of the residue returns to the leach as make-up water; that recycle is solved,
    together with the share of the mother liquors that returns as acid.
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
    parting = plant.inputs[f"{plant.route}.solvent_extraction.separation"] != "none"
    fallers = ["precipitation", *(["heavy_precipitation"] if parting else [])]
    shares = [plant.inputs[f"{plant.route}.{label}.acid_returned"] for label in fallers]
    returning = any((share > 0).any() for share in shares)

    def leached_and_filtered(back: Mapping[str, Stream], run: Run) -> dict[str, Stream]:
        slurry = run(leach, solids=solids, **back)["slurry"]
        neutral = run("iron_removal", slurry=slurry)["slurry"]
        return run("filter", slurry=neutral)

    def precipitated(liquor: Stream, run: Run) -> dict[str, dict[str, Stream]]:
        made = {}
        if parting:
            parted = run("solvent_extraction", liquor=liquor)
            liquor = parted["raffinate"]
            made["heavy_precipitation"] = run("heavy_precipitation", liquor=parted["strip_liquor"])
        made["precipitation"] = run("precipitation", liquor=liquor)
        return made

    def returns(back: Mapping[str, Stream], run: Run) -> dict[str, Stream]:
        parts = leached_and_filtered(back, run)
        fallen = precipitated(parts["liquor"], run) if returning else {}
        return {"wash": parts["wash_filtrate"], **_acids(fallen)}

    tear, closed = solve_recycle(
        lambda guess: merge(returns({"wash": guess}, plant.trial).values()),
        stream({"H2O(l)": 0.0}, n=solids.n),
        # Parting the tear takes passes more, which must still close.
        tolerance=1e-11 if returning else 1e-10,
    )
    plant.fail(~closed, "filter: what returns to the leach did not settle")
    back = returns({"wash": tear}, plant.trial) if returning else {"wash": tear}
    parts = leached_and_filtered(back, plant.run)
    made = precipitated(parts["liquor"], plant.run)
    for returned in (parts["wash_filtrate"], *_acids(made).values()):
        plant.recycle(returned, to=leach)

    fallen, waste = made["precipitation"], {}
    if parting:
        heavy = made["heavy_precipitation"]
        plant.run("heavy_calciner", precipitate=heavy["precipitate"])
        waste["heavy_liquor"] = heavy["mother_liquor"]
    to_kiln = {"precipitate": fallen["precipitate"]}
    if "product_cake" in parts:
        to_kiln["solids"] = parts["product_cake"]
    plant.run("calciner", **to_kiln)
    treated = plant.run("effluent", mother_liquor=fallen["mother_liquor"], **waste)
    if plant.inputs[f"{plant.route}.evaporation.method"] != "none":
        plant.run("evaporation", wastewater=treated["wastewater"])


def _acids(made: Mapping[str, Mapping[str, Stream]]) -> dict[str, Stream]:
    """Mother liquors that return, by the leach's port."""
    ports = {"precipitation": "returned_acid", "heavy_precipitation": "heavy_acid"}
    return {ports[k]: v["returned_acid"] for k, v in made.items() if "returned_acid" in v}
