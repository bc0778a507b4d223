"""Reconcile plant measurements: balances closed exactly, gross errors named."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario
from sludgesim.studies.adjustment import Estimate, Readings, adjust
from sludgesim.studies.comparison import run
from sludgesim.studies.findings import Findings
from sludgesim.studies.gross_errors import eliminate, global_test
from sludgesim.studies.measurements import (
    ASSAY,
    ELEMENT,
    ENTHALPY,
    KPI,
    MASS,
    Measurement,
    Plant,
)
from sludgesim.studies.network import TOTAL, Network, from_file, from_ledger, measured_component
from sludgesim.studies.reconciled_tables import (
    balance_table,
    impossible_table,
    measurement_table,
    units_of,
    value_table,
)
from sludgesim.thermo.species import Array

LEVEL = 0.05
_NAMED = 8  # names that an answer lists; the table of values has all


@dataclass(frozen=True, eq=False)
class Reconciliation(Findings):
    """What the measurements say when every balance closes.

    Tables: `measurements` (measured, reconciled, adjustment, z, whether redundant or suspicious),
    `values` (every flow and assay: reconciled, computed, exact, model or unobservable), `suspects`
    (taken out one after the other until the tests pass, with the bias that each then shows),
    `impossible` (values beyond what a stream can have), `balances`, `test` (the global test),
    `test_without_suspects`. The columns `without_suspects` of the first two hold what the others
    say when the suspects are out; where there are none, they are as the values beside them.
    `warnings` name what the balances alone do not see.
    """

    plant: Plant
    scenario: Scenario | None
    warnings: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """The document `sludgesim.reconcile/1`."""
        return self._document(self.tables, self.scenario, warnings=list(self.warnings))


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

    Errors: InputError for streams without a place, exact values that contradict each other, and a
    route beside a network of the file's own.
    Range: steady state; errors of the measurements normal and independent; bounds are not imposed,
    but what lies beyond them is told. On a route, flows that nobody measured and that are less than
    0.1 % of the intake of a component enter with the model's figure +- 100 %.
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
    suspects, without = eliminate(solve, found, loose, readings, level)
    units = units_of(used, plant.basis)
    values = value_table(found, without, network, used, units)
    columns = ("value", "without_suspects") if len(suspects) else ("value",)
    tables = {
        "measurements": measurement_table(found, without, readings, loose, level),
        "values": values,
        "suspects": suspects,
        "impossible": impossible_table(values, columns),
        "balances": balance_table(A, names, found.x, units),
        "test": pd.DataFrame([global_test(found, level)]),
        "test_without_suspects": pd.DataFrame([global_test(without, level)]),
    }
    settings = {"file": plant.file, "sha256": plant.sha256, "route": route, "level": level}
    answer, warnings = _answer(tables), _warnings(tables)
    used_scenario = scenario if route else None
    return Reconciliation("reconcile", settings, tables, answer, plant, used_scenario, warnings)


def _network(plant: Plant, scenario: Scenario | None, route: str) -> Network:
    kpis = [m for m in plant.measurements if m.quantity == KPI]
    if kpis:
        message = "a KPI belongs to no stream; it serves to fit, not to reconcile"
        raise InputError([plant.problem(message, m.line, "quantity") for m in kpis])
    if plant.ends and route:
        message = "the file brings its own network, but a route is named"
        line, allowed = plant.lines[next(iter(plant.ends))], "no columns from and to, or no --route"
        raise InputError(plant.problem(message, line, "from", allowed))
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


def _answer(tables: Mapping[str, pd.DataFrame]) -> str:
    (test,) = tables["test"].to_dict("records")
    if not test["degrees_of_freedom"]:
        return "No measurement is redundant: the balances can check none of them."
    failed = "failed: the data hold a gross error."
    text = "Global test: " + _verdict(test, failed)
    suspects = tables["suspects"].to_dict("records")
    for row in suspects:
        text += (
            f" Suspicious: {_what(row)} (line {row['line']}), {row['measured']:.6g} {row['unit']}; "
            f"the others say {row['without_suspects']:.6g}."
        )
        if row["like"]:
            text += f" It cannot be told from {row['like']}."
    if suspects:
        (rest,) = tables["test_without_suspects"].to_dict("records")
        text += f" Without {'it' if len(suspects) == 1 else 'them'}: " + _verdict(rest, "failed.")
    if not test["passed"] and not suspects:
        text += " No single measurement stands out; look for a leak or too small deviations."
    unknown = tables["values"].query("status == 'unobservable' and quantity == 'mass'")["stream"]
    if len(unknown):
        named = ", ".join(unknown) if len(unknown) <= _NAMED else f"{len(unknown)} streams"
        text += f" Not determined: the mass of {named}."
    return text


def _verdict(test: Mapping[Hashable, Any], failed: str) -> str:
    """A global test in words."""
    if not test["degrees_of_freedom"]:
        return "no measurement is redundant."
    return (
        f"{test['statistic']:.4g} against {test['critical']:.4g} with "
        f"{test['degrees_of_freedom']} degrees of freedom, "
        + ("passed." if test["passed"] else failed)
    )


def _what(row: Mapping[Hashable, Any]) -> str:
    """A stream's quantity in words: `slag assay Nd`."""
    return " ".join(filter(None, (row["stream"], row["quantity"], row["element"])))


def _warnings(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """What a reader must know before using the values."""
    found = []
    for row in tables["impossible"].to_dict("records"):
        side = "above 100" if row["limit"] else "below 0"
        late = " without what is suspicious" if row["data"] == "without_suspects" else ""
        value = f"{_what(row)} {row['value']:.4g} {row['unit']}"
        found.append(f"impossible value: {value}, {side}{late}")
    if (tables["suspects"]["like"] != "").any():
        found.append("values without suspects: of those that cannot be told apart, one was chosen")
    return tuple(found)
