"""Smelting with carbon: calcine becomes liquid iron, rare-earth oxide slag and furnace gas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.elements import formula_weight
from sludgesim.thermo.heating import temperature_at
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, solidified, stream
from sludgesim.units import shaft
from sludgesim.units.base import Outcome, heat_needed, worst
from sludgesim.units.bath import Bath, melt_down, slag_part
from sludgesim.units.carbon_source import GRAPHITE, CarbonSource, carbon_source
from sludgesim.units.combustion import air

HOTTEST_GAS = 2773.15  # K, above which CO2 falls apart again and no roof lasts


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Smelt calcine with a carbon source; the heat comes from electric power, or from fuel coke.

    The bath is that of `bath.melt_down`. Volatiles and moisture of the carbon source leave with
    the furnace gas, unreacted; inert gas goes through the bath. A shaft furnace is that of
    `shaft.smelt`; of an electric furnace
    power = (H(melt) + H(gas) - H(charge)) / efficiency
    T_out = T_gas - gas_preheat (T_gas - T_charge), T_gas that of the bath unless CO burns over it.

    Parameters
    ----------
    inlets : calcine
    p : temperature, charge_temperature (K), hold (s), pressure (Pa), carbon (kg/kg dry sludge,
        nan = auto), carbon_source (word), inert_gas (kg/kg dry sludge), target_feo (kg/kg slag),
        boron_rate, silicon_rate (1/s), boron_rate_temperature, silicon_rate_temperature (K),
        boron_activation, silicon_activation (J/mol), furnace (word).
        Electric: electrode_use (kg/kg iron; electric_arc only), gas_preheat, efficiency,
        post_combustion, post_combustion_transfer (shares), post_combustion_gas (word).
        Shaft: blast_temperature, reserve_temperature, top_gas_temperature (K), blast_power (J/kg),
        blast_oxygen, indirect_reduction, shaft_loss, stove_efficiency (shares)

    Returns
    -------
    Outcome: melt (metal, slag, leftover graphite), furnace_gas; draws the carbon source, argon,
    electrodes, fuel coke, air and oxygen; duties electricity, fuel, loss

    Errors: cases whose equilibrium, or whose fuel, is not found. Warns of carbon left over, of
    iron that too little carbon leaves in the slag, of gas too hot, and of what `shaft.smelt` does.
    Range: 1150 to 1800 degC. Source: equilibrium of the system `smelting`.
    """
    calcine, source = inlets["calcine"], carbon_source(p["carbon_source"])
    # A charge cannot be hotter than it left the roaster; what it cools down by is lost.
    cold = solidified(calcine, T=np.minimum(p["charge_temperature"], calcine.T))
    argon = stream({"Ar(g)": p["inert_gas"] * 1000.0 / formula_weight({"Ar": 1.0})}, n=calcine.n)
    made = (shaft.smelt if p["furnace"] == "shaft" else _electric)(cold, argon, source, p)
    cooling = cold.enthalpy() - calcine.enthalpy()
    return replace(made, duties={**made.duties, "loss": made.duties["loss"] + cooling})


def _electric(cold: Stream, argon: Stream, source: CarbonSource, p: Section) -> Outcome:
    """Smelt a charge with electric power."""
    use = p["electrode_use"] if p["furnace"] == "electric_arc" else 0.0
    electrode = use * cold.element_mass("Fe") / formula_weight({"C": 1.0})
    bath = melt_down(merge([cold, argon]), electrode, source, p)
    gas, oxidant = _post_combustion(merge([bath.contents.phase("g"), bath.fumes]), p)
    left_at = gas.T - p["gas_preheat"] * (gas.T - cold.T)
    outlets = {"melt": bath.contents.without("g"), "furnace_gas": gas.at(T=left_at)}
    drawn = {
        source.name: bath.material,
        "argon": argon,
        "electrodes": stream({GRAPHITE: electrode}),
        p["post_combustion_gas"]: oxidant,
    }
    heat = heat_needed(outlets, {"charge": cold}, drawn)
    power = np.maximum(heat, 0.0) / p["efficiency"]
    duties = {"electricity": power, "loss": heat - power}
    warnings = _warnings(bath, electrode)
    hottest = np.max(np.nan_to_num(np.where(oxidant.mass() > 0, gas.T, 0.0)))
    if hottest > HOTTEST_GAS:
        warnings += (f"CO burnt over the bath makes gas of {hottest - 273.15:.0f} degC",)
    return Outcome(outlets, drawn, duties, bath.failures, warnings)


def _post_combustion(gas: Stream, p: Section) -> tuple[Stream, Stream]:
    """Gas over the bath with part of its CO burnt, as hot as that leaves it, and the oxidant."""
    share = p["post_combustion"] * gas["CO(g)"]
    pure = p["post_combustion_gas"] == "oxygen"
    oxidant = stream({"O2(g)": share / 2}) if pure else air(share / 2)
    burnt = merge([gas, oxidant, stream({"CO(g)": -share, "O2(g)": -share / 2, "CO2(g)": share})])
    heat = gas.enthalpy() + oxidant.enthalpy() - burnt.enthalpy()
    kept = burnt.enthalpy() + (1 - p["post_combustion_transfer"]) * heat
    return burnt.at(T=temperature_at(burnt, kept, gas.T, np.full(gas.n, 5900.0))), oxidant


def _warnings(bath: Bath, electrode: Array) -> tuple[str, ...]:
    found = []
    carbon = bath.material[GRAPHITE] + electrode
    share = np.where(carbon > 0, bath.left / np.where(carbon > 0, carbon, 1.0), 0.0)
    left, many = worst(share, 0.01)
    if left:
        found.append(
            f"{100 * left:.0f} % of the carbon charged is left over and goes with the slag{many}"
        )
    iron = bath.contents.element("Fe")
    oxide = slag_part(bath.contents).element("Fe")
    share = np.where(iron > 0, oxide / np.where(iron > 0, iron, 1.0), 0.0)
    kept, many = worst(share, 0.1)
    if kept:
        found.append(
            f"carbon is short: {100 * kept:.0f} % of the iron stays in the slag as oxide{many}"
        )
    return tuple(found)
