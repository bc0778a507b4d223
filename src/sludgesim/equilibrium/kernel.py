"""Compiled loop over cases: prepare, linear programme, interior point, polish, write out."""

import numpy as np
from numba import njit, prange

from sludgesim.equilibrium import interior_point
from sludgesim.equilibrium.components import choose_components, rebase
from sludgesim.equilibrium.polish import polish
from sludgesim.equilibrium.workspace import activity, make_workspace

SOLVED, INFEASIBLE, NOT_CONVERGED, BAD_INPUT = 0, 1, 2, 3
CHUNK = 32
SMALLEST_SHARE = 1e-14

classify = interior_point.classify
descend = interior_point.descend
start_cold = interior_point.start_cold
start_warm = interior_point.start_warm


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def prepare(wk, formula, phase_start, signed, g, b):
    """Copy one case into the workspace without absent elements; returns total moles or -1."""
    n_species, n_elements = formula.shape
    total = 0.0
    for e in range(n_elements):
        if not np.isfinite(b[e]) or (b[e] < 0.0 and not signed[e]):
            return -1.0
        if not signed[e]:
            total += b[e]
    if not np.isfinite(total):
        return -1.0
    count = wk.count
    count[:] = 0
    for e in range(n_elements):
        if not signed[e]:
            if b[e] == 0.0:
                continue
            if b[e] < SMALLEST_SHARE * total:
                return -1.0
        wk.element[count[2]] = e
        wk.sign[count[2]] = -1.0 if b[e] < 0.0 else 1.0
        wk.feed[count[2]] = abs(b[e]) / total if total > 0.0 else 0.0
        wk.scale[count[2]] = 1.0 if signed[e] else wk.feed[count[2]]
        count[2] += 1
    for p in range(phase_start.size - 1):
        before = count[0]
        weight = 0.0
        for i in range(phase_start[p], phase_start[p + 1]):
            if not np.isfinite(g[i]):
                return -1.0
            reach = 1.0
            for e in range(n_elements):
                a = formula[i, e]
                if a > 0.0 and not signed[e]:
                    reach = min(reach, b[e] / (a * total)) if b[e] > 0.0 else 0.0
            if reach > 0.0:
                wk.species[count[0]] = i
                wk.g[count[0]] = g[i]
                wk.reach[count[0]] = reach
                weight = max(weight, reach)
                count[0] += 1
        if count[0] > before:
            wk.start[count[1]] = before
            wk.phase[count[1]] = p
            wk.weight[count[1]] = weight
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
    return total


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def minimise(wk, warm):
    """Interior point, then polish, with ever more careful settings; returns steps (< 0: failed).

    `warm`: wk.lam already holds potentials to start from.
    """
    taken = 0
    for attempt in range(-1 if warm else 0, 4):
        max_change, centring = 5.0, 1e-3
        if attempt < 0:
            start_warm(wk, 1e-3)
        else:
            start_cold(wk, (0.03, 0.3, 0.003, 1.0)[attempt])
            max_change = (5.0, 2.0, 1.0, 0.7)[attempt]
            centring = (1e-3, 1e-2, 0.05, 0.1)[attempt]
        tau = 1e-8
        for _ in range(3):
            k = descend(wk, tau, 60 * (attempt + 2), max_change, centring)
            taken += abs(k)
            classify(wk)
            rebase(wk)
            k = polish(wk, 40, 8)
            taken += abs(k)
            if k > 0:
                return taken
            tau *= 1e-3
    return -taken


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def warm_potentials(wk, formula, start):
    """Potentials of the components from potentials of the elements; False if some are missing."""
    for r in range(wk.count[2]):
        if not np.isfinite(start[wk.element[r]]):
            return False
    for k in range(wk.count[3]):
        t = 0.0
        for r in range(wk.count[2]):
            e = wk.element[r]
            t += formula[wk.species[wk.basis[k]], e] * start[e]
        wk.lam[k] = t
    return True


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def solve_case(wk, formula, phase_start, signed, g, b, start, warm, moles, potentials):
    """Solve one case into `moles` and `potentials`; returns status and steps."""
    total = prepare(wk, formula, phase_start, signed, g, b)
    if total < 0.0:
        return BAD_INPUT, 0
    if total == 0.0:
        for e in range(b.size):
            if b[e] != 0.0:
                return INFEASIBLE, 0
        moles[:] = 0.0
        return SOLVED, 0
    if not choose_components(wk, formula):
        return INFEASIBLE, 0
    warm = warm and warm_potentials(wk, formula, start)
    taken = minimise(wk, warm)
    if taken < 0:
        return NOT_CONVERGED, -taken
    moles[:] = 0.0
    for p in range(wk.count[1]):
        if wk.active[p]:
            for i in range(wk.start[p], wk.start[p + 1]):
                moles[wk.species[i]] = total * wk.polished[p] * wk.x[i]
    n_species = wk.count[0]
    for r in range(wk.count[2]):
        t = 0.0
        for k in range(wk.count[3]):
            t += wk.polished_lam[k] * wk.tableau[k, n_species + r]
        potentials[wk.element[r]] = wk.sign[r] * t
    return SOLVED, taken


@njit(cache=True, parallel=True, error_model="numpy")
def solve_batch(
    formula, phase_start, signed, g, b, start, warm, moles, potentials, status, iterations
):
    """Solve all cases; each depends on its own row only."""
    n_cases = b.shape[0]
    n_species, n_elements = formula.shape
    for chunk in prange((n_cases + CHUNK - 1) // CHUNK):
        wk = make_workspace(n_species, phase_start.size - 1, n_elements)
        for c in range(chunk * CHUNK, min(n_cases, (chunk + 1) * CHUNK)):
            s = start[c] if warm else b[c]
            status[c], iterations[c] = solve_case(
                wk, formula, phase_start, signed, g[c], b[c], s, warm,
                moles[c], potentials[c],
            )  # fmt: skip
