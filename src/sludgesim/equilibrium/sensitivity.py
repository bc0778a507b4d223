"""How an equilibrium answers to small changes of element amounts and standard potentials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sludgesim.equilibrium.network import Network
from sludgesim.equilibrium.solution import Solution

FLAT = 1e-13
"""Share of the largest eigenvalue below which a direction is undetermined."""
TOLERANCE = 1e-7
"""Share of a change that the present phases may fail to follow, by rounding."""
_CHUNK = 256

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """Rates of change of an answer along K directions."""

    moles: Array
    """(n, S, K) of each species' amount."""
    potentials: Array
    """(n, E, K) of each element's potential."""


def respond(
    network: Network,
    solution: Solution,
    db: ArrayLike | None = None,
    dg: ArrayLike | None = None,
) -> Response:
    """Differentiate answers along given changes of the element amounts and standard potentials.

    dn_i = x_i dN_p + n_i (a_i.dlam - dg_i), with dlam and dN from

    [A' diag(n) A   M] [dlam]   [db + A' (n dg)]
    [M'             0] [dN  ] = [sum_i x_i dg_i]

    A the formulas and M the mean formulas of the phases that are present.

    Parameters
    ----------
    network : Network
    solution : Solution of `solve`; its moles are read
    db : (n, E, K) or (E, K), optional
        K directions of change of the element amounts [mol]; none if not given
    dg : (n, S, K) or (S, K), optional
        the same of the standard potentials mu0 / RT [-]; none if not given

    Returns
    -------
    Response, all derivatives by a unit step along each direction

    Errors: nan for cases without an answer; for directions that the present phases cannot follow
    (an element that is absent; a feed that would need another phase); for potentials that the
    present phases leave open; for the shares of phases of which one is a sum of others.

    Raises
    ------
    ValueError
        Neither direction is given, or arrays of the wrong shape.

    Range of validity: as long as the same phases are present.  Where one is about to appear or
    vanish this is the one-sided derivative, of the side that keeps the phases of the answer.

    Source: implicit function theorem on the optimality conditions; Smith and Missen, Chemical
    Reaction Equilibrium Analysis, 1982, chapter 8.
    """
    n = solution.moles.shape[0]
    given = [a for a in (db, dg) if a is not None]
    if not given:
        raise ValueError("neither db nor dg is given")
    n_directions = np.shape(given[0])[-1]
    amounts = _directions(db, n, network.n_elements, n_directions, "db")
    standard = _directions(dg, n, network.n_species, n_directions, "dg")
    moles = np.full((n, network.n_species, n_directions), np.nan)
    potentials = np.full((n, network.n_elements, n_directions), np.nan)
    solved = np.flatnonzero(solution.converged)
    for first in range(0, solved.size, _CHUNK):
        rows = solved[first : first + _CHUNK]
        moles[rows], potentials[rows] = _respond(
            network, solution.moles[rows], amounts[rows], standard[rows]
        )
    return Response(moles, potentials)


def _directions(values: ArrayLike | None, n: int, rows: int, columns: int, name: str) -> Array:
    array = np.zeros((rows, columns)) if values is None else np.asarray(values, dtype=np.float64)
    if array.shape not in ((rows, columns), (n, rows, columns)):
        raise ValueError(f"{name} has shape {array.shape}, not ({n}, {rows}, {columns})")
    return np.broadcast_to(array, (n, rows, columns))


def _respond(network: Network, moles: Array, db: Array, dg: Array) -> tuple[Array, Array]:
    formula, starts = network.formula, network.phase_start
    n, n_elements, n_phases = moles.shape[0], network.n_elements, network.n_phases
    phase = np.repeat(np.arange(n_phases), np.diff(starts))
    size = n_elements + n_phases
    amounts = np.add.reduceat(moles, starts[:-1], axis=1)
    x = moles / np.where(amounts > 0, amounts, 1.0)[:, phase]
    members = (phase[:, None] == np.arange(n_phases)).astype(float)

    matrix = np.zeros((n, size, size))
    matrix[:, :n_elements, :n_elements] = np.einsum(
        "ie,ni,if->nef", formula, moles, formula, optimize=True
    )
    mean = np.einsum("ie,ni,ip->nep", formula, x, members, optimize=True)
    matrix[:, :n_elements, n_elements:] = mean
    matrix[:, n_elements:, :n_elements] = np.swapaxes(mean, 1, 2)
    right = np.concatenate(
        [
            db + np.einsum("ie,ni,nik->nek", formula, moles, dg, optimize=True),
            np.einsum("ip,ni,nik->npk", members, x, dg, optimize=True),
        ],
        axis=1,
    )
    answer, vague = _solve(matrix, right, n_elements)
    present = moles[:, :, None] > 0
    d_potentials, d_phases = answer[:, :n_elements], answer[:, n_elements:]
    # a_i.dlam is one number for species that are present, even where dlam itself is open
    rise = np.einsum("ie,nek->nik", formula, d_potentials, optimize=True) - dg
    share = np.where(vague[:, n_elements:, None], np.nan, d_phases)[:, phase]
    d_moles = np.where(present, x[:, :, None] * share + moles[:, :, None] * rise, 0.0)
    impossible = np.isnan(answer).any(axis=1, keepdims=True)
    return (
        np.where(impossible, np.nan, d_moles),
        np.where(vague[:, :n_elements, None] | impossible, np.nan, d_potentials),
    )


def _solve(matrix: Array, right: Array, n_elements: int) -> tuple[Array, NDArray[np.bool_]]:
    """Solve symmetric systems: least answers, nan where there is none, and which are not unique."""
    diagonal = np.einsum("nee->ne", matrix)[:, :n_elements]
    scale = np.ones(matrix.shape[:2])
    scale[:, :n_elements] = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    reach = np.linalg.norm(
        matrix[:, :n_elements, n_elements:] * scale[:, :n_elements, None], axis=1
    )
    scale[:, n_elements:] = 1 / np.where(reach > 0, reach, 1.0)
    scaled = matrix * scale[:, :, None] * scale[:, None, :]
    wanted = right * scale[:, :, None]
    values, vectors = np.linalg.eigh(scaled)
    flat = np.abs(values) <= FLAT * np.abs(values).max(axis=1, keepdims=True)
    inverse = np.where(flat, 0.0, 1 / np.where(flat, 1.0, values))

    def pseudo_inverse(rest: Array) -> Array:
        part = np.einsum("nij,nik->njk", vectors, rest, optimize=True)
        return np.einsum("nij,nj,njk->nik", vectors, inverse, part, optimize=True)

    answer = pseudo_inverse(wanted)
    answer += pseudo_inverse(wanted - np.einsum("nij,njk->nik", scaled, answer, optimize=True))
    missed = np.einsum("nij,nj,nik->njk", vectors, flat.astype(float), wanted, optimize=True)
    size = np.linalg.norm(wanted, axis=1, keepdims=True)
    impossible = np.linalg.norm(missed, axis=1, keepdims=True) > TOLERANCE * size
    vague = (np.abs(vectors) * flat[:, None, :]).max(axis=2) > TOLERANCE
    return np.where(impossible, np.nan, answer * scale[:, :, None]), vague
