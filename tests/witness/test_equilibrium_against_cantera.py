"""Smelting and roasting equilibria against Cantera's `vcs` solver on the same data.

The witness shares the species data and nothing else: Cantera reads the polynomials itself and
minimises with its own solver. It is given the species that the elements present can form, for with
all 245 of the smelting system it breaks down on the absent ones; ours picks them by itself.
Pressure is 1 bar, where its condensed phases have no PV term. Tolerance 1e-12 in G relative; it has
to answer at every point.
"""

from __future__ import annotations

import cantera as ct
import numpy as np
import pytest

from sludgesim.thermo import atomic_weights, database, load_system, symbols

P = 1e5
ALLOY = {"Fe": 65, "Nd": 22, "Pr": 5, "Dy": 3, "Co": 2.3, "B": 1.0, "Al": 0.5, "Cu": 0.2}
FULLY_ROASTED_O = 36.6  # kg oxygen in the calcine of 99 kg alloy


def members(system, present):
    """The species of each phase that consist of the elements present."""
    found = {}
    for k, name in enumerate(system.phases):
        names = system.species[system.phase_start[k] : system.phase_start[k + 1]]
        possible = [s for s in names if present.issuperset(database()[s].composition)]
        if possible:
            found[name] = possible
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


def witness(system, T, amounts):
    """Moles of vcs's answer, its element residual, and the moles it started from."""
    phases = members(system, set(amounts))
    text = yaml_of(phases)
    mixture = ct.Mixture([(ct.Solution(yaml=text, name=p), 0.0) for p in phases])
    mixture.T, mixture.P = T, P
    at = [system.species.index(mixture.species_name(i)) for i in range(mixture.n_species)]
    start = np.zeros(len(system.species))
    start[at] = 1e-10  # vcs cannot bring back what is not there
    for element, n in amounts.items():
        name, atoms = carrier(system, element)
        start[system.species.index(name)] += n / atoms
    mixture.species_moles = start[at] * 1e-3
    before = np.array([mixture.element_moles(e) for e in range(mixture.n_elements)])
    mixture.equilibrate("TP", solver="vcs", estimate_equil=-1, max_steps=5000)
    after = np.array([mixture.element_moles(e) for e in range(mixture.n_elements)])
    moles = np.zeros(len(system.species))
    moles[at] = mixture.species_moles * 1e3
    return moles, np.abs(after / before - 1).max(), start


def carrier(system, element):
    """What brings an element into the mixture, and how many atoms of it each brings."""
    if element in ("O", "N"):
        return f"{element}2(g)", 2
    return next((s, 1) for s in (f"{element}(metal)", f"{element}(s)") if s in system.species)


def gibbs(system, T, moles):
    """G/RT of species amounts, at 1 bar."""
    g = system.gibbs_over_RT(np.array([T]))[0]
    total = moles @ g
    for k in range(len(system.phases)):
        n = moles[system.phase_start[k] : system.phase_start[k + 1]]
        n = n[n > 0]
        total += (n * np.log(n / n.sum())).sum() if n.size else 0.0
    return total


def assert_agrees(name, T, amounts):
    system = load_system(name)
    moles, residual, start = witness(system, T, amounts)
    assert residual < 1e-9, "the witness itself must conserve the elements"
    ours = system.equilibrate(T, P, start @ system.network.formula)
    assert ours.converged.all(), ours.reason
    G_ours, G_vcs = gibbs(system, T, ours.moles[0]), gibbs(system, T, moles)
    assert G_ours == pytest.approx(G_vcs, rel=1e-12)


def alloy(**more):
    """mol of the elements in 99 kg of the reference alloy, with kg of others."""
    weights = dict(zip(symbols(), atomic_weights(), strict=True))
    return {e: kg / weights[e] for e, kg in (ALLOY | more).items()}


@pytest.mark.parametrize("T", [1150.0, 1300.0, 1450.0, 1550.0, 1700.0])
@pytest.mark.parametrize("carbon", [10.0, 20.0, 25.0, 35.0])
def test_smelting(T, carbon):
    amounts = alloy(O=FULLY_ROASTED_O, C=carbon) | {"N": 10.0}
    assert_agrees("smelting", T + 273.15, amounts)


@pytest.mark.parametrize("T", [500.0, 700.0, 900.0, 1000.0])
@pytest.mark.parametrize("oxygen", [20.0, FULLY_ROASTED_O, 60.0])
def test_roasting(T, oxygen):
    """From half of the oxygen that the alloy takes to twice as much, with the nitrogen of air."""
    amounts = alloy(O=oxygen, C=2.0) | {"N": 5000.0}
    assert_agrees("roasting", T + 273.15, amounts)
