"""Cantera's multiphase solver `vcs` as an independent witness, on its own data.

Gas (nasa_gas.yaml) and six pure condensed substances (nasa_condensed.yaml) of Fe-C-O-N-H, within
the range of every one of them (1200-1640 K), 1 atm.  Tolerance: Gibbs energy 1e-8 relative.  Where
vcs returns amounts that do not conserve elements, only "no better than ours" could be asked of it,
so such points are left out and counted.
"""

import cantera as ct
import numpy as np

from sludgesim.equilibrium import Network, solve

GAS = ["CO", "CO2", "O2", "N2", "H2", "H2O", "CH4", "Fe", "NH3", "HCN", "OH"]
CONDENSED = ["C(gr)", "Fe(c)", "FeO(s)", "Fe3O4(s)", "Fe2O3(s)"]
ELEMENTS = ["Fe", "C", "O", "N", "H"]
POINTS = 60


def cantera_phases():
    gas = {s.name: s for s in ct.Species.list_from_file("nasa_gas.yaml")}
    condensed = {s.name: s for s in ct.Species.list_from_file("nasa_condensed.yaml")}
    phases = [ct.Solution(thermo="ideal-gas", species=[gas[n] for n in GAS])]
    for name in CONDENSED:
        phases.append(ct.Solution(thermo="fixed-stoichiometry", species=[condensed[name]]))
    return phases


def formula_of(phases):
    rows = []
    for phase in phases:
        for species in phase.species():
            atoms = {e.capitalize(): n for e, n in species.composition.items()}
            rows.append([atoms.get(e, 0.0) for e in ELEMENTS])
    return np.array(rows)


def energy(g, moles, n_gas):
    x = np.where(moles[:n_gas] > 0, moles[:n_gas] / moles[:n_gas].sum(), 1.0)
    return moles @ g + moles[:n_gas] @ np.log(x)


def test_gibbs_energy_agrees_with_vcs():
    phases = cantera_phases()
    formula, n_gas = formula_of(phases), len(GAS)
    network = Network(formula, [0, *range(n_gas, len(formula) + 1)])
    rng = np.random.default_rng(5)
    names = GAS + CONDENSED
    compared = 0
    for _ in range(POINTS):
        T = rng.uniform(1200.0, 1640.0)
        feed = np.zeros(len(names))
        feed[names.index("Fe2O3(s)")] = rng.uniform(0.1, 1.0)
        feed[names.index("C(gr)")] = rng.uniform(0.1, 4.0)
        feed[names.index("N2")] = rng.uniform(0.05, 2.0)
        feed[names.index("O2")] = rng.uniform(0.0, 1.0)
        feed[names.index("H2O")] = rng.uniform(0.01, 1.0)
        for phase in phases:
            phase.TP = T, ct.one_atm
        g = np.concatenate([phase.standard_gibbs_RT for phase in phases])
        solution = solve(network, [g], [feed @ formula])
        assert solution.converged.all()
        ours = energy(g, solution.moles[0], n_gas)

        mixture = ct.Mixture([(phase, 1.0) for phase in phases])
        mixture.T, mixture.P = T, ct.one_atm
        mixture.species_moles = feed / 1000  # kmol
        mixture.equilibrate("TP", solver="vcs", estimate_equil=-1, rtol=1e-11, max_steps=5000)
        theirs = np.array(mixture.species_moles) * 1000
        if np.abs(theirs @ formula - feed @ formula).max() > 1e-9 * feed.sum():
            continue
        compared += 1
        their_energy = energy(g, theirs, n_gas)
        assert ours <= their_energy + 1e-10 * abs(their_energy)
        assert abs(ours - their_energy) < 1e-8 * abs(their_energy)
        near = np.abs(solution.moles[0] - theirs)
        assert near.max() < 1e-5 * feed.sum()
    assert compared > 0.8 * POINTS
