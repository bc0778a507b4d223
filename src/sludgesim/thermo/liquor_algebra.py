"""Compiled: pieces of the Newton step of a liquor, each on the arrays of one case."""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from sludgesim.equilibrium.compilation import compiled
from sludgesim.thermo.sit import LN10, WATER_WEIGHT, B

BLIND = 1e-13
"""Pivot, as a share of a balance, below which round-off rules."""
ABSENT = -200.0
"""ln of a master per water that a case has nothing of."""
PER_SLOPE = 0.024
"""Debye and Hueckel's slope that weighs like a factor e in a master: some 20 K."""
FAR = 3.0
"""Difference in one respect beyond which it does not matter how large it is."""
NEIGHBOURS = 100
"""Solved cases before it that a case looks for the nearest in."""


@compiled
def eliminate(matrix, n, width):
    """Solve the linear system of the first n columns for all further columns; False if not finite.

    What the equations leave undetermined, such as the potential of the oxidant where all iron is
    exactly Fe(III), stays put.
    """
    for k in range(n):
        pivot, largest = k, abs(matrix[k, k])
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > largest:
                pivot, largest = i, abs(matrix[i, k])
        if not largest < np.inf:
            return False
        if largest < BLIND:
            for j in range(width):
                matrix[k, j] = 0.0
            matrix[k, k] = 1.0
        elif pivot != k:
            for j in range(k, width):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
        inverse = 1.0 / matrix[k, k]
        for i in range(k + 1, n):
            factor = matrix[i, k] * inverse
            if factor != 0.0:
                for j in range(k + 1, width):
                    matrix[i, j] -= factor * matrix[k, j]
    for k in range(n - 1, -1, -1):
        inverse = 1.0 / matrix[k, k]
        for j in range(n, width):
            t = matrix[k, j]
            for i in range(k + 1, n):
                t -= matrix[k, i] * matrix[i, j]
            matrix[k, j] = t * inverse
    return True


@compiled
def activities(charge, epsilon, slope, m, ln_gamma):
    """ln gamma of the solutes into `ln_gamma`; returns ln a_w and the derivative of D by I."""
    n = m.size
    strength, total, pairs = 0.0, 0.0, 0.0
    for i in range(n):
        strength += 0.5 * m[i] * charge[i] * charge[i]
        total += m[i]
    root = np.sqrt(strength)
    u = 1.0 + B * root
    debye = slope * root / u
    for i in range(n):
        ln_gamma[i] = 0.0
    for k in range(n):
        if m[k] > 1e-14:
            for i in range(n):
                ln_gamma[i] += epsilon[k, i] * m[k]
    for i in range(n):
        pairs += 0.5 * ln_gamma[i] * m[i]
        ln_gamma[i] = LN10 * (ln_gamma[i] - debye * charge[i] * charge[i])
    excess = LN10 * (pairs - 2.0 * slope / B**3 * (u - 2.0 * np.log(u) - 1.0 / u))
    return -WATER_WEIGHT * (total + excess), slope / (2.0 * max(root, 1e-12) * u * u)


@compiled
def most_abundant(m, counted, n_counted, taken, major):
    """Write the solutes of the greatest molalities among those counted; returns how many."""
    for k in range(n_counted):
        taken[counted[k]] = False
    found = min(major.size, n_counted)
    for q in range(found):
        best = -1
        for k in range(n_counted):
            i = counted[k]
            if not taken[i] and (best < 0 or m[i] > m[best]):
                best = i
        taken[best] = True
        major[q] = best
    return found


@compiled
def response(formula, charge, epsilon, bend, m, e, counted, n_counted, major, n_major, J, inner,
             answer):  # fmt: skip
    """How counted solutes answer to the potentials: d ln m = answer[:, :M] d lam - answer[:, M].

    Through the gammas of the most abundant solutes.  Returns whether it could be found.
    """
    M = formula.shape[1]
    for q in range(n_major):
        best = major[q]
        zz = 0.5 * bend * charge[best] * charge[best]
        for k in range(n_counted):
            i = counted[k]
            J[q, k] = LN10 * m[best] * (epsilon[best, i] - zz * charge[i] * charge[i])
        for p in range(n_major):
            i = major[p]
            t = LN10 * m[best] * (epsilon[best, i] - zz * charge[i] * charge[i])
            inner[p, q] = t + (1.0 if p == q else 0.0)
        for c in range(M):
            inner[q, n_major + c] = formula[1 + best, c]
        inner[q, n_major + M] = e[best]
    if not eliminate(inner, n_major, n_major + M + 1):
        return False
    for k in range(n_counted):
        i = counted[k]
        for c in range(M):
            answer[k, c] = formula[1 + i, c]
        answer[k, M] = e[i]
        for q in range(n_major):
            t = J[q, k]
            for c in range(M + 1):
                answer[k, c] -= t * inner[q, n_major + c]
    return True


@compiled
def phase_sum(formula, g, lam, first, last, mean):
    """ln of the sum of a phase, and the mean composition of what it would be."""
    M = lam.size
    if last == first + 1:
        top = -g[first]
        for c in range(M):
            mean[c] = formula[first, c]
            top += mean[c] * lam[c]
        return top
    top = -1e300
    for s in range(first, last):
        t = -g[s]
        for c in range(M):
            if formula[s, c] != 0.0:
                t += formula[s, c] * lam[c]
        top = max(top, t)
    total = 0.0
    for c in range(M):
        mean[c] = 0.0
    for s in range(first, last):
        t = -g[s] - top
        for c in range(M):
            if formula[s, c] != 0.0:
                t += formula[s, c] * lam[c]
        x = np.exp(t)
        total += x
        for c in range(M):
            mean[c] += x * formula[s, c]
    for c in range(M):
        mean[c] /= total
    return top + np.log(total)


@compiled
def locate(b, value, slope, place):
    """Where a case lies among others: ln of its masters per water, held value, temperature."""
    for c in range(1, b.size):
        place[c - 1] = np.log(abs(b[c]) / b[0]) if b[c] != 0.0 else ABSENT
    place[b.size - 1], place[b.size] = value, slope / PER_SLOPE


@compiled
def nearest(place, ok, case):
    """The nearest of the last cases that were solved, -1 where there is none."""
    best, least, seen = -1, np.inf, 0
    for j in range(case - 1, -1, -1):
        if ok[j]:
            seen += 1
            distance = 0.0
            for c in range(place.shape[1]):
                distance += min(abs(place[case, c] - place[j, c]), FAR) ** 2
            if distance < least:
                best, least = j, distance
            if seen == NEIGHBOURS:
                break
    return best
