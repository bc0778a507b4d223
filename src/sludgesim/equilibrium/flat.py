"""Directions of the potentials that no present phase fixes, as they come at exact stoichiometry."""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from sludgesim.equilibrium.compilation import compiled
from sludgesim.equilibrium.workspace import FLAT, activity, largest_amount, mix

BALANCE = 1e-12
"""Relative imbalance of an element at which the answer is settled."""
PRICE_FLOOR = 1e-6
"""Changes of activity along a direction below this are round-off."""
UNDISTURBED = 1e-12
"""Change of a mole fraction along a direction, per unit, that leaves a phase as it is."""


@compiled
def flat_direction(wk, i):
    """Direction v without curvature of pivot i of the factorised Hessian, into wk.residual.

    Returns what the right-hand side (wk.step) has in it, and the element that weighs most in v,
    with its weight and the amount of it.
    """
    hessian, step, scale, tableau = wk.hessian, wk.step, wk.scale, wk.tableau
    n_species = wk.counts[0]
    v = wk.residual
    v[i] = 1.0
    excess = step[i]
    for k in range(i - 1, -1, -1):
        t = -hessian[i, k]
        for m in range(k + 1, i):
            t -= hessian[m, k] * v[m]
        v[k] = t * hessian[k, k]
        excess += v[k] * step[k]
    largest, weight, chosen = 0.0, 0.0, -1
    for e in range(wk.counts[2]):
        t = 0.0
        for k in range(i + 1):
            t += v[k] * tableau[k, n_species + e]
        if abs(t) * scale[e] > largest:
            largest, weight, chosen = abs(t) * scale[e], t, e
    return excess, chosen, weight, largest


@compiled
def settle_flat_directions(wk):
    """Take from the right-hand side (wk.step) what no active phase can respond to, if round-off.

    Feeds of exact stoichiometry leave directions v without curvature, in which the lack of the
    elements should add up to nothing.  Round-off of majors spoils that, and the rest would go to
    the traces: so the lack of the largest element in v is corrected instead.
    """
    hessian, step, tableau = wk.hessian, wk.step, wk.tableau
    n_species, n = wk.counts[0], wk.counts[3]
    for i in range(n):
        if hessian[i, i] != FLAT:
            continue
        excess, chosen, weight, largest = flat_direction(wk, i)
        if chosen < 0 or abs(excess) > 0.1 * BALANCE * largest:
            continue
        excess /= weight
        wk.lack[chosen] -= excess
        for k in range(n):
            step[k] -= tableau[k, n_species + chosen] * excess


@compiled
def take_in_across_flat(wk):
    """Follow a flat direction in which balances are off to the first absent phase; take it in.

    The dual step of the simplex method: phases that are present cannot close such a balance, and
    potentials are free to move until another phase is about to form.  Tells whether it did.
    """
    start, g, first, column, entry = wk.start, wk.g, wk.first, wk.column, wk.entry
    lam, step, tableau, v, n = wk.polished_lam, wk.step, wk.tableau, wk.residual, wk.counts[3]
    e_first, e_column, e_entry = wk.element_first, wk.element_column, wk.element_entry
    for k in range(n):
        t = 0.0
        for e in range(wk.counts[2]):
            t += tableau[k, wk.counts[0] + e] * wk.lack[e]
        step[k] = t
    for i in range(n):
        if wk.hessian[i, i] != FLAT:
            continue
        excess, chosen, _, largest = flat_direction(wk, i)
        if chosen < 0 or abs(excess) <= 0.1 * BALANCE * largest:
            continue
        nearest, length = -1, 1e300
        for p in range(wk.counts[1]):
            if wk.active[p]:
                continue
            for j in range(start[p], start[p + 1]):
                rise = 0.0
                for k in range(first[j], first[j + 1]):
                    if column[k] <= i:
                        rise += entry[k] * v[column[k]]
                rise = rise if excess > 0.0 else -rise
                if rise > PRICE_FLOOR:
                    t = max(-activity(j, g, first, column, entry, lam), 0.0) / rise
                    if t < length:
                        nearest, length = p, t
        if nearest < 0:
            continue
        for k in range(i + 1):
            lam[k] += length * (v[k] if excess > 0.0 else -v[k])
        mix(nearest, n, start, g, first, column, entry, lam, wk.polished_ln_x, wk.polished_x,
            wk.mean)  # fmt: skip
        wk.active[nearest] = True
        wk.polished[nearest] = 1e-3 * largest_amount(
            nearest, start, wk.polished_x, e_first, e_column, e_entry, wk.scale, wk.content
        )
        return True
    return False


@compiled
def shift_along_flat(wk, p, force):
    """Let potentials that no present phase fixes give way to phase p; tells whether they can.

    One Newton step along a direction without curvature to where p has no driving force.
    """
    start, first, column, entry = wk.start, wk.first, wk.column, wk.entry
    v, lam = wk.residual, wk.polished_lam
    for i in range(wk.counts[3]):
        if wk.hessian[i, i] != FLAT:
            continue
        flat_direction(wk, i)
        rise, disturbance = 0.0, 0.0
        for q in range(wk.counts[1]):
            if not wk.active[q] and q != p:
                continue
            for j in range(start[q], start[q + 1]):
                t = 0.0
                for k in range(first[j], first[j + 1]):
                    if column[k] <= i:
                        t += entry[k] * v[column[k]]
                if q == p:
                    rise += wk.polished_x[j] * t
                else:
                    disturbance = max(disturbance, wk.polished_x[j] * abs(t))
        if disturbance > UNDISTURBED or abs(rise) < PRICE_FLOOR:
            continue
        for k in range(i + 1):
            lam[k] -= force / rise * v[k]
        return True
    return False
