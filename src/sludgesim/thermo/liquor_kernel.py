"""Compiled: Newton's method on a liquor whose solids are known, with gammas and dose.

Unknowns are the potentials lam of the masters, ln m of the solutes, ln of the water, the amounts N
of the solids and the dose r:

    ln m_i + ln gamma_i(m) + g_i = a_i.lam        g_w + ln a_w(m) = a_w.lam        g_p = a_p.lam
    sum_i n_i a_i + sum_p N_p a_p = b + r u       lam_k = held value, where there is a dose

The derivatives of ln gamma count the most abundant solutes only, which makes it almost Newton's
method; that of ln a_w comes from Gibbs-Duhem.  Everything stands in this one file, so that numba's
cache cannot be stale.
"""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np
from numba import njit

from sludgesim.thermo.sit import LN10, WATER_WEIGHT, B

MAJORS = 10
"""Solutes whose molalities count in the derivatives of the activity coefficients."""
MOST_STEPS = 30
LONGEST = 2.0
"""Longest step of ln m of an abundant solute."""
EXACT = 1e-11
"""Relative miss of every equation at which a case is solved."""
FAINT = 1e-25
"""Share of the most abundant solute below which a solute's own equation is not judged."""

compiled = njit(error_model="numpy", fastmath={"contract"}, no_cpython_wrapper=True,
                no_cfunc_wrapper=True)  # type: ignore[call-overload] # fmt: skip


@compiled
def eliminate(matrix, n, width):
    """Solve the linear system of the first n columns for all further columns; False if singular."""
    for k in range(n):
        pivot, largest = k, abs(matrix[k, k])
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > largest:
                pivot, largest = i, abs(matrix[i, k])
        if not largest > 1e-250:
            return False
        if pivot != k:
            for j in range(k, width):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
        inverse = 1.0 / matrix[k, k]
        for i in range(k + 1, n):
            factor = matrix[i, k] * inverse
            if factor != 0.0:
                for j in range(k + 1, width):
                    matrix[i, j] -= factor * matrix[k, j]
    for k in range(n - 1, -1, -1):
        for j in range(n, width):
            t = matrix[k, j]
            for i in range(k + 1, n):
                t -= matrix[k, i] * matrix[i, j]
            matrix[k, j] = t / matrix[k, k]
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
        if m[k] > 1e-16:
            for i in range(n):
                ln_gamma[i] += epsilon[k, i] * m[k]
    for i in range(n):
        pairs += 0.5 * ln_gamma[i] * m[i]
        ln_gamma[i] = LN10 * (ln_gamma[i] - debye * charge[i] * charge[i])
    excess = LN10 * (pairs - 2.0 * slope / B**3 * (u - 2.0 * np.log(u) - 1.0 / u))
    return -WATER_WEIGHT * (total + excess), slope / (2.0 * max(root, 1e-12) * u * u)


@njit(cache=True, error_model="numpy", nogil=True)
def refine_cases(
    formula, charge, epsilon, g, slope, b, lam_all, moles, solids, unit, dosed, column, value,
    departures, dose, ok,
):  # fmt: skip
    """Refine all cases one by one.

    formula (S, M): row 0 water, then the solutes, then others; g (n, S) molal; slope (n,) of Debye
    and Hueckel; b (n, M); lam_all (n, M) start and answer; moles (n, S) start; solids (n, K) rows
    of the formula, -1 beyond the last; unit (n, M); dosed; column and value (n,) of the potential
    held; departures (n, 1 + A), dose (n,) and ok (n,) are written.  Masters that a case has nothing
    of, all but that of `column`, keep their potential and have no solutes.
    """
    n_cases, M = b.shape
    A = charge.size
    most = M + 2 + solids.shape[1]
    matrix = np.zeros((most, most + 1))
    majors = min(MAJORS, A)
    inner = np.zeros((majors, majors + M + 1))
    answer = np.zeros((A, M + 1))  # d ln m = answer[:, :M] d lam - answer[:, M]
    J = np.zeros((majors, A))
    y, m, ln_gamma, e = np.zeros(A), np.zeros(A), np.zeros(A), np.zeros(A)
    amount = np.zeros(A)
    total, scale, lack = np.zeros(M), np.zeros(M), np.zeros(M)
    N = np.zeros(solids.shape[1])
    major, taken = np.zeros(majors, np.int64), np.zeros(A, np.bool_)
    absent, gone, kept = np.zeros(M, np.bool_), np.zeros(A, np.bool_), np.zeros(M)
    first = np.zeros(A + 1, np.int64)
    entry_column, entry = np.zeros(A * M, np.int64), np.zeros(A * M)
    k = 0
    for i in range(A):
        first[i] = k
        for c in range(M):
            if formula[1 + i, c] != 0.0:
                entry_column[k], entry[k] = c, formula[1 + i, c]
                k += 1
    first[A] = k
    for case in range(n_cases):
        ok[case] = False
        lam = lam_all[case]
        water = moles[case, 0]
        for c in range(M):
            there = b[case, c] != 0.0 or (dosed and unit[case, c] != 0.0)
            absent[c] = c != column and not there
            if absent[c]:
                kept[c], lam[c] = lam[c], 0.0
        for i in range(A):
            gone[i] = False
            for k in range(first[i], first[i + 1]):
                gone[i] = gone[i] or absent[entry_column[k]]
        K = 0
        while solids.shape[1] > K and solids[case, K] >= 0:
            N[K] = moles[case, solids[case, K]]
            K += 1
        for i in range(A):
            y[i] = np.log(max(moles[case, 1 + i] / (water * WATER_WEIGHT), 1e-250))
        r = 0.0
        size = M + 1 + K + (1 if dosed else 0)
        for _ in range(MOST_STEPS):
            for i in range(A):
                m[i] = 0.0 if gone[i] else np.exp(y[i])
            ln_water, bend = activities(charge, epsilon, slope[case], m, ln_gamma)
            largest = 0.0
            for i in range(A):
                amount[i] = m[i] * water * WATER_WEIGHT
                largest = max(largest, amount[i])
            for c in range(M):
                total[c] = water * formula[0, c]
                scale[c] = abs(total[c]) + 1e-300
                lack[c] = b[case, c] + (r * unit[case, c] if dosed else 0.0)
            worst = 0.0
            for i in range(A):
                e[i] = 0.0
                if gone[i]:
                    continue
                t = y[i] + ln_gamma[i] + g[case, 1 + i]
                for k in range(first[i], first[i + 1]):
                    t -= entry[k] * lam[entry_column[k]]
                    total[entry_column[k]] += entry[k] * amount[i]
                    scale[entry_column[k]] += abs(entry[k]) * amount[i]
                e[i] = t
                if amount[i] > FAINT * largest:
                    worst = max(worst, abs(t))
            off_water = -g[case, 0] - ln_water
            for c in range(M):
                off_water += formula[0, c] * lam[c]
                lack[c] -= total[c]
            for r_ in range(size):
                for c in range(size + 1):
                    matrix[r_, c] = 0.0
            for p in range(K):
                s = solids[case, p]
                t = -g[case, s]
                for c in range(M):
                    a = formula[s, c]
                    if a != 0.0:
                        t += a * lam[c]
                        lack[c] -= a * N[p]
                        scale[c] += abs(a * N[p])
                        matrix[c, M + 1 + p] = a
                        matrix[M + 1 + p, c] = a
                matrix[M + 1 + p, size] = -t
                worst = max(worst, abs(t))
            worst = max(worst, abs(off_water))
            for c in range(M):
                worst = max(worst, abs(lack[c]) / scale[c])
            if dosed:
                worst = max(worst, abs(value[case] - lam[column]))
            if not np.isfinite(worst):
                break
            if worst < EXACT:
                ok[case] = True
                for p in range(K):
                    if N[p] < 0.0:
                        ok[case] = False
                break
            # how the solutes answer to the potentials, through the gammas of the most abundant
            for i in range(A):
                taken[i] = False
            for q in range(majors):
                best = -1
                for i in range(A):
                    if not taken[i] and (best < 0 or m[i] > m[best]):
                        best = i
                taken[best] = True
                major[q] = best
                zz = 0.5 * bend * charge[best] * charge[best]
                for i in range(A):
                    J[q, i] = LN10 * m[best] * (epsilon[best, i] - zz * charge[i] * charge[i])
            for q in range(majors):
                for p in range(majors):
                    inner[q, p] = J[p, major[q]] + (1.0 if p == q else 0.0)
                for c in range(M):
                    inner[q, majors + c] = formula[1 + major[q], c]
                inner[q, majors + M] = e[major[q]]
            if not eliminate(inner, majors, majors + M + 1):
                break
            for i in range(A):
                for c in range(M):
                    answer[i, c] = formula[1 + i, c]
                answer[i, M] = e[i]
                for q in range(majors):
                    t = J[q, i]
                    for c in range(M + 1):
                        answer[i, c] -= t * inner[q, majors + c]
            push = -water * off_water
            for i in range(A):
                push += amount[i] * e[i]
                for k in range(first[i], first[i + 1]):
                    row, t = entry_column[k], entry[k] * amount[i]
                    for c in range(M):
                        matrix[row, c] += t * answer[i, c]
                    matrix[row, size] += t * answer[i, M]
            for c in range(M):
                matrix[c, M] = total[c]
                matrix[M, c] = total[c] / water
                matrix[c, size] += lack[c]
            matrix[M, size] = push / water
            if dosed:
                for c in range(M):
                    matrix[c, size - 1] = -unit[case, c]
                matrix[size - 1, column] = 1.0
                matrix[size - 1, size] = value[case] - lam[column]
            for row in range(M):
                for c in range(size + 1):
                    matrix[row, c] /= scale[row]
                if absent[row]:
                    matrix[row, row] = 1.0
            if not eliminate(matrix, size, size + 1):
                break
            longest = abs(matrix[M, size])
            for i in range(A):
                t = -answer[i, M]
                for c in range(M):
                    t += answer[i, c] * matrix[c, size]
                e[i] = t
                if taken[i]:
                    longest = max(longest, abs(t))
            length = min(1.0, LONGEST / max(longest, 1e-300))
            for i in range(A):
                y[i] = min(max(y[i] + length * e[i], -575.0), 6.0)
            for c in range(M):
                lam[c] += length * matrix[c, size]
            water *= np.exp(length * matrix[M, size])
            for p in range(K):
                N[p] += length * matrix[M + 1 + p, size]
            if dosed:
                r += length * matrix[size - 1, size]
        for c in range(M):
            if absent[c]:
                lam[c] = kept[c]
        dose[case] = r
        if ok[case]:
            t = 0.0
            for i in range(A):
                t += m[i]
            ln_x = -np.log1p(WATER_WEIGHT * t)
            departures[case, 0] = ln_water - ln_x
            for i in range(A):
                departures[case, 1 + i] = ln_gamma[i] - ln_x
