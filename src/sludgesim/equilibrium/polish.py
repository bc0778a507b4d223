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
BALANCE = 5e-13
FORCE = 1e-12
ABSENT_FORCE = 1e-9
LN_MINOR = -7.0


@njit(cache=True, error_model="numpy")
def assemble(wk):
    """Residuals and Hessian; returns the largest relative imbalance and driving force."""
    count, polished_lam, polished, residual = wk.count, wk.polished_lam, wk.polished, wk.residual
    supply, reach, hessian, active = wk.supply, wk.reach, wk.hessian, wk.active
    basis = wk.basis
    start, g, first, column = wk.start, wk.g, wk.first, wk.column
    entry, ln_x, x, mean = wk.entry, wk.drift, wk.x, wk.mean
    defect, weight, stiffness, size = wk.defect, wk.weight, wk.target, wk.total
    n = count[3]
    lam, amount = polished_lam, polished
    for k in range(n):
        residual[k] = supply[k]
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
        mass = max(amount[p], 1e-10 * weight[p])
        stiffness[p] = STIFFNESS * mass
        if start[p + 1] - start[p] == 1:
            add_curvature(p, count[3], 0.0, stiffness[p], start, first, column, entry, x, mean, hessian)
        else:
            add_curvature(p, count[3], mass, stiffness[p] - mass, start, first, column, entry, x, mean, hessian)
        limit = 1e300
        for k in range(n):
            residual[k] -= amount[p] * mean[p, k]
            if abs(mean[p, k]) * limit > reach[basis[k]]:
                limit = reach[basis[k]] / abs(mean[p, k])
        size[p] = limit
    imbalance = 0.0
    for k in range(n):
        imbalance = max(imbalance, abs(residual[k]) / reach[basis[k]])
    return imbalance, worst


@njit(cache=True, error_model="numpy")
def newton_step(wk):
    """One proximal Newton step from the assembled residuals; returns its length."""
    count, step, residual, active = wk.count, wk.step, wk.residual, wk.active
    stiffness, defect, mean, hessian = wk.target, wk.defect, wk.mean, wk.hessian
    start, x, ln_x, first, entry = wk.start, wk.x, wk.drift, wk.first, wk.entry
    column, polished_lam, polished = wk.column, wk.polished_lam, wk.polished
    n, n_phases = count[3], count[1]
    for k in range(n):
        step[k] = residual[k]
    for p in range(n_phases):
        if active[p]:
            push = stiffness[p] * defect[p]
            for k in range(n):
                step[k] -= push * mean[p, k]
    factorise(hessian, n)
    back_substitute(hessian, n, step)
    length = 1.0
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


@njit(cache=True, error_model="numpy")
def polish(wk, max_steps, max_changes):
    """Refine the interior point's answer; returns steps taken, negative if it did not settle."""
    count, polished_lam, lam, active = wk.count, wk.polished_lam, wk.lam, wk.active
    amount, slack, polished = wk.amount, wk.slack, wk.polished
    start, g, first, column, entry = wk.start, wk.g, wk.first, wk.column, wk.entry
    ln_x, x, mean, reach, basis = wk.drift, wk.x, wk.mean, wk.reach, wk.basis
    n_phases, n = count[1], count[3]
    for k in range(n):
        polished_lam[k] = lam[k]
    for p in range(n_phases):
        mix(p, n, start, g, first, column, entry, lam, ln_x, x, mean)
        share = 0.0
        for k in range(n):
            share = max(share, abs(amount[p] * mean[p, k]) / reach[basis[k]])
        present = share > slack[p]
        active[p] = present
        polished[p] = amount[p] if present else 0.0
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


@njit(cache=True, error_model="numpy")
def drop_driven_out(wk):
    """Drop the phase whose amount has become most negative, if clearly so."""
    count, active, polished, weight = wk.count, wk.active, wk.polished, wk.weight
    worst, least = -1, -0.02
    for p in range(count[1]):
        if active[p] and polished[p] < least * weight[p]:
            worst, least = p, polished[p] / weight[p]
    if worst < 0:
        return 0
    active[worst] = False
    polished[worst] = 0.0
    return 1


@njit(cache=True, error_model="numpy")
def reconsider(wk):
    """At a settled point: drop a negative phase or take in an absent one with driving force."""
    count, active, polished, weight = wk.count, wk.active, wk.polished, wk.weight
    start, g, first, column = wk.start, wk.g, wk.first, wk.column
    entry, polished_lam, ln_x, x = wk.entry, wk.polished_lam, wk.drift, wk.x
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
        polished[best] = 1e-6 * weight[best]
        return 1
    return 0
