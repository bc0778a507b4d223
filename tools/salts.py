"""Species of Na, S, P and Cl: gases, salts, and what rare earths, iron and lime make of them."""

from __future__ import annotations

from typing import Any

from nasa9 import combine, extend, maier_kelley, shift
from rare_earths import RARE_EARTHS

CEA = "nasa2002"

GASES = {
    "S2": "S2", "SO": "SO", "SO2": "SO2", "SO3": "SO3", "H2S": "H2S", "COS": "COS", "CS": "CS",
    "SiS": "SiS", "P2": "P2", "P4": "P4", "PO": "PO", "PO2": "PO2", "P4O6": "P4O6",
    "P4O10": "P4O10", "Cl": "CL", "Cl2": "CL2", "FeCl2": "FeCL2", "FeCl3": "FeCL3",
    "CuCl": "CuCL", "CaCl2": "CaCL2", "MgCl2": "MgCL2", "AlCl": "ALCL", "GaCl": "GaCL",
    "Na": "Na", "NaOH": "NaOH", "NaCl": "NaCL", "Na2Cl2": "Na2CL2", "NaCN": "NaCN",
    "NaBO2": "NaBO2",
}  # fmt: skip
# Crystal forms and liquid spliced into one pure substance.
SOLIDS = [
    ("Na(s)", ["Na(cr)", "Na(L)"]),
    ("S(s)", ["S(a)", "S(b)", "S(L)"]),
    ("P(s)", ["P(cr)", "P(L)"]),
    ("P4O10(s)", ["P4O10(cr)", "P4O10(L)"]),
    ("FeS(s)", ["FeS(a)", "FeS(b)", "FeS(c)", "FeS(L)"]),
    ("CaS(s)", ["CaS(cr)"]),
    ("CaSO4(s)", ["CaSO4(II)", "CaSO4(I)"]),
    ("MgSO4(s)", ["MgSO4(II)", "MgSO4(I)"]),
    ("Na2SO4(s)", ["Na2SO4(V)", "Na2SO4(IV)", "Na2SO4(I)", "Na2SO4(L)"]),
    ("NaBO2(s)", ["NaBO2(cr)", "NaBO2(L)"]),
    ("NaAlO2(s)", ["NaALO2(a)", "NaALO2(b)"]),
    ("Na2O(s)", ["Na2O(c)", "Na2O(b)", "Na2O(a)", "Na2O(L)"]),
    ("CaCl2(s)", ["CaCL2(cr)", "CaCL2(L)"]),
    ("FeCl2(s)", ["FeCL2(cr)", "FeCL2(L)"]),
]  # fmt: skip
# name, composition, dfH298 kJ/mol, S298, a, 1e3 b, 1e-5 c of Cp, K, source, quality, note
OTHER_SOLIDS = [
    ("MnS(s)", {"Mn": 1, "S": 1}, -214.2, 78.2, 47.7, 7.53, 0, 1803, ["crc", "obigt2026"], "assessed", "dfH and S of CRC"),
    ("Ca3P2O8(s)", {"Ca": 3, "P": 2, "O": 8}, -4120.8, 236.0, 201.84, 166.02, -20.92, 2100, ["crc", "assumption"], "assumed", "dfH and S of CRC; Cp recalled"),
    ("AlPO4(s)", {"Al": 1, "P": 1, "O": 4}, -1733.8, 90.8, 130.0, 0, 0, 1400, ["crc", "assumption"], "assumed", "dfH and S of CRC; Cp guessed"),
    ("FePO4(s)", {"Fe": 1, "P": 1, "O": 4}, -1299.0, 122.0, 130.0, 0, 0, 1400, ["assumption"], "assumed", "recalled; Cp guessed"),
]  # fmt: skip
# RE phosphate (monazite): dfG, S of Navrotsky 2015 as tabulated by Gausse 2018; of Tb and Dy, which
# are of the zircon type, dfH by the enthalpy of Gd's from its oxide.
PHOSPHATES = {
    "La": (-1994.8, 106.6),
    "Ce": (-1963.8, 122.4),
    "Pr": (-1983.8, 110.1),
    "Nd": (-1964.8, 120.6),
    "Gd": (-1955.8, 124.8),
    "Tb": (-1978.5, 124.8),
    "Dy": (-1977.7, 124.8),
}
# RE2O3 + [S] = RE2O2S + [O], 1 wt% in iron, of Ce: 77530 - 28 T; log K(1873) -0.70. For Nd other
# authors' products, -13.5 and -13.0, give -0.5. With [S] and [O] from the gases: J/mol, J/mol/K.
OXYSULPHIDE = (77530.0 - 125100.0 + 117100.0, 28.0 - 18.5 - 3.39)
# 1/2 RE2O3 + HCl = REOCl + 1/2 H2O, dH298 in J/mol, by the dfH of GdOCl, and of PmOCl carried on to
# Nd; dS of Nd by adding up oxide and chloride.
OXYCHLORIDE = {"Gd": -100.2e3, "Tb": -100.2e3, "Dy": -100.2e3}
OXYCHLORIDE_LIGHT, OXYCHLORIDE_ENTROPY = -125.0e3, -67.9
# Associates in iron: Fe per solute, a and b of dG in J/mol; tools/fit_solutes.py.
SOLUTES = {"P": (3.0, -157819.0, 36.563), "S": (3.0, -123274.0, 47.348)}
REFERENCE_GAS = {"P": "P2(g)", "S": "S2(g)"}
# dfH298 kJ/mol, S298, Cp
AQUEOUS = [
    ("SO4-2(aq)", {"S": 1.0, "O": 4.0, "E": 2.0}, -909.3, 20.1, -293.0, "crc", "assessed"),
    ("H3PO4(aq)", {"H": 3.0, "P": 1.0, "O": 4.0}, -1288.3, 158.2, 100.0, "assumption", "assumed"),
]


def salts(t: Any) -> None:
    for name, cea in GASES.items():
        composition, segments, note = t.nasa(cea)
        t.add("gas", f"{name}(g)", composition, segments[:2], [CEA], "assessed", note)
    for name, records in SOLIDS:
        composition, segments, note = t.nasa(*records)
        high = 1400.0 if "SO4" in name else 2100.0
        if high > segments[-1][1]:
            note += f"; constant Cp above {segments[-1][1]:g} K"
        t.add("solids", name, composition, extend(segments, None, high), [CEA], "assessed", note)
    for name, composition, H, S, a, b, c, high, source, quality, note in OTHER_SOLIDS:
        form = f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp = {a:g} + {b * 1e-3:g} T + {c * 1e5:g}/T^2 J/mol/K"
        p = [(298.15, float(high), maier_kelley(H * 1e3, S, a, b * 1e-3, c * 1e5))]
        t.add("solids", name, {e: float(n) for e, n in composition.items()},
              extend(p, None, 1400.0 if high == 1400 else 2100.0), source, quality,
              f"{form}; {note}")  # fmt: skip
    for re in RARE_EARTHS:
        _of_rare_earth(t, re)
    iron = t.segments("Fe(metal)")
    for element, (n, a, b) in SOLUTES.items():
        name = f"Fe{n:g}{element}(metal)"
        parts = combine([(n, iron), (0.5, t.segments(REFERENCE_GAS[element]))])
        t.add("metal", name, {"Fe": n, element: 1.0}, shift(parts, a, -b), ["jsps1988"], "derived",
              f"{n:g} Fe(l) + 1/2 {element}2(g) {a:+g} {b:+g} T: 1 wt% standard state and "
              "interaction with C, in iron saturated with graphite")  # fmt: skip
    t.add("slag", "NaO0.5(slag)", {"Na": 1.0, "O": 0.5}, combine([(0.5, t.segments("Na2O(s)"))]),
          [CEA], "assessed", "1/2 Na2O(l)")  # fmt: skip
    t.add("slag", "NaBO2(slag)", {"Na": 1.0, "B": 1.0, "O": 2.0}, t.segments("NaBO2(s)"), [CEA],
          "assessed", "NaBO2(l)")  # fmt: skip
    for name, composition, H, S, cp, source, quality in AQUEOUS:
        t.add("aqueous", name, composition, [(273.15, 400.0, maier_kelley(H * 1e3, S, cp))],
              [source], quality, f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp {cp:g} J/mol/K")  # fmt: skip


def _of_rare_earth(t: Any, re: str) -> None:
    oxide = t.segments(f"{re}2O3(s)")
    gases = combine([(0.5, t.segments("S2(g)")), (-0.5, t.segments("O2(g)"))])
    dH, dS = OXYSULPHIDE
    t.add("solids", f"{re}2O2S(s)", {re: 2.0, "O": 2.0, "S": 1.0},
          shift(combine([(1, oxide), (1, gases)]), dH, dS), ["scirep2016", "ono2009"],
          "derived" if re == "Ce" else "assumed",
          f"RE2O3 + 1/2 S2 = RE2O2S + 1/2 O2, {dH:+g} {-dS:+g} T of Ce for all rare earths")  # fmt: skip
    sulphate = combine([(1, t.segments("CaSO4(s)")), (-1, t.segments("CaO(s)"))])
    t.add("solids", f"{re}2O2SO4(s)", {re: 2.0, "O": 6.0, "S": 1.0},
          combine([(1, oxide), (1, sulphate)]), ["assumption"], "assumed",
          "RE2O3 takes up SO3 as CaO does; no data at hand")  # fmt: skip
    chloride = combine([(0.5, oxide), (1, t.segments("HCl(g)")), (-0.5, t.segments("H2O(g)"))])
    t.add("solids", f"{re}OCl(s)", {re: 1.0, "O": 1.0, "Cl": 1.0},
          shift(chloride, OXYCHLORIDE.get(re, OXYCHLORIDE_LIGHT), OXYCHLORIDE_ENTROPY),
          ["burns1998", "assumption"], "derived" if re == "Gd" else "assumed",
          "1/2 RE2O3 + HCl = REOCl + 1/2 H2O by dfH of GdOCl and, for the light, of PmOCl carried "
          "on; dS by adding up oxide and chloride")  # fmt: skip
    H, S = PHOSPHATES[re]
    assessed = re not in ("Tb", "Dy")
    t.add("solids", f"{re}PO4(s)", {re: 1.0, "P": 1.0, "O": 4.0},
          [(298.15, 2100.0, maier_kelley(H * 1e3, S, 121.13, 30.12e-3, -25.63e5))],
          ["gausse2018", "assumption"], "derived" if assessed else "assumed",
          f"dfH298 {H:g} kJ/mol, S298 {S:g}" + ("" if assessed else " by analogy with Gd")
          + "; Cp of LaPO4, recalled")  # fmt: skip
