"""What a batch of equilibria comes back as."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Status(IntEnum):
    """What became of a case."""

    SOLVED = 0
    INFEASIBLE = 1
    NOT_CONVERGED = 2
    BAD_INPUT = 3


@dataclass(frozen=True)
class Solution:
    """Equilibrium of each case; amounts and potentials are nan where there is no answer."""

    moles: NDArray[np.float64]
    """(n, S) amount of each species [mol]."""
    phase_moles: NDArray[np.float64]
    """(n, P) amount of each phase [mol of its species]; exactly 0 where absent."""
    potentials: NDArray[np.float64]
    """(n, E) element potentials lam [RT per mol]; nan for elements that a case lacks."""
    status: NDArray[np.int8]
    """(n,) `Status` of each case."""
    iterations: NDArray[np.int64]
    """(n,) Newton steps of all stages together."""

    @property
    def converged(self) -> NDArray[np.bool_]:
        """(n,) True where the case is solved and has passed the optimality check."""
        return np.asarray(self.status == Status.SOLVED)
