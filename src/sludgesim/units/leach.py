"""Leach: acid dissolves the rare earths, and as much of the rest as time and acid let it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.parameters import Section
from sludgesim.thermo.elements import rare_earths
from sludgesim.thermo.ferric import Liquor, ferric_limit
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, solidified, stream
from sludgesim.units.base import Failure, Outcome
from sludgesim.units.bracketed import rising_root
from sludgesim.units.dissolution import LIQUOR_DENSITY, Attack, Dissolved, dissolve
from sludgesim.units.minerals import Demand, demand, mineral_class, minerals, reducible, told_shares
from sludgesim.units.solution import (
    WATER,
    atoms,
    balanced,
    solution,
    table,
    vessel_duties,
    water_mass,
)

# Electrons that do not balance by less than this share of the oxygen are round-off, not gas.
_ROUND_OFF = 1e-12
REDUCTANT = "FeCl2(s)"
TOO_WEAK = "the acid is too weak to leave the free acid asked for"
_ROUNDS = 2  # of kinetics and activity coefficients; a third changes the iron by less than 0.3 %


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


def _demand(solids: Stream, declared: Mapping[str, Array], p: Section) -> tuple[Demand, Array]:
    """What solids take, and the protons charged: the basis and the excess.

    Never less than declared shares and salts, which dissolve by themselves, take.
    """
    reduced = table("acid")[p["acid"]].get("reduced")
    nitrate = 1 / reduced["electrons"] if reduced else 0.0
    wanted = demand(solids, declared, p["ferrous_share"], p["ferric_reduction"], nitrate)
    nothing = np.zeros((solids.n, 1, len(wanted.classes)))
    soluble = nothing + np.array([minerals()[c]["rate"] > 0 for c in wanted.classes], dtype=float)
    if p["acid_basis"] == "rare_earths":
        theory = 3 * sum((solids.element(e) for e in rare_earths()), np.zeros(solids.n))
    else:
        theory = wanted.protons(soluble)[:, 0]
    at_once = nothing + np.array([np.isinf(minerals()[c]["rate"]) for c in wanted.classes])
    least = np.maximum(wanted.protons(nothing), wanted.protons(at_once))[:, 0]
    return wanted, np.maximum(theory * (1 + p["acid_excess"]), least)


def settled(
    wanted: Demand, attack: Attack, solid: str | None, may_fall: NDArray[np.bool_]
) -> Dissolved:
    """Let solids dissolve before acid, with the iron(III) that the liquor holds over a solid.

    Parameters
    ----------
    wanted, attack : as for `dissolve`
    solid : what iron(III) falls back as; None: it stays dissolved
    may_fall : (n,) cases in which it may

    Returns
    -------
    Dissolved, with activity coefficients of the liquor at its end.

    Range, source: as `dissolve` and `ferric_limit`; the only anion is that of the acid.
    """
    water = np.maximum(attack.volume * LIQUOR_DENSITY, 1e-300)
    found = dissolve(wanted, attack)
    if solid is None or not (may_fall & (found.ferric > 0)).any():
        return found
    for _ in range(_ROUNDS):
        metals = np.maximum(wanted.tally(found.shares[:, None, :]).charge[:, 0], 0.0) / 3
        amounts = (found.left, attack.acid, metals, found.ferrous, found.ferric)
        liquor = Liquor(*(np.maximum(x, 0.0) / water for x in amounts))
        limit = ferric_limit(liquor, attack.temperature, solid, attack.anion)
        found = dissolve(wanted, attack, np.where(may_fall[:, None], limit, -1.0))
    return found


def _warnings(gas: Stream, flooded: NDArray[np.bool_]) -> tuple[str, ...]:
    found = []
    sulphide = np.nan_to_num(gas.only("H2S(g)".__eq__).mass()).max()
    if sulphide > 0:
        found.append(f"up to {sulphide:.2g} kg H2S in the gas, which is not scrubbed")
    nitric = np.nan_to_num(gas.only("NO(g)".__eq__).mass()).max()
    if nitric > 0:
        found.append(f"up to {nitric:.2g} kg NO in the gas, which is not scrubbed")
    if flooded.any():
        found.append("more wash than liquid_to_solid; the acid is weaker than the rates assume")
    return tuple(found)


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
    solids = solidified(inlets["solids"], T=inlets["solids"].T)
    wetted = solids.mass() * p["liquid_to_solid"] / water_mass()
    dosed: dict[str, Stream] = {}
    if (p["reductant"] > 0).any():
        dosed["ferrous_chloride"] = stream({REDUCTANT: p["reductant"] * reducible(solids)})
        solids = merge([solids, *dosed.values()], T=solids.T)
    returned = merge(
        [stream({}, n=solids.n), *(s for port, s in inlets.items() if port != "solids")]
    )
    declared = _declared(p)
    # Neither demand nor kinetics see the wash: on the passes of a recycle they stay what they are.
    wanted, supply = p.recall("demand", [solids.moles], lambda: _demand(solids, declared, p))
    entry = table("acid")[p["acid"]]
    strength = {word: p[row["strength"]] for word, row in table("acid").items()}[p["acid"]]

    def bought(protons: Array) -> Stream:
        return solution({ion: k * protons for ion, k in entry["as"].items()}, strength)

    # As if no more wash came back than fits: kinetics that follow the wash keep it from settling.
    def attack_by(protons: Array, charged: Array) -> Attack:
        held = np.maximum(wetted, bought(charged)[WATER])
        return Attack(
            protons,
            held * water_mass() / LIQUOR_DENSITY,
            p["temperature"],
            p["time"],
            p["grain_size"],
            entry["anion"],  # of the acid; the little salt of the wash adds none
            p["reductant"],
        )

    fallen = table("iron_solid").get(p["iron_solid"])
    may_fall = np.isnan(p["iron_dissolved"])

    def beyond_free_acid(protons: Array) -> Array:
        attack = attack_by(protons, protons)
        left = settled(wanted, attack, fallen, may_fall).left
        excess = left - p["free_acid"] * attack.volume
        return np.where(asked, excess, 0.0)

    asked, weak = np.isfinite(p["free_acid"]), np.zeros(solids.n, bool)
    if asked.any():
        most = supply + np.nan_to_num(p["free_acid"]) * attack_by(supply, supply).volume
        free = p.recall("free acid", [solids.moles], lambda: rising_root(beyond_free_acid, most))
        weak = asked & np.isnan(free)
        supply = np.where(asked & ~weak, free, supply)
    acid = bought(np.maximum(supply - returned["H+(aq)"], 0))
    water = stream({WATER: np.maximum(wetted - acid[WATER] - returned[WATER], 0)})
    liquor = merge([returned, acid, water], T=p["temperature"])
    attack = attack_by(liquor["H+(aq)"], supply)

    def react() -> Products:
        found = settled(wanted, attack, fallen, may_fall)
        return products(solids, wanted, declared, found, fallen)

    given = [x for x in vars(attack).values() if not isinstance(x, str)]
    made = p.recall("kinetics", [solids.moles, *given], react)
    closing = _redox(solids, {**made.ions, **made.residue, **made.gases}, made.protons)
    to_water = {**made.ions, **made.residue, "H+(aq)": -made.protons, WATER: closing.pop(WATER)}
    # What hydrates beyond the water that acid makes, as boric oxide does, takes process water.
    bound = {WATER: np.maximum(-to_water[WATER], 0)}
    water, slurry = water.changed(bound), liquor.changed(bound).changed(to_water)
    gas = {k: made.gases.get(k, 0.0) + closing.get(k, 0.0) for k in {**made.gases, **closing}}
    if "reduced" in entry:
        made_of, anion = str(entry["reduced"]["gas"]), str(entry["anion"])
        electrons = entry["reduced"]["electrons"]
        # where wash of another acid leaves too little of it, hydrogen forms
        n: Array = np.minimum(2 * gas["H2(g)"] / electrons, np.maximum(slurry[anion], 0.0))
        gas |= {"H2(g)": np.maximum(gas["H2(g)"] - n * electrons / 2, 0.0), made_of: n}
        if not np.any(gas["H2(g)"]):
            del gas["H2(g)"]
        taken = {"H+(aq)": -n, anion: -n}
        water_made = balanced({**taken, made_of: n})[WATER]
        slurry = slurry.changed({**taken, WATER: water_made})
    outlets = {"slurry": slurry, "leach_gas": stream(gas, T=p["temperature"])}
    drawn = {entry["reagent"]: acid, **dosed, "process_water": water}
    power = p["power"] * slurry.mass()
    duties = vessel_duties(outlets, inlets, drawn, power)
    flooded = returned[WATER] > np.maximum(wetted, acid[WATER]) * (1 + 1e-9)
    failures = (Failure(weak, TOO_WEAK),) if weak.any() else ()
    return Outcome(outlets, drawn, duties, failures, _warnings(outlets["leach_gas"], flooded))
