"""Compiled loop over cases: prepare, linear programme, interior point, polish, write out."""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np
from numba import njit

from sludgesim.equilibrium.cache import forget_stale_kernels
from sludgesim.equilibrium.components import choose_components, enrich, rebase, tighten_bounds
from sludgesim.equilibrium.interior_point import descend, start_cold
from sludgesim.equilibrium.polish import settle, start_from_interior, start_from_potentials
from sludgesim.equilibrium.workspace import compiled, make_workspace

SOLVED, INFEASIBLE, NOT_CONVERGED, BAD_INPUT = 0, 1, 2, 3
SMALLEST_SHARE = 1e-14
"""An element in less than this share of the total is refused: doubles cannot resolve it."""
N_DIRECT, N_DEGREES = 4, 30
FIRST_SURPLUS, LAST_SURPLUS = 0.1, 1e-15


@compiled
def prepare(wk, formula, phase_start, signed, g, b):
    """Copy one case into the workspace without absent elements.

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
            if reach > 0.0:
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
def minimise(wk, formula, start, warm):
    """All stages; returns status and steps taken.

    `start`: potentials of the elements of a neighbour, used if `warm`.  The first four attempts
    take the feed as it is, with ever more careful settings.  If all fail, the last resort is to
    solve a feed rich in everything, and to take the surplus away by degrees.
    """
    taken, k, share = 0, 0, FIRST_SURPLUS
    for attempt in range(N_DIRECT + N_DEGREES):
        direct = attempt < N_DIRECT
        if attempt <= N_DIRECT and not choose_components(wk, formula):
            return INFEASIBLE, 0
        if attempt == 1:
            tighten_bounds(wk)
        elif not direct:
            enrich(wk, share)
        setting = attempt if direct else 1
        max_change = (10.0, 5.0, 2.0, 1.0)[setting]
        least_centring = (1e-6, 1e-3, 1e-2, 0.1)[setting]
        boldness = 10.0 if attempt == 0 else 100.0
        adaptive = direct and attempt % 2 == 1
        tau = 1e-8
        for stage in range(4):
            if stage == 0:
                # from what is at hand: the neighbour, or the answer with more surplus
                if direct and not (attempt == 0 and warm and start_from_potentials(wk, start)):
                    continue
                if attempt == N_DIRECT:
                    continue
            else:
                if stage == 1:
                    spread = (0.3, 0.03, 0.3, 1.0)[setting]
                    start_cold(wk, spread, (0.5, 0.0, 0.0, 0.25)[setting], adaptive)
                max_steps = 60 * (setting + 2)
                k = descend(wk, tau, max_steps, max_change, least_centring, boldness, adaptive)
                taken += abs(k)
                if k < 0 and attempt == 0:
                    break
                rebase(wk)
                start_from_interior(wk)
                tau *= 1e-3
            hasty = direct and stage == 0
            k = settle(wk, 10 if hasty else 50, 2 if hasty else 10)
            taken += abs(k)
            if k > 0:
                break
        if direct:
            if k > 0:
                return SOLVED, taken
        elif k < 0:
            break
        elif share == 0.0:
            return SOLVED, taken
        else:
            share = share * 0.1 if share > LAST_SURPLUS else 0.0
    return NOT_CONVERGED, taken


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
        scale = prepare(wk, formula, phase_start, signed, g[c], b[c])
        if scale < 0.0:
            status[c] = BAD_INPUT
            continue
        status[c], iterations[c] = minimise(wk, formula, start[c], warm)
        if status[c] == SOLVED:
            write_answer(wk, scale, moles[c], potentials[c])


forget_stale_kernels(solve_cases)
