"""Fit the ideal associates of liquid iron and austenite to the assessed Fe-C descriptions.

    python tools/fit_associates.py

Prints, for each phase, the energies a + b T of its associates (J/mol, relative to the phase's iron
and graphite) and how far chemical potentials and graphite saturation lie from the assessment of
P. Gustafson, Scand. J. Metall. 14 (1985) 259. build_thermochemistry.py holds the printed numbers.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, least_squares

R = 8.31446261815324


def liquid(T, x):
    """RT ln a of C (graphite) and Fe (liquid) in the assessed liquid at mole fraction x of C."""
    L0, L1, L2 = -124320 + 28.5 * T, 19300.0, 49260 - 19 * T
    d = 2 * x - 1
    q, dq = L0 + L1 * d + L2 * d * d, 2 * (L1 + 2 * L2 * d)
    excess, slope = x * (1 - x) * q, (1 - 2 * x) * q + x * (1 - x) * dq
    carbon = excess + (1 - x) * slope + R * T * np.log(x) + 117369 - 24.63 * T
    return carbon, excess - x * slope + R * T * np.log(1 - x)


def austenite(T, x):
    """The same for austenite (Fe)(C,Va), relative to graphite and fcc iron."""
    y, L = x / (1 - x), -34671.0
    carbon = 77207 - 15.877 * T + R * T * np.log(y / (1 - y)) + L * (1 - 2 * y)
    return carbon, R * T * np.log(1 - y) + L * y * y


def ideal(T, x, ratios, p):
    """RT ln a of C and Fe in an ideal mixture of Fe and Fe_nC associates, at one T and x."""
    n = np.array([1.0, *ratios])
    m = np.array([0.0, *np.ones(len(ratios))])
    g = np.array([0.0, *(p[0::2] + p[1::2] * T)]) / (R * T)
    u = np.array([np.log(1 - x) - 0.5, np.log(x) - 0.5])
    for _ in range(100):
        y = np.exp(n * u[0] + m * u[1] - g)
        w = m * (1 - x) - n * x
        F = np.array([np.log(y.sum()), y @ w])
        J = np.array([[y @ n / y.sum(), y @ m / y.sum()], [(y * n) @ w, (y * m) @ w]])
        step = -np.linalg.solve(J, F)
        u = u + step * min(1.0, 2 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < 1e-12:
            return R * T * u[1], R * T * u[0]
    raise RuntimeError("no convergence")


def fit(name, assessed, ratios, temperatures, x_max):
    points = [(T, x) for T in temperatures for x in np.geomspace(0.003, x_max, 12)]
    points = [(T, x) for T, x in points if assessed(T, x)[0] < 0.3 * R * T]
    target = np.array([assessed(T, x) for T, x in points])

    def residual(p):
        return (np.array([ideal(T, x, ratios, p) for T, x in points]) - target).ravel() / 1000

    start = [20000.0, -8.0] * len(ratios)
    r = least_squares(residual, start, x_scale=np.abs(start))
    print(f"{name}: associates Fe{list(ratios)}C: {np.round(r.x, 3).tolist()}")
    print(f"  rms {np.sqrt(np.mean(r.fun**2)):.3f} kJ/mol, worst {np.abs(r.fun).max():.2f}")
    for T in temperatures:
        a = brentq(lambda x, T=T: assessed(T, x)[0], 1e-4, 0.3)
        b = brentq(lambda x, T=T: ideal(T, x, ratios, r.x)[0], 1e-4, 0.99 / (1 + min(ratios)))
        print(f"  {T - 273.15:6.0f} C: graphite saturation x_C {a:.4f} assessed, {b:.4f} fitted")


if __name__ == "__main__":
    fit("liquid", liquid, (1.0, 4.0), np.linspace(1423, 2073, 6), 0.24)
    fit("austenite", austenite, (1.0, 5.0), np.linspace(1000, 1700, 5), 0.09)
