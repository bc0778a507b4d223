"""Second stage, compiled: primal-dual interior point in potentials, phase amounts and ln x.

Unknowns are the potentials lam of the components, amount N and slack s of each phase, and
u = ln x of each species of a solution.  Newton steps on

    u_i + g_i - s_p - a_i.lam = 0      sum_i x_i = 1      sum_p N_p sum_i x_i a_i = b
    N_p s_p = tau w_p

with tau falling to zero, reduced to one symmetric positive definite system of the size of the
components.  w_p is the largest amount that the feed allows of phase p, so that traces weigh as
much as majors.  Keeping ln x apart from lam lets a trace fall by many decades in one step.
"""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from sludgesim.equilibrium.compilation import compiled
from sludgesim.equilibrium.workspace import (
    activity,
    add_curvature,
    back_substitute,
    factorise,
    largest_amount,
)

LN_X_FLOOR = -650.0
"""Mole fractions stay above the smallest number that a float can hold."""
LARGEST_CHANGE = 12.0
"""Longest step of ln x of any species."""
MINOR = 1e-3
"""Share of its reach below which a species or phase hardly counts in the balances."""
NOTHING = 1e-16
"""Share of its weight below which a phase is absent, whatever its slack does."""
RUNAWAY = 1e4
"""Longest step of a potential."""


@compiled
def start_cold(wk, spread, trust, modest):
    """Start from the linear programme's amounts.

    All species are lifted to `spread` of their reach, less those that the programme's potentials
    hold to be unstable (by their activity to the power `trust`).  `modest`: to no more than the
    components at hand can form, nearly.
    """
    start, g, reach, bound, weight = wk.start, wk.g, wk.reach, wk.bound, wk.weight
    first, column, entry, lam = wk.first, wk.column, wk.entry, wk.lam
    amount, slack, ln_x, x = wk.amount, wk.slack, wk.ln_x, wk.x
    for k in range(wk.counts[3]):
        lam[k] = g[wk.basis[k]]
    for i in range(wk.counts[0]):
        unlikely = activity(i, g, first, column, entry, lam)
        room = bound[i]
        if modest:
            for k in range(first[i], first[i + 1]):
                if entry[k] * room > wk.supply[column[k]]:
                    room = max(wk.supply[column[k]] / entry[k], MINOR * reach[i])
        x[i] = spread * room * np.exp(max(trust * unlikely, -100.0))
    for k in range(wk.counts[3]):
        i = wk.basis[k]
        x[i] = max(x[i], wk.supply[k])
    for p in range(wk.counts[1]):
        total = 0.0
        for i in range(start[p], start[p + 1]):
            total += x[i]
        amount[p] = total
        least, weight[p] = 1e300, 0.0
        for i in range(start[p], start[p + 1]):
            weight[p] = max(weight[p], bound[i])
            x[i] /= total
            ln_x[i] = np.log(x[i])
            least = min(least, -activity(i, g, first, column, entry, lam))
        slack[p] = max(least, spread * weight[p] / total)


@compiled
def assemble(wk):
    """Residuals and Hessian of the present point.

    Returns the largest defect of a potential or composition, the largest relative imbalance,
    and the mean of tau over phases.
    """
    start, g, weight, supply = wk.start, wk.g, wk.weight, wk.supply
    first, column, entry, lam = wk.first, wk.column, wk.entry, wk.lam
    amounts, slacks, ln_x, x = wk.amount, wk.slack, wk.ln_x, wk.x
    mean, total, defect, drift = wk.mean, wk.total, wk.defect, wk.drift
    hessian, residual, lack = wk.hessian, wk.residual, wk.lack
    reach, basis = wk.reach, wk.basis
    n_phases, n = wk.counts[1], wk.counts[3]
    for k in range(n):
        residual[k] = 0.0
        lack[k] = supply[k]
        for m in range(k + 1):
            hessian[k, m] = 0.0
    worst, tau = 0.0, 0.0
    for p in range(n_phases):
        begin, end = start[p], start[p + 1]
        amount, slack = amounts[p], slacks[p]
        ratio = amount / slack
        if end - begin == 1:
            tau += amount * slack / weight[p]
            miss = -activity(begin, g, first, column, entry, lam) - slack
            defect[p], total[p] = miss, 1.0
            worst = max(worst, abs(miss))
            for k in range(first[begin], first[end]):
                c, a = column[k], entry[k]
                residual[c] += a * ratio * miss
                lack[c] -= a * amount
                for m in range(first[begin], k + 1):
                    hessian[c, column[m]] += ratio * a * entry[m]
            continue
        for k in range(n):
            mean[p, k] = 0.0
        size, pull = 0.0, 0.0
        for i in range(begin, end):
            xi = x[i]
            miss = ln_x[i] - slack - activity(i, g, first, column, entry, lam)
            drift[i] = -miss
            size += xi
            pull += xi * miss
            worst = max(worst, miss * miss * xi)
            for k in range(first[i], first[i + 1]):
                mean[p, column[k]] += xi * entry[k]
        miss = (1.0 - size + pull) / size
        defect[p], total[p] = miss, size
        worst = max(worst, abs(1.0 - size))
        for i in range(begin, end):
            drift[i] += miss
            t = amount * x[i] * drift[i]
            for k in range(first[i], first[i + 1]):
                residual[column[k]] -= t * entry[k]
        for k in range(n):
            t = mean[p, k]
            residual[k] += t * ratio * miss
            lack[k] -= amount * t
            t /= size
            mean[p, k] = t
        tau += amount * slack / weight[p]
        stiffness = (ratio - amount) * size
        add_curvature(p, n, amount, stiffness, start, first, column, entry, x, mean, hessian)
    imbalance = 0.0
    for k in range(n):
        residual[k] += supply[k]
        imbalance = max(imbalance, abs(lack[k]) / reach[basis[k]])
    return worst, imbalance, tau / n_phases


@compiled
def phase_steps(wk):
    """Steps of slacks and amounts from the step of the potentials; returns the longest allowed."""
    start, first, column, entry = wk.start, wk.first, wk.column, wk.entry
    amount, slack, mean, defect = wk.amount, wk.slack, wk.mean, wk.defect
    step, target, d_slack, d_amount = wk.step, wk.target, wk.d_slack, wk.d_amount
    n = wk.counts[3]
    longest = 1e300
    for p in range(wk.counts[1]):
        begin = start[p]
        t = defect[p]
        if start[p + 1] - begin == 1:
            for k in range(first[begin], first[begin + 1]):
                t -= entry[k] * step[column[k]]
        else:
            for k in range(n):
                t -= mean[p, k] * step[k]
        change = (target[p] - amount[p] * t) / slack[p] - amount[p]
        d_slack[p], d_amount[p] = t, change
        if t < 0.0:
            longest = min(longest, -slack[p] / t)
        if change < 0.0:
            longest = min(longest, -amount[p] / change)
    return longest


@compiled
def choose_target(wk, reach, worst, tau, tau_end, least_centring):
    """Complementarity to aim at after a trial step of length `reach` (Mehrotra's rule)."""
    amount, slack, weight, target = wk.amount, wk.slack, wk.weight, wk.target
    d_amount, d_slack, n_phases = wk.d_amount, wk.d_slack, wk.counts[1]
    after = 0.0
    for p in range(n_phases):
        product = (amount[p] + reach * d_amount[p]) * (slack[p] + reach * d_slack[p])
        after += product / weight[p]
    centring = min(max((after / (n_phases * tau)) ** 3, least_centring), 0.5)
    if worst > 1.0:
        centring = max(centring, 0.3)
    # no further than asked: a tau too small spoils the Hessian
    tau_aim = max(centring * tau, 0.1 * tau_end)
    for p in range(n_phases):
        target[p] = tau_aim * weight[p]
        if worst < 1.0:
            limit = 2.0 * tau * weight[p]
            target[p] -= min(max(d_amount[p] * d_slack[p], -limit), limit)


@compiled
def newton_step(wk):
    """Step of the potentials towards the target, by the factorised Hessian."""
    start, first, column, entry = wk.start, wk.first, wk.column, wk.entry
    target, slack, mean, total, step = wk.target, wk.slack, wk.mean, wk.total, wk.step
    n = wk.counts[3]
    for k in range(n):
        step[k] = wk.residual[k]
    for p in range(wk.counts[1]):
        push = target[p] * total[p] / slack[p]
        begin = start[p]
        if push == 0.0:
            continue
        if start[p + 1] - begin == 1:
            for k in range(first[begin], first[begin + 1]):
                step[column[k]] -= push * entry[k]
        else:
            for k in range(n):
                step[k] -= push * mean[p, k]
    back_substitute(wk.hessian, n, step)


@compiled
def advance(wk, length, max_change):
    """Take the step, no longer than `max_change` in ln x of any species that matters."""
    start, first, column, entry = wk.start, wk.first, wk.column, wk.entry
    amount, slack, ln_x, x, drift = wk.amount, wk.slack, wk.ln_x, wk.x, wk.drift
    step, d_slack, d_amount, defect = wk.step, wk.d_slack, wk.d_amount, wk.defect
    lam, reach, n, scale, content = wk.lam, wk.reach, wk.counts[3], wk.scale, wk.content
    e_first, e_column, e_entry = wk.element_first, wk.element_column, wk.element_entry
    largest = 0.0
    for p in range(wk.counts[1]):
        begin, end = start[p], start[p + 1]
        if end - begin == 1:
            continue
        shift = d_slack[p] - defect[p]
        for i in range(begin, end):
            t = drift[i] + shift
            for k in range(first[i], first[i + 1]):
                t += entry[k] * step[column[k]]
            drift[i] = t
            if x[i] * amount[p] > 1e-6 * reach[i]:
                largest = max(largest, abs(t))
    if largest * length > max_change:
        length = max_change / largest
    for k in range(n):
        # the potential of a component that must vanish runs away: let it, but within precision
        lam[k] += min(max(length * step[k], -RUNAWAY), RUNAWAY)
    for p in range(wk.counts[1]):
        begin, end = start[p], start[p + 1]
        slack[p] += length * d_slack[p]
        amount[p] += length * d_amount[p]
        if end - begin == 1:
            continue
        size = 0.0
        for i in range(begin, end):
            t = min(max(length * drift[i], -LARGEST_CHANGE), LARGEST_CHANGE)
            new = max(ln_x[i] + t, LN_X_FLOOR)
            x_new = np.exp(new)
            if t > 0.0 and amount[p] * x_new > MINOR * reach[i]:
                # balances are linear in x: a species that matters rises linearly
                x_new = max(x[i] * (1.0 + t), min(x_new, MINOR * reach[i] / amount[p]))
                new = np.log(x_new)
            ln_x[i] = new
            x[i] = x_new
            size += x_new
        # the amounts N x stay as they are where they matter, if only for one trace
        if amount[p] > MINOR * largest_amount(
            p, start, x, e_first, e_column, e_entry, scale, content
        ):
            amount[p] *= size
        t = np.log(size)
        for i in range(begin, end):
            ln_x[i] -= t
            x[i] /= size


@compiled
def descend(wk, tau_end, max_steps, max_change, least_centring, boldness, adaptive):
    """Interior-point steps until tau < tau_end; returns steps taken, negative if not reached.

    Also tells present from absent phases (wk.active) by where a pure Newton step would take
    them: it wipes out the slack of a phase that is present and the amount of one that is not
    (indicators of El-Bakry, Tapia and Zhang, SIAM Review 36, 1994).

    `adaptive`: weigh each solution by what the feed allows at its present composition.
    """
    slack, amount, weight, active = wk.slack, wk.amount, wk.weight, wk.active
    n_phases, n = wk.counts[1], wk.counts[3]
    e_first, e_column, e_entry = wk.element_first, wk.element_column, wk.element_entry
    for taken in range(max_steps):
        if adaptive and taken > 0:
            for p in range(n_phases):
                if wk.start[p + 1] - wk.start[p] > 1:
                    weight[p] = largest_amount(
                        p, wk.start, wk.x, e_first, e_column, e_entry, wk.scale, wk.content
                    )
        worst, imbalance, tau = assemble(wk)
        arrived = tau < tau_end and worst < 1e-5 and imbalance < max(10.0 * tau_end, 2e-13)
        lost = not np.isfinite(worst + imbalance + tau)
        factorise(wk.hessian, n)
        for p in range(n_phases):
            wk.target[p] = 0.0
        # predictor, then corrector
        for corrector in range(2):
            newton_step(wk)
            longest = phase_steps(wk)
            if corrector == 0:
                if arrived or lost or taken == max_steps - 1:
                    for p in range(n_phases):
                        matters = amount[p] > NOTHING * weight[p]
                        active[p] = matters and wk.d_slack[p] < -0.5 * slack[p]
                    return taken + 1 if arrived else -taken - 1
                choose_target(wk, min(1.0, longest), worst, tau, tau_end, least_centring)
        nearly = max(0.98, 1.0 - boldness * tau)
        advance(wk, min(1.0, nearly * longest), max_change)
    return -max_steps
