"""Smelting equilibria against Cantera's `vcs` solver on the same data.

The witness shares the species data and nothing else: Cantera reads the polynomials itself and
minimises with its own solver. Pressure is 1 bar, where its condensed phases have no PV term.
It gets the species that the elements of the charge can form: with all others vcs gives up.
Tolerance 1e-12 in G relative.
"""

from __future__ import annotations

import cantera as ct
import numpy as np
import pytest

from sludgesim.thermo import atomic_weights, database, load_system, symbols

P = 1e5
ALLOY = {"Fe": 65, "Nd": 22, "Pr": 5, "Dy": 3, "Co": 2.3, "B": 1.0, "Al": 0.5, "Cu": 0.2}
FULLY_ROASTED_O = 36.6  # kg oxygen in the calcine of 99 kg alloy
CARRIERS = {
    "Fe": ("Fe(metal)", 1), "Nd": ("Nd(metal)", 1), "Pr": ("Pr(metal)", 1), "Dy": ("Dy(metal)", 1),
    "Co": ("Co(metal)", 1), "Cu": ("Cu(metal)", 1), "Al": ("Al(metal)", 1), "B": ("B(s)", 1),
    "C": ("C(s)", 1), "O": ("O2(g)", 2), "N": ("N2(g)", 2),
}  # fmt: skip


def possible(system):
    """Species by phase, of the elements of `CARRIERS` alone."""
    found = {}
    for k, name in enumerate(system.phases):
        every = system.species[system.phase_start[k] : system.phase_start[k + 1]]
        names = [s for s in every if database()[s].composition.keys() <= CARRIERS.keys()]
        if names:
            found[name] = names
    return found


def yaml_of(phases):
    """Phases as Cantera input: ideal gas, ideal condensed solutions, pure phases."""
    lines = ["phases:"]
    for name, names in phases.items():
        gas = all(s.endswith("(g)") for s in names)
        model = "ideal-gas" if gas else "ideal-condensed"
        if not gas and len(names) == 1:
            model = "fixed-stoichiometry"
        elements = sorted({e for s in names for e in database()[s].composition})
        listed = ", ".join(f'"{s}"' for s in names)
        lines += [f"- name: {name}", f"  thermo: {model}", f"  elements: [{', '.join(elements)}]"]
        lines += [f"  species: [{listed}]", f"  state: {{T: 1500.0, P: {P}}}"]
        if model == "ideal-condensed":
            lines.append("  standard-concentration-basis: unity")
    lines.append("species:")
    for s in (s for names in phases.values() for s in names):
        data = database()[s]
        lines += [f'- name: "{s}"', f"  composition: {dict(data.composition)}", "  thermo:"]
        lines += ["    model: NASA9", f"    temperature-ranges: {list(data.edges)}"]
        lines += [f"    reference-pressure: {P}", "    data:"]
        lines += [f"    - {list(c)}" for c in data.coefficients]
        if not s.endswith("(g)"):
            lines += ["  equation-of-state:", "    model: constant-volume"]
            lines += ["    molar-volume: 1.0e-05 m^3/mol"]
    return "\n".join(lines)


def by_vcs(system, T, amounts):
    """What vcs finds, its element residual, and what it was given, in species of the system."""
    phases = possible(system)
    names = [s for members in phases.values() for s in members]
    text = yaml_of(phases)
    mixture = ct.Mixture([(ct.Solution(yaml=text, name=p), 0.0) for p in phases])
    mixture.T, mixture.P = T, P
    start = np.full(mixture.n_species, 1e-10)
    for element, n in amounts.items():
        name, atoms = CARRIERS[element]
        start[names.index(name)] += n / atoms
    mixture.species_moles = start * 1e-3
    before = np.array([mixture.element_moles(e) for e in range(mixture.n_elements)])
    mixture.equilibrate("TP", solver="vcs", estimate_equil=-1, max_steps=5000)
    after = np.array([mixture.element_moles(e) for e in range(mixture.n_elements)])
    column = [system.species.index(s) for s in names]
    moles, given = np.zeros((2, len(system.species)))
    moles[column], given[column] = mixture.species_moles * 1e3, start
    return moles, np.abs(after / before - 1).max(), given


def gibbs(system, T, moles):
    """G/RT of species amounts, at 1 bar."""
    g = system.gibbs_over_RT(np.array([T]))[0]
    total = moles @ g
    for k in range(len(system.phases)):
        n = moles[system.phase_start[k] : system.phase_start[k + 1]]
        n = n[n > 0]
        total += (n * np.log(n / n.sum())).sum() if n.size else 0.0
    return total


@pytest.mark.parametrize("T", [1150.0, 1300.0, 1450.0, 1550.0, 1700.0])
@pytest.mark.parametrize("carbon", [10.0, 20.0, 25.0, 35.0])
def test_smelting(T, carbon):
    system = load_system("smelting")
    weights = dict(zip(symbols(), atomic_weights(), strict=True))
    amounts = {e: kg / weights[e] for e, kg in ALLOY.items()}
    amounts |= {"O": FULLY_ROASTED_O / weights["O"], "C": carbon / weights["C"], "N": 10.0}
    moles, residual, start = by_vcs(system, T + 273.15, amounts)
    assert residual < 1e-9, "the witness itself must conserve the elements"
    ours = system.equilibrate(T + 273.15, P, start @ system.network.formula)
    assert ours.converged.all(), ours.reason
    G_ours, G_vcs = gibbs(system, T + 273.15, ours.moles[0]), gibbs(system, T + 273.15, moles)
    assert G_ours == pytest.approx(G_vcs, rel=1e-12)
