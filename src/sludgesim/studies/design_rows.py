"""The cases of sensitivity studies: one parameter moved at a time, or the points of a design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.studies.indices import Design
from sludgesim.studies.sampling import Spread
from sludgesim.thermo.species import Array


@dataclass(frozen=True, eq=False)
class OneAtATime:
    """Cases in which one parameter each differs from the scenario.

    Parameters
    ----------
    paths : parameters of the study
    owner : (n,) which of them a case moves
    x : (n,) to what, in its declared unit
    """

    paths: Sequence[str]
    owner: NDArray[np.intp]
    x: Array

    def __len__(self) -> int:
        return len(self.x)

    @property
    def words(self) -> tuple[str, ...]:
        """Parameters that hold words: none."""
        return ()

    @property
    def definition(self) -> dict[str, Any]:
        """The values."""
        return {"paths": list(self.paths), "moved": self.owner.tolist(), "to": self.x.tolist()}

    def rows(self, start: int, stop: int) -> pd.DataFrame:
        """Cases by number; nan where a parameter stays."""
        x = self.x[start:stop]
        values = np.full((len(x), len(self.paths)), np.nan)
        values[np.arange(len(x)), self.owner[start:stop]] = x
        return pd.DataFrame(values, range(start, start + len(x)), list(self.paths))


@dataclass(frozen=True, eq=False)
class Designed(Spread):
    """The points of a design, put upon distributions between two probabilities."""

    design: Design
    between: tuple[float, float]

    def __len__(self) -> int:
        return len(self.design)

    @property
    def definition(self) -> dict[str, Any]:
        """All that the rows follow from, as plain values."""
        return {
            "spread": self.shapes,
            "design": repr(self.design),
            "between": self.between,
        }

    def rows(self, start: int, stop: int) -> pd.DataFrame:
        """Cases by number, in the declared units."""
        low, high = self.between
        return self.placed(low + (high - low) * self.design.points(start, stop), start)
