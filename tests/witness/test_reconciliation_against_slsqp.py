"""Bilinear reconciliation against SciPy's SLSQP on flows and assays as the variables.

Data: binary column of Basic Concepts in Data Reconciliation (North Carolina State University and
University of Ottawa, 2003), table 4.1. Its flows disagree grossly (1095 in, 967 out).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from sludgesim.studies.measurements import read
from sludgesim.studies.reconcile import reconcile

Y = np.array([1095.475, 478.402, 488.232, 0.4822, 0.9410, 0.0197, 0.5170, 0.0501, 0.9748])
SD = np.array([4.8, 3.9, 4.4, 0.0048, 0.0094, 0.0002, 0.0052, 0.0005, 0.0097])
STREAMS = ("F", "D", "B")
ENDS = {"F": ",column", "D": "column,", "B": "column,"}


def by_slsqp(y):
    """min over v = y + sd * u of |u|^2 with F w balances closed."""

    def gaps(u):
        F, a, b = np.split(y + SD * u, 3)
        sign = np.array([1, -1, -1])
        return np.array([sign @ F / 500, sign @ (F * a) / 500, sign @ (F * b) / 500])

    found = minimize(
        lambda u: u @ u, np.zeros(9), jac=lambda u: 2 * u, method="SLSQP",
        constraints={"type": "eq", "fun": gaps}, options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert found.success
    return y + SD * found.x, found.fun


def by_reconcile(y, path):
    rows = ["stream,from,to,quantity,element,value,unit,sd"]
    quantities = [("mass", "", "kg/h"), ("assay", "Nd", "1"), ("assay", "Fe", "1")]
    for k, (quantity, element, unit) in enumerate(quantities):
        for j, s in enumerate(STREAMS):
            v, sd = y[3 * k + j], SD[3 * k + j]
            rows.append(f"{s},{ENDS[s]},{quantity},{element},{v:.12g},{unit},{sd:.12g}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return reconcile(read(path))


@pytest.mark.parametrize("feed", [1095.475, 966.0])
def test_same_minimum(tmp_path, feed):
    y = Y.copy()
    y[0] = feed
    expected, squares = by_slsqp(y)
    found = by_reconcile(y, tmp_path / "column.csv")
    assert found["test"]["statistic"].iloc[0] == pytest.approx(squares, rel=1e-5)
    got = found["measurements"]["reconciled"].to_numpy()
    assert got == pytest.approx(expected, rel=2e-5)
    assert found["balances"]["relative"].max() < 1e-12


def test_the_feed_flow_is_suspected_first(tmp_path):
    suspects = by_reconcile(Y, tmp_path / "column.csv")["suspects"]
    assert suspects.iloc[0][["stream", "quantity"]].tolist() == ["F", "mass"]
