"""Energies of the associates of P and S in liquid iron, from their 1 wt% standard states.

    python tools/fit_solutes.py

JSPS (1988): 1/2 X2(g) = X(1 wt%) and e_X^C. In iron saturated with graphite, where the furnace
works, a_X = 10^(e_X^C [%C]) [%X]; the associate FenX of a dilute ideal mixture gives the same
activity if its energy, relative to n Fe(l) and 1/2 X2(g), is

    dG = n RT ln a_Fe + dG(1 wt%) + RT ln(10^(e [%C]) 100 M_X N/m)

with N/m the mol of species per mass of the metal phase. Prints a + b T fitted over 1473-1873 K, and
by how much 1 wt% X lowers the carbon at saturation with the ratio n chosen.
"""

from __future__ import annotations

import numpy as np

from sludgesim.thermo import load_system, stream
from sludgesim.thermo.elements import formula_weight
from sludgesim.thermo.species import R, database

# Solute: Fe per associate, a and b of dG(1 wt%), e_X^C.
SOLUTES = {"P": (3.0, -157700.0, 5.4, 0.126), "S": (3.0, -125100.0, 18.5, 0.111)}


def saturated(T, **charge):
    amounts = {"Fe(metal)": 10.0, "C(s)": 10.0, **charge}
    return load_system("smelting").equilibrate_stream(stream(amounts, T=T))


def carbon(eq):
    metal = eq.stream().phase("metal")
    return 100 * metal.element_mass("C") / metal.mass()


def fit(solute, n, a, b, e):
    T = np.linspace(1473.0, 1873.0, 9)
    eq = saturated(T)
    metal = eq.stream().phase("metal")
    per_mass = metal.moles.sum(axis=1) / metal.mass()
    iron = np.log(eq.activity("Fe(metal)"))
    f = 10 ** (e * carbon(eq))
    dG = n * R * T * iron + a + b * T
    dG += R * T * np.log(f * 100 * formula_weight({solute: 1.0}) * per_mass)
    slope, base = np.polyfit(T, dG, 1)
    off = np.ptp(dG - base - slope * T)
    print(f"Fe{n:g}{solute}: {base:.0f} {slope:+.3f} T, worst {off:.0f} J")
    name = f"Fe{n:g}{solute}(metal)"
    if name in database():
        alloyed = saturated(1673.0, **{name: 0.05})
        part = alloyed.stream().phase("metal")
        content = 100 * part.element_mass(solute) / part.mass()
        drop = (carbon(alloyed) - carbon(saturated(1673.0))) / content
        print(f"  wt% C per wt% {solute} at 1400 degC: {drop[0]:.2f}")


if __name__ == "__main__":
    for solute, values in SOLUTES.items():
        fit(solute, *values)
