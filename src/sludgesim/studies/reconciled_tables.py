"""What a reconciliation says, as tables: measurements, values, balances, what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sludgesim.studies.adjustment import Estimate, Readings, critical_adjustment
from sludgesim.studies.measurements import ASSAY, BASES, ELEMENT, ENERGY, MASS, Measurement
from sludgesim.studies.network import TOTAL, Flow, Network
from sludgesim.thermo.species import Array

PLACE = ("stream", "quantity", "element", "unit", "line")
_ROUND_OFF = 1e-9  # relative; what is beyond a limit by less is not beyond it


def place(m: Measurement) -> dict[str, Any]:
    """What was measured, and where it stands."""
    return {name: getattr(m, name) for name in PLACE}


def measurement_table(
    found: Estimate, without: Estimate, readings: Readings, given: list[Measurement], level: float
) -> pd.DataFrame:
    """The measurements beside what the balances make of them.

    Parameters
    ----------
    found, without : estimates from all readings, and from those that are not suspicious
    readings : all of them, first those of `given`
    given : the measurements that are not exact
    level : of significance of the measurement test

    Returns
    -------
    a row each, in the units of the file; z is the adjustment over its standard deviation
    """
    fitted, spread = _of(found, readings)
    cleared, cleared_spread = _of(without, readings)
    z = found.standardised[: len(given)]
    limit = critical_adjustment(int(np.isfinite(z).sum()), level)
    rows = [
        {
            **place(m),
            "measured": m.value / m.factor,
            "sd": m.sd / m.factor,
            "reconciled": fitted[k] / m.factor,
            "reconciled_sd": spread[k] / m.factor,
            "adjustment": (fitted[k] - m.value) / m.factor,
            "z": z[k],
            "redundant": bool(np.isfinite(z[k])),
            "suspicious": bool(np.abs(z[k]) > limit),
            "without_suspects": cleared[k] / m.factor,
            "without_suspects_sd": cleared_spread[k] / m.factor,
        }
        for k, m in enumerate(given)
    ]
    return pd.DataFrame(rows)


def _of(found: Estimate, readings: Readings) -> tuple[Array, Array]:
    """What an estimate says of some readings, its own or not, and the standard deviation of that.

    nan where it does not determine them.
    """
    spread, seen = found.deviations(readings.slopes(found.x))
    return np.where(seen, readings.model(found.x), np.nan), np.where(seen, spread, np.nan)


def value_table(
    found: Estimate,
    without: Estimate,
    network: Network,
    used: list[Measurement],
    units: Mapping[str, tuple[str, float]],
) -> pd.DataFrame:
    """Every flow and assay with its deviation, and how it is known.

    Parameters
    ----------
    found, without : estimates from all readings, and from those that are not suspicious
    network : whose flows are the variables of the estimates
    used : all measurements
    units : by quantity, from `units_of`
    """
    flows = {flow: k for k, flow in enumerate(network.guess)}
    measured = {(m.stream, m.quantity, m.element) for m in used if m.sd > 0}
    given = {(m.stream, m.quantity, m.element) for m in used if m.sd == 0}
    wanted = [
        (stream, ENERGY if component == ENERGY else ELEMENT if component else MASS, component)
        for stream, component in flows
    ]
    wanted += [(s, ASSAY, c) for s, c in flows if c not in (TOTAL, ENERGY) and (s, TOTAL) in flows]
    every = Readings(
        np.array([flows[s, c] for s, _, c in wanted], int),
        np.array([flows[s, TOTAL] if q == ASSAY else -1 for s, q, _ in wanted], int),
        np.zeros(len(wanted)),
        np.ones(len(wanted)),
    )
    values, spread = _of(found, every)
    cleared, cleared_spread = _of(without, every)
    rows = []
    for k, (stream, quantity, component) in enumerate(wanted):
        element = component if quantity in (ASSAY, ELEMENT) else ""
        key, (unit, factor) = (stream, quantity, element), units[quantity]
        known = not np.isnan(values[k])
        status = "computed" if known else "unobservable"
        if known and (stream, component) in network.minor:
            status = "model"
        elif known and (key in measured or key in given):
            status = "reconciled" if key in measured else "exact"
        rows.append(
            {
                "stream": stream,
                "quantity": quantity,
                "element": element,
                "unit": unit,
                "value": values[k] / factor,
                "sd": spread[k] / factor,
                "status": status,
                "without_suspects": cleared[k] / factor,
                "without_suspects_sd": cleared_spread[k] / factor,
            }
        )
    return pd.DataFrame(rows)


def units_of(used: list[Measurement], basis: str) -> dict[str, tuple[str, float]]:
    """Unit and factor to SI by quantity: those of the first measurement that has them."""
    units = {ASSAY: ("wt%", 0.01), MASS: (basis, 1.0), ENERGY: (BASES[basis], 1.0)}
    for m in reversed(used):
        if m.quantity in (MASS, ELEMENT):
            units[MASS] = (m.unit, m.factor)
        elif m.quantity == ENERGY:
            units[ENERGY] = (m.unit, m.factor)
    return units | {ELEMENT: units[MASS]}


def balance_table(
    A: Array, names: list[Flow], x: Array, units: Mapping[str, tuple[str, float]]
) -> pd.DataFrame:
    """What goes into and out of every unit, and the relative gap.

    Parameters
    ----------
    A, names : from `Network.balances`
    x : (flows,)
    units : by quantity, from `units_of`
    """
    rows = []
    for row, (unit, component) in zip(A, names, strict=True):
        measure, factor = units[ENERGY if component == ENERGY else MASS]
        inward, outward = (float((np.maximum(sign * row, 0) * x).sum()) for sign in (1, -1))
        gap = inward - outward
        rows.append(
            {
                "unit_operation": unit,
                "component": component or "mass",
                "unit": measure,
                "in": inward / factor,
                "out": outward / factor,
                "relative": abs(gap) / max(abs(inward), abs(outward), 1e-300),
            }
        )
    return pd.DataFrame(rows)


def impossible_table(values: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Values that no stream can have: amounts below 0, an element or all of them above the whole.

    Least squares know no bounds: such a value closes the balances as well as any other, and says
    that a measurement, a deviation or the network is wrong.

    Parameters
    ----------
    values : from `value_table`
    columns : of it, `value` and perhaps `without_suspects`

    Returns
    -------
    stream, quantity, element (`all` for their sum), unit, value, limit (the bound passed), data
    (the column); empty where all can be
    """
    names = ["stream", "quantity", "element", "unit", "value", "limit", "data"]
    rows = [
        (*row, column)
        for column in columns
        for row in _impossible(values.assign(value=values[column]).dropna(subset=["value"]))
    ]
    return pd.DataFrame(rows, columns=names)


def _impossible(known: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of `impossible_table` but for their data."""
    amounts = known[known["quantity"].isin((MASS, ELEMENT))]
    below = amounts[amounts["value"] < -_ROUND_OFF * amounts["value"].abs().max()]
    # shares of what flows backwards mean nothing beside that
    backwards = below.loc[below["quantity"] == MASS, "stream"]
    assays = known[(known["quantity"] == ASSAY) & ~known["stream"].isin(backwards)]
    full = 100 * (1 + _ROUND_OFF)
    above = assays[assays["value"] > full]
    sums = assays[~assays["stream"].isin(above["stream"])].groupby("stream", sort=False)["value"]
    columns = ["stream", "quantity", "element", "unit", "value"]
    rows: list[tuple[Any, ...]] = [
        (*row, limit)
        for table, limit in ((below, 0.0), (above, 100.0))
        for row in table[columns].itertuples(index=False, name=None)
    ]
    together = sums.sum()
    rows += [
        (stream, ASSAY, "all", "wt%", total, 100.0)
        for stream, total in together[together > full].items()
    ]
    return rows
