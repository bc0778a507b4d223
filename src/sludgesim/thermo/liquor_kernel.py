"""Compiled: Newton's method on a liquor with its solids and vapour, with gammas and dose.

Unknowns are the potentials lam of the masters, ln m of the solutes, ln of the water, the amounts N
of the phases beside the liquor and the dose r:

    ln m_i + ln gamma_i(m) + g_i = a_i.lam      g_w + ln a_w(m) = a_w.lam      ln sum_p = 0
    sum_i n_i a_i + sum_p N_p mean_p(a) = b + r u      lam_k = held value, where there is a dose

with sum_p = sum over the species of a phase of exp(a.lam - g). A phase comes where its sum passes
one and goes where its amount falls below zero, so that a case that is solved meets the optimality
conditions. The derivatives of ln gamma count the most abundant solutes only, and only in solutes
that matter to a balance, which makes it almost Newton's method. The derivative of ln a_w comes from
Gibbs-Duhem.
"""

# numba infers the types of compiled functions
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from pathlib import Path

import numpy as np
from numba import njit

from sludgesim.equilibrium.cache import forget_stale_kernels
from sludgesim.thermo import liquor_algebra, sit
from sludgesim.thermo.liquor_algebra import (
    activities,
    eliminate,
    locate,
    most_abundant,
    nearest,
    phase_sum,
    response,
)
from sludgesim.thermo.sit import WATER_WEIGHT

MAJORS = 8
"""Solutes whose molalities count in the derivatives of the activity coefficients."""
MINOR = 1e-3
"""Share of every balance below which the gammas do not matter in a solute's derivatives."""
MOST_STEPS = 40
MOST_CHANGES = 12
"""Phases that may come or go in one case."""
LONGEST = 2.0
"""Longest step of ln m of a solute that counts."""
NEAR = 0.1
"""Relative miss of every equation at which phases come and go."""
EXACT = 1e-11
"""Relative miss of every equation at which a case is solved."""
CLOSED = 1e-13
"""Relative miss of the balances at which no further step is tried for their sake."""
MOST_POLISHED = 1
DRIVEN = 1e-9
"""ln of the sum of a phase that is not there, at which it is missing."""
ROUGH = 1e-4
"""Relative miss at which a trial is solved, as a share of that of its seed."""
NEVER = 1e6
"""g of what a case cannot form, for want of a master."""
FAINT = 1e-25
"""Share of the most abundant solute below which a solute's own equation is not judged."""


@njit(cache=True, error_model="numpy", nogil=True)
def settle_cases(
    formula, starts, charge, epsilon, g, slope, b, unit, dosed, column, value, seeded, seed_moles,
    rough, lam_all, moles, dose, ok,
):  # fmt: skip
    """Settle all cases one by one, each from its seed or else from the nearest solved before it.

    formula (S, M): row 0 water, then the solutes, then the other phases from starts[1] on; g (n, S)
    molal, with ln of the pressure in those of gases, written over; slope (n,) of Debye and Hueckel;
    b (n, M); unit (n, M); dosed; column and value (n,) of the potential held; seeded (n,) and
    seed_moles (n, S); rough: trials, solved to a share of their seeds' miss; lam_all (n, M) seed
    and answer.
    Written: lam_all, moles (n, S), dose (n,) and ok (n,).  Masters that a case has nothing of, all
    but that of `column`, get nan and have no species.
    """
    n_cases, M = b.shape
    A, S = charge.size, formula.shape[0]
    P = starts.size - 1
    most = 2 * M + 3
    matrix = np.zeros((most, most + 1))
    majors = min(MAJORS, A)
    inner = np.zeros((majors, majors + M + 1))
    answer = np.zeros((A, M + 1))
    J = np.zeros((majors, A))
    y, m, ln_gamma, e = np.zeros(A), np.zeros(A), np.zeros(A), np.zeros(A)
    amount = np.zeros(A)
    lam, total, scale, lack = np.zeros(M), np.zeros(M), np.zeros(M), np.zeros(M)
    N, there, mean = np.zeros(P), np.zeros(P, np.bool_), np.zeros(M)
    means = np.zeros((M + 1, M))
    here = np.zeros(M + 1, np.int64)
    major, taken = np.zeros(majors, np.uint32), np.zeros(A, np.bool_)
    counted = np.zeros(A, np.uint32)
    absent, gone, minor = np.zeros(M, np.bool_), np.zeros(A, np.bool_), np.zeros(A, np.bool_)
    lost = np.zeros(P, np.bool_)
    # formulas without zeros, of solutes and what follows them; unsigned: nobody counts from the end
    first = np.zeros(S, np.int64)
    entry_column, entry = np.zeros(S * M, np.uint32), np.zeros(S * M)
    k = 0
    for i in range(S - 1):
        first[i] = k
        for c in range(M):
            if formula[1 + i, c] != 0.0:
                entry_column[k], entry[k] = c, formula[1 + i, c]
                k += 1
    first[S - 1] = k
    own = np.zeros(M, np.int64)  # the species that is the master itself
    for i in range(A):
        if first[i + 1] == first[i] + 1 and entry[first[i]] == 1.0:
            own[entry_column[first[i]]] = 1 + i
    lean, place = np.zeros(M), np.zeros((n_cases, M + 1))
    for case in range(n_cases):
        ok[case] = False
        locate(b[case], value[case], slope[case], place[case])
        near = case if seeded[case] else nearest(place, ok, case)
        if near < 0 or not np.isfinite(g[case].sum() + b[case].sum()):
            continue
        source = seed_moles[case] if seeded[case] else moles[near]
        share = b[case, 0] / b[near, 0]
        water, r = share * source[0], share * dose[near]
        for c in range(M):
            t = b[case, c] != 0.0 or (dosed and unit[case, c] != 0.0)
            absent[c] = c != column and not t
            lam[c] = lam_all[near, c]
            if absent[c] or not np.isfinite(lam[c]):
                lam[c] = 0.0
        for i in range(A):
            gone[i], minor[i] = False, False
            for k in range(first[i], first[i + 1]):
                gone[i] = gone[i] or absent[entry_column[k]]
            y[i] = np.log(max(source[1 + i] / (source[0] * WATER_WEIGHT), 1e-250))
            m[i] = 0.0
        for p in range(1, P):
            lost[p] = True
            N[p] = 0.0
            for s in range(starts[p], starts[p + 1]):
                holds = True
                for c in range(M):
                    holds = holds and not (absent[c] and formula[s, c] != 0.0)
                lost[p] = lost[p] and not holds
                if not holds:
                    g[case, s] = NEVER
                N[p] += share * source[s]
            there[p] = N[p] > 0.0 and not lost[p]
        if not seeded[case]:
            # what the neighbour was is scaled to the masters, the temperature and the held value
            for c in range(M):
                s = own[c]
                lean[c] = 0.0
                if absent[c]:
                    continue
                if c == column and dosed:
                    lean[c] = value[case] - g[case, s] - lam[c] + g[near, s]
                elif c > 0 and c != column and b[near, c] * b[case, c] > 0.0:
                    lean[c] = np.log(b[case, c] / b[near, c] / share)
                if s > 0 or c == 0:
                    lam[c] += lean[c] + g[case, s] - g[near, s]
                else:
                    lean[c] = 0.0
            for i in range(A):
                for k in range(first[i], first[i + 1]):
                    y[i] += entry[k] * lean[entry_column[k]]
        changes, polished, goal, standard = 0, 0, EXACT, g[case]
        for step in range(MOST_STEPS):
            ok[case] = False
            K = 0
            for p in range(1, P):
                if there[p] and K <= M:
                    here[K] = p
                    K += 1
            if K > M:
                break
            size = M + 1 + K + (1 if dosed else 0)
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
                if minor[i] and abs(t) < 1.0:
                    # only the gammas moved since the step: it follows them, and moves them little
                    y[i] -= t
                    m[i] = np.exp(y[i])
                    amount[i] = m[i] * water * WATER_WEIGHT
                    t *= MINOR
                else:
                    e[i] = t
                if amount[i] > FAINT * largest:
                    worst = max(worst, abs(t))
                for k in range(first[i], first[i + 1]):
                    total[entry_column[k]] += entry[k] * amount[i]
                    scale[entry_column[k]] += abs(entry[k]) * amount[i]
            off_water = -g[case, 0] - ln_water
            for c in range(M):
                off_water += formula[0, c] * lam[c]
                lack[c] -= total[c]
            for row in range(size):
                for c in range(size + 1):
                    matrix[row, c] = 0.0
            for q in range(K):
                p = here[q]
                t = phase_sum(formula, standard, lam, starts[p], starts[p + 1], mean)
                for c in range(M):
                    means[q, c] = mean[c]
                    if mean[c] != 0.0:
                        lack[c] -= mean[c] * N[p]
                        scale[c] += abs(mean[c] * N[p])
                        matrix[c, M + 1 + q] = mean[c]
                        matrix[M + 1 + q, c] = mean[c]
                matrix[M + 1 + q, size] = -t
                worst = max(worst, abs(t))
                if starts[p + 1] - starts[p] > 1:
                    for s in range(starts[p], starts[p + 1]):
                        x = -g[case, s] - t
                        for c in range(M):
                            x += formula[s, c] * lam[c]
                        x = N[p] * np.exp(x)
                        for c in range(M):
                            if formula[s, c] != 0.0:
                                for d in range(M):
                                    matrix[c, d] += x * formula[s, c] * (formula[s, d] - mean[d])
            worst = max(worst, abs(off_water))
            unbalanced = 0.0
            for c in range(M):
                unbalanced = max(unbalanced, abs(lack[c]) / scale[c])
            worst = max(worst, unbalanced)
            if dosed:
                worst = max(worst, abs(value[case] - lam[column]))
            if not np.isfinite(worst + total.sum() + lam.sum()):
                break  # maxima pass over nan
            if rough and step == 0:
                goal = max(EXACT, ROUGH * min(worst, 1.0))
            if worst < NEAR:
                change, most_driven = 0, max(DRIVEN, 3.0 * worst)
                for p in range(1, P):
                    if not (lost[p] or there[p]):
                        s = starts[p]
                        if starts[p + 1] > s + 1:
                            t = phase_sum(formula, standard, lam, s, starts[p + 1], mean)
                        else:
                            t = -standard[s]
                            for k in range(first[s - 1], first[s]):
                                t += entry[k] * lam[entry_column[k]]
                        if t > most_driven:
                            change, most_driven = p, t
                if change > 0:
                    changes += 1
                    if changes > MOST_CHANGES:
                        break
                    there[change] = True
                    continue
                if worst < goal:
                    ok[case] = True
                    polished += 1
                    if rough or unbalanced < CLOSED or polished > MOST_POLISHED:
                        break
            if step == MOST_STEPS - 1:
                break
            push = -water * off_water
            n_counted = 0
            for i in range(A):
                if gone[i]:
                    continue
                matters = False
                for k in range(first[i], first[i + 1]):
                    c = entry_column[k]
                    matters = matters or abs(entry[k]) * amount[i] > MINOR * scale[c]
                minor[i] = not matters
                if matters:
                    counted[n_counted] = i
                    n_counted += 1
                    continue
                # a scarce solute follows the potentials, whatever the gammas do
                push += amount[i] * e[i]
                for k in range(first[i], first[i + 1]):
                    row, t = entry_column[k], entry[k] * amount[i]
                    for q in range(first[i], first[i + 1]):
                        matrix[row, entry_column[q]] += t * entry[q]
                    matrix[row, size] += t * e[i]
            n_major = most_abundant(m, counted, n_counted, taken, major)
            if not response(formula, charge, epsilon, bend, m, e, counted, n_counted, major,
                            n_major, J, inner, answer):  # fmt: skip
                break
            for n in range(n_counted):
                i = counted[n]
                push += amount[i] * e[i]
                for k in range(first[i], first[i + 1]):
                    row, t = entry_column[k], entry[k] * amount[i]
                    for c in range(M):
                        matrix[row, c] += t * answer[n, c]
                    matrix[row, size] += t * answer[n, M]
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
            for n in range(n_counted):
                t = -answer[n, M]
                for c in range(M):
                    t += answer[n, c] * matrix[c, size]
                answer[n, 0] = t
                longest = max(longest, abs(t))
            length = min(1.0, LONGEST / max(longest, 1e-300))
            scarce = np.log(MINOR * largest / (water * WATER_WEIGHT) + 1e-300)
            for c in range(M):
                lam[c] += length * matrix[c, size]
            for i in range(A):
                if not gone[i]:
                    t = -e[i]
                    for k in range(first[i], first[i + 1]):
                        t += entry[k] * length * matrix[entry_column[k], size]
                    e[i] = min(t, max(LONGEST, scarce - y[i]))
            for n in range(n_counted):
                e[counted[n]] = length * answer[n, 0]
            for i in range(A):
                y[i] = min(max(y[i] + e[i], -575.0), 6.0)
            water *= np.exp(length * matrix[M, size])
            for q in range(K):
                p = here[q]
                N[p] += length * matrix[M + 1 + q, size]
                if N[p] < 0.0:  # it may come back once the rest is near
                    there[p], N[p] = False, 0.0
                    changes += 1
            if dosed:
                r += length * matrix[size - 1, size]
        dose[case] = r
        if not ok[case]:
            continue
        moles[case, 0] = water
        for i in range(A):
            moles[case, 1 + i] = amount[i]
        for p in range(1, P):
            for s in range(starts[p], starts[p + 1]):
                moles[case, s] = N[p] if there[p] else 0.0
                if there[p] and starts[p + 1] - starts[p] > 1:
                    x = -g[case, s]
                    for c in range(M):
                        x += formula[s, c] * lam[c]
                    moles[case, s] = N[p] * np.exp(x)
        for c in range(M):
            lam_all[case, c] = np.nan if absent[c] else lam[c]


forget_stale_kernels(
    settle_cases, [Path(m) for m in (__file__, liquor_algebra.__file__, sit.__file__)]
)
