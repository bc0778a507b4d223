"""Dissolved species and solids whose Gibbs energy follows from an equilibrium constant."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from typing import Any

from nasa9 import T0, R, Segment, combine, enthalpy, entropy, extend, maier_kelley, shift
from rare_earths import RARE_EARTHS

TABLE = Path(__file__).parent / "aqueous_species.csv"
HOTTEST = 473.15
COLDEST = 273.15
# Ions that the reactions start from: dfH298 kJ/mol, S298, Cp of the CRC Handbook.
IONS = {
    "SO4-2": ({"S": 1.0, "O": 4.0, "E": 2.0}, -909.3, 20.1, -293.0),
    "NO3-": ({"N": 1.0, "O": 3.0, "E": 1.0}, -207.4, 146.4, -86.6),
    "Mn+2": ({"Mn": 1.0, "E": -2.0}, -220.8, -73.6, 50.0),
    "Mg+2": ({"Mg": 1.0, "E": -2.0}, -466.9, -138.1, 0.0),
    "Ce+4": ({"Ce": 1.0, "E": -4.0}, -537.2, -301.0, 0.0),
}


def full_name(name: str) -> str:
    """Name of a species in the database: water is liquid, what has no suffix is dissolved."""
    if name == "H2O":
        return "H2O(l)"
    return name if name.endswith(("(s)", "(g)", "(l)")) else f"{name}(aq)"


def sides(reaction: str) -> dict[str, float]:
    """Stoichiometric numbers of a reaction, negative on its left."""
    numbers: dict[str, float] = {}
    for sign, side in zip((-1.0, 1.0), reaction.split(" = "), strict=True):
        for term in side.split(" + "):
            match = re.fullmatch(r"(?:([\d.]+) )?(\S+)", term.strip())
            assert match, reaction
            numbers[full_name(match[2])] = sign * float(match[1] or 1)
    return numbers


def widen(segments: list[Segment]) -> list[Segment]:
    """The segments from 0 to 200 degC at least, with tails of constant heat capacity."""
    out = extend(segments, COLDEST, HOTTEST)
    if len(segments) == 1 and not any(c for k, c in enumerate(segments[0][2][:7]) if k != 2):
        out = [(out[0][0], out[-1][1], segments[0][2])]
    return out


def gibbs(segments: list[Segment]) -> float:
    """Standard Gibbs energy at 298.15 K, J/mol."""
    c = next(c for lo, hi, c in segments if lo <= T0 <= hi)
    return R * (enthalpy(c, T0) - T0 * entropy(c, T0))


def reactions() -> list[dict[str, str]]:
    """Rows of the table, `{RE}` written out; a row written out for one rare earth comes last."""
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        for symbol in RARE_EARTHS if "{RE}" in row["reaction"] else [""]:
            written = {**row, "reaction": row["reaction"].replace("{RE}", symbol)}
            found[written["reaction"]] = written
    return list(found.values())


def aqueous_species(t: Any) -> None:
    """Widen the dissolved species to 200 degC and add all that the table defines."""
    for ion, (composition, H, S, cp) in IONS.items():
        if f"{ion}(aq)" not in t.by_name:
            t.add("aqueous", f"{ion}(aq)", composition,
                  [(COLDEST, HOTTEST, maier_kelley(H * 1e3, S, cp))], ["crc"],
                  "assessed" if cp else "assumed", f"dfH298 {H:g} kJ/mol, S298 {S:g}, Cp {cp:g} "
                  "J/mol/K" + ("" if cp else "; Cp unknown, taken as 0"))  # fmt: skip
    for record in [*t.species["aqueous"].values(), *t.species["solids"].values()]:
        if record["segments"][-1][1] == 400.0:
            record["segments"] = widen(record["segments"])
    for name in ["CeO2(s)", "CaCO3(s)", "NaCl(s)", "H3BO3(s)", "Ca(OH)2(s)", "Fe2O3(s)",
                 *(f"{symbol}FeO3(s)" for symbol in RARE_EARTHS)]:  # fmt: skip
        record = t.by_name[name]
        record["segments"] = extend(record["segments"], COLDEST, HOTTEST)
    for row in reactions():
        define(t, row)


def define(t: Any, row: dict[str, str]) -> None:
    numbers = sides(row["reaction"])
    left, right = (side.split(" + ") for side in row["reaction"].split(" = "))
    solid = left[0] if left[0].endswith("(s)") else None
    name = solid or full_name(
        next(s for s in (x.split(" ")[-1] for x in right) if full_name(s) not in t.by_name)
    )
    own = numbers.pop(name)
    # the species as the sum of all others, in proportion
    parts = [(-n / own, t.segments(s)) for s, n in numbers.items()]
    log_k = float(row["log_k"])
    dG = -R * T0 * math.log(10) * log_k / own  # of the formation of the species from the others
    note = f"{row['reaction']}, log K298 {log_k:g}"
    if row["dh"] == "kept":
        record = t.by_name[name]
        target = sum(w * gibbs(p) for w, p in parts) + dG
        dS = (gibbs(record["segments"]) - target) / T0
        record["segments"] = shift(widen(record["segments"]), 0.0, dS)
        extra = f"S lowered by {-dS:.1f}" if dS < 0 else f"S raised by {dS:.1f}"
        record["note"] += f"; {extra} J/mol/K to meet {note}" + (
            f" ({row['note']})" if row["note"] else ""
        )
        record["source"] = list(dict.fromkeys([*record["source"], *row["source"].split()]))
        return
    dH = float(row["dh"] or 0.0) * 1e3 / own
    note += f", dH {row['dh']} kJ/mol" if row["dh"] else ", dH unknown, taken as 0"
    segments = shift(combine(parts), dH, (dH - dG) / T0)
    if row["dcp"]:
        extra_cp = [(COLDEST, HOTTEST, maier_kelley(0.0, 0.0, float(row["dcp"]) / own))]
        segments = combine([(1.0, segments), (1.0, extra_cp)])
        note += f", dCp {row['dcp']} J/mol/K"
    if row["cp"]:
        c = next(c for lo, hi, c in segments if lo <= T0 <= hi)
        H, S = R * enthalpy(c, T0), R * entropy(c, T0)
        segments = [(COLDEST, HOTTEST, maier_kelley(H, S, float(row["cp"])))]
        note += f", Cp {row['cp']} J/mol/K"
    composition: dict[str, float] = {}
    for s, n in numbers.items():
        for e, k in t.composition(s).items():
            composition[e] = composition.get(e, 0.0) - k * n / own
    composition = {e: k for e, k in composition.items() if abs(k) > 1e-9}
    note += f"; {row['note']}" if row["note"] else ""
    t.add("solids" if solid else "aqueous", name, composition, segments,
          row["source"].split(), row["quality"], note)  # fmt: skip
