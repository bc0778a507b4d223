"""Scratch arrays of one thread, and the small linear algebra that the compiled stages share."""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from typing import NamedTuple

import numpy as np

from sludgesim.equilibrium.compilation import compiled

PIVOT_TOLERANCE = 1e-14
FLAT = 1e-100


class Workspace(NamedTuple):
    """One case as the stages see it: absent elements dropped, amounts scaled to a sum of one.

    Counts are of this case; arrays are long enough for any case of the network.
    """

    counts: np.ndarray  # species, phases, balances (elements present), components, ruled out
    off: np.ndarray  # species of the network that are ruled out by exact stoichiometry, if any
    exposing: np.ndarray  # formula weights by elements: positive for these species, 0 for others
    species: np.ndarray  # number in the network of each species here
    phase: np.ndarray
    element: np.ndarray
    signed: np.ndarray  # whether the balance adds up both signs
    sign: np.ndarray  # -1 where a signed balance was turned over to make its amount positive
    start: np.ndarray  # first species of each phase
    g: np.ndarray  # standard potentials
    reach: np.ndarray  # amount of each species that would use up some element
    bound: np.ndarray  # largest amount of each species; `reach`, or what all balances allow
    weight: np.ndarray  # largest amount of each phase that the feed allows
    feed: np.ndarray  # element amounts
    true_feed: np.ndarray  # element amounts as given, where `feed` is moved towards an easier case
    scale: np.ndarray  # size against which each balance is judged
    lack: np.ndarray  # what each balance, or component, lacks
    element_first: np.ndarray  # formulas in terms of elements, species by species without zeros
    element_column: np.ndarray
    element_entry: np.ndarray
    tableau: np.ndarray  # of the linear programme; holds the inverse of the component matrix
    trial: np.ndarray  # tableau for other programmes, and its basis
    trial_basis: np.ndarray
    basis: np.ndarray  # species that is component k
    first: np.ndarray  # formulas in terms of components
    column: np.ndarray
    entry: np.ndarray
    supply: np.ndarray  # component amounts
    lam: np.ndarray  # potentials of the components
    amount: np.ndarray  # of phases
    slack: np.ndarray  # of phases: how far from stable
    ln_x: np.ndarray
    x: np.ndarray
    mean: np.ndarray  # mean formula of each phase in terms of components
    total: np.ndarray  # sum of the mole fractions of each phase
    size: np.ndarray  # largest amount of each phase at its present composition
    defect: np.ndarray
    target: np.ndarray
    stiffness: np.ndarray
    d_slack: np.ndarray
    d_amount: np.ndarray
    drift: np.ndarray
    hessian: np.ndarray
    residual: np.ndarray
    content: np.ndarray
    step: np.ndarray
    active: np.ndarray
    polished_lam: np.ndarray
    polished: np.ndarray  # amounts of phases
    polished_ln_x: np.ndarray
    polished_x: np.ndarray


@compiled
def make_workspace(n_species, n_phases, n_elements):
    """Scratch arrays for a network of this size."""
    s, p, e = n_species, n_phases, n_elements
    return Workspace(
        counts=np.zeros(5, np.int64),
        off=np.zeros(s, np.bool_),
        exposing=np.zeros(e),
        species=np.zeros(s, np.int64),
        phase=np.zeros(p, np.int64),
        element=np.zeros(e, np.int64),
        signed=np.zeros(e, np.bool_),
        sign=np.zeros(e),
        start=np.zeros(p + 1, np.int64),
        g=np.zeros(s),
        reach=np.zeros(s),
        bound=np.zeros(s),
        weight=np.zeros(p),
        feed=np.zeros(e),
        true_feed=np.zeros(e),
        scale=np.zeros(e),
        lack=np.zeros(e),
        element_first=np.zeros(s + 1, np.int64),
        element_column=np.zeros(s * e, np.int64),
        element_entry=np.zeros(s * e),
        tableau=np.zeros((e + 2, s + e + 2)),
        trial=np.zeros((e + 2, s + e + 2)),
        trial_basis=np.zeros(e, np.int64),
        basis=np.zeros(e, np.int64),
        first=np.zeros(s + 1, np.int64),
        column=np.zeros(s * e, np.int64),
        entry=np.zeros(s * e),
        supply=np.zeros(e),
        lam=np.zeros(e),
        amount=np.zeros(p),
        slack=np.zeros(p),
        ln_x=np.zeros(s),
        x=np.zeros(s),
        mean=np.zeros((p, e)),
        total=np.zeros(p),
        size=np.zeros(p),
        defect=np.zeros(p),
        target=np.zeros(p),
        stiffness=np.zeros(p),
        d_slack=np.zeros(p),
        d_amount=np.zeros(p),
        drift=np.zeros(s),
        hessian=np.zeros((e, e)),
        residual=np.zeros(e),
        content=np.zeros(e),
        step=np.zeros(e),
        active=np.zeros(p, np.bool_),
        polished_lam=np.zeros(e),
        polished=np.zeros(p),
        polished_ln_x=np.zeros(s),
        polished_x=np.zeros(s),
    )


@compiled
def factorise(matrix, n):
    """Cholesky in place: L below the diagonal, its inverse on it.

    A direction without curvature is given no part of the step: FLAT takes its place.
    """
    for i in range(n):
        for j in range(i):
            t = matrix[i, j]
            for k in range(j):
                t -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = t * matrix[j, j]
        diagonal = matrix[i, i]
        t = diagonal
        for k in range(i):
            t -= matrix[i, k] * matrix[i, k]
        flat = not t > PIVOT_TOLERANCE * diagonal or t < 1e-250
        matrix[i, i] = FLAT if flat else 1.0 / np.sqrt(t)


@compiled
def back_substitute(factor, n, vector):
    """Solve L L' y = vector in place, with the factor as `factorise` leaves it."""
    for i in range(n):
        t = vector[i]
        for k in range(i):
            t -= factor[i, k] * vector[k]
        vector[i] = t * factor[i, i]
    for i in range(n - 1, -1, -1):
        t = vector[i] * factor[i, i]
        vector[i] = t
        for k in range(i):
            vector[k] -= factor[i, k] * t


@compiled
def activity(i, g, first, column, entry, lam):
    """a_i.lam - g_i: ln of the activity of species i at potentials lam."""
    t = -g[i]
    for k in range(first[i], first[i + 1]):
        t += entry[k] * lam[column[k]]
    return t


@compiled
def mix(p, n, start, g, first, column, entry, lam, ln_x, x, mean):
    """Most stable composition of phase p at potentials lam, into ln_x, x and mean[p].

    Returns c_p = ln sum_i exp(a_i.lam - g_i), the driving force of the phase.
    """
    begin, end = start[p], start[p + 1]
    for k in range(n):
        mean[p, k] = 0.0
    highest = -1e300
    for i in range(begin, end):
        ln_x[i] = activity(i, g, first, column, entry, lam)
        highest = max(highest, ln_x[i])
    total = 1.0
    if end - begin > 1:
        total = 0.0
        for i in range(begin, end):
            x[i] = np.exp(ln_x[i] - highest)
            total += x[i]
    else:
        x[begin] = 1.0
    force = highest + np.log(total)
    for i in range(begin, end):
        ln_x[i] -= force
        x[i] /= total
        for k in range(first[i], first[i + 1]):
            mean[p, column[k]] += x[i] * entry[k]
    return force


@compiled
def largest_amount(p, start, x, first, column, entry, scale, content):
    """Amount of phase p, at composition x, that would use up some element.

    `first`, `column`, `entry` hold the formulas in terms of elements, `content` is scratch.
    """
    for i in range(start[p], start[p + 1]):
        for k in range(first[i], first[i + 1]):
            content[column[k]] = 0.0
    limit = 1e300
    for i in range(start[p], start[p + 1]):
        for k in range(first[i], first[i + 1]):
            content[column[k]] += x[i] * entry[k]
    for i in range(start[p], start[p + 1]):
        for k in range(first[i], first[i + 1]):
            e = column[k]
            if abs(content[e]) * limit > scale[e]:
                limit = scale[e] / abs(content[e])
    return limit


@compiled
def add_curvature(p, n, amount, stiffness, start, first, column, entry, x, mean, hessian):
    """hessian += amount sum_i x_i a_i a_i' + stiffness m m', with m the mean formula of p."""
    begin, end = start[p], start[p + 1]
    if end - begin == 1:
        for k in range(first[begin], first[end]):
            t = (amount + stiffness) * entry[k]
            for m in range(first[begin], k + 1):
                hessian[column[k], column[m]] += t * entry[m]
        return
    for i in range(begin, end):
        t = amount * x[i]
        for k in range(first[i], first[i + 1]):
            v = t * entry[k]
            row = column[k]
            for m in range(first[i], k + 1):
                hessian[row, column[m]] += v * entry[m]
    for k in range(n):
        t = stiffness * mean[p, k]
        if t != 0.0:
            for m in range(k + 1):
                hessian[k, m] += t * mean[p, m]
