"""Liquors by their ions, and masses by standard atomic weights that are not the package's own."""

from __future__ import annotations

from sludgesim.thermo import Stream, stream

STANDARD_WEIGHTS = {
    "H": 1.008, "C": 12.011, "O": 15.999, "Cl": 35.45, "Na": 22.990, "Ca": 40.078,
    "Fe": 55.845, "Nd": 144.242, "N": 14.007,
}  # fmt: skip


def weight(**atoms: float) -> float:
    """Molar mass of a formula, g/mol."""
    return sum(n * STANDARD_WEIGHTS[e] for e, n in atoms.items())


HCL, NAOH, H2O2 = weight(H=1, Cl=1), weight(Na=1, O=1, H=1), weight(H=2, O=2)
LIME, OXALIC, H2O = weight(Ca=1, O=2, H=2), weight(C=2, O=6, H=6), weight(H=2, O=1)


def grams(s: Stream, species: str, molar: float) -> float:
    """What a stream of one case holds of a species, g, by its molar mass."""
    return float(s[species][0]) * molar


def water(**ions: float) -> Stream:
    """A liquor of 1000 mol water with cations, written Fe_3 for Fe+3; chloride makes it neutral."""
    cations = {
        f"{name.replace('_', '+')}(aq)" if "_" in name else f"{name}+(aq)": n
        for name, n in ions.items()
    }
    charge = sum(n * int(name.partition("_")[2] or 1) for name, n in ions.items())
    return stream({**cations, "Cl-(aq)": charge, "H2O(l)": 1000.0})
