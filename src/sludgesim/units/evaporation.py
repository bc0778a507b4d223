"""Evaporation: the salt water is boiled down to a wet salt cake and clean condensate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.stream import Stream, stream
from sludgesim.units.base import Outcome, heat_needed, worst
from sludgesim.units.solution import WATER, ratio, water_mass

UNFIT = 1e-4
"""Ammonia of the condensate, mol/kg, from which on a run tells of it."""
SALT, SULPHATE = "NaCl(s)", "Na2SO4(s)"


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Evaporate a salt water to zero liquid discharge.

    water left = moisture / (1 - moisture) (everything but water), at most what there is;
    recompression: power = energy_use (water evaporated);
    steam: steam = (heat of vaporisation) (water evaporated) / (effects effect_efficiency)

    Parameters
    ----------
    inlets : wastewater
    p : parameters of `data/parameters/evaporation.yaml`

    Returns
    -------
    Outcome with condensate (water with the free ammonia, of which it warns) and salt_cake. Sodium
    and chloride that pair become NaCl(s), sulphate with the sodium that is left Na2SO4(s); other
    ions stay in the water of the cake, and boric acid, ammonium and bicarbonate do not go with the
    vapour. The feed is heated by what leaves: only the surplus is lost.

    Range: neutral salt waters. Source: exact stoichiometry, heat of vaporisation of the species
    data; energy use of the parameters.
    """
    water = inlets["wastewater"]
    salt = np.minimum(water["Na+(aq)"], water["Cl-(aq)"])
    sulphate = np.minimum((water["Na+(aq)"] - salt) / 2, water["SO4-2(aq)"])
    changes = {"Na+(aq)": -salt - 2 * sulphate, "Cl-(aq)": -salt, SALT: salt}
    if (sulphate != 0).any():
        changes |= {"SO4-2(aq)": -sulphate, SULPHATE: sulphate}
    solids = water.changed(changes)
    dry = solids.mass() - solids[WATER] * water_mass()
    kept = np.minimum(dry * p["moisture"] / (1 - p["moisture"]) / water_mass(), solids[WATER])
    driven = solids[WATER] - kept
    # Free ammonia boils off with the first of the water.
    ammonia = np.where(driven > 0, solids["NH3(aq)"], 0.0)
    condensed = {WATER: driven} | ({"NH3(aq)": ammonia} if ammonia.any() else {})
    leaves = {s: -n for s, n in condensed.items()}
    outlets = {
        "condensate": stream(condensed, T=p["temperature"]),
        "salt_cake": solids.changed(leaves).at(T=p["temperature"]),
    }
    heat = heat_needed(outlets, inlets, {})
    mass = driven * water_mass()
    power, steam = p["power"] * water.mass(), np.zeros(water.n)
    if p["method"] == "recompression":
        power = power + p["energy_use"] * mass
    else:
        latent = stream({"H2O(g)": driven}, T=p["boiling_temperature"]).enthalpy()
        latent = latent - stream({WATER: driven}, T=p["boiling_temperature"]).enthalpy()
        steam = latent / (p["effects"] * p["effect_efficiency"])
    steam = np.maximum(steam, heat - power)
    duties = {"electricity": power, "steam": steam, "loss": heat - power - steam}
    most, many = worst(ratio(ammonia, mass), UNFIT)
    dirty = f"the condensate holds up to {most:.2g} mol/kg of ammonia{many}: not fit for reuse"
    return Outcome(outlets, duties=duties, warnings=(dirty,) if most else ())
