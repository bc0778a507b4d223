"""Liquid iron with its solutes, austenite, and the oxides of the slag."""

from __future__ import annotations

import math
from typing import Any

from nasa9 import R, Segment, combine, extend, sgte, shift
from rare_earths import ND, RARE_EARTHS

CEA = "nasa2002"


def metal(t: Any) -> None:
    """Liquid iron with its solutes, and austenite, as ideal associates."""

    def liquid(name: str, cea: str) -> list[Segment]:
        return extend(t.nasa(cea)[1], 1300.0, None)

    fe, graphite = liquid("Fe", "Fe(L)"), t.segments("C(s)")
    add = lambda *args: t.add("metal", *args)  # noqa: E731 - shorthand for a table
    add("Fe(metal)", {"Fe": 1.0}, fe, [CEA], "assessed", "constant Cp below 1809 K")
    fit = "fitted to the assessed Fe-C liquid, 1423-2073 K, up to graphite saturation"
    for n, dH, dS in [(1, 27238.0, 6.729), (4, 18085.8, 9.452)]:
        name = "FeC" if n == 1 else f"Fe{n}C"
        add(f"{name}(metal)", {"Fe": float(n), "C": 1.0},
            shift(combine([(n, fe), (1, graphite)]), dH, dS), ["gustafson1985"], "derived",
            f"{n} Fe(l) + C(gr) {dH:+g} {-dS:+g} T; {fit}")  # fmt: skip
    # The Fe : X ratio of the associate sets how X lowers the solubility of carbon (-0.72 and
    # -0.30 wt% C per wt% X); its energy sets the activity coefficient at infinite dilution.
    b, si = liquid("B", "B(L)"), liquid("Si", "Si(L)")
    add("Fe2.5B(metal)", {"Fe": 2.5, "B": 1.0}, shift(combine([(2.5, fe), (1, b)]), -111470.0, -33.95),
        ["hallemans1995", "huang1995"], "derived",
        "gamma_B of Hallemans Fe-B at infinite dilution, -111470 + 33.95 T; ratio from theta_CB")  # fmt: skip
    add("Fe2.5Si(metal)", {"Fe": 2.5, "Si": 1.0},
        shift(combine([(2.5, fe), (1, si)]), -131500.0, -15.33), ["jsps1988"], "derived",
        "gamma_Si at infinite dilution, -131500 + 15.33 T; ratio from the slope of C saturation")  # fmt: skip
    for element, gamma in [("Co", 0.55), ("Ni", 0.66), ("Cu", 8.58), ("Al", 0.049)]:
        cea = f"{element}(L)" if element != "Al" else "AL(L)"
        dH = R * 1873.15 * math.log(gamma)
        add(f"{element}(metal)", {element: 1.0}, shift(liquid(element, cea), dH), ["jsps1988"],
            "derived", f"liquid {element} {dH:+.0f} J/mol: gamma {gamma:g} in Fe at 1600 C")  # fmt: skip
    nd = [(298.15, 2400.0, sgte(-16335.232, 268.625903, -48.7854))]
    for re in RARE_EARTHS.values():
        add(f"{re.symbol}(metal)", {re.symbol: 1.0}, shift(nd, re.solution, re.S - ND.S),
            re.solution_source, "assessed" if re is ND else "assumed",
            f"SGTE liquid Nd {re.solution:+g} J/mol at infinite dilution in Fe; {re.solution_note}")  # fmt: skip
    oxygen = t.segments("O2(g)")
    add("O(metal)", {"O": 1.0}, shift(combine([(0.5, oxygen)]), -117100.0, -24.5), ["jsps1988"],
        "derived", "1/2 O2 - 117100 + 24.5 T (mole fraction standard state)")  # fmt: skip
    fcc = extend(t.nasa("Fe(c)")[1], 298.15, 2100.0)
    t.add(
        "metal", "Fe(fcc)", {"Fe": 1.0}, fcc, [CEA], "assessed", "constant Cp outside 1184-1665 K"
    )
    fit = "fitted to the assessed fcc Fe-C, 1000-1700 K, up to graphite saturation"
    for n, dH, dS in [(1, 54016.4, 15.178), (5, 37944.0, 8.917)]:
        name = "FeC" if n == 1 else f"Fe{n}C"
        add(f"{name}(fcc)", {"Fe": float(n), "C": 1.0},
            shift(combine([(n, fcc), (1, graphite)]), dH, dS), ["gustafson1985"], "derived",
            f"{n} Fe(fcc) + C(gr) {dH:+g} {-dS:+g} T; {fit}")  # fmt: skip


def slag(t: Any) -> None:
    """Liquid oxides of one cation each, and their associates."""

    def add(name, composition, segments, source, quality, note=""):
        t.add("slag", name, composition, segments, source, quality, note)

    half = lambda name: combine([(0.5, t.segments(name))])  # noqa: E731 - shorthand
    for re, row in RARE_EARTHS.items():
        add(f"{re}O1.5(slag)", {re: 1.0, "O": 1.5},
            shift(half(f"{re}2O3(s)"), 0.5 * 56.785 * row.T_melt, 0.5 * 56.785),
            ["fabrichnaya2008"] if row is ND else ["fabrichnaya2008", "assumption"],
            "assessed" if row is ND else "assumed",
            f"1/2 {re}2O3(s) melting at {row.T_melt:.0f} K with 56.785 J/mol/K")  # fmt: skip
        add(f"{re}FeO3(slag)", {re: 1.0, "Fe": 1.0, "O": 3.0},
            shift(t.segments(f"{re}FeO3(s)"), 40.0 * 1615.0, 40.0), ["assumption"], "assumed",
            "orthoferrite melting at 1615 K (quoted second-hand) with 40 J/mol/K")  # fmt: skip
    add("BO1.5(slag)", {"B": 1.0, "O": 1.5}, half("B2O3(l)"), [CEA], "assessed", "1/2 B2O3(l)")
    # The pair energy quoted second-hand for a quasichemical B2O3-Nd2O3 liquid gives the associate;
    # Pr and Dy differ by what their borates' recalled formation energies differ, the others are
    # taken as the nearer of Nd and Dy.
    for re, row in RARE_EARTHS.items():
        dH = row.borate
        oxides = [(1.0, t.segments(f"{re}O1.5(slag)")), (1.0, t.segments("BO1.5(slag)"))]
        liquid = extend(shift(combine(oxides), dH, -27.614), 298.15, None)
        borate = {re: 1.0, "B": 1.0, "O": 3.0}
        note = f"liquid oxides {dH:+g} +27.614 T; pair energy quoted second-hand, no source found"
        add(f"{re}BO3(slag)", borate, liquid, ["assumption"], "assumed", note)
        t.add("solids", f"{re}BO3(s)", borate, shift(liquid, -45.0 * 1850.0, -45.0),
              ["assumption"], "assumed", "liquid borate freezing at 1850 K with 45 J/mol/K")  # fmt: skip
    feo = combine([(1.0, extend(t.nasa("Fe.947O(L)")[1], 1400.0, 2400.0)),
                   (0.053, extend(t.segments("Fe(metal)"), 1400.0, 2400.0))])  # fmt: skip
    add("FeO(slag)", {"Fe": 1.0, "O": 1.0}, feo, [CEA], "assessed",
        "Fe.947O(l) + 0.053 Fe(l): liquid FeO beside iron; constant Cp below 1652 K")  # fmt: skip
    magnetite = extend(t.nasa("Fe3O4(L)")[1], 1400.0, 2400.0)
    add("FeO1.5(slag)", {"Fe": 1.0, "O": 1.5}, combine([(0.5, magnetite), (-0.5, feo)]),
        [CEA, "nasa1993"], "derived", "1/2 Fe3O4(l) - 1/2 FeO(l)")  # fmt: skip
    add("AlO1.5(slag)", {"Al": 1.0, "O": 1.5}, shift(half("Al2O3(s)"), 55543.0, 55543.0 / 2327.0),
        [CEA], "assessed", "1/2 Al2O3(s) melting at 2327 K with 111.1 kJ/mol")  # fmt: skip
    aluminate = -78.5e3
    for re in RARE_EARTHS:
        add(f"{re}AlO3(slag)", {re: 1.0, "Al": 1.0, "O": 3.0},
            shift(combine([(1, t.segments(f"{re}O1.5(slag)")), (1, t.segments("AlO1.5(slag)"))]),
                  aluminate), ["fabrichnaya2008"], "derived" if re == "Nd" else "assumed",
            "liquid oxides -78.5 kJ/mol: G of mixing of the assessed Nd2O3-Al2O3 liquid at 1:1, "
            "1873 K")  # fmt: skip
    add("SiO2(slag)", {"Si": 1.0, "O": 2.0}, extend(t.nasa("SiO2(L)")[1], 1400.0, None), [CEA],
        "assessed", "constant Cp below 1996 K")  # fmt: skip
    add("CaO(slag)", {"Ca": 1.0, "O": 1.0}, shift(t.segments("CaO(s)"), 79.5e3, 79.5e3 / 3172.0),
        [CEA, "assumption"], "assumed", "CaO(s) melting at 3172 K with 79.5 kJ/mol")  # fmt: skip
    for element, T_melt in [("Co", 2103.0), ("Ni", 2228.0)]:
        add(f"{element}O(slag)", {element: 1.0, "O": 1.0},
            shift(t.segments(f"{element}O(s)"), 20.0 * T_melt, 20.0), ["assumption"], "assumed",
            f"oxide melting at {T_melt:g} K with 20 J/mol/K")  # fmt: skip
    copper = extend(t.nasa("Cu2O(L)")[1], 1400.0, 2400.0)
    add("CuO0.5(slag)", {"Cu": 1.0, "O": 0.5}, combine([(0.5, copper)]), [CEA], "assessed",
        "1/2 Cu2O(l)")  # fmt: skip
    for re, row in RARE_EARTHS.items():
        t.add("solids", f"{re}O1.5(ss)", {re: 1.0, "O": 1.5}, half(f"{re}2O3(s)"),
              row.oxide_source, row.oxide_quality,
              "1/2 RE2O3 in the solid solution of rare-earth oxides")  # fmt: skip
