"""The system of phases and species that the equilibrium engine works on, without chemistry."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Network:
    """Which species hold which elements, and which species share a phase.

    Species of one phase are neighbours: phase p holds species
    ``phase_start[p]`` to ``phase_start[p + 1] - 1``.  A phase of one species is a pure
    substance; any other phase is an ideal solution.

    Parameters
    ----------
    formula : (S, E) float
        Amount of element e in one mole of species i [mol/mol].  A column with entries of both
        signs is a signed balance, such as electric charge; all others must not be negative.
    phase_start : (P + 1,) int
        First species of each phase, and S at the end; strictly increasing.

    Raises
    ------
    ValueError
        Arrays of the wrong shape, entries that are not finite, a species without any element,
        an empty phase, or a column with negative entries only.
    """

    formula: NDArray[np.float64]
    phase_start: NDArray[np.int64]
    signed: NDArray[np.bool_] = field(init=False, repr=False)
    """(E,) columns that balance entries of both signs."""

    def __init__(self, formula: ArrayLike, phase_start: ArrayLike) -> None:
        matrix = np.array(formula, dtype=np.float64, order="C")
        starts = np.array(phase_start)
        if matrix.ndim != 2 or 0 in matrix.shape:
            raise ValueError("formula must be a matrix of species by elements, not empty")
        if not np.isfinite(matrix).all():
            raise ValueError("formula holds entries that are not finite")
        if not (matrix != 0).any(axis=1).all():
            bare = np.flatnonzero(~(matrix != 0).any(axis=1)).tolist()
            raise ValueError(f"species {bare} hold no element")
        if starts.ndim != 1 or starts.size < 2 or not np.issubdtype(starts.dtype, np.integer):
            raise ValueError("phase_start must be a list of at least two integers")
        if starts[0] != 0 or starts[-1] != matrix.shape[0] or (np.diff(starts) < 1).any():
            raise ValueError("phase_start must rise strictly from 0 to the number of species")
        negative, positive = (matrix < 0).any(axis=0), (matrix > 0).any(axis=0)
        if (negative & ~positive).any():
            columns = np.flatnonzero(negative & ~positive).tolist()
            raise ValueError(f"formula columns {columns} hold negative entries only")
        starts = starts.astype(np.int64)
        for array in (matrix, starts, negative):
            array.flags.writeable = False
        object.__setattr__(self, "formula", matrix)
        object.__setattr__(self, "phase_start", starts)
        object.__setattr__(self, "signed", negative)

    @property
    def n_species(self) -> int:
        """Number of species S."""
        return int(self.formula.shape[0])

    @property
    def n_elements(self) -> int:
        """Number of elements E (columns of the formula matrix)."""
        return int(self.formula.shape[1])

    @property
    def n_phases(self) -> int:
        """Number of phases P."""
        return int(self.phase_start.size - 1)
