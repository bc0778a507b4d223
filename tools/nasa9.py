"""NASA-9 polynomials as lists of (T_low, T_high, coefficients), and how other forms become them.

Cp/R = a1/T^2 + a2/T + a3 + a4 T + a5 T^2 + a6 T^3 + a7 T^4; b1 and b2 (here items 7 and 8) are the
integration constants of H/RT and S/R. Maier-Kelley and SGTE expressions without T^7, T^-9 or
magnetic terms are exactly of this form.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np

R = 8.31446261815324
T0 = 298.15
Segment = tuple[float, float, list[float]]


def enthalpy(c: list[float], T: float) -> float:
    """Enthalpy over R, in K, of one coefficient set at T."""
    return (
        -c[0] / T
        + c[1] * np.log(T)
        + c[2] * T
        + c[3] * T**2 / 2
        + c[4] * T**3 / 3
        + c[5] * T**4 / 4
        + c[6] * T**5 / 5
        + c[7]
    )


def entropy(c: list[float], T: float) -> float:
    """Entropy over R of one coefficient set at T."""
    return (
        -c[0] / (2 * T**2)
        - c[1] / T
        + c[2] * np.log(T)
        + c[3] * T
        + c[4] * T**2 / 2
        + c[5] * T**3 / 3
        + c[6] * T**4 / 4
        + c[8]
    )


def heat_capacity(c: list[float], T: float) -> float:
    """Heat capacity over R of one coefficient set at T."""
    return sum(c[i] * T ** (i - 2) for i in range(7))


def maier_kelley(H: float, S: float, a: float, b: float = 0.0, c: float = 0.0) -> list[float]:
    """Coefficients for H298 and S298 (J/mol, J/mol/K) and Cp = a + b T + c / T^2 (J/mol/K)."""
    p = [c / R, 0.0, a / R, b / R, 0.0, 0.0, 0.0, 0.0, 0.0]
    p[7] = H / R - enthalpy(p, T0)
    p[8] = S / R - entropy(p, T0)
    return p


def sgte(a: float, b: float, c: float = 0.0, d: float = 0.0, e: float = 0.0) -> list[float]:
    """Coefficients for G = a + b T + c T ln T + d T^2 + e / T (J/mol)."""
    p = [-2 * e / R, 0.0, -c / R, -2 * d / R, 0.0, 0.0, 0.0, a / R, 0.0]
    p[8] = (-b - c) / R
    return p


def shift(segments: list[Segment], dH: float, dS: float = 0.0) -> list[Segment]:
    """Add dH - T dS to G of every segment (J/mol, J/mol/K)."""
    return [(lo, hi, [*c[:7], c[7] + dH / R, c[8] + dS / R]) for lo, hi, c in segments]


def combine(parts: list[tuple[float, list[Segment]]]) -> list[Segment]:
    """A weighted sum of species, on the ranges that all of them have."""
    lo = max(p[0][0] for _, p in parts)
    hi = min(p[-1][1] for _, p in parts)
    edges = sorted({e for _, p in parts for s in p for e in s[:2] if lo < e < hi} | {lo, hi})
    out = []
    for left, right in pairwise(edges):
        middle = (left + right) / 2
        c = np.zeros(9)
        for weight, p in parts:
            c += weight * np.array(next(s[2] for s in p if s[0] <= middle <= s[1]))
        out.append((left, right, [float(v) for v in c]))
    return out


def extend(segments: list[Segment], low: float | None, high: float | None) -> list[Segment]:
    """Add tails of constant heat capacity, with H and S continuous, down to low and up to high."""
    out = list(segments)
    for T, index in ((low, 0), (high, -1)):
        if T is None:
            continue
        lo, hi, c = out[index]
        edge = lo if index == 0 else hi
        if (index == 0 and edge <= T) or (index == -1 and edge >= T):
            continue
        p = [0.0, 0.0, heat_capacity(c, edge), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        p[7] = enthalpy(c, edge) - enthalpy(p, edge)
        p[8] = entropy(c, edge) - entropy(p, edge)
        tail = (T, edge, p) if index == 0 else (edge, T, p)
        out = [tail, *out] if index == 0 else [*out, tail]
    return out


def read_cea(path: Path) -> dict[str, list[tuple[dict[str, float], list[Segment], str]]]:
    """Every record of NASA's CEA species file: name -> list of (composition, segments, reference).

    A condensed species with polymorphs or lambda transitions has one record per form.
    """
    lines = path.read_text(encoding="latin-1").splitlines()
    records: dict[str, list[tuple[dict[str, float], list[Segment], str]]] = {}
    head = re.compile(r"^ ?\s?(\d+) (.{6}) ((?:[A-Z ]{2}[ \d.\-]{6}){5}) (\d)")
    for i, line in enumerate(lines[:-1]):
        match = head.match(lines[i + 1])
        if not match or line.startswith(("!", " ", "-")) or int(match[1]) == 0:
            continue
        composition = {}
        for k in range(5):
            symbol, amount = match[3][8 * k : 8 * k + 2].strip(), match[3][8 * k + 2 : 8 * k + 8]
            if symbol and float(amount):
                composition[symbol.capitalize()] = float(amount)
        segments = []
        for k in range(int(match[1])):
            top, one, two = lines[i + 2 + 3 * k : i + 5 + 3 * k]
            numbers = [one[j : j + 16] for j in range(0, 80, 16)]
            numbers += [two[j : j + 16] for j in range(0, 80, 16)]
            values = [float(v.replace("D", "E")) if v.strip() else 0.0 for v in numbers]
            lo, hi = float(top[:11]), float(top[11:22])
            segments.append((lo, hi, [*values[:7], values[8], values[9]]))
        records.setdefault(line[:18].strip(), []).append((composition, segments, line[18:].strip()))
    return records
