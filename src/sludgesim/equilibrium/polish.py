"""Third stage, compiled: Newton steps on the phases that are present, until balances close.

Compositions follow from the potentials, x = x(lam); the unknowns are lam and the amounts N of
the active phases, whose driving forces must vanish.  Amounts enter as multipliers of a stiff
penalty (proximal method of multipliers): the matrix stays positive definite even where there are
more active phases than components, and phases that cannot coexist push each other out.
"""

import numpy as np
from numba import njit

from sludgesim.equilibrium.workspace import add_curvature, back_substitute, factorise, mix

STIFFNESS = 1e8
BALANCE = 1e-12
CLOSED = 1e-14
FORCE = 1e-12
ROUND_OFF = 1e-13
ABSENT_FORCE = 1e-9
LN_MINOR = -7.0
LARGEST_STEP = 20.0


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def largest_amount(p, n, mean, reach, basis):
    """Amount of phase p, at its mean formula, that would use up some component."""
    limit = 1e300
    for k in range(n):
        if abs(mean[p, k]) * limit > reach[basis[k]]:
            limit = reach[basis[k]] / abs(mean[p, k])
    return limit


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def assemble(wk):
    """Residuals and Hessian; returns the largest relative imbalance and driving force."""
    count, polished_lam, polished, residual = wk.count, wk.polished_lam, wk.polished, wk.residual
    reach, hessian, active = wk.reach, wk.hessian, wk.active
    basis = wk.basis
    start, g, first, column = wk.start, wk.g, wk.first, wk.column
    entry, ln_x, x, mean = wk.entry, wk.polished_ln_x, wk.x, wk.mean
    defect, weight, stiffness, size = wk.defect, wk.weight, wk.stiffness, wk.size
    n = count[3]
    lam, amount = polished_lam, polished
    element_first, element_entry, element_column = wk.element_first, wk.element_entry, wk.element_column
    lack, feed, scale, tableau = wk.lack, wk.feed, wk.scale, wk.tableau
    n_balances, n_species = count[2], count[0]
    for e in range(n_balances):
        lack[e] = feed[e]
    for k in range(n):
        for m in range(k + 1):
            hessian[k, m] = 0.0
    worst = 0.0
    for p in range(count[1]):
        if not active[p]:
            continue
        force = mix(p, count[3], start, g, first, column, entry, lam, ln_x, x, mean)
        defect[p] = force
        worst = max(worst, abs(force))
        # a phase that is about to vanish keeps some curvature
        size[p] = largest_amount(p, n, mean, reach, basis)
        mass = max(amount[p], 1e-10 * size[p])
        stiffness[p] = STIFFNESS * mass
        if start[p + 1] - start[p] == 1:
            add_curvature(p, count[3], 0.0, stiffness[p], start, first, column, entry, x, mean, hessian)
        else:
            add_curvature(p, count[3], mass, stiffness[p] - mass, start, first, column, entry, x, mean, hessian)
        for i in range(start[p], start[p + 1]):
            t = amount[p] * x[i]
            for k in range(element_first[i], element_first[i + 1]):
                lack[element_column[k]] -= t * element_entry[k]
    # judged in elements, where a trace cannot hide in round-off of majors
    imbalance = 0.0
    for e in range(n_balances):
        miss = abs(lack[e]) / scale[e]
        imbalance = max(imbalance, miss)
        if miss < CLOSED:
            # chasing round-off of a major would upset the traces
            lack[e] = 0.0
    for k in range(n):
        t = 0.0
        for e in range(n_balances):
            t += tableau[k, n_species + e] * lack[e]
        residual[k] = t
    return imbalance, worst


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def newton_step(wk):
    """One proximal Newton step from the assembled residuals; returns its length."""
    count, step, residual, active = wk.count, wk.step, wk.residual, wk.active
    stiffness, defect, mean, hessian = wk.stiffness, wk.defect, wk.mean, wk.hessian
    start, x, ln_x, first, entry = wk.start, wk.x, wk.polished_ln_x, wk.first, wk.entry
    column, polished_lam, polished = wk.column, wk.polished_lam, wk.polished
    n, n_phases = count[3], count[1]
    for k in range(n):
        step[k] = residual[k]
    for p in range(n_phases):
        if active[p]:
            if abs(defect[p]) < ROUND_OFF:
                defect[p] = 0.0
            push = stiffness[p] * defect[p]
            for k in range(n):
                step[k] -= push * mean[p, k]
    factorise(hessian, n)
    back_substitute(hessian, n, step)
    length = 1.0
    for k in range(n):
        length = min(length, LARGEST_STEP / (abs(step[k]) + 1e-300))
    for p in range(n_phases):
        if not active[p]:
            continue
        for i in range(start[p], start[p + 1]):
            t = 0.0
            for k in range(first[i], first[i + 1]):
                t += entry[k] * step[column[k]]
            if t > 2.0 or (t < -2.0 and x[i] > 1e-3):
                length = min(length, max(2.0, LN_MINOR - ln_x[i]) / abs(t))
    for k in range(n):
        polished_lam[k] += length * step[k]
    for p in range(n_phases):
        if active[p]:
            t = defect[p]
            for k in range(n):
                t += mean[p, k] * step[k]
            polished[p] += length * stiffness[p] * t
    return length


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def polish(wk, max_steps, max_changes):
    """Refine the interior point's answer; returns steps taken, negative if it did not settle."""
    count, polished_lam, lam, active = wk.count, wk.polished_lam, wk.lam, wk.active
    amount, slack, polished = wk.amount, wk.slack, wk.polished
    start, g, first, column, entry = wk.start, wk.g, wk.first, wk.column, wk.entry
    ln_x, x, mean, reach, basis = wk.polished_ln_x, wk.x, wk.mean, wk.reach, wk.basis
    n_phases, n = count[1], count[3]
    for k in range(n):
        polished_lam[k] = lam[k]
    for p in range(n_phases):
        polished[p] = amount[p] if active[p] else 0.0
    changes, since = 0, 0
    for step in range(max_steps):
        imbalance, worst = assemble(wk)
        since += 1
        if not np.isfinite(imbalance + worst):
            return -step - 1
        loose = 1.0 if since < 10 else 20.0
        if imbalance < loose * BALANCE and worst < loose * FORCE:
            change = reconsider(wk)
            if change == 0:
                return step + 1
        else:
            newton_step(wk)
            change = drop_driven_out(wk) if since > 1 else 0
        if change > 0:
            changes += 1
            since = 0
            if changes > max_changes:
                return -step - 1
    return -max_steps


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def drop_driven_out(wk):
    """Drop the phase whose amount has become most negative, if clearly so."""
    count, active, polished, weight = wk.count, wk.active, wk.polished, wk.size
    defect = wk.defect
    worst, least = -1, 1e-12
    for p in range(count[1]):
        share = polished[p] / weight[p]
        unstable = share < -0.02 or defect[p] < (-1e-9 if share < 0.0 else -1.0)
        if active[p] and unstable and share < least:
            worst, least = p, share
    if worst < 0:
        return 0
    active[worst] = False
    polished[worst] = 0.0
    return 1


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def reconsider(wk):
    """At a settled point: drop a negative phase or take in an absent one with driving force."""
    count, active, polished, weight = wk.count, wk.active, wk.polished, wk.size
    start, g, first, column = wk.start, wk.g, wk.first, wk.column
    entry, polished_lam, ln_x, x = wk.entry, wk.polished_lam, wk.polished_ln_x, wk.x
    mean = wk.mean
    worst, least = -1, -1e-14
    for p in range(count[1]):
        if active[p] and polished[p] < 0.0:
            share = polished[p] / weight[p]
            if share < least:
                worst, least = p, share
            elif share >= -1e-14:
                active[p] = False
                polished[p] = 0.0
    if worst >= 0:
        active[worst] = False
        polished[worst] = 0.0
        return 1
    best, highest = -1, ABSENT_FORCE
    for p in range(count[1]):
        if not active[p]:
            force = mix(p, count[3], start, g, first, column, entry, polished_lam, ln_x, x, mean)
            if force > highest:
                best, highest = p, force
    if best >= 0:
        active[best] = True
        mix(best, count[3], start, g, first, column, entry, polished_lam, ln_x, x, mean)
        polished[best] = 1e-3 * largest_amount(best, count[3], mean, wk.reach, wk.basis)
        return 1
    return 0
