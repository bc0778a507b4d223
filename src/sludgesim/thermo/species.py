"""Species data: formula, NASA-9 polynomials, temperature range, source and quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sludgesim.errors import TemperatureRangeError
from sludgesim.thermo.elements import symbols
from sludgesim.thermo.thermochemistry import Species, Thermochemistry, current

R = 8.31446261815324  # J/(mol K), exact by the SI of 2019
P0 = 1e5  # Pa, standard pressure of the NASA polynomials

Array = NDArray[np.float64]


def database() -> Mapping[str, Species]:
    """All species by name, of the thermochemistry that holds here."""
    return current().species


def species_table() -> list[dict[str, object]]:
    """One row per species: phase, formula, range in K, source, quality and note."""
    return [
        {
            "species": s.name,
            "phase": s.phase,
            "formula": " ".join(f"{e}{n:g}" for e, n in s.composition.items()),
            "T_min_K": s.edges[0],
            "T_max_K": s.edges[-1],
            "quality": s.quality,
            "source": ", ".join(s.source),
            "note": s.note,
        }
        for s in database().values()
    ]


@dataclass(frozen=True)
class SpeciesSet:
    """A tuple of species with their data as arrays, for a batch of temperatures at once."""

    names: tuple[str, ...]
    formula: Array  # (S, E) atoms, columns in the order of `symbols()`
    edges: Array  # (S, K) upper ends of the polynomials' ranges
    coefficients: Array  # (S, K, 9)
    T_min: Array  # (S,)
    T_max: Array  # (S,)

    def require(self, T: Array, present: NDArray[np.bool_] | None = None) -> None:
        """Raise TemperatureRangeError where a species (that is present) is out of its range.

        Parameters
        ----------
        T : (n,) K
        present : (n, S) bool, optional
        """
        slack = 1e-6
        outside = (T[:, None] < self.T_min - slack) | (T[:, None] > self.T_max + slack)
        if present is not None:
            outside &= present
        if outside.any():
            case, i = (int(k) for k in np.argwhere(outside)[0])
            raise TemperatureRangeError(
                f"{self.names[i]} at {T[case]:.1f} K: its data hold from {self.T_min[i]:.1f} to "
                f"{self.T_max[i]:.1f} K"
            )

    def _evaluate(self, T: Array, basis: list[Array]) -> Array:
        """Sum of coefficients times basis functions, each species with the piece that T is in."""
        if T.size > 1 and (T[0] == T).all():  # most streams are at one temperature in all cases
            row = self._evaluate(T[:1], [column[:1] for column in basis])
            return np.repeat(row, T.size, axis=0)
        columns = np.stack(basis, axis=1)
        values: Array = columns @ self.coefficients[:, 0].T
        for k in range(1, self.edges.shape[1]):
            above = T[:, None] > self.edges[:, k - 1]
            if above.any():
                values = np.where(above, columns @ self.coefficients[:, k].T, values)
        return values

    def enthalpy(self, T: Array) -> Array:
        """Molar enthalpy, J/mol, elements at 298.15 K = 0, shape (n, S), at T (n,) in K.

        H/R = -a1/T + a2 ln T + a3 T + a4 T^2/2 + a5 T^3/3 + a6 T^4/4 + a7 T^5/5 + b1
        """
        one, zero = np.ones_like(T), np.zeros_like(T)
        basis = [-1 / T, np.log(T), T, T**2 / 2, T**3 / 3, T**4 / 4, T**5 / 5, one, zero]
        return R * self._evaluate(T, basis)

    def gibbs_over_RT(self, T: Array) -> Array:
        """Standard Gibbs energy over RT, shape (n, S), at T (n,) in K and 1 bar.

        G/RT = H/RT - S/R from the NASA-9 polynomials.
        """
        lnT, one = np.log(T), np.ones_like(T)
        basis = [
            -0.5 / T**2,
            (lnT + 1) / T,
            1 - lnT,
            -T / 2,
            -(T**2) / 6,
            -(T**3) / 12,
            -(T**4) / 20,
            1 / T,
            -one,
        ]
        return self._evaluate(T, basis)


def species_set(names: tuple[str, ...], data: Thermochemistry | None = None) -> SpeciesSet:
    """The data of some species as arrays, out of `data` or those that hold here.

    Raises KeyError, naming the species, for one that the data do not have.
    """
    return _arrays(names, data or current())


@lru_cache(maxsize=4096)
def _arrays(names: tuple[str, ...], data: Thermochemistry) -> SpeciesSet:
    found = [data.species[n] for n in names]
    pieces = max((len(s.coefficients) for s in found), default=1)
    formula = np.array([[s.composition.get(e, 0.0) for e in symbols()] for s in found])
    edges = np.full((len(found), pieces), np.inf)
    coefficients = np.zeros((len(found), pieces, 9))
    for i, s in enumerate(found):
        k = len(s.coefficients)
        edges[i, : k - 1] = s.edges[1:-1]
        coefficients[i, :k] = s.coefficients
        coefficients[i, k:] = s.coefficients[-1]
    return SpeciesSet(
        names,
        formula.reshape(len(found), len(symbols())),
        edges,
        coefficients,
        np.array([s.edges[0] for s in found]),
        np.array([s.edges[-1] for s in found]),
    )
