"""Fit parameters of a route to plant data, with the confidence that the data allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import Parameter
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario
from sludgesim.scenario.wording import nearest, quoted
from sludgesim.studies.cases import check_columns
from sludgesim.studies.findings import Findings
from sludgesim.studies.measurements import ENTHALPY, KPI, Plant
from sludgesim.studies.names import parameter
from sludgesim.studies.route_model import Progress, RouteModel
from sludgesim.thermo.species import Array

_Z95 = 1.959964  # two-sided 95 % of the normal distribution
_CORRELATED = 0.95


@dataclass(frozen=True, eq=False)
class Fit(Findings):
    """Fitted parameters.

    Tables: `parameters` (value, sd, 95 % interval, in the declared unit), `correlations`,
    `measurements` (measured, calculated, residual / sd). `warnings` name what the data cannot
    tell.
    """

    plant: Plant
    scenario: Scenario
    warnings: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """The document `sludgesim.fit/1`."""
        return self._document(self.tables, self.scenario, warnings=list(self.warnings))


def fit(
    plant: Plant,
    scenario: Scenario,
    route: str,
    vary: Mapping[str, tuple[float, float]],
    progress: Progress = None,
) -> Fit:
    """Fit parameters so that a route calculates what was measured.

    min sum ((measured - calculated) / sd)^2 within bounds; covariance (J'J)^-1

    Parameters
    ----------
    plant : from `measurements.read`; streams of the route, or KPIs (quantity `kpi`)
    scenario, route : what is run
    vary : path -> (low, high) in the declared unit; an element of the assay takes the value, the
        others make up the rest as in `run_cases`
    progress : called with the runs done, and None

    Returns
    -------
    Fit; where the misfit exceeds what the deviations of the data allow, intervals are widened by
    sqrt(chi-square / degrees of freedom)

    Errors: InputError for unknown streams, KPIs or parameters; SludgesimError where the route has
    no answer at the start.
    Range: intervals are those of the linearised model.
    """
    paths = _paths(vary, scenario)
    _check(plant)
    low, high = (np.array([vary[p][k] for p in paths]) for k in (0, 1))
    model = RouteModel(plant, scenario, route, paths, low, high, progress)
    y, sd = (np.array([getattr(m, a) for m in plant.measurements]) for a in ("value", "sd"))

    def misses(u: Array) -> Array:
        return (model(u[None])[0] - y) / sd

    def slopes(u: Array) -> Array:
        return model.slopes(u) / sd[:, None]

    found = _least_squares()(
        misses, model.start(), jac=slopes, bounds=(0, 1), xtol=1e-10, ftol=1e-10, gtol=1e-10
    )
    return _result(plant, model, found.x, misses(found.x), slopes(found.x), found.success)


def _least_squares() -> Any:
    try:
        from scipy.optimize import least_squares
    except ImportError:
        raise InputError(Problem("fitting needs SciPy: pip install 'sludgesim[studies]'")) from None
    return least_squares


def _paths(vary: Mapping[str, tuple[float, float]], scenario: Scenario) -> list[str]:
    if not vary:
        raise InputError(Problem("no parameter is given", "--vary", allowed="path=low:high"))
    for path in vary:
        if not parameter(path).is_number:
            raise InputError(Problem(f"{path} takes words only", "--vary"))
    check_columns(scenario, list(vary))
    return list(vary)


def _check(plant: Plant) -> None:
    problems = []
    for m in plant.measurements:
        if m.sd == 0:
            problems.append(plant.problem("must be above 0 to fit", m.line, "sd"))
        if m.quantity == ENTHALPY:
            problems.append(plant.problem("enthalpy cannot be fitted", m.line, "quantity"))
        if m.quantity == KPI and m.stream not in kpi_module.ids():
            message = f"no KPI {quoted(m.stream)}{nearest(m.stream, kpi_module.ids())}"
            problems.append(plant.problem(message, m.line, "stream"))
    if plant.ends:
        message = "the file brings its own network, but a route is fitted"
        line = plant.lines[next(iter(plant.ends))]
        problems.append(plant.problem(message, line, "from", "no columns from and to"))
    if plant.basis == "kg":
        allowed = "masses per time, or per t of dry sludge"
        problems.append(Problem("masses per batch", "column unit", plant.file, allowed=allowed))
    if problems:
        raise InputError(problems)


def _result(
    plant: Plant, model: RouteModel, u: Array, misses: Array, J: Array, settled: bool
) -> Fit:
    chi_square, freedom = float(misses @ misses), misses.size - u.size
    wide = max(1.0, np.sqrt(chi_square / freedom)) if freedom > 0 else 1.0
    covariance = _covariance(J)
    sd = np.sqrt(np.diagonal(covariance)) * wide
    with np.errstate(invalid="ignore"):  # infinite over infinite, where nothing is determined
        correlation = covariance / np.maximum(np.outer(sd, sd) / wide**2, 1e-300)
    declared = [parameter(p) for p in model.paths]
    parameters = _parameter_table(model, declared, u, sd)
    pairs = [
        (a, b, correlation[i, j])
        for i, a in enumerate(model.paths)
        for j, b in enumerate(model.paths)
        if i < j and np.isfinite(correlation[i, j])
    ]
    warnings = _warnings(model, u, sd, pairs, chi_square, freedom)
    if not settled:
        warnings.insert(0, "the search ended before it settled")
    tables = {
        "parameters": parameters,
        "correlations": pd.DataFrame(pairs, columns=["a", "b", "correlation"]),
        "measurements": _measurement_table(plant, misses),
    }
    settings = {
        "file": plant.file,
        "sha256": plant.sha256,
        "route": model.route,
        "vary": {p: [float(a), float(b)] for p, a, b in zip(model.paths, model.low, model.high,
                                                            strict=True)},
        "runs": model.runs,
        "chi_square": chi_square,
        "degrees_of_freedom": freedom,
    }  # fmt: skip
    answer = " ".join(
        f"{row['path']} = {row['value']:.5g} {'' if row['unit'] == '1' else row['unit']}".rstrip()
        + (f" +- {_Z95 * row['sd']:.2g}." if np.isfinite(row["sd"]) else ", not determined.")
        for row in parameters.to_dict("records")
    )
    answer += f" Chi-square {chi_square:.4g} with {freedom} degrees of freedom."
    return Fit("fit", settings, tables, answer, plant, model.scenario, tuple(warnings))


def _covariance(J: Array) -> Array:
    """(J'J)^-1; infinite variance for what the data do not determine."""
    _, found, full = np.linalg.svd(J)
    s = np.concatenate([found, np.zeros(len(full) - found.size)])
    weak = s <= 1e-9 * max(float(s[0]), 1e-300)
    inverse = np.where(weak, 0.0, 1 / np.where(weak, 1.0, s) ** 2)
    covariance = (full.T * inverse) @ full
    unknown = (np.abs(full[weak]) > 1e-6).any(axis=0)
    covariance[unknown, :] = covariance[:, unknown] = np.inf
    return np.asarray(covariance)


def _parameter_table(
    model: RouteModel, declared: list[Parameter], u: Array, sd: Array
) -> pd.DataFrame:
    value, width = model.values(u), model.high - model.low
    inputs = model.scenario.inputs
    rows = []
    for k, (path, p) in enumerate(zip(model.paths, declared, strict=True)):
        deviation = float(sd[k] * width[k])
        rows.append(
            {
                "path": path,
                "unit": p.unit,
                "before": p.from_si(float(inputs[path][0])),
                "value": float(value[k]),
                "sd": deviation,
                "low_95": float(value[k]) - _Z95 * deviation,
                "high_95": float(value[k]) + _Z95 * deviation,
            }
        )
    return pd.DataFrame(rows)


def _measurement_table(plant: Plant, misses: Array) -> pd.DataFrame:
    rows = [
        {
            "stream": m.stream,
            "quantity": m.quantity,
            "element": m.element,
            "unit": m.unit,
            "line": m.line,
            "measured": m.value / m.factor,
            "sd": m.sd / m.factor,
            "calculated": (m.value + miss * m.sd) / m.factor,
            "residual_per_sd": -float(miss),
        }
        for m, miss in zip(plant.measurements, misses, strict=True)
    ]
    return pd.DataFrame(rows)


def _warnings(
    model: RouteModel,
    u: Array,
    sd: Array,
    pairs: list[tuple[str, str, float]],
    chi_square: float,
    freedom: int,
) -> list[str]:
    found = []
    for k, path in enumerate(model.paths):
        if not sd[k] < 1 / np.sqrt(12):  # the deviation of knowing the interval only
            found.append(f"{path}: the data tell no more than its interval does")
        if u[k] < 1e-6 or u[k] > 1 - 1e-6:
            found.append(f"{path}: lies at the end of its interval; its deviation means little")
    for a, b, r in pairs:
        if abs(r) > _CORRELATED:
            found.append(f"{a} and {b}: correlation {r:.2f}; the data tell a combination of them")
    if freedom <= 0:
        found.append("no more data than parameters: nothing tests the fit")
    else:
        from scipy.stats import chi2

        if chi_square > chi2.ppf(0.95, freedom):
            found.append("the misfit is larger than the deviations of the data allow; widened")
    return found
