"""Smelting with carbon: calcine becomes liquid iron, rare-earth oxide slag and furnace gas."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.elements import formula_weight
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge, solidified, stream
from sludgesim.units.base import Outcome, heat_needed
from sludgesim.units.bath import Bath, melt_down, slag_part
from sludgesim.units.carbon_source import GRAPHITE, carbon_source


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Smelt calcine with a carbon source; the heat comes from electric power.

    The bath is that of `bath.melt_down`. Volatiles and moisture of the carbon source leave with
    the furnace gas, unreacted; inert gas goes through the bath. The gas leaves at
    T_gas = T - gas_preheat (T - T_charge), its composition that over the bath.
    power = (H(melt) + H(gas) - H(charge)) / efficiency

    Parameters
    ----------
    inlets : calcine
    p : temperature, charge_temperature (K), hold (s), pressure (Pa), carbon (kg/kg dry sludge,
        nan = auto), carbon_source (word), inert_gas (kg/kg dry sludge), target_feo (kg/kg slag),
        boron_rate (1/s), boron_rate_temperature (K), boron_activation (J/mol), electrode_use
        (kg/kg iron; of an electric_arc furnace only), furnace (word), gas_preheat (share),
        efficiency

    Returns
    -------
    Outcome: melt (metal, slag, leftover graphite), furnace_gas; draws the carbon source, argon and
    electrodes; duties electricity, loss

    Errors: cases whose equilibrium is not found. Warns of carbon left over, and of iron that too
    little carbon leaves in the slag.
    Range: 1150 to 1800 degC. Source: equilibrium of the system `smelting`.
    """
    calcine, source = inlets["calcine"], carbon_source(p["carbon_source"])
    # A charge cannot be hotter than it left the roaster; what it cools down by is lost.
    cold = solidified(calcine, T=np.minimum(p["charge_temperature"], calcine.T))
    cooling = cold.enthalpy() - calcine.enthalpy()
    use = p["electrode_use"] if p["furnace"] == "electric_arc" else 0.0
    electrode = use * calcine.element_mass("Fe") / formula_weight({"C": 1.0})
    argon = stream({"Ar(g)": p["inert_gas"] * 1000.0 / formula_weight({"Ar": 1.0})}, n=calcine.n)
    bath = melt_down(merge([calcine, argon]), electrode, source, p)

    left_at = p["temperature"] - p["gas_preheat"] * (p["temperature"] - cold.T)
    gas = merge([bath.contents.phase("g"), bath.fumes], T=left_at)
    outlets = {"melt": bath.contents.without("g"), "furnace_gas": gas}
    drawn = {
        source.name: bath.material,
        "argon": argon,
        "electrodes": stream({GRAPHITE: electrode}),
    }
    heat = heat_needed(outlets, inlets, drawn) - cooling
    power = np.maximum(heat, 0.0) / p["efficiency"]
    duties = {"electricity": power, "loss": heat + cooling - power}
    return Outcome(outlets, drawn, duties, bath.failures, _warnings(bath, electrode))


def _warnings(bath: Bath, electrode: Array) -> tuple[str, ...]:
    found = []
    carbon = bath.material[GRAPHITE] + electrode
    left = np.nanmax(np.where(carbon > 0, bath.left / np.where(carbon > 0, carbon, 1.0), 0.0))
    if left > 0.01:
        found.append(
            f"{100 * left:.0f} % of the carbon charged is left over and goes with the slag"
        )
    iron = bath.contents.element("Fe")
    oxide = slag_part(bath.contents).element("Fe")
    share = np.where(iron > 0, oxide / np.where(iron > 0, iron, 1.0), 0.0)
    kept = np.max(np.nan_to_num(share))
    if kept > 0.1:
        found.append(f"carbon is short: {100 * kept:.0f} % of the iron stays in the slag as oxide")
    return tuple(found)
