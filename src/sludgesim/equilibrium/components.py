"""Components: the independent species in terms of which all others are written."""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from sludgesim.equilibrium.compilation import compiled
from sludgesim.equilibrium.linear_programme import PIVOT_FLOOR, descend, find_components, pivot

BOUND_FLOOR = 1e-14
"""Share of its reach below which round-off hides how much of a species there can be."""
PRICE_FLOOR = 1e-6
"""Prices below this are round-off: true prices are ratios of small formula numbers."""


@compiled
def choose_components(wk, formula):
    """Run the linear programme and express all formulas in its components; False: infeasible."""
    n_species, n_rows = wk.counts[0], wk.counts[2]
    n_cols = n_species + n_rows
    tab = wk.tableau
    for r in range(n_rows + 2):
        for j in range(n_cols + 2):
            tab[r, j] = 0.0
    for r in range(n_rows):
        e = wk.element[r]
        for i in range(n_species):
            a = wk.sign[r] * formula[wk.species[i], e]
            tab[r, i] = a
            tab[n_rows, i] -= a
        tab[r, n_species + r] = 1.0
        tab[r, n_cols] = wk.feed[r]
        tab[r, n_cols + 1] = wk.feed[r]
        wk.basis[r] = n_species + r
    for i in range(n_species):
        tab[n_rows + 1, i] = wk.g[i]
    if not find_components(tab, wk.basis, n_rows, n_species, wk.feed):
        return False
    n = 0
    for r in range(n_rows):
        wk.lack[r] = 0.0
    for r in range(n_rows):
        if wk.basis[r] >= n_species:
            wk.lack[wk.basis[r] - n_species] = 1.0
        else:
            if n < r:
                for j in range(n_cols + 2):
                    tab[n, j] = tab[r, j]
            wk.basis[n] = wk.basis[r]
            n += 1
    wk.counts[3] = n
    write_formulas(wk)
    close_dependent_balances(wk)
    return True


@compiled
def close_dependent_balances(wk):
    """Make balances that depend on others (marked in wk.lack) agree to the last digit."""
    first, column, entry, feed = wk.element_first, wk.element_column, wk.element_entry, wk.feed
    for e in range(wk.counts[2]):
        if wk.lack[e] == 1.0:
            feed[e] = 0.0
    for k in range(wk.counts[3]):
        i = wk.basis[k]
        for m in range(first[i], first[i + 1]):
            if wk.lack[column[m]] == 1.0:
                feed[column[m]] += wk.supply[k] * entry[m]


@compiled
def write_formulas(wk):
    """Copy supply and formulas, without zeros, from the tableau of the present components."""
    tab, first, column, entry = wk.tableau, wk.first, wk.column, wk.entry
    n_species, n = wk.counts[0], wk.counts[3]
    for r in range(n):
        t = 0.0
        for e in range(wk.counts[2]):
            t += tab[r, n_species + e] * wk.feed[e]
        wk.supply[r] = t
    k = 0
    for i in range(n_species):
        first[i] = k
        for r in range(n):
            if tab[r, i] != 0.0:
                column[k] = r
                entry[k] = tab[r, i]
                k += 1
    first[n_species] = k


@compiled
def enrich(wk, share):
    """Add `share` (of the total feed) of each component to the true feed: an easier case.

    Sets all that follows from the feed; share 0 restores the case as it is.
    """
    first, column, entry = wk.element_first, wk.element_column, wk.element_entry
    for e in range(wk.counts[2]):
        wk.feed[e] = wk.true_feed[e]
    for k in range(wk.counts[3]):
        i = wk.basis[k]
        for m in range(first[i], first[i + 1]):
            wk.feed[column[m]] += share * entry[m]
    for e in range(wk.counts[2]):
        if not wk.signed[e]:
            wk.scale[e] = wk.feed[e]
    for i in range(wk.counts[0]):
        wk.reach[i] = 1.0
        for m in range(first[i], first[i + 1]):
            if not wk.signed[column[m]]:
                wk.reach[i] = min(wk.reach[i], wk.feed[column[m]] / entry[m])
        wk.bound[i] = wk.reach[i]
    write_formulas(wk)


@compiled
def nudge(wk, share):
    """Restore the true feed, the largest element moved by `share` of it."""
    largest = 0
    for e in range(wk.counts[2]):
        wk.feed[e] = wk.true_feed[e]
        if wk.feed[e] > wk.feed[largest]:
            largest = e
    wk.feed[largest] *= 1.0 + share


@compiled
def tighten_bounds(wk, nothing):
    """Find how much of each species all balances together allow, by a linear programme each.

    A feed at the edge of stoichiometry may hold much oxygen and yet next to no free oxygen.
    Species of which there can be none at all, to `nothing` of what adds up to it, go to wk.off.
    """
    tab, trial, basis, other = wk.tableau, wk.trial, wk.basis, wk.trial_basis
    n_species, n = wk.counts[0], wk.counts[3]
    n_cols = n_species + wk.counts[2]
    if nothing > 0.0:
        for i in range(wk.off.size):
            wk.off[i] = False
        for e in range(wk.counts[2]):
            wk.exposing[e] = 0.0
    for i in range(n_species):
        for r in range(n):
            other[r] = basis[r]
            for j in range(n_cols):
                trial[r, j] = tab[r, j]
            trial[r, n_cols] = max(wk.supply[r], 0.0)
            trial[r, n_cols + 1] = wk.reach[basis[r]]
        cost = n
        for j in range(n_cols + 2):
            trial[cost, j] = 0.0
            trial[cost + 1, j] = 0.0
        trial[cost, i] = -1.0
        for r in range(n):
            if basis[r] == i:
                for j in range(n_cols):
                    trial[cost, j] += tab[r, j]
        best = descend(trial, other, n, n_species, n_cols, cost, PIVOT_FLOOR)
        most = 0.0
        for r in range(n):
            if other[r] == i:
                most = trial[r, n_cols]
        wk.bound[i] = max(min(most, wk.reach[i]), BOUND_FLOOR * wk.reach[i])
        if nothing > 0.0 and best:
            note_ruled_out(wk, i, cost, nothing)


@compiled
def note_ruled_out(wk, i, cost, nothing):
    """Mark what species i takes with it if the programme for its largest amount says: nothing.

    The programme's prices w satisfy w.a_j >= 0 for all species, w.a_i >= 1, and w.b is the largest
    amount of i.  If that vanishes, so does every species with w.a_j > 0.
    """
    n_species, trial, off = wk.counts[0], wk.trial, wk.off
    amount, size = 0.0, 0.0
    for e in range(wk.counts[2]):
        t = trial[cost, n_species + e] * wk.feed[e]
        amount += t
        size += abs(t)
    if off[wk.species[i]] or amount > nothing * size:
        return
    for j in range(n_species):
        if j == i or trial[cost, j] > PRICE_FLOOR:
            if not off[wk.species[j]]:
                wk.counts[4] += 1
            off[wk.species[j]] = True
    for e in range(wk.counts[2]):
        wk.exposing[e] += trial[cost, n_species + e]


@compiled
def rebase(wk):
    """Make the most abundant independent species the components, stiff phases first.

    Small amounts then never hide behind large ones: the cure for near-singular Hessians.
    """
    tab, basis, lam, start = wk.tableau, wk.basis, wk.lam, wk.start
    n_species, n = wk.counts[0], wk.counts[3]
    n_cols = n_species + wk.counts[2]
    rank, claimed = wk.drift, wk.step
    for p in range(wk.counts[1]):
        pure = start[p + 1] - start[p] == 1
        for i in range(start[p], start[p + 1]):
            rank[i] = wk.amount[p] * (1.0 if pure else wk.x[i])
    for r in range(n):
        claimed[r] = 0.0
    changed, missing = False, n
    for _ in range(n_species):
        if missing == 0:
            break
        best = 0
        for i in range(n_species):
            if rank[i] > rank[best]:
                best = i
        rank[best] = -1.0
        row, largest = -1, 1e-6
        for r in range(n):
            if claimed[r] == 0.0 and abs(tab[r, best]) > largest:
                row, largest = r, abs(tab[r, best])
        if row < 0:
            continue
        claimed[row] = 1.0
        missing -= 1
        if basis[row] != best:
            t = 0.0
            for r in range(n):
                t += tab[r, best] * lam[r]
            pivot(tab, basis, n, n_cols, row, best, False)
            lam[row] = t
            changed = True
    if changed:
        write_formulas(wk)
