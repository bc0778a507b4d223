"""Compiled loop over cases: prepare, linear programme, interior point, polish, write out."""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np
from numba import njit

from sludgesim.equilibrium.cache import forget_stale_kernels
from sludgesim.equilibrium.compilation import compiled
from sludgesim.equilibrium.components import (
    choose_components,
    enrich,
    nudge,
    rebase,
    tighten_bounds,
)
from sludgesim.equilibrium.interior_point import descend, start_cold
from sludgesim.equilibrium.polish import settle, start_from_interior, start_from_potentials
from sludgesim.equilibrium.workspace import make_workspace

SOLVED, INFEASIBLE, NOT_CONVERGED, BAD_INPUT = 0, 1, 2, 3
SMALLEST_SHARE = 1e-14
"""An element in less than this share of the total is refused: doubles cannot resolve it."""
RUN_AWAY = 1e5
"""Potential beyond which round-off spoils activities [RT]: that of what must vanish runs there."""
WAYS = (
    (0, 2, 0.0, 0.0),
    (0, 4, 2e-14, 0.0),
    (2, 4, 0.0, 0.0),
    (0, 4, 3e-12, 0.0),
    (0, 4, 0.0, 3e-12),
    (0, 4, 0.0, -3e-12),
    (0, 4, 0.0, 5e-11),
    (0, 4, 0.0, -5e-11),
)
"""Settings from, to; share below which an amount is none at all, or 0: do not look; share by which
the largest element is moved.  All within the tolerance of the balances."""
RULED_OUT = -150.0
"""ln of the activity of a species that stoichiometry rules out, or less."""
FIRST_SURPLUS, LAST_SURPLUS = 0.1, 1e-15


@compiled
def prepare(wk, formula, phase_start, signed, g, b):
    """Copy one case into the workspace without absent elements and species that are ruled out.

    Returns what amounts are divided by, or -1 if the case cannot be used.
    """
    n_elements = b.size
    total = 0.0
    for e in range(n_elements):
        if not np.isfinite(b[e]) or (b[e] < 0.0 and not signed[e]):
            return -1.0
        if not signed[e]:
            total += b[e]
    if not np.isfinite(total):
        return -1.0
    scale = total if total > 0.0 else 1.0
    count = wk.counts
    for k in range(4):
        count[k] = 0
    confined = count[4] > 0
    for e in range(n_elements):
        if not signed[e]:
            if b[e] == 0.0:
                continue
            if b[e] < SMALLEST_SHARE * total:
                return -1.0
        wk.element[count[2]] = e
        wk.sign[count[2]] = -1.0 if b[e] < 0.0 else 1.0
        wk.signed[count[2]] = signed[e]
        wk.feed[count[2]] = abs(b[e]) / scale
        wk.true_feed[count[2]] = wk.feed[count[2]]
        wk.scale[count[2]] = 1.0 if signed[e] else wk.feed[count[2]]
        count[2] += 1
    for p in range(phase_start.size - 1):
        before = count[0]
        for i in range(phase_start[p], phase_start[p + 1]):
            if not np.isfinite(g[i]):
                return -1.0
            reach = 1.0
            for e in range(n_elements):
                a = formula[i, e]
                if a > 0.0 and not signed[e]:
                    reach = min(reach, b[e] / (a * scale))
            if reach > 0.0 and not (confined and wk.off[i]):
                wk.species[count[0]] = i
                wk.g[count[0]] = g[i]
                wk.reach[count[0]] = reach
                wk.bound[count[0]] = reach
                count[0] += 1
        if count[0] > before:
            wk.start[count[1]] = before
            wk.phase[count[1]] = p
            count[1] += 1
    wk.start[count[1]] = count[0]
    k = 0
    for i in range(count[0]):
        wk.element_first[i] = k
        for r in range(count[2]):
            a = formula[wk.species[i], wk.element[r]]
            if a != 0.0:
                wk.element_column[k] = r
                wk.element_entry[k] = wk.sign[r] * a
                k += 1
    wk.element_first[count[0]] = k
    return scale


@compiled
def attempt(wk, setting, adaptive, warm, start, at_hand):
    """All stages with one of four settings, from daring to cautious; returns steps, and success.

    Starts from potentials of a neighbour (`warm`), from what the workspace holds (`at_hand`), and
    if that fails, or there is neither, from the linear programme.
    """
    max_change = (10.0, 5.0, 2.0, 1.0)[setting]
    least_centring = (1e-6, 1e-3, 1e-2, 0.1)[setting]
    boldness = 10.0 if setting == 0 else 100.0
    taken = 0
    if at_hand or (warm and start_from_potentials(wk, start)):
        k = settle(wk, 50 if at_hand else 10, 10 if at_hand else 2)
        taken += abs(k)
        if k > 0:
            return taken, True
    start_cold(wk, (0.3, 0.03, 0.3, 1.0)[setting], (0.5, 0.0, 0.0, 0.25)[setting], adaptive)
    tau = 1e-8
    for _ in range(3):
        max_steps = 60 * (setting + 2)
        k = descend(wk, tau, max_steps, max_change, least_centring, boldness, adaptive)
        taken += abs(k)
        if k < 0 and setting == 0:
            break
        rebase(wk)
        start_from_interior(wk)
        tau *= 1e-3
        k = settle(wk, 50, 10)
        taken += abs(k)
        if k > 0:
            return taken, resolved(wk)
    return taken, False


@compiled
def resolved(wk):
    """Whether the potentials are small enough for doubles to tell activities."""
    small = True
    for k in range(wk.counts[3]):
        small = small and abs(wk.polished_lam[k]) < RUN_AWAY
    return small


@compiled
def minimise(wk, case, start, warm):
    """Attempts until one settles; returns status and steps taken.

    `case`: formula, phase_start, signed, g, b; `start`: potentials of the elements of a neighbour,
    used if `warm`.  The feed is taken as it is, with ever more careful settings, then without the
    species that its stoichiometry rules out.  What still resists has amounts of next to nothing,
    round-off of majors, that decide the potentials: then the feed is moved.  The last resort is a
    feed rich in everything, its surplus taken away by degrees.
    """
    formula, phase_start, signed, g, b = case
    taken, ruled_out = 0, 0
    for way in range(len(WAYS)):
        first, last, nothing, share = WAYS[way]
        if way > 0:
            wk.counts[4] = 0
            prepare(wk, formula, phase_start, signed, g, b)
        if nothing > 0.0:
            if choose_components(wk, formula):
                tighten_bounds(wk, nothing)
            if wk.counts[4] == ruled_out:
                continue
            ruled_out = wk.counts[4]
            prepare(wk, formula, phase_start, signed, g, b)
        for setting in range(first, last):
            if way + setting > 0:
                nudge(wk, share)
            if not choose_components(wk, formula):
                if way == 0:
                    return INFEASIBLE, 0
                break
            if setting == 1:
                tighten_bounds(wk, 0.0)
            nearby = warm and way + setting == 0
            k, done = attempt(wk, setting, setting % 2 == 1, nearby, start, False)
            taken += k
            if done:
                return SOLVED, taken
    wk.counts[4] = 0
    prepare(wk, formula, phase_start, signed, g, b)
    choose_components(wk, formula)
    share = FIRST_SURPLUS
    while True:
        enrich(wk, share)
        k, done = attempt(wk, 1, False, False, start, share < FIRST_SURPLUS)
        taken += k
        if not done:
            return NOT_CONVERGED, taken
        if share == 0.0:
            return SOLVED, taken
        share = share * 0.1 if share > LAST_SURPLUS else 0.0


@compiled
def write_answer(wk, scale, moles, potentials):
    """Copy amounts and potentials from the workspace to where they are wanted."""
    for i in range(moles.size):
        moles[i] = 0.0
    for p in range(wk.counts[1]):
        if wk.active[p]:
            for i in range(wk.start[p], wk.start[p + 1]):
                moles[wk.species[i]] = scale * wk.polished[p] * wk.polished_x[i]
    n_species = wk.counts[0]
    for r in range(wk.counts[2]):
        t = 0.0
        for k in range(wk.counts[3]):
            t += wk.polished_lam[k] * wk.tableau[k, n_species + r]
        potentials[wk.element[r]] = wk.sign[r] * t


@compiled
def rule_out(wk, formula, g, potentials):
    """Lower the potentials, in the direction that leaves all others as they are, until the species
    that stoichiometry rules out have next to no activity."""
    n = wk.counts[2]
    length = 0.0
    for i in range(g.size):
        if wk.off[i]:
            along, ln_a = 0.0, -g[i]
            for r in range(n):
                e = wk.element[r]
                along += formula[i, e] * wk.sign[r] * wk.exposing[r]
                ln_a += formula[i, e] * potentials[e]
            length = max(length, (ln_a - RULED_OUT) / along)
    for r in range(n):
        potentials[wk.element[r]] -= length * wk.sign[r] * wk.exposing[r]


@njit(cache=True, error_model="numpy", nogil=True)
def solve_cases(
    formula, phase_start, signed, g, b, start, warm, moles, potentials, status, iterations
):
    """Solve all cases one by one; each depends on its own row only.

    `moles` and `potentials` must come in full of nan, and stay so where there is no answer.
    """
    wk = make_workspace(formula.shape[0], phase_start.size - 1, formula.shape[1])
    for c in range(b.shape[0]):
        iterations[c] = 0
        wk.counts[4] = 0
        scale = prepare(wk, formula, phase_start, signed, g[c], b[c])
        if scale < 0.0:
            status[c] = BAD_INPUT
            continue
        case = (formula, phase_start, signed, g[c], b[c])
        status[c], iterations[c] = minimise(wk, case, start[c], warm)
        if status[c] == SOLVED:
            write_answer(wk, scale, moles[c], potentials[c])
            if wk.counts[4] > 0:
                rule_out(wk, formula, g[c], potentials[c])


forget_stale_kernels(solve_cases)
