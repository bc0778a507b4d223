"""Derivatives of an equilibrium by what it was made of: feed, temperature, pressure, data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sludgesim.equilibrium import Solution, Status, respond
from sludgesim.thermo.species import Array, R

if TYPE_CHECKING:
    from sludgesim.thermo.system import Equilibrium


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Derivatives of amounts (mol) and element potentials (over RT) of n cases.

    `moles_by_elements` (n, S, E) mol/mol, `potentials_by_elements` (n, E, E) 1/mol;
    `moles_by_temperature` (n, S) mol/K, `potentials_by_temperature` (n, E) 1/K;
    `moles_by_ln_pressure` (n, S) mol, `potentials_by_ln_pressure` (n, E);
    `moles_by_gibbs` (n, S, K) mol per J/mol, `potentials_by_gibbs` (n, E, K) 1/(J/mol), by the
    standard Gibbs energy of each species asked for.
    """

    moles_by_elements: Array
    potentials_by_elements: Array
    moles_by_temperature: Array
    potentials_by_temperature: Array
    moles_by_ln_pressure: Array
    potentials_by_ln_pressure: Array
    moles_by_gibbs: Array
    potentials_by_gibbs: Array


def derivatives(eq: Equilibrium, species: Sequence[str]) -> Derivatives:
    """Differentiate equilibria; see `Equilibrium.derivatives`."""
    system, n = eq.system, eq.converged.size
    S, E, K = len(system.species), len(system.elements), len(species)
    solution = Solution(
        eq.moles,
        eq.phase_moles,
        eq.potentials,
        np.where(eq.converged, Status.SOLVED, Status.NOT_CONVERGED),
        np.zeros(n, dtype=np.int64),
    )
    T = np.where(eq.converged, eq.T, system.T_min)
    db = np.zeros((E, E + 2 + K))
    db[:, :E] = np.eye(E)
    dg = np.zeros((n, S, E + 2 + K))
    dg[:, :, E] = -system.data.enthalpy(T) / (R * T**2)[:, None]
    dg[:, :, E + 1] = [s.endswith("(g)") for s in system.species]
    for k, name in enumerate(species):
        # a species may stand in several phases
        here = np.array([s == name for s in system.species])
        if not here.any():
            raise KeyError(f"system {system.name} has no species {name}")
        dg[:, here, E + 2 + k] = (1 / (R * T))[:, None]
    found = respond(system.network, solution, db, dg)
    moles, potentials = found.moles, found.potentials
    return Derivatives(
        moles[:, :, :E],
        potentials[:, :, :E],
        moles[:, :, E],
        potentials[:, :, E],
        moles[:, :, E + 1],
        potentials[:, :, E + 1],
        moles[:, :, E + 2 :],
        potentials[:, :, E + 2 :],
    )
