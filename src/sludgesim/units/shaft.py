"""A coke-fired shaft furnace: the heat that its bath needs comes from coke burnt with hot blast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sludgesim.parameters import Section
from sludgesim.thermo.elements import formula_weight
from sludgesim.thermo.heating import temperature_at
from sludgesim.thermo.species import Array, database
from sludgesim.thermo.stream import AMBIENT, Stream, merge, stream
from sludgesim.units.base import Failure, Outcome
from sludgesim.units.bath import Bath, free_oxygen, melt_down, secant
from sludgesim.units.carbon_source import GRAPHITE, CarbonSource, carbon_source
from sludgesim.units.combustion import air, dry_air

PASSES = 20
TOLERANCE = 1e-9  # of the fuel carbon
FUEL_MUCH = 1.5  # kg fuel carbon per kg iron that no furnace of today burns
GAS_USED_MUCH = 0.55  # CO2 / (CO + CO2) that the best blast furnaces do not reach


@dataclass(frozen=True)
class Hearth:
    """The bath with the ash of its fuel, and what settles the fuel.

    fuel : mol carbon burnt at the tuyeres; oxygen : mol O that rising CO takes from the ore
    """

    bath: Bath
    fuel: Array
    oxygen: Array
    failures: tuple[Failure, ...]


def smelt(cold: Stream, argon: Stream, source: CarbonSource, p: Section) -> Outcome:
    """Smelt a charge in counterflow to the gas of coke burnt to CO with hot blast.

    Two zones, the pinch between them at the reserve temperature T_r, which gas and charge both
    have there. The fuel F is the larger of what either balance asks:
    hearth:  F (H_C(T_r) + H_blast - H_gas(T_r) - loss) = H_melt + H_CO(T_r) - H_charge(T_r)
    furnace: the same with the charge as it comes and the gas at the least top temperature.
    The gas leaves at the temperature that closes the balance of the furnace. It gives back CO for
    the stoves, whose flue is part of the furnace gas.

    Parameters
    ----------
    cold : charge as it enters
    argon : blown through the bath
    source : carbon source of the reductant; the fuel is coke
    p : parameters of the smelter

    Returns
    -------
    Outcome: melt, furnace_gas; draws reductant, fuel_coke, blast_air, oxygen, air of the stoves,
    argon; duties electricity, fuel (where the gas is too poor for the stoves), loss

    Errors: cases whose bath or fuel is not found, or whose gas lacks the CO for the reduction.
    Range: as the bath. CO of the tuyeres does not react with the bath.
    Source: two-zone heat balance of the blast furnace.
    """
    coke = carbon_source("coke")
    hearth = _fired(cold, argon, source, coke, p)
    bath, fuel, oxygen = hearth.bath, hearth.fuel, hearth.oxygen
    blast_air, pure = _blast(fuel, p)
    blast = merge([blast_air, pure])
    top = merge([_bath_gas(bath, oxygen), _tuyere_gas(fuel, blast)])
    short = top["CO(g)"] < 0
    carbonic = top["CO2(g)"] / np.maximum(top["CO2(g)"] + top["CO(g)"], 1e-30)

    heating = blast.at(T=p["blast_temperature"]).enthalpy() - blast.enthalpy()
    burnt = stream({"CO(g)": 1.0, "O2(g)": 0.5}).enthalpy() - stream({"CO2(g)": 1.0}).enthalpy()
    stove_heat = heating / p["stove_efficiency"]
    stove_gas = np.minimum(stove_heat / burnt, np.maximum(top["CO(g)"], 0.0))
    stove_air = air(stove_gas / 2)
    flue = stove_air.changed({"O2(g)": -stove_gas / 2, "CO(g)": -stove_gas, "CO2(g)": stove_gas})
    supporting = stove_heat - stove_gas * burnt

    drawn = {
        source.name: bath.material,
        "fuel_coke": coke.material(fuel),
        "blast_air": blast_air,
        "oxygen": pure,
        "air": stove_air,
        "argon": argon,
    }
    melt = bath.contents.without("g")
    gas = merge([top, flue, bath.fumes, coke.fumes(fuel)])
    lost = p["shaft_loss"] * fuel * _given(AMBIENT, AMBIENT, p) + stove_heat - heating
    brought = cold.enthalpy() + sum(s.enthalpy() for s in drawn.values()) + supporting
    left = brought - lost - melt.enthalpy()
    gas = gas.at(T=temperature_at(gas, left, np.full(cold.n, AMBIENT), p["temperature"]))
    # Nothing of this is left but where the charge itself gives more heat than it needs.
    surplus = left - gas.enthalpy()
    power = p["blast_power"] * blast.mass()
    duties = {"electricity": power, "fuel": supporting, "loss": -(lost + surplus + power)}
    failures = hearth.failures
    if short.any():
        poor = "the furnace makes less CO than the indirect reduction would take"
        failures = (*failures, Failure(short, poor))
    warnings = _warnings(fuel, cold.element_mass("Fe"), np.where(short, 0.0, carbonic))
    return Outcome({"melt": melt, "furnace_gas": gas}, drawn, duties, failures, warnings)


def _fired(
    cold: Stream, argon: Stream, source: CarbonSource, coke: CarbonSource, p: Section
) -> Hearth:
    """The bath together with the fuel whose ash lies in it, by the secant rule."""
    ore = cold.only(lambda s: {"Fe", "O"} <= database()[s].composition.keys())
    oxygen = p["indirect_reduction"] * free_oxygen(ore)
    charge = merge([cold, argon, stream({"O2(g)": -oxygen / 2})])
    none = np.zeros(cold.n)
    fuel, before, settled = none, (none, none), np.zeros(cold.n, dtype=bool)
    for attempt in range(PASSES):
        bath = melt_down(merge([charge, coke.ashes(fuel)]), none, source, p)
        found, enough = _demand(bath, fuel, oxygen, cold, argon, coke, p)
        known = np.isfinite(found)
        wanted = np.where(known, found, 0.0)
        settled = ~known | (np.abs(wanted - fuel) <= TOLERANCE * wanted)
        if settled.all() or attempt == PASSES - 1:
            break
        after = np.maximum(secant(fuel, wanted, *before), 0.0)
        before = (fuel, wanted)
        fuel = np.where(settled, fuel, after)
    failures = bath.failures
    if not (settled & enough).all():
        late = Failure(~(settled & enough), "no amount of fuel heats the hearth with this blast")
        failures = (*failures, late)
    return Hearth(bath, fuel, oxygen, failures)


def _demand(
    bath: Bath,
    fuel: Array,
    oxygen: Array,
    cold: Stream,
    argon: Stream,
    coke: CarbonSource,
    p: Section,
) -> tuple[Array, NDArray[np.bool_]]:
    """Fuel carbon, mol, that a bath asks for, and whether fuel gives the hearth any heat."""
    melt, gas = bath.contents.without("g").enthalpy(), _bath_gas(bath, oxygen)
    lost = p["shaft_loss"] * _given(AMBIENT, AMBIENT, p)
    ash = coke.ashes(fuel)
    through = melt - argon.enthalpy()

    # A charge hotter than the reserve zone leaves no zone above it.
    reserve = np.maximum(p["reserve_temperature"], cold.T)
    solids = merge([cold, bath.material.without("g", "l"), ash]).at(T=reserve)
    hearth = through + gas.at(T=reserve).enthalpy() - solids.enthalpy()
    per_hearth = _given(reserve, reserve, p) - lost

    top = np.minimum(p["top_gas_temperature"], reserve)
    leaving = merge([gas, bath.fumes]).at(T=top).enthalpy()
    furnace = through + leaving - cold.enthalpy() - bath.material.enthalpy() - ash.enthalpy()
    one = np.ones(cold.n)
    wet = coke.material(one).enthalpy() - coke.ashes(one).enthalpy()
    steaming = coke.fumes(one).at(T=top).enthalpy() - (wet - stream({GRAPHITE: one}).enthalpy())
    per_furnace = _given(AMBIENT, top, p) - lost - steaming

    enough = (per_hearth > 0) & (per_furnace > 0)
    asked = np.maximum(
        hearth / np.where(enough, per_hearth, 1.0), furnace / np.where(enough, per_furnace, 1.0)
    )
    return np.where(enough, np.maximum(asked, 0.0), 0.0), enough


def _blast(fuel: Array, p: Section) -> tuple[Stream, Stream]:
    """Air and pure oxygen, at 25 degC, that burn fuel carbon to CO."""
    inert = (1 - p["blast_oxygen"]) / p["blast_oxygen"]  # mol per mol oxygen
    share = dry_air()["O2(g)"]
    from_air = np.minimum(inert * share / (1 - share), 1.0)
    return air(fuel / 2 * from_air), stream({"O2(g)": fuel / 2 * (1 - from_air)})


def _tuyere_gas(fuel: Array, blast: Stream) -> Stream:
    return blast.changed({"O2(g)": -fuel / 2, "CO(g)": fuel})


def _given(carbon_at: float | Array, gas_at: float | Array, p: Section) -> Array:
    """Heat of burning carbon to CO with the hot blast, gas leaving at a temperature, J/mol."""
    one = np.ones(p.n)
    blast = merge(_blast(one, p))
    coming = stream({GRAPHITE: one}).at(T=carbon_at).enthalpy()
    coming = coming + blast.at(T=p["blast_temperature"]).enthalpy()
    heat: Array = coming - _tuyere_gas(one, blast).at(T=gas_at).enthalpy()
    return heat


def _bath_gas(bath: Bath, oxygen: Array) -> Stream:
    """Gas of the bath after it took an amount of oxygen, mol O, from the ore above."""
    return bath.contents.phase("g").changed({"CO(g)": -oxygen, "CO2(g)": oxygen})


def _warnings(fuel: Array, iron: Array, carbonic: Array) -> tuple[str, ...]:
    found = [
        "a shaft furnace takes lumps: the calcine has to be agglomerated, which is not in the "
        "balance"
    ]
    much = fuel * formula_weight({"C": 1.0}) / np.maximum(iron, 1e-30)
    worst = np.max(np.nan_to_num(np.where(iron > 0, much, 0.0)))
    if worst > FUEL_MUCH:
        found.append(
            f"the fuel is {worst:.1f} kg carbon per kg iron: the blast is too cold or too little "
            "of the ore is reduced by the gas"
        )
    used = np.max(np.nan_to_num(carbonic))
    if used > GAS_USED_MUCH:
        found.append(
            f"the top gas would be {100 * used:.0f} % burnt to CO2: rising CO cannot take so much "
            "oxygen from the ore"
        )
    return tuple(found)
