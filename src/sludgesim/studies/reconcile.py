"""Reconcile plant measurements: balances closed exactly, gross errors named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario
from sludgesim.studies.adjustment import Estimate, Readings, adjust, critical_residual
from sludgesim.studies.comparison import run
from sludgesim.studies.findings import Findings
from sludgesim.studies.measurements import (
    ASSAY,
    BASES,
    ELEMENT,
    ENERGY,
    ENTHALPY,
    KPI,
    MASS,
    Measurement,
    Plant,
)
from sludgesim.studies.network import TOTAL, Network, from_file, from_ledger, measured_component
from sludgesim.thermo.species import Array

LEVEL = 0.05
_NAMED = 8  # names that an answer lists; the table of values has all
_TIE = 1e-6  # relative; measurements whose residuals agree to this cannot be told apart


@dataclass(frozen=True, eq=False)
class Reconciliation(Findings):
    """What the measurements say when every balance closes.

    Tables: `measurements` (measured, reconciled, adjustment, standardised residual z, whether
    redundant or suspicious), `values` (every flow and assay: reconciled, computed, exact, model
    or unobservable), `suspects` (taken out one after the other until the tests pass, with the bias
    that each then shows), `balances`, `test` (the global test).
    """

    plant: Plant


def reconcile(
    plant: Plant, scenario: Scenario | None = None, route: str = "", *, level: float = LEVEL
) -> Reconciliation:
    """Reconcile measurements with the balances of mass, elements and energy.

    min sum ((measured - reconciled) / sd)^2 with every balance closed

    Parameters
    ----------
    plant : from `measurements.read`
    scenario, route : whose streams and units are meant, where the file brings no network
    level : of significance of the tests

    Returns
    -------
    Reconciliation

    Errors: InputError for streams without a place, or exact values that contradict each other.
    Range: steady state; errors of the measurements normal and independent. On a route, flows that
    nobody measured and that are less than 0.1 % of the intake of a component enter with the model's
    figure +- 100 %.
    Source: Narasimhan and Jordache, Data Reconciliation and Gross Error Detection, Gulf (2000).
    """
    if not 0 < level < 1:
        raise InputError(Problem(f"{level:g}", "--level", allowed="between 0 and 1"))
    network = _network(plant, scenario, route)
    flows = {flow: k for k, flow in enumerate(network.guess)}
    used = _placed(plant, flows)
    A, names = network.balances()
    exact, b = _exact([m for m in used if m.sd == 0], flows)
    loose = [m for m in used if m.sd > 0]
    if not any(m.quantity in (MASS, ELEMENT) for m in used):
        message = "no mass is measured: assays tell proportions only"
        raise InputError(Problem(message, file=plant.file, allowed="at least one mass or element"))
    if not loose:
        raise InputError(Problem("every value is exact: nothing to reconcile", file=plant.file))
    start = np.array(list(network.guess.values()))
    readings = _readings(loose, flows, network)
    zeros = np.zeros(len(names))
    left, right = np.vstack([A, exact]), np.concatenate([zeros, b])

    def solve(keep: NDArray[np.bool_]) -> Estimate:
        return adjust(left, right, readings.keep(keep), start)

    found = solve(np.ones(readings.value.size, bool))
    test = _global_test(found, level)
    tables = {
        "measurements": _measurement_table(found, loose, level),
        "values": _value_table(found, network, flows, used, plant.basis),
        "suspects": _suspects(solve, found, loose, readings, level),
        "balances": _balance_table(A, names, found.x, _units(used, plant.basis)),
        "test": pd.DataFrame([test]),
    }
    settings = {"file": plant.file, "route": route, "level": level}
    return Reconciliation("reconcile", settings, tables, _answer(test, tables), plant)


def _network(plant: Plant, scenario: Scenario | None, route: str) -> Network:
    kpis = [m for m in plant.measurements if m.quantity == KPI]
    if kpis:
        message = "a KPI belongs to no stream; it serves to fit, not to reconcile"
        raise InputError([plant.problem(message, m.line, "quantity") for m in kpis])
    if plant.ends:
        return from_file(plant)
    if scenario is None or not route:
        allowed = "columns from and to in the file, or --route"
        raise InputError(Problem("the streams have no ends", file=plant.file, allowed=allowed))
    return from_ledger(plant, run(scenario, route)[route].ledger)


def _flow(m: Measurement) -> tuple[str, str]:
    return m.stream, measured_component(m)


def _placed(plant: Plant, flows: Mapping[tuple[str, str], int]) -> list[Measurement]:
    """The measurements; refuses what the network says cannot be there."""
    problems = []
    for m in plant.measurements:
        if _flow(m) not in flows:
            message = f"the model has no {m.element or m.quantity} in {m.stream}"
            problems.append(plant.problem(message, m.line, "element" if m.element else "quantity"))
        elif m.quantity in (ASSAY, ENTHALPY) and (m.stream, TOTAL) not in flows:
            problems.append(plant.problem(f"{m.stream} carries no matter", m.line, "quantity"))
    if problems:
        raise InputError(problems)
    return list(plant.measurements)


def _exact(given: list[Measurement], flows: Mapping[tuple[str, str], int]) -> tuple[Array, Array]:
    """Exact values as linear equations: a flow, or part - assay * whole = 0."""
    rows, right = np.zeros((len(given), len(flows))), np.zeros(len(given))
    for k, m in enumerate(given):
        rows[k, flows[_flow(m)]] = 1.0
        if m.quantity in (ASSAY, ENTHALPY):
            rows[k, flows[m.stream, TOTAL]] = -m.value
        else:
            right[k] = m.value
    return rows, right


def _readings(
    given: list[Measurement], flows: Mapping[tuple[str, str], int], network: Network
) -> Readings:
    """The measurements, and after them the minor flows at what the model says."""
    under = [flows[m.stream, TOTAL] if m.quantity in (ASSAY, ENTHALPY) else -1 for m in given]
    small = [network.guess[flow] for flow in network.minor]
    return Readings(
        np.array([flows[_flow(m)] for m in given] + [flows[f] for f in network.minor], int),
        np.array(under + [-1] * len(small), int),
        np.array([m.value for m in given] + small),
        np.array([m.sd for m in given] + small),
    )


def _global_test(found: Estimate, level: float) -> dict[str, Any]:
    try:
        from scipy.stats import chi2
    except ImportError:
        message = "the chi-square test needs SciPy: pip install 'sludgesim[studies]'"
        raise InputError(Problem(message)) from None
    freedom = found.freedom
    critical = float(chi2.ppf(1 - level, freedom)) if freedom else np.nan
    return {
        "statistic": found.misfit,
        "degrees_of_freedom": freedom,
        "critical": critical,
        "p_value": float(chi2.sf(found.misfit, freedom)) if freedom else np.nan,
        "passed": not found.misfit > critical,
    }


def _worst(found: Estimate, measured: int, level: float) -> NDArray[np.intp]:
    """Measurements with the largest standardised residual beyond its limit; several if they tie."""
    z = np.abs(found.standardised[:measured])
    tested = int(np.isfinite(z).sum())
    if not tested or np.nanmax(z) <= critical_residual(tested, level):
        return np.empty(0, int)
    return np.flatnonzero(z >= np.nanmax(z) * (1 - _TIE))


def _suspects(
    solve: Callable[[NDArray[np.bool_]], Estimate],
    found: Estimate,
    given: list[Measurement],
    readings: Readings,
    level: float,
) -> pd.DataFrame:
    """Take the worst measurement out until the rest agrees (serial elimination)."""
    keep, rows = np.ones(readings.value.size, bool), []
    while True:
        left = np.flatnonzero(keep[: len(given)])
        worst = _worst(found, left.size, level)
        if not worst.size:
            break
        k, z = left[worst[0]], float(found.standardised[worst[0]])
        keep[k] = False
        found = solve(keep)
        m = given[k]
        without = float(readings.model(found.x)[k])
        row = {**_head(m), "measured": m.value / m.factor, "z": z}
        row |= {"without_it": without / m.factor, "bias": (m.value - without) / m.factor}
        rows.append(row | {"like": ", ".join(given[j].label for j in left[worst[1:]])})
    columns = ["stream", "quantity", "element", "unit", "line"]
    columns += ["measured", "z", "without_it", "bias", "like"]
    return pd.DataFrame(rows, columns=columns)


def _head(m: Measurement) -> dict[str, Any]:
    return {
        "stream": m.stream,
        "quantity": m.quantity,
        "element": m.element,
        "unit": m.unit,
        "line": m.line,
    }


def _measurement_table(found: Estimate, given: list[Measurement], level: float) -> pd.DataFrame:
    fitted, z = found.readings.model(found.x), found.standardised[: len(given)]
    spread, _ = found.deviations(found.readings.slopes(found.x))
    limit = critical_residual(int(np.isfinite(z).sum()), level)
    rows = [
        {
            **_head(m),
            "measured": m.value / m.factor,
            "sd": m.sd / m.factor,
            "reconciled": fitted[k] / m.factor,
            "reconciled_sd": spread[k] / m.factor,
            "adjustment": (fitted[k] - m.value) / m.factor,
            "z": z[k],
            "redundant": bool(np.isfinite(z[k])),
            "suspicious": bool(np.abs(z[k]) > limit),
        }
        for k, m in enumerate(given)
    ]
    return pd.DataFrame(rows)


def _value_table(
    found: Estimate,
    network: Network,
    flows: Mapping[tuple[str, str], int],
    used: list[Measurement],
    basis: str,
) -> pd.DataFrame:
    """Every flow and assay with its deviation, and how it is known."""
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
    values, slopes = every.model(found.x), every.slopes(found.x)
    spread, seen = found.deviations(slopes)
    units = _units(used, basis)
    rows = []
    for k, (stream, quantity, component) in enumerate(wanted):
        element = component if quantity in (ASSAY, ELEMENT) else ""
        key, (unit, factor) = (stream, quantity, element), units[quantity]
        status = "computed" if seen[k] else "unobservable"
        if seen[k] and (stream, component) in network.minor:
            status = "model"
        elif seen[k] and (key in measured or key in given):
            status = "reconciled" if key in measured else "exact"
        rows.append(
            {
                "stream": stream,
                "quantity": quantity,
                "element": element,
                "unit": unit,
                "value": values[k] / factor if seen[k] else np.nan,
                "sd": spread[k] / factor if seen[k] else np.nan,
                "status": status,
            }
        )
    return pd.DataFrame(rows)


def _units(used: list[Measurement], basis: str) -> dict[str, tuple[str, float]]:
    """Unit and factor to SI by quantity: those of the first measurement that has them."""
    units = {ASSAY: ("wt%", 0.01), MASS: (basis, 1.0), ENERGY: (BASES[basis], 1.0)}
    for m in reversed(used):
        if m.quantity in (MASS, ELEMENT):
            units[MASS] = (m.unit, m.factor)
        elif m.quantity == ENERGY:
            units[ENERGY] = (m.unit, m.factor)
    return units | {ELEMENT: units[MASS]}


def _balance_table(
    A: Array, names: list[tuple[str, str]], x: Array, units: Mapping[str, tuple[str, float]]
) -> pd.DataFrame:
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


def _answer(test: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> str:
    if not test["degrees_of_freedom"]:
        return "No measurement is redundant: the balances can check none of them."
    text = (
        f"Global test: {test['statistic']:.4g} against {test['critical']:.4g} with "
        f"{test['degrees_of_freedom']} degrees of freedom, "
        + ("passed." if test["passed"] else "failed: the data hold a gross error.")
    )
    for row in tables["suspects"].to_dict("records"):
        what = " ".join(filter(None, (row["stream"], row["quantity"], row["element"])))
        text += (
            f" Suspicious: {what} (line {row['line']}), {row['measured']:.6g} {row['unit']}; "
            f"the others say {row['without_it']:.6g}."
        )
        if row["like"]:
            text += f" It cannot be told from {row['like']}."
    if not test["passed"] and tables["suspects"].empty:
        text += " No single measurement stands out; look for a leak or too small deviations."
    unknown = tables["values"].query("status == 'unobservable' and quantity == 'mass'")["stream"]
    if len(unknown):
        named = ", ".join(unknown) if len(unknown) <= _NAMED else f"{len(unknown)} streams"
        text += f" Not determined: the mass of {named}."
    return text
