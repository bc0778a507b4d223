"""Leach: acid dissolves the rare earths, and as much of the rest as time and acid let it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.data import read
from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, solidified, stream
from sludgesim.units.acid import TOO_WEAK, Acid, acid_of, by_basis, to_free_acid
from sludgesim.units.base import Failure, Outcome, worst
from sludgesim.units.dissolution import CHLORIDE, Attack, Dissolved, settled
from sludgesim.units.minerals import (
    Demand,
    demand,
    mineral_class,
    minerals,
    reducible,
    told_shares,
)
from sludgesim.units.solution import (
    WATER,
    atoms,
    rare_earths_in,
    ratio,
    table,
    vessel_duties,
    water_mass,
)

# Electrons that do not balance by less than this share of the oxygen are round-off, not gas.
_ROUND_OFF = 1e-12
REDUCTANT = "FeCl2(s)"
MUCH_GAS = 1.0
"""Hydrogen or oxygen, kg per t dry sludge, from which on a run tells of it."""
MUCH_LEFT = 0.1
"""Share of the rare earths that does not dissolve from which on a run tells of it."""


@dataclass(frozen=True)
class Products:
    """Ions made, solids left, CO2 and H2S driven out, mol; protons taken, mol."""

    ions: Mapping[str, Array]
    residue: Mapping[str, Array]
    gases: Mapping[str, Array]
    protons: Array


def _declared(p: Section) -> dict[str, Array]:
    """Share of each element that is declared to dissolve; nan where kinetics tells."""
    entries = table("leach").items()
    return {e: p[row["extent"]] for e, row in entries if "extent" in row}


def products(
    solids: Stream,
    wanted: Demand,
    declared: Mapping[str, Array],
    found: Dissolved,
    fallen: str | None,
) -> Products:
    """What the solids become when their classes have dissolved; iron falls back as `fallen`.

    A mineral of which an element is declared falls apart: what does not dissolve of it is left
    as the plain solid of each element.
    """
    entries, driven = table("leach"), table("driven_out")
    ions: dict[str, Array] = {}
    left: dict[str, Array] = {}
    gases: dict[str, Array] = {}

    def add(where: dict[str, Array], name: str, amount: Array) -> None:
        where[name] = where.get(name, 0.0) + amount

    for solid in solids.species:
        n = solids[solid]
        if solid.endswith("(g)"):
            add(gases, solid, n)
            continue
        dissolved = found.shares[:, wanted.classes.index(mineral_class(solid))]
        told, apart = told_shares(solid, declared, solids.n)
        add(left, solid, np.where(apart, 0.0, n * (1 - dissolved)))
        gone = np.where(apart, 1.0, dissolved) * n
        for element, share in told.items():
            entry, amount = entries[element], gone * atoms(solid, element)
            if element in driven.get(solid, {}):
                # Whatever dissolves of its metal, a solid that is taken apart gives up its gas.
                add(gases, driven[solid][element], amount)
                continue
            taken = np.where(np.isnan(share), np.where(apart, dissolved, 1.0), share)
            taken = taken * ("ion" in entry)
            if "ion" in entry and element != "Fe":
                add(ions, entry["ion"], amount * taken)
            if "residue" in entry:
                add(left, entry["residue"], amount * (1 - taken) / atoms(entry["residue"], element))
    charges = wanted.tally(found.shares[:, None, :]).charge[:, 0]
    if "Fe" in solids.holds():
        ions |= {"Fe+2(aq)": found.ferrous, "Fe+3(aq)": found.ferric}
    if fallen:
        add(left, fallen, found.fallen / atoms(fallen, "Fe"))
    return Products(ions, left, gases, charges + 2 * found.ferrous + 3 * found.ferric)


def _redox(solids: Stream, made: Mapping[str, Array], acid: Array) -> dict[str, Array]:
    """H2O(l), H2(g) and O2(g) that close oxygen, hydrogen and electrons, mol."""
    oxygen: Any = solids.element("O") - sum(atoms(s, "O") * n for s, n in made.items())
    hydrogen: Any = solids.element("H") + acid - sum(atoms(s, "H") * n for s, n in made.items())
    scale: Any = solids.element("O") + acid + sum(atoms(s, "O") * n for s, n in made.items())
    surplus = hydrogen / 2 - oxygen
    surplus = np.where(np.abs(surplus) <= _ROUND_OFF * scale, 0.0, surplus)
    return {
        "H2(g)": np.maximum(surplus, 0),
        "O2(g)": np.maximum(-surplus, 0) / 2,
        WATER: hydrogen / 2 - np.maximum(surplus, 0),
    }


def _with_reductant(solids: Stream, p: Section) -> tuple[Stream, dict[str, Stream]]:
    """The solids with the ferrous chloride dosed, and that by the reagent's name."""
    if not (p["reductant"] > 0).any():
        return solids, {}
    dosed = {"ferrous_chloride": stream({REDUCTANT: p["reductant"] * reducible(solids)})}
    return merge([solids, *dosed.values()], T=solids.T), dosed


def _supply(
    solids: Stream,
    acid: Acid,
    wetted: Array,
    declared: Mapping[str, Array],
    iron: tuple[str | None, NDArray[np.bool_]],
    p: Section,
) -> tuple[Demand, Array, NDArray[np.bool_]]:
    """What solids take, the protons charged, mol, and the cases in which the acid is too weak.

    Neither sees the wash: on the passes of a recycle they stay what they are.
    """

    def by_told_basis() -> tuple[Demand, Array]:
        valence = p["ferrous_share"], p["ferric_reduction"]
        wanted = demand(solids, declared, *valence, acid.per_electron)
        return wanted, by_basis(wanted, solids, p)

    wanted, supply = p.recall("demand", [solids.moles], by_told_basis)
    asked = np.isfinite(p["free_acid"])
    if not asked.any():
        return wanted, supply, asked

    def root() -> Array:
        return to_free_acid(
            p["free_acid"],
            supply,
            lambda protons: acid.attack(protons, protons, wetted, p),
            lambda attack: settled(wanted, attack, *iron).left,
        )

    found = p.recall("free acid", [solids.moles], root)
    weak = asked & np.isnan(found)
    return wanted, np.where(asked & ~weak, found, supply), weak


def _mixed(
    solids: Stream, liquor: Stream, made: Products
) -> tuple[Stream, dict[str, Array], Array]:
    """The liquor with what the solids became, the gas, and the water that it lacked, mol.

    What hydrates beyond the water that acid makes, as boric oxide does, takes process water.
    """
    closing = _redox(solids, {**made.ions, **made.residue, **made.gases}, made.protons)
    to_water = {**made.ions, **made.residue, "H+(aq)": -made.protons, WATER: closing.pop(WATER)}
    bound = np.maximum(-to_water[WATER], 0)
    gas = dict(made.gases)
    for species, n in closing.items():
        gas[species] = gas.get(species, 0.0) + n
    return liquor.changed({WATER: bound}).changed(to_water), gas, bound


def _of_the_gas(gas: Stream, p: Section) -> tuple[str, ...]:
    """Warnings of what the gas holds, kg per t dry sludge."""
    told = not np.isnan(p["ferrous_share"]).all()
    oxygen = "which no mineral gives: more iron is told to be Fe(II) than electrons make"
    if not told:
        oxygen = "of higher oxides, which in hydrochloric acid make chlorine: not in the model"
    cares = told or p["acid"] == "hydrochloric"
    found = []
    for name, least, words in (
        ("H2S", 0.0, "which is not scrubbed"),
        ("NO", 0.0, "which is not scrubbed"),
        ("H2", MUCH_GAS, "which burns in air"),
        ("O2", MUCH_GAS if cares else np.inf, oxygen),
    ):
        most, many = worst(gas.only(f"{name}(g)".__eq__).mass(), least)
        if most:
            found.append(f"up to {most:.2g} kg {name} in the gas{many}, {words}")
    return tuple(found)


def _of_the_liquor(strong: Array, returned: Array, wetted: Array) -> tuple[str, ...]:
    """Warnings of water, mol, that comes with acid or wash beyond what liquid_to_solid asks for."""
    found = []
    if (returned > np.maximum(wetted, strong) * (1 + 1e-9)).any():
        found.append("more wash than liquid_to_solid; the acid is weaker than the rates assume")
    over, many = worst(ratio(strong, wetted), 1 + 1e-9)
    if over:
        found.append(
            f"the acid brings up to {over:.2g} times the water that liquid_to_solid asks for{many}"
        )
    return tuple(found)


def _of_the_rates(attack: Attack, solids: Stream) -> tuple[str, ...]:
    """A warning where the rates that follow chloride are used beyond what they were measured in."""
    follow = {s for s in solids.species if minerals()[mineral_class(s)]["chloride"]}
    if not (solids.only(follow.__contains__).moles > 0).any():
        return ()
    if attack.anion != CHLORIDE:
        return ("the rates of ferrites and oxides of iron are those of hydrochloric acid",)
    limit = 1e3 * read("constants")["chloride_law"]["value"]
    strength, many = worst(ratio(attack.acid, attack.volume), limit)
    if not strength:
        return ()
    return (
        f"acid of up to {strength / 1e3:.2g} mol/L{many}: the rates of the oxides of iron were "
        f"measured to {limit / 1e3:g}",
    )


def _of_the_residue(solids: Stream, slurry: Stream, p: Section) -> tuple[str, ...]:
    """A warning where a good part of the rare earths has not dissolved, unless that is told."""
    left, fed = (rare_earths_in(s) for s in (slurry.without("aq", "l", "g"), solids))
    found = np.where(np.isnan(p["rare_earth_dissolved"]), ratio(left, fed), 0.0)
    share, many = worst(found, MUCH_LEFT)
    return (f"up to {share:.0%} of the rare earths stay in the residue{many}",) if share else ()


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Dissolve solids in acid for a time, as far as rates and acid allow.

    n(H+) = (1 + acid_excess) basis - n(H+ of the wash), not below zero; the basis is what
    everything soluble takes, or 3 n(rare earths). Where a free acid is asked for, n(H+) is what
    leaves that much.

    Parameters
    ----------
    inlets : solids (calcine or cold slag), wash, returned_acid, heavy_acid (weak
        liquors that come back; optional)
    p : parameters of `data/parameters/leach.yaml`

    Returns
    -------
    Outcome with slurry (residue and liquor) and gas. Minerals that are left stay what they were.
    Iron has the valence of its minerals; dissolving metal reduces Fe+3 with a share of its
    electrons and makes H2(g) of the rest, in nitric acid NO(g); higher oxides oxidise Fe+2, then
    make O2(g); no Cl2 is made. Fe+3 beyond what the liquor holds over `iron_solid` falls back and
    gives its acid back.
    Dioxides of the rare earths are reduced by the Fe+2 of the ferrous chloride dosed.
    Elements whose share is declared dissolve by it, and acid is charged for it.

    Range: solids of the elements in the table `leach` of `data/aqueous.yaml`, with O and H.
    Source: `dissolution.dissolve`; exact stoichiometry.
    """
    hot = inlets["solids"]
    cold = solidified(hot, T=np.minimum(p["charge_temperature"], hot.T))
    wetted = cold.mass() * p["liquid_to_solid"] / water_mass()
    solids, dosed = _with_reductant(cold, p)
    returned = merge(
        [stream({}, n=solids.n), *(s for port, s in inlets.items() if port != "solids")]
    )
    acid, declared = acid_of(p), _declared(p)
    fallen = None if p["iron_solid"] == "none" else table("iron_solid")[p["iron_solid"]][0]
    iron = fallen, np.isnan(p["iron_dissolved"])
    wanted, supply, weak = _supply(solids, acid, wetted, declared, iron, p)
    brought = returned["H+(aq)"]
    strong = acid.bought(np.maximum(supply - brought, 0))
    water = stream({WATER: np.maximum(wetted - strong[WATER] - returned[WATER], 0)})
    liquor = merge([returned, strong, water], T=p["temperature"])
    # The very supply, not a sum that comes near it: the kinetics of the pass before still hold.
    attack = acid.attack(np.maximum(supply, brought), supply, wetted, p)

    def react() -> Products:
        return products(solids, wanted, declared, settled(wanted, attack, *iron), fallen)

    given = [x for x in vars(attack).values() if not isinstance(x, str)]
    made = p.recall("kinetics", [solids.moles, *given], react)
    slurry, gas, bound = _mixed(solids, liquor, made)
    gas, slurry = acid.reduced(gas, slurry)
    water = water.changed({WATER: bound})
    outlets = {"slurry": slurry, "leach_gas": stream(gas, T=p["temperature"])}
    drawn = {acid.reagent: strong, **dosed, "process_water": water}
    power = p["power"] * slurry.mass()
    duties = vessel_duties(outlets, inlets, drawn, power, {"solids": cold})
    failures = (Failure(weak, TOO_WEAK),) if weak.any() else ()
    if p.trial:
        return Outcome(outlets, drawn, duties, failures)
    warnings = (
        *_of_the_gas(outlets["leach_gas"], p),
        *_of_the_liquor(strong[WATER], returned[WATER], wetted),
        *_of_the_rates(attack, solids),
        *_of_the_residue(solids, slurry, p),
    )
    return Outcome(outlets, drawn, duties, failures, warnings)
