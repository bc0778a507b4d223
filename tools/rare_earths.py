"""What the species of each rare earth are made from: one row a rare earth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from nasa9 import R


@dataclass(frozen=True)
class RareEarth:
    """What the species of one rare earth are made from; kJ/mol and J/mol/K unless said.

    oxide: dfH, S, a, 1e3 b, 1e-5 c of Cp, K up to which it holds; T_melt of the oxide; ferrite:
    dfH, S, a, 1e3 b, 1e-5 c; S, cp: of the metal; solution: J/mol at infinite dilution in iron;
    borate: J/mol of its liquid from the liquid oxides; ion: dfH, S, Cp; carbonate, hydroxide:
    dfH, S (carbonate None: as Nd, shifted by the ion).
    """

    symbol: str
    oxide: tuple[float, float, float, float, float, float]
    T_melt: float
    ferrite: tuple[float, float, float, float, float]
    S: float
    cp: float
    solution: float
    borate: float
    ion: tuple[float, float, float]
    hydroxide: tuple[float, float]
    carbonate: tuple[float, float] | None = None
    oxide_source: list[str] = field(default_factory=lambda: ["konings2014"])
    oxide_quality: str = "assessed"
    oxide_note: str = ""
    ferrite_source: list[str] = field(default_factory=lambda: ["obigt2026", "parida2002"])
    ferrite_quality: str = "assumed"
    ferrite_note: str = (
        "dfH and S assessed; Cp from 298-1000 K, for Nd and Pr recalled; extrapolated above"
    )
    hydroxide_source: list[str] = field(default_factory=lambda: ["obigt2026", "diakonov1998"])
    hydroxide_quality: str = "assessed"
    solution_source: list[str] = field(default_factory=lambda: ["hallemans1995", "assumption"])
    solution_note: str = "measured gamma of Nd lie between 0.014 and 2.5"


_AS_DY = "taken as Dy; measured gamma of Nd lie between 0.014 and 2.5"
ND = RareEarth(
    "Nd", (-1806.9, 158.7, 117.1079, 28.13655, -12.58450, 2379.0), 143621 / 56.785,
    (-1359.9, 116.0, 146.0, 0.23, -30.07), 71.5, 27.5, 14263.0, -101002.0,
    (-696.2, -206.7, -21.0), (-1415.6, 129.9), (-3337.8, 292.5),
    solution_source=["hallemans1995"],
)  # fmt: skip
_ROWS = (
    ND,
    RareEarth(
        "Pr", (-1809.9, 152.7, 121.6594, 25.5611, -9.8942, 2310.0), 2572.0,
        (-1364.6, 102.7, 146.0, 0.23, -30.07), 73.2, 27.2, 14263.0, -100002.0,
        (-704.6, -209.0, -29.0), (-1404.0, 131.7), (-3365.7, 287.0),
    ),
    RareEarth(
        "Dy", (-1863.4, 149.8, 121.2302, 15.27609, -8.4580, 2223.0), 2681.0,
        (-1378.8, 126.8, 142.9, 4.96, -29.51), 75.6, 27.7, -13027.0, -94002.0,
        (-699.0, -231.0, 21.0), (-1414.45, 130.3), (-3335.4, 283.7), ferrite_quality="assessed",
    ),
    RareEarth(
        "Tb", (-1865.2, 159.2, 120.6682, 22.17194, -10.0261, 1823.0), 2683.0,
        (-1383.9, 126.8, 142.9, 4.96, -29.51), 73.2, 28.9, -13027.0, -94002.0,
        (-682.8, -226.0, 17.0), (-1414.8, 128.4), solution_note=_AS_DY,
        ferrite_source=["obigt2026", "assumption"],
        ferrite_note="dfH assessed; S and Cp of DyFeO3, the tabulated S of 65.9 cannot be right",
    ),
    RareEarth(
        "Gd", (-1819.7, 157.1, 114.6104, 15.2344, -12.4917, 2430.0), 2693.0,
        (-1365.3, 129.0, 142.9, 4.96, -29.51), 68.1, 37.0, -13027.0, -94002.0,
        (-686.0, -205.9, 0.0), (-1408.9, 126.6), solution_note=_AS_DY,
        oxide_note="form B; the tabulated dfH of form C lies 34 kJ below, which looks wrong",
        ferrite_source=["obigt2026", "assumption"], ferrite_note="dfH and S assessed; Cp of DyFeO3",
    ),
    RareEarth(
        "La", (-1791.6, 127.32, 120.6805, 13.42414, -14.13668, 1800.0), 2586.0,
        (-1351.2, 118.0, 103.53, 51.994, -11.055), 56.9, 27.1,
        R * 1873.15 * math.log(9.3), -101002.0, (-707.1, -217.6, -13.0), (-1416.1, 117.8),
        hydroxide_source=["assumption"], hydroxide_quality="assumed", ferrite_quality="assessed",
        ferrite_note="dfH and S assessed (another source: dfH -1334.7); Cp of Parida, extrapolated",
        solution_source=["jsps1988", "assumption"], solution_note="gamma 9.3 in Fe at 1600 C",
    ),
    RareEarth(
        "Ce", (-1796.2, 150.6, 113.736, 28.4344, -6.41205, 2100.0), 2503.0,
        (-1354.5, 123.0, 146.0, 0.23, -30.07), 72.0, 26.9,
        R * 1873.15 * math.log(0.322), -101002.0, (-696.2, -205.0, 0.0), (-1418.7, 129.4),
        oxide_source=["crc", "konings2014"], oxide_quality="assumed",
        oxide_note="dfH and S of CRC; Cp recalled",
        hydroxide_source=["assumption"], hydroxide_quality="assumed", ferrite_source=["assumption"],
        ferrite_note="formation from oxides -44 kJ/mol as NdFeO3; S and Cp by analogy",
        solution_source=["jsps1988", "assumption"], solution_note="gamma 0.322 in Fe at 1600 C",
    ),
)  # fmt: skip
# A rare earth more is one row more here, in elements.yaml and in charge.yaml.
RARE_EARTHS = {row.symbol: row for row in _ROWS}
