"""Compiled: minerals of a case share one exposure to acid; iron(III) falls back from it."""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from pathlib import Path

import numpy as np
from numba import njit

from sludgesim.equilibrium.cache import forget_stale_kernels
from sludgesim.equilibrium.compilation import compiled

BISECTIONS = 36
# Shares of the last exposure: in even ratios for acid that falls to a level and stays there, then
# close to the end for acid that runs dry. REST is what is left of it, without round-off.
_TAIL = np.concatenate((np.linspace(0.75, 4.0, 34), np.linspace(4.8, 28.0, 30)))
_RISE = np.concatenate((np.zeros(1), np.geomspace(1e-4, 0.5, 80)))
GRID = np.concatenate((_RISE, -np.expm1(-_TAIL)))
REST = np.concatenate((1.0 - _RISE, np.exp(-_TAIL)))
CHARGE, FERROUS, FERRIC, GIVEN, TAKEN, ELECTRONS = range(6)


@compiled
def held(acid, available, limit, water):
    """Free acid and iron(III) dissolved, mol: x + 3 sum_q B_q x^q = a, or all that is available."""
    if limit[0] < 0.0 or available <= 0.0:
        return acid - 3.0 * available, available
    if acid <= 0.0:
        return acid, 0.0
    a = acid / water
    x = a - 3.0 * available / water
    if x > 0.0:
        most, power = 0.0, 1.0
        for q in range(limit.size):
            power *= x
            most += limit[q] * power
        if most * water >= available:
            return x * water, available
    x = a
    for q in range(limit.size):
        if limit[q] > 0.0:
            x = min(x, (a / (3.0 * limit[q])) ** (1.0 / (q + 1)))
    for _ in range(60):  # Newton from above on a convex function
        total, slope, power = 0.0, 0.0, 1.0
        for q in range(limit.size):
            slope += (q + 1) * limit[q] * power
            power *= x
            total += limit[q] * power
        step = (x + 3.0 * total - a) / (1.0 + 3.0 * slope)
        x -= step
        if abs(step) <= 1e-13 * x:
            break
    return x * water, min(max((a - x) / 3.0 * water, 0.0), available)


@compiled
def eat(speed, at_once, s, sizes, weights, shares):
    """Shares of all classes dissolved at an exposure, see `dissolution.dissolve`."""
    for c in range(speed.size):
        depth = speed[c] * s
        if at_once[c] or depth >= sizes[-1]:
            shares[c] = 1.0
            continue
        share = 0.0
        for j in range(sizes.size):
            core = max(1.0 - depth / sizes[j], 0.0)
            share += weights[j] * (1.0 - core * core * core)
        shares[c] = min(share, 1.0)


@compiled
def settle(shares, each, fixed, told, nitrate, acid, limit, water, iron):
    """Acid left at shares dissolved; Fe+2, Fe+3 and fallen iron, mol, go into `iron`.

    Electrons that no iron takes reduce `nitrate` mol of nitric acid each.
    """
    t = fixed.copy()
    for k in range(t.size):
        for c in range(shares.size):
            t[k] += shares[c] * each[k, c]
    ferrous, ferric = t[FERROUS], t[FERRIC]
    if np.isnan(told):
        shift = min(max(t[GIVEN] - t[TAKEN], -ferrous), ferric)
        ferrous, ferric = ferrous + shift, ferric - shift
    else:
        ferrous, ferric = told * (ferrous + ferric), (1.0 - told) * (ferrous + ferric)
    acid -= t[CHARGE] + 2.0 * ferrous
    if nitrate > 0.0:
        acid -= nitrate * max(t[ELECTRONS] - ferrous, 0.0)
    left, dissolved = held(acid, ferric, limit, water)
    iron[0], iron[1], iron[2] = ferrous, dissolved, ferric - dissolved
    return left


@njit(cache=True, error_model="numpy", nogil=True)
def dissolve_cases(
    speed, at_once, sizes, weights, each, fixed, told, nitrate, acid, limit, water, volume, time,
    shares, iron, left,
):  # fmt: skip
    """Fill shares (n, C), iron (n, 3) and acid left (n,) of every case, see `dissolution`.

    sizes (n, J) and weights (J,): classes of grains, by the size of the median one.
    """
    classes = speed.shape[1]
    for n in range(speed.shape[0]):
        here, fe, s = shares[n], iron[n], 0.0
        args = each[n], fixed[n], told[n], nitrate, acid[n], limit[n], water[n]
        eat(speed[n], at_once, 0.0, sizes[n], weights, here)
        start = max(settle(here, *args, fe), 0.0)
        most = start / volume[n] * time[n] if volume[n] > 0.0 else 0.0
        if most > 0.0 and classes > 0:
            # The exposure at which the acid would be gone: bisection of its logarithm.
            end = most
            eat(speed[n], at_once, most, sizes[n], weights, here)
            if settle(here, *args, fe) <= 0.0:
                low, high = -80.0, 0.0
                for _ in range(BISECTIONS):
                    middle = 0.5 * (low + high)
                    eat(speed[n], at_once, most * np.exp(middle), sizes[n], weights, here)
                    if settle(here, *args, fe) <= 0.0:
                        high = middle
                    else:
                        low = middle
                end = most * np.exp(low)
            clock, before, slope_before = 0.0, 0.0, 0.0
            for k in range(GRID.size):
                at = end * GRID[k]
                eat(speed[n], at_once, at, sizes[n], weights, here)
                acid_left = max(settle(here, *args, fe), start * 1e-15)
                # in -ln(rest), so that acid that goes with the rest is integrated exactly
                slope = end * REST[k] * volume[n] / acid_left
                s = at
                if k > 0:
                    step = 0.5 * (slope + slope_before) * np.log(REST[k - 1] / REST[k])
                    if clock + step > time[n]:
                        s = before + (at - before) * (time[n] - clock) / step
                        break
                    clock += step
                before, slope_before = at, slope
        eat(speed[n], at_once, s, sizes[n], weights, here)
        left[n] = max(settle(here, *args, fe), 0.0)


forget_stale_kernels(dissolve_cases, [Path(__file__)])
