"""First stage, compiled: the linear programme in which every species is its own pure phase.

A dense tableau simplex.  It decides feasibility, finds independent component species (so that
linearly dependent balances drop out), and rewrites all formulas in terms of those components.
The trouble of mixed magnitudes (traces beside majors) stays away because each row keeps a
record of the size of what was added up in it, against which round-off is judged.
"""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from sludgesim.equilibrium.compilation import compiled

PIVOT_FLOOR = 1e-9
"""Tableau entries below this are round-off: true entries are ratios of small formula numbers."""
FEASIBILITY = 1e-11
"""An artificial amount below this share of what its row added up counts as none."""
ROUND_OFF = 1e-15
ENTRY_FLOOR = 1e-12
"""Entries below this are zeros."""


@compiled
def pivot(tab, basis, n_rows, n_cols, row, col, feasible):
    """Make species `col` the component of `row`; `feasible`: amounts stay non-negative."""
    rhs, scale = n_cols, n_cols + 1
    inverse = 1.0 / tab[row, col]
    for j in range(n_cols + 1):
        tab[row, j] *= inverse
    tab[row, scale] *= abs(inverse)
    tab[row, col] = 1.0
    for i in range(n_rows + 2):
        factor = tab[i, col]
        if i == row or factor == 0.0:
            continue
        for j in range(n_cols):
            t = tab[i, j] - factor * tab[row, j]
            # a zero that comes out as round-off would leak majors into the balance of a trace
            tab[i, j] = t if abs(t) > ENTRY_FLOOR else 0.0
        tab[i, rhs] -= factor * tab[row, rhs]
        tab[i, col] = 0.0
        if feasible and i < n_rows:
            tab[i, scale] += abs(factor) * tab[row, scale]
            if tab[i, rhs] < ROUND_OFF * tab[i, scale]:
                tab[i, rhs] = 0.0
    basis[row] = col


@compiled
def leaving_row(tab, n_rows, n_cols, col):
    """Row that first runs empty when species `col` is formed; the larger pivot on ties."""
    best, best_ratio = -1, 1e300
    for i in range(n_rows):
        entry = tab[i, col]
        if entry > PIVOT_FLOOR:
            ratio = tab[i, n_cols] / entry
            if ratio < best_ratio or (ratio == best_ratio and entry > tab[best, col]):
                best, best_ratio = i, ratio
    return best


@compiled
def descend(tab, basis, n_rows, n_species, n_cols, cost_row, tolerance):
    """Simplex steps until no species lowers the cost; Bland's rule once it dawdles."""
    patience = 4 * n_cols
    for step in range(3 * patience):
        col, best = -1, -tolerance
        for j in range(n_species):
            if tab[cost_row, j] < best:
                col = j
                if step > patience:
                    break
                best = tab[cost_row, j]
        if col < 0:
            return True
        row = leaving_row(tab, n_rows, n_cols, col)
        if row < 0:
            return True
        pivot(tab, basis, n_rows, n_cols, row, col, True)
    return False


@compiled
def find_components(tab, basis, n_rows, n_species, feed):
    """Solve the linear programme held in `tab`.

    `tab` rows: balances, then the cost of artificials, then the cost in g; columns: species,
    artificials, right-hand side, size of what the right-hand side added up.  Returns False if
    no non-negative amounts satisfy the balances.  Afterwards `basis[k]` is the species of
    component k, or an artificial where balance k depends on the others.
    """
    n_cols = n_species + n_rows
    rhs, scale = n_cols, n_cols + 1
    descend(tab, basis, n_rows, n_species, n_cols, n_rows, PIVOT_FLOOR)
    for i in range(n_rows):
        if basis[i] < n_species:
            continue
        if tab[i, rhs] > FEASIBILITY * tab[i, scale]:
            return False
        tab[i, rhs] = 0.0
        col, largest = -1, 1e-8
        for j in range(n_species):
            if abs(tab[i, j]) > largest:
                col, largest = j, abs(tab[i, j])
        if col < 0:
            # this balance depends on others: give up that of the largest amount, not a trace's
            for e in range(n_rows):
                if abs(tab[i, n_species + e]) > 1e-8 and (
                    col < 0 or feed[e] > feed[col - n_species]
                ):
                    col = n_species + e
        if col >= 0 and col != basis[i]:
            pivot(tab, basis, n_rows, n_cols, i, col, True)
    descend(tab, basis, n_rows, n_species, n_cols, n_rows + 1, PIVOT_FLOOR)
    return True
