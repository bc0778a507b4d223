"""What a run leaves behind: every stream and duty; and the audit that trusts nobody.

The audit reads the ledger's streams only. It shares with the units nothing but the species data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import BalanceError
from sludgesim.thermo.elements import CHARGE, atomic_weights, symbols
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream

ELEMENT_TOLERANCE = 1e-9
ENERGY_TOLERANCE = 1e-6
PLANT = "plant"
FEWEST_IONS = 1e-2
"""Charge, mol/kg, that is carried at the least: below it the round-off of the water rules."""


@dataclass(frozen=True)
class StreamRecord:
    """A stream with its name, where it comes from, where it goes, and its role."""

    name: str
    source: str
    target: str
    role: str
    stream: Stream


@dataclass(frozen=True)
class DutyRecord:
    """Energy into a unit (J per t dry sludge, shape (n,)), by kind."""

    unit: str
    kind: str
    energy: Array


@dataclass(frozen=True)
class Balance:
    """In, out and residual of one unit and one element (kg) or of energy (J), shape (n,) each.

    `scale` is what the residual is measured against.
    """

    unit: str
    element: str
    inward: Array
    outward: Array
    duties: Array
    scale: Array

    @property
    def residual(self) -> Array:
        return self.inward + self.duties - self.outward

    @property
    def relative(self) -> Array:
        return np.abs(self.residual) / np.where(self.scale > 0, self.scale, 1.0)


@dataclass(frozen=True)
class Audit:
    """Every balance of a run, over every unit and the plant."""

    element_balances: tuple[Balance, ...]
    energy_balances: tuple[Balance, ...]

    @property
    def worst_elements(self) -> dict[str, float]:
        """Worst relative residual of each element over all units and cases."""
        worst: dict[str, float] = {}
        for b in self.element_balances:
            worst[b.element] = max(worst.get(b.element, 0.0), _worst(b))
        return worst

    @property
    def worst_energy(self) -> float:
        """Worst relative residual of energy over all units and cases."""
        return max((_worst(b) for b in self.energy_balances), default=0.0)

    def open_balances(self) -> list[tuple[Balance, NDArray[np.bool_]]]:
        """Balances beyond tolerance, each with the cases (n,) bool that are open."""
        found = []
        for balances, tolerance in (
            (self.element_balances, ELEMENT_TOLERANCE),
            (self.energy_balances, ENERGY_TOLERANCE),
        ):
            for b in balances:
                bad = ~(b.relative <= tolerance)  # what is no number has not closed
                if bad.any():
                    found.append((b, bad))
        return found

    def require_closed(self) -> None:
        """Raise BalanceError naming unit, element, in, out and residual of the worst balance."""
        found = self.open_balances()
        if not found:
            return
        b, _ = max(found, key=lambda item: np.nan_to_num(item[0].relative, nan=np.inf).max())
        case = int(np.argmax(np.nan_to_num(b.relative, nan=np.inf)))
        unit = "J" if b.element == "energy" else "kg"
        raise BalanceError(
            f"unit {b.unit}: {b.element} does not close: in {b.inward[case] + b.duties[case]:.9g} "
            f"{unit}, out {b.outward[case]:.9g} {unit}, residual {b.residual[case]:.3g} {unit} "
            f"({b.relative[case]:.2g} relative) per t dry sludge, case {case}"
        )

    @property
    def elements(self) -> pd.DataFrame:
        """Element balances of the first case, in kg per t dry sludge."""
        return pd.DataFrame(
            [
                {
                    "unit": b.unit,
                    "element": b.element,
                    "in_kg": b.inward[0],
                    "out_kg": b.outward[0],
                    "residual_kg": b.residual[0],
                    "relative": b.relative[0],
                }
                for b in self.element_balances
            ]
        )

    @property
    def energy(self) -> pd.DataFrame:
        """Energy balances of the first case, in MJ per t dry sludge."""
        return pd.DataFrame(
            [
                {
                    "unit": b.unit,
                    "in_MJ": b.inward[0] / 1e6,
                    "out_MJ": b.outward[0] / 1e6,
                    "duties_MJ": b.duties[0] / 1e6,
                    "residual_MJ": b.residual[0] / 1e6,
                    "relative": b.relative[0],
                }
                for b in self.energy_balances
            ]
        )


def _worst(b: Balance) -> float:
    finite = b.relative[np.isfinite(b.relative)]
    return float(finite.max()) if finite.size else 0.0


@dataclass(frozen=True)
class Ledger:
    """All streams and duties of one route."""

    units: tuple[str, ...]
    streams: tuple[StreamRecord, ...]
    duties: tuple[DutyRecord, ...]

    def duty(self, kind: str, unit: str = "") -> Array:
        """Energy of one kind into one unit, or into all of them, J per t dry sludge, (n,)."""
        wanted = (d for d in self.duties if d.kind == kind and unit in ("", d.unit))
        return sum((d.energy for d in wanted), np.zeros(self.streams[0].stream.n))

    def audit(self) -> Audit:
        """Balance mass, every element and enthalpy over every unit and over the plant.

        sum in - sum out = 0 for every element; sum H_in + sum duties - sum H_out = 0.
        Residuals are relative to what enters: the element, or the absolute enthalpies; those of
        charge to the ions of either sign that carry it, 0.01 mol/kg at the least.
        """
        n = self.streams[0].stream.n
        kg = {id(r): r.stream.elements() * atomic_weights() for r in self.streams}
        charge_weight = atomic_weights()[symbols().index(CHARGE)]
        carried = {id(r): r.stream.charge_carried() * charge_weight for r in self.streams}
        H = {id(r): r.stream.enthalpy() for r in self.streams}
        known = {*self.units}
        element_balances, energy_balances = [], []
        for unit in (*self.units, PLANT):
            if unit == PLANT:
                coming = [r for r in self.streams if r.source not in known]
                going = [r for r in self.streams if r.target not in known]
                duties = self.duties
            else:
                coming = [r for r in self.streams if r.target == unit]
                going = [r for r in self.streams if r.source == unit]
                duties = tuple(d for d in self.duties if d.unit == unit)
            zero = np.zeros((n, len(symbols())))
            inward = sum((kg[id(r)] for r in coming), zero)
            outward = sum((kg[id(r)] for r in going), zero)
            gross = sum((np.abs(kg[id(r)]) for r in coming), zero)
            for k, symbol in enumerate(symbols()):
                scale = gross[:, k]
                if symbol == CHARGE:  # no charge in bulk
                    ions = sum((carried[id(r)] for r in (*coming, *going)), np.zeros(n)) / 2
                    least = FEWEST_IONS * charge_weight * gross.sum(axis=1)
                    scale = np.maximum(ions, least)
                if np.any(inward[:, k] != 0) or np.any(outward[:, k] != 0):
                    element_balances.append(
                        Balance(unit, symbol, inward[:, k], outward[:, k], np.zeros(n), scale)
                    )
            element_balances.append(
                Balance(unit, "mass", inward.sum(axis=1), outward.sum(axis=1), np.zeros(n),
                        gross.sum(axis=1))
            )  # fmt: skip
            energy = sum((d.energy for d in duties), np.zeros(n))
            scale = sum((np.abs(H[id(r)]) for r in coming), np.zeros(n))
            scale = scale + sum((np.abs(d.energy) for d in duties), np.zeros(n))
            energy_balances.append(
                Balance(unit, "energy", sum((H[id(r)] for r in coming), np.zeros(n)),
                        sum((H[id(r)] for r in going), np.zeros(n)), energy, scale)
            )  # fmt: skip
        return Audit(tuple(element_balances), tuple(energy_balances))
