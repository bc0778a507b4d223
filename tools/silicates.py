"""Silicates, borates and aluminates of slags: solids, and the associates of the liquid."""

from __future__ import annotations

from typing import Any

from minor_elements import fused
from nasa9 import Segment, combine, extend, maier_kelley, shift
from rare_earths import RARE_EARTHS

CEA = "nasa2002"
# name, composition, dfH298 kJ/mol, S298, a, 1e3 b, 1e-5 c of Cp, melting K and kJ/mol, source, note
COMPOUNDS = [
    ("CaSiO3", {"Ca": 1, "Si": 1, "O": 3}, -1634.8, 81.7, 111.46, 15.06, -27.28, 1817, 57.3, ["assumption"], "recalled after Robie and Hemingway 1995"),
    ("Ca2SiO4", {"Ca": 2, "Si": 1, "O": 4}, -2306.7, 127.6, 151.67, 36.94, -30.29, 2403, 71.0, ["assumption"], "recalled after Robie and Hemingway 1995"),
    ("CaAl2O4", {"Ca": 1, "Al": 2, "O": 4}, -2326.2, 114.2, 150.62, 24.94, -33.30, 1878, 100.0, ["assumption"], "recalled; melting guessed"),
    ("CaB2O4", {"Ca": 1, "B": 2, "O": 4}, -2031.0, 104.9, 129.79, 40.84, -33.76, 1427, 74.1, ["carlson1932", "assumption"], "melting point of Carlson; the rest recalled after NBS and Torgeson 1947"),
    ("Ca2B2O5", {"Ca": 2, "B": 2, "O": 5}, -2734.4, 145.1, 183.05, 47.86, -44.73, 1571, 100.8, ["carlson1932", "assumption"], "melting point of Carlson; the rest recalled after NBS and Torgeson 1947"),
    ("Ca3B2O6", {"Ca": 3, "B": 2, "O": 6}, -3429.1, 183.7, 236.14, 43.64, -54.64, 1752, 148.5, ["carlson1932", "assumption"], "melting point of Carlson; the rest recalled after NBS and Torgeson 1947"),
    ("MnSiO3", {"Mn": 1, "Si": 1, "O": 3}, -1320.9, 89.1, 110.54, 16.23, -25.77, 1564, 66.9, ["crc", "assumption"], "dfH and S of CRC; the rest recalled"),
    ("Mn2SiO4", {"Mn": 2, "Si": 1, "O": 4}, -1730.5, 163.2, 159.08, 19.50, -31.13, 1620, 89.5, ["crc", "assumption"], "dfH and S of CRC; the rest recalled"),
    ("Fe2SiO4", {"Fe": 2, "Si": 1, "O": 4}, -1479.9, 145.2, 152.76, 39.16, -28.03, 1490, 92.2, ["crc", "assumption"], "dfH and S of CRC; the rest recalled"),
    ("Na2SiO3", {"Na": 2, "Si": 1, "O": 3}, -1554.9, 113.9, 130.29, 40.17, -27.07, 1362, 51.8, ["crc", "assumption"], "dfH and S of CRC; the rest recalled"),
]  # fmt: skip
# CEA: solid forms, liquid, melting point.
MAGNESIUM = [
    ("MgSiO3", ["MgSiO3(I)", "MgSiO3(II)", "MgSiO3(III)"], "MgSiO3(L)", 1850.0),
    ("Mg2SiO4", ["Mg2SiO4(cr)"], "Mg2SiO4(L)", 2171.0),
]
# Enthalpy of formation of RE9.33(SiO4)6O2 from the oxides at 298 K, kJ/mol (Risbud 2001).
APATITE = {"La": -776.3, "Nd": -760.4, "Gd": -446.9}
LIKE = {"Ce": "La", "Pr": "Nd", "Tb": "Gd", "Dy": "Gd"}
# Per RE atom: Si, K at which the pure associate would freeze, entropy of melting J/K (7 per atom).
# The compounds melt lower, because the associate dissociates. Calibrated: the first on the liquid of
# 59 wt% La2O3 saturated at 1653 degC (Chen 2020), the second on La2SiO5 melting at 1930 degC
# (recalled). The eutectic with silica then lies far too low (1240 degC, measured 1600 to 1653): an
# ideal mixture does not know the miscibility gap of siliceous melts.
RE_SILICATES = [("SiO3.5", 1.0, 2200.0, 38.5), ("Si0.5O2.5", 0.5, 2670.0, 28.0)]


def formation(re: str, si: float) -> float:
    """Enthalpy of RE Si_si from the oxides, J per RE atom: W x (1 - x) through the apatite's."""
    apatite = APATITE[LIKE.get(re, re)] * 1e3
    cations, x = 28 / 3 + 6, (28 / 3) / (28 / 3 + 6)
    W = apatite / cations / (x * (1 - x))
    return W * si / (1 + si)


def silicates(t: Any) -> None:
    for name, composition, H, S, a, b, c, T, melting, source, note in COMPOUNDS:
        atoms = {e: float(n) for e, n in composition.items()}
        form = f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp = {a:g} + {b * 1e-3:g} T + {c * 1e5:g}/T^2 J/mol/K"
        solid: list[Segment] = [(298.15, 2400.0, maier_kelley(H * 1e3, S, a, b * 1e-3, c * 1e5))]
        t.add("solids", f"{name}(s)", atoms, solid, source, "assumed", f"{form}; {note}")
        t.add("slag", f"{name}(slag)", atoms, shift(solid, melting * 1e3, melting * 1e3 / T),
              source, "assumed", f"solid melting at {T:g} K with {melting:g} kJ/mol; {note}")  # fmt: skip
    for name, records, liquid, T in MAGNESIUM:
        composition, segments, note = t.nasa(*records)
        solid = extend(segments, None, 2400.0)
        t.add("solids", f"{name}(s)", composition, solid, [CEA], "assessed", note)
        t.add("slag", f"{name}(slag)", composition, fused(solid, t.nasa(liquid)[1], T), [CEA],
              "assessed", f"solid melting at {T:g} K")  # fmt: skip
    quartz = t.segments("SiO2(s)")
    for re in RARE_EARTHS:
        for rest, si, T, dS in RE_SILICATES:
            dH = formation(re, si)
            atoms = {re: 1.0, "Si": si, "O": 1.5 + 2 * si}
            solid = shift(combine([(0.5, t.segments(f"{re}2O3(s)")), (si, quartz)]), dH)
            quality = "derived" if re in APATITE else "assumed"
            t.add("solids", f"{re}{rest}(s)", atoms, solid, ["risbud2001"], quality,
                  f"1/2 RE2O3 + {si:g} SiO2 {dH:+.0f} J/mol, parabola through the apatite "
                  f"of {LIKE.get(re, re)}; S and Cp add up")  # fmt: skip
            t.add("slag", f"{re}{rest}(slag)", atoms, shift(solid, dS * T, dS),
                  ["risbud2001", "chen2020", "assumption"], "assumed",
                  f"silicate {dS * T:+.0f} {-dS:+g} T, fitted to the liquidus of La2O3-SiO2")  # fmt: skip
