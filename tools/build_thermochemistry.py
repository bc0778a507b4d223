"""Write src/sludgesim/data/thermo/*.yaml from NASA's CEA species file and the tables below.

    python tools/build_thermochemistry.py PATH_TO/thermo.inp

The CEA file (github nasa/cea, data/thermo.inp, Apache-2.0, NASA TP-2002-211556) is read, not kept;
every number that it does not hold stands here with its source and quality. Units J/mol, J/mol/K.
"""

from __future__ import annotations

import sys
from pathlib import Path

from aqueous_reactions import aqueous_species
from melts import metal, slag
from minor_elements import minor_elements
from nasa9 import Segment, combine, extend, maier_kelley, read_cea, sgte, shift
from rare_earths import ND, RARE_EARTHS
from salts import salts
from silicates import silicates

OUT = Path(__file__).parents[1] / "src" / "sludgesim" / "data" / "thermo"
Record = dict[str, object]
CEA = "nasa2002"


class Table:
    """Species by name while the files are being made."""

    def __init__(self, cea_path: Path) -> None:
        self.cea = read_cea(cea_path)
        self.species: dict[str, dict[str, Record]] = {}
        self.by_name: dict[str, Record] = {}

    def add(self, file: str, name: str, composition: dict[str, float], segments: list[Segment],
            source: list[str], quality: str, note: str = "") -> None:  # fmt: skip
        record: Record = {
            "composition": composition,
            "segments": segments,
            "source": source,
            "quality": quality,
            "note": note,
        }
        self.species.setdefault(file, {})[name] = record
        assert name not in self.by_name, name
        self.by_name[name] = record

    def nasa(self, *records: str) -> tuple[dict[str, float], list[Segment], str]:
        """Splice CEA records into one species; ranges start at 298.15 K where CEA says 300 K."""
        segments: list[Segment] = []
        composition: dict[str, float] = {}
        notes = []
        for name in records:
            for composition, pieces, note in self.cea[name]:  # noqa: B007 - the last one is kept
                notes.append(note)
                for lo, hi, c in pieces:
                    if lo < hi:
                        segments.append((298.15 if lo == 300.0 else lo, hi, c))
        segments.sort(key=lambda s: s[0])
        joined = [segments[0]]
        for lo, hi, c in segments[1:]:
            assert abs(lo - joined[-1][1]) < 2.0, (records, lo, joined[-1][1])
            joined.append((joined[-1][1], hi, c))
        return composition, joined, "; ".join(dict.fromkeys(notes))

    def segments(self, name: str) -> list[Segment]:
        segments: list[Segment] = self.by_name[name]["segments"]
        return segments

    def composition(self, name: str) -> dict[str, float]:
        composition: dict[str, float] = self.by_name[name]["composition"]
        return composition


GASES = {
    "N2": "N2", "O2": "O2", "Ar": "Ar", "H2": "H2", "H2O": "H2O", "CO": "CO", "CO2": "CO2",
    "CH4": "CH4", "NO": "NO", "Fe": "Fe", "Cu": "Cu", "Ca": "Ca", "Co": "Co", "Ni": "Ni",
    "Al": "AL", "Al2O": "AL2O", "Si": "Si", "SiO": "SiO", "B2O3": "B2O3", "BO": "BO", "BO2": "BO2",
    "HBO2": "HBO2", "H3BO3": "H3BO3", "B3O3H3": "H3B3O3", "HCl": "HCL",
    "NH3": "NH3",
}  # fmt: skip


def gases(t: Table) -> None:
    for name, cea in GASES.items():
        composition, segments, note = t.nasa(cea)
        t.add("gas", f"{name}(g)", composition, segments[:2], [CEA], "assessed", note)


def solids(t: Table) -> None:
    for name, records, high in [
        ("Fe(s)", ["Fe(a)", "Fe(c)", "Fe(d)"], None),
        ("Fe3O4(s)", ["Fe3O4(cr)"], 2100.0),
        ("Fe2O3(s)", ["Fe2O3(cr)"], None),
        ("Fe(OH)3(s)", ["Fe(OH)3(cr)"], None),
        ("Co(s)", ["Co(a)", "Co(b)"], None),
        ("Ni(s)", ["Ni(cr)"], None),
        ("Cu(s)", ["Cu(cr)"], 1400.0),
        ("CuO(s)", ["CuO(cr)"], None),
        ("Cu2O(s)", ["Cu2O(cr)"], None),
        ("Al(s)", ["AL(cr)"], 1400.0),
        ("Al2O3(s)", ["AL2O3(a)"], None),
        ("Si(s)", ["Si(cr)"], None),
        ("SiO2(s)", ["SiO2(a-qz)", "SiO2(b-qz)", "SiO2(b-crt)"], 2100.0),
        ("Ca(s)", ["Ca(a)", "Ca(b)"], 1400.0),
        ("CaO(s)", ["CaO(cr)"], None),
        ("CaCO3(s)", ["CaCO3(cr)"], None),
        ("Ca(OH)2(s)", ["Ca(OH)2(cr)"], None),
        ("Cu(OH)2(s)", ["Cu(OH)2(cr)"], None),
        ("B(s)", ["B(b)"], None),
        ("B2O3(s)", ["B2O3(cr)"], 1400.0),
        ("B2O3(l)", ["B2O3(L)"], None),
        ("C(s)", ["C(gr)"], None),
        ("SiC(s)", ["SiC(b)"], None),
        ("H2O(l)", ["H2O(L)"], None),
        ("NaOH(s)", ["NaOH(a)", "NaOH(b)", "NaOH(c)", "NaOH(L)"], None),
        ("Na2CO3(s)", ["Na2CO3(a)", "Na2CO3(b)", "Na2CO3(c)", "Na2CO3(L)"], None),
        ("NaCl(s)", ["NaCL(cr)", "NaCL(L)"], None),
        ("H3BO3(s)", ["H3BO3(cr)"], None),
    ]:
        composition, segments, note = t.nasa(*records)
        if high is not None and high > segments[-1][1]:
            note += f"; constant Cp above {segments[-1][1]:g} K"
        t.add("solids", name, composition, extend(segments, None, high), [CEA], "assessed", note)

    def mk(name, composition, H, S, a, b, c, lo, hi, source, quality, note=""):
        form = f"dfH298 {H / 1e3:g} kJ/mol, S298 {S:g}, Cp = {a:g} + {b:g} T + {c:g}/T^2 J/mol/K"
        note = f"{form}; {note}" if note else form
        p = maier_kelley(H, S, a, b, c)
        t.add("solids", name, composition, [(lo, hi, p)], source, quality, note)

    for re in RARE_EARTHS.values():
        H, S, a, b, c, hi = re.oxide
        p = [(298.15, hi, maier_kelley(H * 1e3, S, a, b * 1e-3, c * 1e5))]
        form = f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp = {a:g} + {b * 1e-3:g} T + {c * 1e5:g}/T^2 J/mol/K"
        note = "; ".join(n for n in (form, re.oxide_note) if n)
        if hi < 2100.0:
            note += f"; constant Cp above {hi:g} K"
        t.add("solids", f"{re.symbol}2O3(s)", {re.symbol: 2.0, "O": 3.0}, extend(p, None, 2100.0),
              re.oxide_source, re.oxide_quality, note)  # fmt: skip
    mk("PrO2(s)", {"Pr": 1.0, "O": 2.0}, -959.1e3, 80.8, 72.9881, 16.628e-3, -0.999e5, 298.15,
       1400.0, ["konings2014"], "assumed", "source range ends at 663 K; extrapolated")  # fmt: skip
    t.add("solids", "Pr6O11(s)", {"Pr": 6.0, "O": 11.0},
          combine([(1, t.segments("Pr2O3(s)")), (4, t.segments("PrO2(s)"))]), ["assumption"],
          "assumed", "Pr2O3 + 4 PrO2; no assessed data found")  # fmt: skip
    mk("CeO2(s)", {"Ce": 1.0, "O": 2.0}, -1088.7e3, 62.3, 74.4814, 5.83682e-3, -12.971e5, 298.15,
       2100.0, ["crc", "konings2014"], "assumed", "dfH and S of CRC; Cp recalled, extrapolated")  # fmt: skip
    mk("TbO2(s)", {"Tb": 1.0, "O": 2.0}, -972.2e3, 86.9, 72.9881, 16.628e-3, -0.999e5, 298.15,
       1400.0, ["assumption"], "assumed", "dfH and S recalled; Cp as PrO2")  # fmt: skip
    t.add("solids", "Tb4O7(s)", {"Tb": 4.0, "O": 7.0},
          combine([(1, t.segments("Tb2O3(s)")), (2, t.segments("TbO2(s)"))]), ["assumption"],
          "assumed", "Tb2O3 + 2 TbO2; no assessed data found")  # fmt: skip
    for re in RARE_EARTHS.values():
        H, S, a, b, c = re.ferrite
        mk(f"{re.symbol}FeO3(s)", {re.symbol: 1.0, "Fe": 1.0, "O": 3.0}, H * 1e3, S, a, b * 1e-3,
           c * 1e5, 298.15, 2100.0, re.ferrite_source, re.ferrite_quality, re.ferrite_note)  # fmt: skip
    ndalo3 = [(298.15, 2100.0, sgte(-1832270.1, 643.783, -109.1273, -0.013364, 890990.0))]
    t.add("solids", "NdAlO3(s)", {"Nd": 1.0, "Al": 1.0, "O": 3.0}, ndalo3, ["fabrichnaya2008"],
          "assessed", "G = -1832270.1 + 643.783 T - 109.1273 T ln T - 0.013364 T^2 + 890990/T")  # fmt: skip
    for re in list(RARE_EARTHS)[1:]:
        segments = combine([(1, ndalo3), (0.5, t.segments(f"{re}2O3(s)")),
                            (-0.5, t.segments("Nd2O3(s)"))])  # fmt: skip
        t.add("solids", f"{re}AlO3(s)", {re: 1.0, "Al": 1.0, "O": 3.0}, segments,
              ["fabrichnaya2008", "assumption"], "assumed", "formation from oxides as NdAlO3")  # fmt: skip
    mk("NdC2(s)", {"Nd": 1.0, "C": 2.0}, -90.8e3, 79.0, 66.0, 12e-3, -8e5, 298.15, 2400.0,
       ["vidhya2001", "assumption"], "assumed", "dfH measured; S and Cp estimated")  # fmt: skip
    # Wuestite that is in equilibrium with iron is Fe.947O: FeO here is that and the iron it lacks.
    # The stoichiometric FeO of JANAF 6/65 is 7 kJ/mol too stable beside iron.
    wuestite = combine([(1.0, extend(t.nasa("Fe.947O(cr)")[1], None, 2100.0)),
                        (0.053, extend(t.segments("Fe(s)"), None, 2100.0))])  # fmt: skip
    t.add("solids", "FeO(s)", {"Fe": 1.0, "O": 1.0}, wuestite, [CEA], "assessed",
          "Fe.947O(cr) + 0.053 Fe(s): wuestite beside iron; constant Cp above 1652 K")  # fmt: skip
    mk("CoO(s)", {"Co": 1.0, "O": 1.0}, -237.9e3, 53.0, 55.2, 0, 0, 298.15, 2103.0, ["crc"],
       "assessed", "Cp of 298 K at all temperatures")  # fmt: skip
    mk("Co3O4(s)", {"Co": 3.0, "O": 4.0}, -891.0e3, 102.5, 123.4, 0, 0, 298.15, 1400.0, ["crc"],
       "assessed", "Cp of 298 K at all temperatures")  # fmt: skip
    mk("NiO(s)", {"Ni": 1.0, "O": 1.0}, -239.7e3, 38.0, 44.3, 0, 0, 298.15, 2228.0, ["assumption"],
       "assumed", "recalled; Cp of 298 K at all temperatures")  # fmt: skip
    for re in RARE_EARTHS.values():
        mk(f"{re.symbol}(s)", {re.symbol: 1.0}, 0.0, re.S, re.cp, 0, 0, 298.15, 1400.0, ["crc"],
           "assessed", "Cp of 298 K at all temperatures; scrap in the charge only")  # fmt: skip
    fe14 = combine([(14, t.segments("Fe(s)")), (1, t.segments("B(s)"))])
    for re in RARE_EARTHS:
        parts = [(1.0, fe14), (2.0, t.segments(f"{re}(s)"))]
        t.add("solids", f"{re}2Fe14B(s)", {re: 2.0, "Fe": 14.0, "B": 1.0},
              shift(combine(parts), -147.9e3, -70.1), ["hallemans1995", "assumption"],
              "derived" if re == "Nd" else "assumed",
              "elements -147.9 kJ/mol (dfG298 -126.8 for Nd); Cp additive; others as Nd")  # fmt: skip
    mk("FeOOH(s)", {"Fe": 1.0, "O": 2.0, "H": 1.0}, -560.7e3, 59.7, 74.5, 0, 0, 273.15, 400.0,
       ["assumption"], "assumed", "goethite, recalled after Majzlan 2003")  # fmt: skip
    for name, composition, H, S, cp in [
        ("Co(OH)2(s)", {"Co": 1.0, "O": 2.0, "H": 2.0}, -539.7e3, 79.0, 97.0),
        ("Ni(OH)2(s)", {"Ni": 1.0, "O": 2.0, "H": 2.0}, -529.7e3, 88.0, 97.0),
        ("Al(OH)3(s)", {"Al": 1.0, "O": 3.0, "H": 3.0}, -1276.0e3, 68.4, 93.1),
        ("NH4HCO3(s)", {"N": 1.0, "H": 5.0, "C": 1.0, "O": 3.0}, -849.4e3, 120.9, 120.0),
        ("H2C2O4.2H2O(s)", {"H": 6.0, "C": 2.0, "O": 6.0}, -1422.0e3, 220.0, 180.0),
        ("FeC2O4.2H2O(s)", {"Fe": 1.0, "C": 2.0, "O": 6.0, "H": 4.0}, -1482.4e3, 200.0, 180.0),
        ("CaC2O4.H2O(s)", {"Ca": 1.0, "C": 2.0, "O": 5.0, "H": 2.0}, -1674.9e3, 156.5, 152.8),
        ("CoC2O4.2H2O(s)", {"Co": 1.0, "C": 2.0, "O": 6.0, "H": 4.0}, -1455.0e3, 200.0, 180.0),
    ]:
        recalled = name.startswith(("Al", "H2C2O4", "FeC2O4", "CaC2O4", "CoC2O4"))
        mk(name, composition, H, S, cp, 0, 0, 273.15, 400.0,
           ["assumption"] if recalled else ["crc", "assumption"], "assumed",
           "dfH recalled" if recalled else "dfH and S of CRC; Cp estimated")  # fmt: skip
    for re in RARE_EARTHS.values():
        H, S = re.hydroxide
        mk(f"{re.symbol}(OH)3(s)", {re.symbol: 1.0, "O": 3.0, "H": 3.0}, H * 1e3, S, 117.6, 0, 0,
           273.15, 400.0, re.hydroxide_source, re.hydroxide_quality,
           "Cp298 of Nd(OH)3" if re.hydroxide_quality == "assessed"
           else "dfH and S recalled; Cp298 of Nd(OH)3")  # fmt: skip
        mk(f"{re.symbol}2(C2O4)3.10H2O(s)", {re.symbol: 2.0, "C": 6.0, "O": 22.0, "H": 20.0},
           -6782.0e3 + 2e3 * (re.ion[0] - ND.ion[0]), 800.0, 800.0, 0, 0, 273.15, 400.0,
           ["prommis"], "assumed",
           "dfH of Nd salt quoted second-hand, others shifted by the ion; S, Cp guessed")  # fmt: skip
        H, S = re.carbonate or (ND.carbonate[0] + 2 * (re.ion[0] - ND.ion[0]), ND.carbonate[1])
        mk(f"{re.symbol}2(CO3)3(s)", {re.symbol: 2.0, "C": 3.0, "O": 9.0}, H * 1e3, S, 240.0, 0, 0,
           273.15, 400.0, ["obigt2026"] if re.carbonate else ["obigt2026", "assumption"],
           "assessed" if re.carbonate else "assumed",
           "Cp estimated" if re.carbonate else "as Nd, dfH shifted by the ion; Cp estimated")  # fmt: skip


IONS = {  # CRC Handbook, as tabulated in the package chemicals 1.5.2: dfH, S, Cp
    "H+": ({"H": 1.0, "E": -1.0}, 0.0, 0.0, 0.0),
    "OH-": ({"O": 1.0, "H": 1.0, "E": 1.0}, -230.0, -10.8, -148.5),
    "Cl-": ({"Cl": 1.0, "E": 1.0}, -167.2, 56.5, -136.4),
    "Na+": ({"Na": 1.0, "E": -1.0}, -240.1, 59.0, 46.4),
    "NH4+": ({"N": 1.0, "H": 4.0, "E": -1.0}, -132.5, 113.4, 79.9),
    **{f"{re}+3": ({re: 1.0, "E": -3.0}, *row.ion) for re, row in RARE_EARTHS.items()},
    "Fe+2": ({"Fe": 1.0, "E": -2.0}, -89.1, -137.7, 0.0),
    "Fe+3": ({"Fe": 1.0, "E": -3.0}, -48.5, -315.9, 0.0),
    "Co+2": ({"Co": 1.0, "E": -2.0}, -58.2, -113.0, 0.0),
    "Ni+2": ({"Ni": 1.0, "E": -2.0}, -54.0, -128.9, 0.0),
    "Cu+2": ({"Cu": 1.0, "E": -2.0}, 64.8, -99.6, 0.0),
    "Al+3": ({"Al": 1.0, "E": -3.0}, -531.0, -321.7, 0.0),
    "Ca+2": ({"Ca": 1.0, "E": -2.0}, -542.8, -53.1, 0.0),
    "HCO3-": ({"H": 1.0, "C": 1.0, "O": 3.0, "E": 1.0}, -692.0, 91.2, 0.0),
    "C2O4-2": ({"C": 2.0, "O": 4.0, "E": 2.0}, -825.1, 45.6, 0.0),
}


def aqueous(t: Table) -> None:
    for ion, (composition, H, S, cp) in IONS.items():
        missing = cp == 0.0 and ion != "H+"
        t.add("aqueous", f"{ion}(aq)", composition, [(273.15, 400.0, maier_kelley(H * 1e3, S, cp))],
              ["crc"], "assumed" if missing else "assessed",
              f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp {cp:g} J/mol/K"
              + ("; Cp unknown, taken as 0" if missing else ""))  # fmt: skip
    for name, composition, H, S, cp, source, quality in [
        (
            "H3BO3(aq)",
            {"H": 3.0, "B": 1.0, "O": 3.0},
            -1072.3,
            162.3,
            100.0,
            "assumption",
            "assumed",
        ),
        ("H2O2(aq)", {"H": 2.0, "O": 2.0}, -191.2, 143.9, 89.1, "assumption", "assumed"),
    ]:
        note = {"H3BO3(aq)": "recalled after NBS",
                "H2O2(aq)": "recalled after NBS"}[name]  # fmt: skip
        t.add("aqueous", name, composition, [(273.15, 400.0, maier_kelley(H * 1e3, S, cp))],
              [source], quality, note)  # fmt: skip
    t.add("aqueous", "NaClO3(s)", {"Na": 1.0, "Cl": 1.0, "O": 3.0},
          [(273.15, 500.0, maier_kelley(-365.8e3, 123.4, 100.8))], ["assumption"], "assumed",
          "recalled after NBS")  # fmt: skip
    t.add("organics", "CH2(oil)", {"C": 1.0, "H": 2.0},
          [(273.15, 500.0, maier_kelley(-32.2e3, 32.4, 29.5))], ["assumption"], "assumed",
          "mineral oil as CH2 units: lower heating value 43.0 MJ/kg, Cp 2.1 kJ/kg/K")  # fmt: skip


def number(value: float) -> str:
    text = f"{value:.12g}"
    return text if any(c in text for c in ".en") else text + ".0"


def write(t: Table) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for file, species in t.species.items():
        lines = [
            "# Written by tools/build_thermochemistry.py; NASA-9 polynomials, readable by Cantera.",
            "species:",
        ]
        for name, record in species.items():
            composition = ", ".join(f"{e}: {number(v)}" for e, v in record["composition"].items())
            segments: list[Segment] = record["segments"]
            edges = [segments[0][0], *[s[1] for s in segments]]
            lines += [
                f"- name: {name}",
                f"  composition: {{{composition}}}",
                "  thermo:",
                "    model: NASA9",
                f"    temperature-ranges: [{', '.join(number(e) for e in edges)}]",
                "    data:",
                *[f"    - [{', '.join(number(v) for v in s[2])}]" for s in segments],
                f"  source: [{', '.join(record['source'])}]",
                f"  quality: {record['quality']}",
                f'  note: "{record["note"]}"',
            ]
        (OUT / f"{file}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(file, len(species))


if __name__ == "__main__":
    table = Table(Path(sys.argv[1]))
    for step in (
        gases,
        solids,
        metal,
        slag,
        aqueous,
        minor_elements,
        salts,
        silicates,
        aqueous_species,
    ):
        step(table)
    write(table)
