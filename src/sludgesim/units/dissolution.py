"""Dissolution: minerals retreat before acid that they share until it or the time runs out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sludgesim.thermo.ferric import Liquor, ferric_limit
from sludgesim.thermo.species import Array, R
from sludgesim.units.minerals import IN_HYDROCHLORIC, IN_NITRIC, Demand, minerals
from sludgesim.units.solution import liquor_density

T_RATE = 298.15
C_RATE = 500.0  # mol/m3, of acid and of chloride, at which the rates stand in the table
# Log-normal spread of the grains' mass over size: four classes at Gauss-Hermite nodes.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(4)
_SHARES = _WEIGHTS / _WEIGHTS.sum()
CHLORIDE = "Cl-(aq)"
_ROUNDS = 2  # of kinetics and activity coefficients; a third changes the iron by less than 0.3 %


@dataclass(frozen=True)
class Attack:
    """What acts on the solids.

    Parameters
    ----------
    acid : (n,) mol of protons at the start
    volume : (n,) m3 of liquor
    temperature : (n,) K
    time : (n,) s
    grain : (n,) m, median diameter of the grains
    spread : (n,) factor of size to the standard deviation of their logarithm
    anion : of the acid
    reductant : (n,) mol Fe+2 dosed per mol of Ce(IV) and the like
    """

    acid: Array
    volume: Array
    temperature: Array
    time: Array
    grain: Array
    spread: Array
    anion: str = CHLORIDE
    reductant: Array | float = 0.0


def speeds(names: tuple[str, ...], attack: Attack) -> Array:
    """Share of the median grain's radius eaten per unit of exposure, m3/(mol s), (n, classes).

    k = rate exp(-E/R (1/T - 1/298.15)) (c_Cl/500 for chloride laws) / (500 grain / 2)

    Dioxides that Fe+2 reduces: times 1 + (reduced - 1) min(reductant, 1).

    Chloride is that of the acid. In other acids the chloride laws keep their speed at 0.5 mol/L.
    """
    rows = [minerals()[name] for name in names]
    energy = np.array([1e3 * row["activation"] for row in rows])
    rate = np.array([row["rate"] for row in rows], dtype=float)
    shift = (1 / attack.temperature - 1 / T_RATE)[:, None]
    law = np.ones((len(attack.acid), len(rows)))
    if attack.anion == CHLORIDE:
        strength = _over(attack.acid, attack.volume) / C_RATE
        strength = np.where(attack.acid > 0, strength, 1.0)
        law = np.where([row["chloride"] for row in rows], strength[:, None], 1.0)
    faster = np.array([row.get("reduced", 1.0) - 1 for row in rows])
    law = law * (1 + np.multiply.outer(np.minimum(attack.reductant, 1.0), faster))
    return rate * np.exp(-energy / R * shift) * law / (C_RATE * attack.grain[:, None] / 2)


@dataclass(frozen=True)
class Dissolved:
    """What acid has made of solids.

    shares : (n, C) of each class dissolved; left : (n,) mol of acid that is left
    ferrous, ferric, fallen : (n,) mol of iron dissolved as Fe+2 and Fe+3, and fallen back
    """

    shares: Array
    left: Array
    ferrous: Array
    ferric: Array
    fallen: Array


def dissolve(demand: Demand, attack: Attack, limit: Array | None = None) -> Dissolved:
    """Let classes of minerals dissolve side by side in acid that they share.

    dr_m/dt = -k_m c_H; c_H = (acid - Q(X)) / volume; s = integral c_H dt is the exposure that
    all have in common, so X_m = X(k_m s) and t = integral ds / c_H(s);
    X(depth) = sum_j w_j (1 - (1 - min(depth/d_j, 1))^3) over the sizes d_j of the grains

    Iron(III) beyond what the liquor holds falls back at once and gives its acid back to it:
    Q counts what stays dissolved, min(all, sum_q B_q m(H+)^q).

    Parameters
    ----------
    demand : protons that the classes take, as a function of their shares dissolved
    attack : acid, volume, temperature, time and size of grains
    limit : (n, 5) B_q of `ferric_limit`; below zero, or None: all stays dissolved

    Returns
    -------
    Dissolved; acid is never below zero: where it runs out, what has dissolved is what the acid
    sufficed for.

    Range: 25 to 120 degC; first order in the acid's protons, both of H2SO4 counted. Source:
    cube-root law of Sidhu 1981 for iron oxides, taken for all; rates of `data/dissolution.yaml`.
    """
    # imported late, like the engine: numba takes half a second
    from sludgesim.units.dissolution_kernel import dissolve_cases

    n = len(attack.acid)
    speed = speeds(demand.classes, attack)
    at_once = np.array([np.isinf(minerals()[c]["rate"]) for c in demand.classes], dtype=bool)
    fields = IN_HYDROCHLORIC if demand.nitrate == 0 else IN_NITRIC
    shares, iron, left = np.zeros(speed.shape), np.zeros((n, 3)), np.zeros(n)
    dissolve_cases(
        np.where(at_once, 0.0, speed), at_once, attack.spread[:, None] ** _NODES, _SHARES,
        np.stack([getattr(demand.per_class, f) for f in fields], axis=1),
        np.stack([getattr(demand.fixed, f) for f in fields], axis=1),
        demand.ferrous_share, demand.nitrate, attack.acid,
        np.full((n, 5), -1.0) if limit is None else limit,
        attack.volume * liquor_density(), attack.volume, attack.time, shares, iron, left,
    )  # fmt: skip
    return Dissolved(shares, left, *iron.T)


def settled(
    wanted: Demand, attack: Attack, solid: str | None, may_fall: NDArray[np.bool_]
) -> Dissolved:
    """Let solids dissolve in acid, with the iron(III) that the liquor holds over a solid.

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
    water = np.maximum(attack.volume * liquor_density(), 1e-300)
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


def _over(a: Array, b: Array) -> Array:
    a, b = np.broadcast_arrays(a, b)
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
