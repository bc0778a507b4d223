"""Gross errors among measurements: the global test, and which of them cannot be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.studies.adjustment import Estimate, Readings, critical_adjustment
from sludgesim.studies.measurements import Measurement
from sludgesim.studies.reconciled_tables import PLACE, place

_TIE = 1e-6  # relative; measurements whose adjustments agree to this cannot be told apart


def global_test(found: Estimate, level: float) -> dict[str, Any]:
    """The sum of squares against chi-square with as many degrees of freedom as data to spare.

    Parameters
    ----------
    found : from `adjust`
    level : of significance

    Returns
    -------
    statistic, degrees_of_freedom, critical, p_value (nan without freedom), passed

    Errors: InputError where SciPy is missing.
    """
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
    """Measurements with the largest z beyond its limit; several if they tie."""
    z = np.abs(found.standardised[:measured])
    tested = int(np.isfinite(z).sum())
    if not tested or np.nanmax(z) <= critical_adjustment(tested, level):
        return np.empty(0, int)
    return np.flatnonzero(z >= np.nanmax(z) * (1 - _TIE))


def eliminate(
    solve: Callable[[NDArray[np.bool_]], Estimate],
    found: Estimate,
    given: list[Measurement],
    readings: Readings,
    level: float,
) -> tuple[pd.DataFrame, Estimate]:
    """Take the worst measurement out until nothing stands out (serial elimination).

    Parameters
    ----------
    solve : gives the estimate from those readings (n,) that are kept
    found : the estimate from all of them
    given : the measurements, first among the readings
    readings : all of them
    level : of significance of all tests of a pass together

    Returns
    -------
    table of what was taken out, with what the others say of it when all of them are out; the
    estimate without them

    Source: Narasimhan and Jordache (2000), chapter 8; measurement test as in `adjust`.
    """
    keep, taken = np.ones(readings.value.size, bool), []
    while True:
        left = np.flatnonzero(keep[: len(given)])
        worst = _worst(found, left.size, level)
        if not worst.size:
            break
        like = ", ".join(given[j].label for j in left[worst[1:]])
        taken.append((left[worst[0]], float(found.standardised[worst[0]]), like))
        keep[left[worst[0]]] = False
        found = solve(keep)
    says = readings.model(found.x)
    rows = [
        {
            **place(given[k]),
            "measured": given[k].value / given[k].factor,
            "z": z,
            "without_suspects": says[k] / given[k].factor,
            "bias": (given[k].value - says[k]) / given[k].factor,
            "like": like,
        }
        for k, z, like in taken
    ]
    columns = [*PLACE, "measured", "z", "without_suspects", "bias", "like"]
    return pd.DataFrame(rows, columns=columns), found
