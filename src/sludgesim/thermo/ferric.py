"""How much iron(III) an acid liquor holds over one of its oxides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sludgesim.thermo.masters import OXIDANT, PROTON, WATER, masters, tableau
from sludgesim.thermo.sit import sit
from sludgesim.thermo.species import Array, database, species_set
from sludgesim.thermo.thermochemistry import per_data

_HYDROLYSED = (
    "Fe+3(aq)", "FeOH+2(aq)", "Fe(OH)2+(aq)", "Fe2(OH)2+4(aq)", "Fe3(OH)4+5(aq)",
)  # fmt: skip
_POWERS = 5
_DECADES = 12.0  # natural ones, of the anion that is free
_HALVINGS = 40
# Floors of the rounds, where a first guess of the complexes asks for more than there is. The first
# keeps the polynomial's variable off zero; the others enter the activity coefficients only.
_LEAST_ACID = 1e-4  # mol/kg
_LEAST_FREE = 0.05  # share of the anion that is in no complex
_LEAST_UNBOUND = 0.1  # share of the protons that is in no complex
_FAR = 200.0  # of exponents, beyond which all or nothing dissolves


@dataclass(frozen=True)
class Acid:
    """What the anion of an acid makes of iron(III), and of what else is in the liquor.

    anion; held : species of iron(III); beside : free acid, other metals and Fe+2, each with its
    complexes; rounds : of activity coefficients; strong : whether complexes take most of the anion,
    so that what is free of it has to be searched for
    """

    anion: str
    held: tuple[str, ...]
    beside: tuple[tuple[str, ...], ...]
    rounds: int
    strong: bool = False


ACIDS = {
    a.anion: a
    for a in (
        Acid(
            "Cl-(aq)",
            (*_HYDROLYSED, "FeCl+2(aq)", "FeCl2+(aq)", "FeCl3(aq)", "FeCl4-(aq)"),
            (("H+(aq)",), ("Nd+3(aq)",), ("Fe+2(aq)",)),
            2,
        ),
        Acid(
            "SO4-2(aq)",
            (*_HYDROLYSED, "FeSO4+(aq)", "Fe(SO4)2-(aq)", "FeHSO4+2(aq)"),
            (
                ("H+(aq)", "HSO4-(aq)"),
                ("Nd+3(aq)", "NdSO4+(aq)", "Nd(SO4)2-(aq)"),
                ("Fe+2(aq)", "FeSO4(aq)", "FeHSO4+(aq)"),
            ),
            6,
            strong=True,
        ),
        Acid("NO3-(aq)", _HYDROLYSED, (("H+(aq)",), ("Nd+3(aq)", "NdNO3+2(aq)"), ("Fe+2(aq)",)), 4),
    )
}


@dataclass(frozen=True)
class Liquor:
    """What an acid liquor holds, (n,) mol/kg water: all cations but iron as M+3.

    acid : protons, those of HSO4- included; anion : charge of the acid's anion
    """

    acid: Array
    anion: Array
    metals: Array
    ferrous: Array
    ferric: Array


@per_data
def _needs(anion: str, solid: str) -> tuple[Array, Array]:
    """By species held and beside: formula units of the solid (or of the plain ion) in it, and the
    H+, anion and water that it takes on top, (S,) and (S, 3)."""
    acid, column = ACIDS[anion], {m.name: k for k, m in enumerate(masters())}
    of_anion = next(k for k, m in enumerate(masters()) if m.species == anion)
    of_solid = tableau((solid,))[0]
    if of_solid[column[OXIDANT]] != of_solid[column["iron"]]:
        raise ValueError(f"{solid} holds iron that is not Fe(III)")
    held = tableau(acid.held)
    units = held[:, column["iron"]] / of_solid[column["iron"]]
    rows = [held - np.outer(units, of_solid)]
    rows += [tableau(group) - tableau(group[:1]) for group in acid.beside]
    taken = np.concatenate(rows)[:, [column[PROTON], of_anion, column[WATER]]]
    return np.concatenate([units, np.ones(len(taken) - len(units))]), taken


def _shared(ln_m: Array, total: Array, atoms: Any = 1.0) -> Array:
    """Molalities of species that share a total, of which each holds some atoms."""
    if ln_m.shape[1] == 1:
        return total[:, None]
    each = np.exp(np.maximum(ln_m - ln_m.max(axis=1, keepdims=True), -_FAR))
    return np.asarray(each * (total / (each * atoms).sum(axis=1))[:, None])


def ferric_limit(liquor: Liquor, T: Array, solid: str, anion: str = "Cl-(aq)") -> Array:
    """Iron(III) that a liquor holds over a solid, as a polynomial of its acid.

    m(Fe) = sum_q B_q m(H+)^q, q = 1 to 5; each dissolved species i adds k_i m_i to the B of the
    protons that make it, m_i = K_i(T) a(H+)^q a(anion)^c a(H2O)^w / gamma_i

    Parameters
    ----------
    liquor : what sets the activity coefficients and how the anion is shared
    T : (n,) K
    solid : oxide or hydroxide of Fe(III)
    anion : of the acid, one of `ACIDS`

    Returns
    -------
    (n, 5) B_q, mol/kg per (mol/kg)^q, at the activity coefficients of the liquor and the share of
    its acid that is H+ and not HSO4-

    Range: as `sit`. Source: data of the aqueous systems; the same equilibria, with the protons of
    hydrolysed iron left out of the balance of the acid.
    """
    acid = ACIDS[anion]
    units, taken = _needs(anion, solid)
    protons, anions, water = taken.T
    iron = len(acid.held)
    groups, at = [], iron
    for group in acid.beside:
        groups.append(slice(at, at + len(group)))
        at += len(group)
    cores = [solid] * iron + [g[0] for g in acid.beside for _ in g]
    solutes = (*acid.held, *(s for g in acid.beside for s in g), anion)
    names = (*solutes, "H2O(l)", solid)
    g = species_set(names).gibbs_over_RT(T)
    column = {s: k for k, s in enumerate(names)}
    ln_K = units * g[:, [column[s] for s in cores]] - g[:, :at]
    for needed, s in zip(taken.T, ("H+(aq)", anion, "H2O(l)"), strict=True):
        ln_K += needed * g[:, [column[s]]]
    model = sit(solutes)
    atoms = np.array([database()[s].composition["Fe"] for s in acid.held])
    held_acid = np.maximum(liquor.acid, _LEAST_ACID)
    bound = np.array([float("FeHSO4" in s) for s in solutes[:at]])  # protons
    totals = (held_acid, liquor.metals, liquor.ferrous)
    charge = database()[anion].composition["E"]
    whole = liquor.anion / charge
    m = np.zeros((len(T), at))
    for part, total in zip(groups, totals, strict=True):
        m[:, part.start] = total
    for _ in range(acid.rounds):
        free = np.maximum(whole - m @ anions, _LEAST_FREE * whole)
        ln_gamma, ln_water = model(np.column_stack([m, free]), T)
        ln_a = ln_K - ln_gamma[:, :at] + np.outer(ln_water, water)
        low = high = np.log(np.maximum(free, 1e-9))
        if acid.strong:
            low, high = high - _DECADES, np.log(np.maximum(whole, 1e-9))
        not_bound = np.maximum(held_acid - m @ bound, _LEAST_UNBOUND * held_acid)
        totals = (not_bound, *totals[1:])
        for _ in range(_HALVINGS):
            ln_free = 0.5 * (low + high)
            ln_anion = ln_gamma[:, at] + ln_free
            ln_B = ln_a + np.outer(ln_anion, anions)
            m[:, groups[0]] = _shared(ln_B[:, groups[0]], not_bound)
            ln_H = ln_gamma[:, iron] + np.log(m[:, iron] / held_acid)
            ln_B += np.outer(ln_H, protons)
            ln_m = ln_B + np.outer(np.log(held_acid), protons)
            m[:, :iron] = _shared(ln_m[:, :iron], liquor.ferric, atoms)
            for part, total in zip(groups[1:], totals[1:], strict=True):
                m[:, part] = _shared(ln_m[:, part], total)
            if not acid.strong:
                break
            over = m @ anions + np.exp(ln_free) > whole
            high, low = np.where(over, ln_free, high), np.where(over, low, ln_free)
    limit = np.zeros((len(T), _POWERS))
    for i, q in enumerate(np.rint(protons[:iron]).astype(int)):
        limit[:, q - 1] += atoms[i] * np.exp(np.clip(ln_B[:, i], -_FAR, _FAR))
    return limit
