"""Activity coefficients of a liquor by the specific ion interaction theory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.data import read
from sludgesim.thermo.elements import CHARGE, formula_weight, rare_earths
from sludgesim.thermo.species import Array, database
from sludgesim.thermo.thermochemistry import per_data

LN10 = float(np.log(10.0))
WATER_WEIGHT = formula_weight({"H": 2.0, "O": 1.0})  # kg/mol
B = 1.5  # (kg/mol)^0.5, the same for all ions and temperatures by the theory's convention


def sit_data() -> Mapping[str, Any]:
    """`data/thermo/sit.yaml`; the pairs with `{RE}` stand for every rare earth."""
    content: Mapping[str, Any] = read("thermo/sit")
    return content


@cache
def _epsilons() -> Mapping[frozenset[str], float]:
    found: dict[frozenset[str], float] = {}
    for row in sit_data()["pairs"]:
        patterned = any("{RE}" in ion for ion in row["ions"])
        for symbol in rare_earths() if patterned else ("",):
            ions = frozenset(ion.replace("{RE}", symbol) for ion in row["ions"])
            found[ions] = float(row["epsilon"])
    return found


@cache
def _debye_huckel() -> NDArray[Any]:
    """Coefficients of a quartic in T - 298.15 K through the tabulated A, highest power first."""
    table = sit_data()["debye_huckel"]
    T = np.array(table["temperature"]) - 298.15
    return np.polyfit(T, np.array(table["A"]), 4)


def debye_huckel(T: Array) -> Array:
    """Debye-Hueckel slope A, (kg/mol)^0.5, at T in K."""
    return np.polyval(_debye_huckel(), T - 298.15)


def epsilon(cation: str, anion: str, z_cation: int, z_anion: int) -> float:
    """Interaction coefficient of two ions, kg/mol: of the table, or by charge."""
    known = _epsilons().get(frozenset((cation, anion)))
    if known is not None:
        return known
    defaults = sit_data()["defaults"]
    if z_cation > 1 and z_anion < -1:
        return 0.0
    return float(defaults["cation"][z_cation] if z_anion == -1 else defaults["anion"][z_anion])


@dataclass(frozen=True, eq=False)
class Sit:
    """Activity model of one liquor: charges and interaction coefficients of its solutes."""

    charge: Array  # (A,)
    epsilon: Array  # (A, A), symmetric

    def __call__(self, m: Array, T: Array) -> tuple[Array, Array]:
        """Natural logarithms of the activity coefficients and of the water activity.

        ln gamma_i = ln10 (-z_i^2 D + sum_k eps_ik m_k),  D = A sqrt(I) / (1 + 1.5 sqrt(I))
        ln a_w = -M_w (sum m + ln10 (-2A/1.5^3 (u - 2 ln u - 1/u) + sum_c sum_a eps_ca m_c m_a)),
        u = 1 + 1.5 sqrt(I): the two satisfy Gibbs-Duhem exactly.

        Parameters
        ----------
        m : (n, A) mol/kg
        T : (n,) K

        Returns
        -------
        (n, A) and (n,).  Range: ionic strengths to about 4 mol/kg with good accuracy, to 10
        roughly; epsilon does not change with T.

        Source: Guggenheim and Turgeon, Trans. Faraday Soc. 51 (1955) 747; Grenthe, Plyasunov and
        Spahiu in Modelling in Aquatic Chemistry, NEA 1997, chapter IX.
        """
        A = debye_huckel(T)
        root = np.sqrt(0.5 * (m @ self.charge**2))
        u = 1 + B * root
        attraction = m @ self.epsilon
        ln_gamma = LN10 * (attraction - (A * root / u)[:, None] * self.charge**2)
        pairs = 0.5 * np.einsum("ni,ni->n", attraction, m)
        excess = LN10 * (pairs - 2 * A / B**3 * (u - 2 * np.log(u) - 1 / u))
        return ln_gamma, -WATER_WEIGHT * (m.sum(axis=1) + excess)


@per_data
def sit(solutes: tuple[str, ...]) -> Sit:
    """The activity model of a liquor with these solutes."""
    names = [s.removesuffix("(aq)") for s in solutes]
    z = np.array([-database()[s].composition.get(CHARGE, 0.0) for s in solutes])
    table = np.zeros((len(z), len(z)))
    for i in np.flatnonzero(z > 0):
        for k in np.flatnonzero(z < 0):
            table[i, k] = table[k, i] = epsilon(names[i], names[k], round(z[i]), round(z[k]))
    return Sit(z, table)
