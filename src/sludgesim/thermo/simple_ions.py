"""Liquors written in simple ions, as units hand them on: Nd+3 and Cl-, not NdCl+2."""

from __future__ import annotations

import numpy as np

from sludgesim.thermo.aqueous import AqueousEquilibrium
from sludgesim.thermo.masters import OXIDANT, PROTON, WATER, masters, tableau
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream
from sludgesim.thermo.thermochemistry import per_data

SOLVENT = "H2O(l)"
_HIGHER = {"iron": "Fe+3(aq)", "Ce": "Ce+4(aq)"}  # what the oxidant makes of these masters
_WEAK = ("carbonate", "ammonia", "borate", "oxalate")  # masters that protons are shared among


def in_simple_ions(found: AqueousEquilibrium) -> Stream:
    """Solids, vapour and liquor of an equilibrium, the liquor without its complexes.

    Metals become simple ions of the valence they have, weak acids and bases keep their protons,
    hydroxide of metals cancels H+ or stays as OH-.  Elements, charge and valences are kept
    exactly, the heat of forming complexes is not.

    Parameters
    ----------
    found : equilibria, n cases

    Returns
    -------
    Stream, nan where an equilibrium was not found

    Range: any liquor of the aqueous systems.  Source: balances of the masters.
    """
    whole = found.stream()
    liquor = whole.only(lambda s: s in found.system.liquor)
    ions, table = _parts(liquor.species)
    moles = dict(zip(ions, (liquor.moles @ table).T, strict=True))
    neutral = np.minimum(moles["H+(aq)"], moles["OH-(aq)"])
    for ion in ("H+(aq)", "OH-(aq)"):
        moles[ion] = moles[ion] - neutral
    moles[SOLVENT] = moles[SOLVENT] + neutral
    rest = whole.only(lambda s: s not in found.system.liquor)
    return rest.changed({s: n for s, n in moles.items() if (n != 0).any()})


@per_data
def _parts(species: tuple[str, ...]) -> tuple[tuple[str, ...], Array]:
    """Simple ions and the solvent, and their amounts in a mole of each dissolved species."""
    table = tableau(species)
    total = {m.name: table[:, k] for k, m in enumerate(masters())}
    parts: dict[str, Array] = {}
    for m in masters():
        if m.name in _HIGHER:
            higher = np.where(total[m.name] > 0, total[OXIDANT], 0.0)
            parts |= {m.species: total[m.name] - higher, _HIGHER[m.name]: higher}
        elif m.name not in (WATER, PROTON, OXIDANT, *_WEAK):
            parts[m.species] = total[m.name]
    parts |= _protonated(total[PROTON], {m: total[m] for m in _WEAK})
    always = ("H+(aq)", "OH-(aq)")
    ions = tuple(s for s, n in parts.items() if n.any() or s in always)
    amounts = np.column_stack([parts[s] for s in ions])
    water = [m.name for m in masters()].index(WATER)
    solvent = total[WATER] - amounts @ tableau(ions)[:, water]
    return (*ions, SOLVENT), np.column_stack([amounts, solvent])


def _protonated(proton: Array, weak: dict[str, Array]) -> dict[str, Array]:
    """Weak acids and bases, H+ and OH-, of one mole each; protons to the strongest base first."""
    carbonate, ammonia, borate, oxalate = (weak[m] for m in _WEAK)
    left = proton + 2 * carbonate + borate  # protons over CO3-2, NH3, B(OH)4-, C2O4-2

    def take(most: Array) -> Array:
        nonlocal left
        taken = np.clip(left, 0.0, most)
        left = left - taken
        return taken

    once, ammonium, boric = take(carbonate), take(ammonia), take(borate)
    twice, oxalic = take(once), take(2 * oxalate) / 2
    return {
        "CO3-2(aq)": carbonate - once,
        "HCO3-(aq)": once - twice,
        "CO2(aq)": twice,
        "NH3(aq)": ammonia - ammonium,
        "NH4+(aq)": ammonium,
        "B(OH)4-(aq)": borate - boric,
        "H3BO3(aq)": boric,
        "C2O4-2(aq)": oxalate - oxalic,
        "H2C2O4(aq)": oxalic,
        "H+(aq)": np.maximum(left, 0.0),
        "OH-(aq)": np.maximum(-left, 0.0),
    }
