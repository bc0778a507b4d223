"""How much iron(III) an acid chloride liquor holds over one of its oxides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from sludgesim.thermo.masters import OXIDANT, PROTON, WATER, masters, tableau
from sludgesim.thermo.sit import sit
from sludgesim.thermo.species import Array, database, species_set

HELD = (
    "Fe+3(aq)", "FeOH+2(aq)", "Fe(OH)2+(aq)", "Fe2(OH)2+4(aq)", "Fe3(OH)4+5(aq)", "FeCl+2(aq)",
    "FeCl2+(aq)", "FeCl3(aq)", "FeCl4-(aq)",
)  # fmt: skip
_BESIDE = ("H+(aq)", "Cl-(aq)", "Nd+3(aq)", "Fe+2(aq)")
_POWERS = 5
_FAR = 200.0  # of exponents, beyond which all or nothing dissolves
_ROUNDS = 2


@dataclass(frozen=True)
class Liquor:
    """What an acid chloride liquor holds, (n,) mol/kg water: all cations but iron as M+3."""

    acid: Array
    chloride: Array
    metals: Array
    ferrous: Array
    ferric: Array


@cache
def _reactions(solid: str) -> tuple[Array, Array, Array, Array]:
    """By species of `HELD`: formula units of the solid, and H+, Cl- and water that it takes."""
    column = {m.name: k for k, m in enumerate(masters())}
    held, of_solid = tableau(HELD), tableau((solid,))[0]
    if of_solid[column[OXIDANT]] != of_solid[column["iron"]]:
        raise ValueError(f"{solid} holds iron that is not Fe(III)")
    units = held[:, column["iron"]] / of_solid[column["iron"]]
    needs = held - np.outer(units, of_solid)
    return units, needs[:, column[PROTON]], needs[:, column["chloride"]], needs[:, column[WATER]]


def ferric_limit(liquor: Liquor, T: Array, solid: str) -> Array:
    """Iron(III) that a liquor holds over a solid, as a polynomial of its acid.

    m(Fe) = sum_q B_q m(H+)^q, q = 1 to 5; each dissolved species i adds k_i m_i to the B of the
    protons that make it, m_i = K_i(T) a(H+)^q a(Cl-)^c a(H2O)^w / gamma_i

    Parameters
    ----------
    liquor : what sets the activity coefficients and how chloride is shared
    T : (n,) K
    solid : oxide or hydroxide of Fe(III)

    Returns
    -------
    (n, 5) B_q, mol/kg per (mol/kg)^q, at the activity coefficients of the liquor

    Range: as `sit`. Source: data of the aqueous systems; the same equilibria, with the protons of
    hydrolysed iron left out of the balance of the acid.
    """
    units, protons, chlorides, water = _reactions(solid)
    atoms = np.array([database()[s].composition["Fe"] for s in HELD])
    names = (*HELD, *_BESIDE, "H2O(l)", solid)
    g = species_set(names).gibbs_over_RT(T)
    column = {s: k for k, s in enumerate(names)}
    from_solid = (
        units * g[:, [column[solid]]]
        + protons * g[:, [column["H+(aq)"]]]
        + chlorides * g[:, [column["Cl-(aq)"]]]
        + water * g[:, [column["H2O(l)"]]]
    )
    ln_K = from_solid - g[:, : len(HELD)]
    model = sit((*HELD, *_BESIDE))
    acid = np.maximum(liquor.acid, 1e-4)
    shares = np.zeros((len(T), len(HELD)))
    for _ in range(_ROUNDS):
        iron = shares * liquor.ferric[:, None]
        free = np.maximum(liquor.chloride - iron @ chlorides, 0.05 * liquor.chloride)
        m = np.column_stack([iron, acid, free, liquor.metals, liquor.ferrous])
        ln_gamma, ln_water = model(m, T)
        ln_H, ln_Cl = (ln_gamma[:, len(HELD) + k] for k in (0, 1))
        ln_B = ln_K - ln_gamma[:, : len(HELD)] + np.outer(ln_H, protons)
        ln_B += np.outer(ln_Cl + np.log(np.maximum(free, 1e-9)), chlorides)
        ln_B += np.outer(ln_water, water)
        ln_m = ln_B + np.outer(np.log(acid), protons)
        each = np.exp(np.clip(ln_m - ln_m.max(axis=1, keepdims=True), -_FAR, 0.0))
        shares = each / (each @ atoms)[:, None]
    limit = np.zeros((len(T), _POWERS))
    for i, q in enumerate(np.rint(protons).astype(int)):
        limit[:, q - 1] += atoms[i] * np.exp(np.clip(ln_B[:, i], -_FAR, _FAR))
    return limit
