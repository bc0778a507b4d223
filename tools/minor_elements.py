"""Species of Mn, Mg, Ga, Ti, Zr and Nb, which magnets hold little of."""

from __future__ import annotations

import math
from typing import Any

from nasa9 import R, Segment, combine, enthalpy, entropy, extend, maier_kelley, shift

CEA = "nasa2002"


def fused(solid: list[Segment], liquid: list[Segment], T: float) -> list[Segment]:
    """The liquid below its melting point T: the solid with the enthalpy and entropy of melting."""
    s = next(c for lo, hi, c in solid if lo <= T <= hi or hi == solid[-1][1])
    c = next(c for lo, hi, c in liquid if lo <= T <= hi)
    return shift(solid, R * (enthalpy(c, T) - enthalpy(s, T)), R * (entropy(c, T) - entropy(s, T)))


SOLIDS = [
    ("Mn(s)", ["Mn(a)", "Mn(b)", "Mn(c)"]),
    ("Mg(s)", ["Mg(cr)"]),
    ("Ga(s)", ["Ga(cr)", "Ga(L)"]),
    ("Ti(s)", ["Ti(a)", "Ti(b)"]),
    ("Zr(s)", ["Zr(a)", "Zr(b)"]),
    ("Nb(s)", ["Nb(cr)"]),
    ("MgO(s)", ["MgO(cr)"]),
    ("MgAl2O4(s)", ["MgAL2O4(cr)"]),
    ("Ga2O3(s)", ["Ga2O3(cr)"]),
    ("TiO2(s)", ["TiO2(cr)"]),
    ("Ti2O3(s)", ["Ti2O3(I)", "Ti2O3(I')"]),
    ("TiC(s)", ["TiC(cr)"]),
    ("TiB2(s)", ["TiB2(cr)"]),
    ("ZrO2(s)", ["ZrO2(III)", "ZrO2(II)"]),
    ("ZrC(s)", ["ZrC(cr)"]),
    ("NbO2(s)", ["NbO2(II)", "NbO2(I)"]),
    ("Nb2O5(s)", ["Nb2O5(cr)"]),
    ("MgCO3(s)", ["MgCO3(cr)"]),
]
CP298 = "Cp of 298 K at all temperatures"
# name, composition, dfH298 kJ/mol, S298, a, 1e3 b, 1e-5 c of Cp, K, source, quality, note
OTHER_SOLIDS = [
    ("MnO(s)", {"Mn": 1, "O": 1}, -385.2, 59.7, 46.48, 8.12, -3.68, 2115, ["crc", "assumption"], "assumed", "dfH and S of CRC; Cp recalled"),
    ("Mn3O4(s)", {"Mn": 3, "O": 4}, -1387.8, 155.6, 139.7, 0, 0, 1835, ["crc"], "assessed", CP298),
    ("Mn2O3(s)", {"Mn": 2, "O": 3}, -959.0, 110.5, 107.7, 0, 0, 1400, ["crc"], "assessed", CP298),
    ("NbC(s)", {"Nb": 1, "C": 1}, -138.9, 35.4, 45.1, 7.2, -9.0, 3500, ["assumption"], "assumed", "recalled"),
    ("Mn(OH)2(s)", {"Mn": 1, "O": 2, "H": 2}, -695.4, 99.2, 97.0, 0, 0, 400, ["assumption"], "assumed", "dfH and S recalled; Cp as Co(OH)2"),
    ("MnCO3(s)", {"Mn": 1, "C": 1, "O": 3}, -894.1, 85.8, 81.5, 0, 0, 400, ["crc"], "assessed", CP298),
    ("MnC2O4.2H2O(s)", {"Mn": 1, "C": 2, "O": 6, "H": 4}, -1628.4, 200.0, 180.0, 0, 0, 400, ["assumption"], "assumed", "dfH recalled; S, Cp guessed"),
    ("Ga(OH)3(s)", {"Ga": 1, "O": 3, "H": 3}, -964.4, 100.0, 93.1, 0, 0, 400, ["crc", "assumption"], "assumed", "dfH and S of CRC; Cp as Al(OH)3"),
]  # fmt: skip
GASES = ("Mn", "Mg", "Ga", "Ga2O")
# Solute: gamma at infinite dilution in iron at 1600 C, source, quality, remark.
SOLUTES = {
    "Mn": (1.44, ["jsps1988"], "derived", ""),
    "Nb": (0.2, ["jsps1988"], "derived", ""),
    "Ti": (0.037, ["jsps1988", "assumption"], "assumed", ", recalled"),
    "Zr": (0.037, ["jsps1988", "assumption"], "assumed", ", recalled"),
    "Ga": (1.0, ["assumption"], "assumed", ", no data at hand"),
}
# Slag species: composition, solid, atoms per solid, CEA's liquid, melting point.
LIQUIDS = [
    ("MgO(slag)", {"Mg": 1.0, "O": 1.0}, "MgO(s)", 1.0, "MgO(L)", 3100.0),
    ("GaO1.5(slag)", {"Ga": 1.0, "O": 1.5}, "Ga2O3(s)", 0.5, "Ga2O3(L)", 2080.0),
    ("TiO2(slag)", {"Ti": 1.0, "O": 2.0}, "TiO2(s)", 1.0, "TiO2(L)", 2185.0),
    ("TiO1.5(slag)", {"Ti": 1.0, "O": 1.5}, "Ti2O3(s)", 0.5, "Ti2O3(L)", 2110.0),
    ("ZrO2(slag)", {"Zr": 1.0, "O": 2.0}, "ZrO2(s)", 1.0, "ZrO2(L)", 2983.0),
]
# dfH298 kJ/mol, S298, Cp
IONS = {
    "Mn+2": ({"Mn": 1.0, "E": -2.0}, -220.8, -73.6, 50.0),
    "Mg+2": ({"Mg": 1.0, "E": -2.0}, -466.9, -138.1, 0.0),
    "Ga+3": ({"Ga": 1.0, "E": -3.0}, -211.7, -331.0, 0.0),
}


def minor_elements(t: Any) -> None:
    for name in GASES:
        composition, segments, note = t.nasa(name)
        t.add("gas", f"{name}(g)", composition, segments[:2], [CEA], "assessed", note)
    for name, records in SOLIDS:
        composition, segments, note = t.nasa(*records)
        high = 2100.0 if "O" in composition or "C" in composition else 1400.0
        if name == "MgCO3(s)":
            high = segments[-1][1]
        if high > segments[-1][1]:
            note += f"; constant Cp above {segments[-1][1]:g} K"
        t.add("solids", name, composition, extend(segments, None, high), [CEA], "assessed", note)
    for name, composition, H, S, a, b, c, high, source, quality, note in OTHER_SOLIDS:
        low = 273.15 if high == 400 else 298.15
        form = f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp = {a:g} + {b * 1e-3:g} T + {c * 1e5:g}/T^2 J/mol/K"
        p = maier_kelley(H * 1e3, S, a, b * 1e-3, c * 1e5)
        t.add("solids", name, {e: float(n) for e, n in composition.items()},
              [(low, float(high), p)], source, quality, f"{form}; {note}")  # fmt: skip
    for element, (gamma, source, quality, remark) in SOLUTES.items():
        liquid = extend(t.nasa(f"{element}(L)")[1], 1300.0, None)
        dH = R * 1873.15 * math.log(gamma)
        t.add("metal", f"{element}(metal)", {element: 1.0}, shift(liquid, dH), source, quality,
              f"liquid {element} {dH:+.0f} J/mol: gamma {gamma:g} in Fe at 1600 C{remark}")  # fmt: skip
    for name in ("TiC", "ZrC", "NbC"):
        solid = t.by_name[f"{name}(s)"]
        t.add("metal", f"{name}(carbide)", solid["composition"], solid["segments"],
              solid["source"], solid["quality"], solid["note"])  # fmt: skip
    for name, composition, solid, share, liquid, T in LIQUIDS:
        molten = fused(t.segments(solid), t.nasa(liquid)[1], T)
        t.add("slag", name, composition, combine([(share, molten)]), [CEA], "assessed",
              f"{share:g} {solid} melting at {T:g} K")  # fmt: skip
    molten = extend(t.nasa("Nb2O5(L)")[1], 1400.0, 2400.0)
    t.add("slag", "NbO2.5(slag)", {"Nb": 1.0, "O": 2.5}, combine([(0.5, molten)]), [CEA],
          "assessed", "1/2 Nb2O5(l)")  # fmt: skip
    t.add("slag", "MnO(slag)", {"Mn": 1.0, "O": 1.0},
          shift(t.segments("MnO(s)"), 54.4e3, 54.4e3 / 2115.0), ["assumption"], "assumed",
          "MnO(s) melting at 2115 K with 54.4 kJ/mol, recalled")  # fmt: skip
    for ion, (charged, H, S, cp) in IONS.items():
        t.add("aqueous", f"{ion}(aq)", charged, [(273.15, 400.0, maier_kelley(H * 1e3, S, cp))],
              ["crc"], "assessed" if cp else "assumed",
              f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp {cp:g} J/mol/K"
              + ("" if cp else "; Cp unknown, taken as 0"))  # fmt: skip
