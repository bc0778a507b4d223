"""Third stage, compiled: Newton steps on the phases that are present, until balances close.

Compositions follow from the potentials, x = x(lam); the unknowns are lam and the amounts N of
the active phases, whose driving forces must vanish.  Amounts enter as multipliers of a stiff
penalty (proximal method of multipliers): the matrix stays positive definite even where there are
more active phases than components, and phases that cannot coexist push each other out.
"""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from sludgesim.equilibrium.compilation import compiled
from sludgesim.equilibrium.flat import (
    BALANCE,
    settle_flat_directions,
    shift_along_flat,
    take_in_across_flat,
)
from sludgesim.equilibrium.workspace import (
    add_curvature,
    back_substitute,
    factorise,
    largest_amount,
    mix,
)

STIFFNESS = 1e8
"""Penalty on driving forces, per amount of the phase: high, yet not lost beside mixing."""
CLOSED = 1e-14
"""Relative imbalance that is round-off."""
FORCE = 1e-12
"""Driving force of a present phase at which the answer is settled [RT]."""
ROUND_OFF = 1e-13
"""Driving force that is round-off [RT]."""
ABSENT_FORCE = 1e-9
"""Driving force beyond which an absent phase is taken in [RT]."""
NOTHING = 1e-12
"""Share of the largest possible amount below which a phase may be dropped as unstable."""
LN_MINOR = -7.0
"""ln x up to which a species may rise in one step without harm."""
LARGEST_STEP = 20.0
"""Longest step of a potential [RT]."""
STUCK = 12
"""Steps without a change of phases after which one that is absent must be wanted."""
N_SHIFTS = 5
"""Changes up to which potentials that are free give way to a phase rather than take it in."""
FAR = 0.01
"""Largest driving force at a neighbour's potentials that still makes a useful start [RT]."""


@compiled
def measure(wk):
    """Compositions and residuals; returns the largest relative imbalance and driving force.

    The former is nan if anything is not finite (max alone would pass over nan).
    """
    start, g, first, column, entry = wk.start, wk.g, wk.first, wk.column, wk.entry
    lam, amount, active = wk.polished_lam, wk.polished, wk.active
    ln_x, x, mean, defect = wk.polished_ln_x, wk.polished_x, wk.mean, wk.defect
    element_first, element_column = wk.element_first, wk.element_column
    element_entry, lack, scale = wk.element_entry, wk.lack, wk.scale
    n, n_balances = wk.counts[3], wk.counts[2]
    for e in range(n_balances):
        lack[e] = wk.feed[e]
    worst, trouble = 0.0, 0.0
    for p in range(wk.counts[1]):
        if not active[p]:
            continue
        defect[p] = mix(p, n, start, g, first, column, entry, lam, ln_x, x, mean)
        worst = max(worst, abs(defect[p]))
        trouble += 0.0 * defect[p]
        for i in range(start[p], start[p + 1]):
            t = amount[p] * x[i]
            for k in range(element_first[i], element_first[i + 1]):
                lack[element_column[k]] -= t * element_entry[k]
    # judged in elements, where a trace cannot hide in round-off of majors
    imbalance = 0.0
    for e in range(n_balances):
        imbalance = max(imbalance, abs(lack[e]) / scale[e])
        trouble += 0.0 * lack[e]
    return imbalance + trouble, worst


@compiled
def newton_step(wk):
    """One proximal Newton step from the measured residuals."""
    start, first, column, entry = wk.start, wk.first, wk.column, wk.entry
    lam, amount, active, step = wk.polished_lam, wk.polished, wk.active, wk.step
    ln_x, x, mean, defect = wk.polished_ln_x, wk.polished_x, wk.mean, wk.defect
    hessian, stiffness, size = wk.hessian, wk.stiffness, wk.size
    lack, scale, tableau, content = wk.lack, wk.scale, wk.tableau, wk.content
    e_first, e_column, e_entry = wk.element_first, wk.element_column, wk.element_entry
    n_species, n_phases, n_balances, n = wk.counts[0], wk.counts[1], wk.counts[2], wk.counts[3]
    for e in range(n_balances):
        if abs(lack[e]) < CLOSED * scale[e]:
            # chasing round-off of a major would upset the traces
            lack[e] = 0.0
    for k in range(n):
        t = 0.0
        for e in range(n_balances):
            t += tableau[k, n_species + e] * lack[e]
        step[k] = t
        for m in range(k + 1):
            hessian[k, m] = 0.0
    for p in range(n_phases):
        if not active[p]:
            continue
        size[p] = largest_amount(p, start, x, e_first, e_column, e_entry, scale, content)
        # a phase that is about to vanish keeps some curvature
        mass = max(amount[p], 1e-10 * size[p])
        stiffness[p] = STIFFNESS * mass
        pure = start[p + 1] - start[p] == 1
        curvature = 0.0 if pure else mass
        rest = stiffness[p] - curvature
        add_curvature(p, n, curvature, rest, start, first, column, entry, x, mean, hessian)
        if abs(defect[p]) < ROUND_OFF:
            defect[p] = 0.0
        push = stiffness[p] * defect[p]
        for k in range(n):
            step[k] -= push * mean[p, k]
    factorise(hessian, n)
    settle_flat_directions(wk)
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
        lam[k] += length * step[k]
    for p in range(n_phases):
        if active[p]:
            t = defect[p]
            for k in range(n):
                t += mean[p, k] * step[k]
            amount[p] += length * stiffness[p] * t


@compiled
def start_from_interior(wk):
    """Take over potentials and amounts of the interior point, phases as it told them apart."""
    for k in range(wk.counts[3]):
        wk.polished_lam[k] = wk.lam[k]
    for p in range(wk.counts[1]):
        wk.polished[p] = wk.amount[p] if wk.active[p] else 0.0


@compiled
def start_from_potentials(wk, start_lam):
    """Guess phases and amounts from the potentials of the elements in a neighbour.

    How far the neighbour is shows in the largest driving force d, which would be 0 at home.
    Phases within 10 d of stability are taken to be present, in the least amounts that satisfy
    the balances, min sum_p N_p^2 / w_p.  Returns False if the neighbour is too far to tell.
    """
    start, g, first, column, entry = wk.start, wk.g, wk.first, wk.column, wk.entry
    ln_x, x, mean, size, step = wk.polished_ln_x, wk.polished_x, wk.mean, wk.size, wk.step
    hessian, active, lam, n = wk.hessian, wk.active, wk.polished_lam, wk.counts[3]
    defect, scale, content = wk.defect, wk.scale, wk.content
    e_first, e_column, e_entry = wk.element_first, wk.element_column, wk.element_entry
    for k in range(n):
        i = wk.basis[k]
        lam[k] = 0.0
        for m in range(e_first[i], e_first[i + 1]):
            e = e_column[m]
            lam[k] += e_entry[m] * wk.sign[e] * start_lam[wk.element[e]]
        step[k] = wk.supply[k]
        for m in range(k + 1):
            hessian[k, m] = 0.0
    distance = 0.0
    for p in range(wk.counts[1]):
        defect[p] = mix(p, n, start, g, first, column, entry, lam, ln_x, x, mean)
        distance = max(distance, defect[p])
    if not distance < FAR:
        return False
    for p in range(wk.counts[1]):
        active[p] = defect[p] > -10.0 * distance - 1e-3
        if active[p]:
            size[p] = largest_amount(p, start, x, e_first, e_column, e_entry, scale, content)
            curvature = 0.0 if start[p + 1] - start[p] == 1 else 1e-3 * size[p]
            rest = size[p] - curvature
            add_curvature(p, n, curvature, rest, start, first, column, entry, x, mean, hessian)
    factorise(hessian, n)
    back_substitute(hessian, n, step)
    for p in range(wk.counts[1]):
        t = 0.0
        if active[p]:
            for k in range(n):
                t += mean[p, k] * step[k]
            t = size[p] * max(t, 1e-6)
        wk.polished[p] = t
    return True


@compiled
def settle(wk, max_steps, max_changes):
    """Newton steps to the answer; returns steps taken, negative if it did not settle.

    Starts from wk.polished_lam and wk.polished with the phases in wk.active; takes at most
    `max_changes` phases in or out.
    """
    changes, since = 0, 0
    for step in range(max_steps):
        imbalance, worst = measure(wk)
        if not np.isfinite(imbalance + worst):
            break
        since += 1
        loose = 1.0 if since < 10 else (20.0 if since < 20 else 50.0)
        # the composition of a phase near nothing, and so its force, is lost in round-off of majors
        lenient = 1.0 if since < 10 else (100.0 if since < 20 else 4000.0)
        if imbalance < loose * BALANCE and worst < lenient * FORCE:
            change = reconsider(wk, changes < N_SHIFTS)
            if not change:
                return step + 1
        else:
            newton_step(wk)
            change = since > 1 and drop_driven_out(wk)
            if since == STUCK and not change:
                change = take_in_across_flat(wk)
        if change:
            changes += 1
            since = 0
            if changes > max_changes:
                break
    return -step - 1


@compiled
def drop_driven_out(wk):
    """Drop the phase that has most clearly been driven out, if any; tells whether it did."""
    active, amount, size, defect = wk.active, wk.polished, wk.size, wk.defect
    worst, least = -1, NOTHING
    for p in range(wk.counts[1]):
        if not active[p]:
            continue
        share = amount[p] / size[p]
        unstable = share < -0.02 or defect[p] < (-ABSENT_FORCE if share < 0.0 else -1.0)
        if unstable and share < least:
            worst, least = p, share
    if worst < 0:
        return False
    active[worst] = False
    amount[worst] = 0.0
    return True


@compiled
def reconsider(wk, shift):
    """At a settled point, drop a negative phase or take in one with driving force, if any.

    `shift`: rather than take it in, give way to it where potentials are free.
    """
    start, g, first, column, entry = wk.start, wk.g, wk.first, wk.column, wk.entry
    lam, amount, active, size = wk.polished_lam, wk.polished, wk.active, wk.size
    ln_x, x, mean, n = wk.polished_ln_x, wk.polished_x, wk.mean, wk.counts[3]
    scale, content = wk.scale, wk.content
    e_first, e_column, e_entry = wk.element_first, wk.element_column, wk.element_entry
    worst, least = -1, -1e-14
    for p in range(wk.counts[1]):
        if active[p] and amount[p] < 0.0:
            size[p] = largest_amount(p, start, x, e_first, e_column, e_entry, scale, content)
            share = amount[p] / size[p]
            if share < least:
                worst, least = p, share
            elif share >= -1e-14:
                active[p] = False
                amount[p] = 0.0
    if worst >= 0:
        active[worst] = False
        amount[worst] = 0.0
        return True
    best, highest = -1, ABSENT_FORCE
    for p in range(wk.counts[1]):
        if not active[p]:
            force = mix(p, n, start, g, first, column, entry, lam, ln_x, x, mean)
            if force > highest:
                best, highest = p, force
    if best < 0:
        return False
    if shift and shift_along_flat(wk, best, highest):
        return True
    active[best] = True
    amount[best] = 1e-3 * largest_amount(best, start, x, e_first, e_column, e_entry, scale, content)
    return True
