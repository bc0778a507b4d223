"""Dissolution: minerals retreat before acid that they share until it or the time runs out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sludgesim.thermo.species import Array, R
from sludgesim.units.minerals import Demand, minerals

T_RATE = 298.15
C_RATE = 500.0  # mol/m3, of acid and of chloride, at which the rates stand in the table
# Log-normal spread of the grains' mass over size: four classes at Gauss-Hermite nodes.
SPREAD = np.log(1.8)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(4)
_SIZES, _SHARES = np.exp(SPREAD * _NODES), _WEIGHTS / _WEIGHTS.sum()
_BISECTIONS = 36
# Nodes of -ln(1 - s/s_end): close where acid is spent fast, far out where it runs dry.
_TAIL = np.concatenate([np.linspace(0.0, 4.0, 41), np.linspace(4.8, 28.0, 30)])


@dataclass(frozen=True)
class Attack:
    """What acts on the solids.

    Parameters
    ----------
    acid : (n,) mol of protons at the start
    volume : (n,) m3 of liquor
    chloride : (n,) mol of chloride in it, zero for sulphuric and nitric acid
    temperature : (n,) K
    time : (n,) s
    grain : (n,) m, median diameter of the grains
    """

    acid: Array
    volume: Array
    chloride: Array
    temperature: Array
    time: Array
    grain: Array


def speeds(names: tuple[str, ...], attack: Attack) -> Array:
    """Share of the median grain's radius eaten per unit of exposure, m3/(mol s), (n, classes).

    k = rate exp(-E/R (1/T - 1/298.15)) (c_Cl/500 for chloride laws) / (500 grain / 2)

    Without chloride in the liquor the chloride laws keep their speed at 0.5 mol/L.
    """
    rows = [minerals()[name] for name in names]
    energy = np.array([1e3 * row["activation"] for row in rows])
    rate = np.array([row["rate"] for row in rows], dtype=float)
    shift = (1 / attack.temperature - 1 / T_RATE)[:, None]
    strength = _over(attack.chloride, attack.volume) / C_RATE
    strength = np.where(attack.chloride > 0, strength, 1.0)
    law = np.where([row["chloride"] for row in rows], strength[:, None], 1.0)
    return rate * np.exp(-energy / R * shift) * law / (C_RATE * attack.grain[:, None] / 2)


def eaten(depth: Array) -> Array:
    """Share dissolved when the surface has retreated by `depth` radii of the median grain.

    X = sum_j w_j (1 - (1 - min(depth/d_j, 1))^3)
    """
    found = np.zeros_like(depth)
    for size, share in zip(_SIZES, _SHARES, strict=True):
        core = np.maximum(1 - depth * (1 / size), 0.0)
        found += share * (1 - core * core * core)
    return np.minimum(found, 1.0)


def dissolve(demand: Demand, attack: Attack) -> tuple[Array, Array]:
    """Let classes of minerals dissolve side by side in acid that they share.

    dr_m/dt = -k_m c_H; c_H = (acid - Q(X)) / volume; s = integral c_H dt is the exposure that
    all have in common, so X_m = X(k_m s) and t = integral ds / c_H(s)

    Parameters
    ----------
    demand : protons that the classes take, as a function of their shares dissolved
    attack : acid, volume, temperature, time and size of grains

    Returns
    -------
    Share of each class that has dissolved, (n, classes); acid that is left, mol, (n,), never
    below zero: where it runs out, what has dissolved is what the acid sufficed for.

    Range: 25 to 120 degC; acids first order in H+. Source: cube-root law of Sidhu 1981 for iron
    oxides, taken for all; rates of `data/dissolution.yaml`.
    """
    speed = speeds(demand.classes, attack)
    at_once = np.where(np.isinf(speed), np.inf, 0.0)  # also without any acid
    speed = np.where(np.isinf(speed), 0.0, speed)

    def left(s: Array) -> Array:
        """Acid left at exposures s, (n, k)."""
        shares = eaten(speed[:, None, :] * s[:, :, None] + at_once[:, None, :])
        return attack.acid[:, None] - demand.protons(shares)

    start = np.maximum(left(np.zeros((len(attack.acid), 1)))[:, 0], 0.0)
    most = np.maximum(_over(start, attack.volume) * attack.time, 1e-300)
    # The exposure at which the acid would be gone: bisection of its logarithm, from the safe side.
    low, high = np.full_like(most, -80.0), np.zeros_like(most)
    short = left(most[:, None])[:, 0] <= 0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        gone = left((most * np.exp(middle))[:, None])[:, 0] <= 0
        low, high = np.where(gone, low, middle), np.where(gone, middle, high)
    end = most * np.where(short, np.exp(low), 1.0)
    s = end[:, None] * -np.expm1(-_TAIL)
    acid = np.maximum(left(s), start[:, None] * 1e-15)
    slope = _over(end[:, None] * np.exp(-_TAIL) * attack.volume[:, None], acid)
    steps = (slope[:, 1:] + slope[:, :-1]) / 2 * np.diff(_TAIL)
    clock = np.concatenate([np.zeros_like(steps[:, :1]), np.cumsum(steps, axis=1)], axis=1)
    final = _interpolated(attack.time, clock, s)
    shares = eaten(speed * final[:, None] + at_once)
    return shares, np.maximum(attack.acid - demand.protons(shares[:, None, :])[:, 0], 0.0)


def _interpolated(x: Array, xs: Array, ys: Array) -> Array:
    """Piecewise linear y(x) in every row, held at the ends."""
    k = np.clip((xs <= x[:, None]).sum(axis=1), 1, xs.shape[1] - 1)[:, None]
    x0, x1 = np.take_along_axis(xs, k - 1, 1)[:, 0], np.take_along_axis(xs, k, 1)[:, 0]
    y0, y1 = np.take_along_axis(ys, k - 1, 1)[:, 0], np.take_along_axis(ys, k, 1)[:, 0]
    return y0 + (y1 - y0) * np.clip(_over(x - x0, x1 - x0), 0, 1)


def _over(a: Array, b: Array) -> Array:
    a, b = np.broadcast_arrays(a, b)
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
