"""Narasimhan and Jordache, Data Reconciliation and Gross Error Detection (Gulf, 2000): the heat
exchanger with bypass (splitter, exchanger, valve, mixer; six flows, deviations of 1).

Reconciled flows: example 1.1, to two decimals. Global test with 4 added to flow 2: example 7.1,
16.674 against 9.488. Figures quoted without the book at hand; the closed form of the linear case
below gives them again. Nothing was calibrated.
"""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.studies.measurements import read
from sludgesim.studies.reconcile import reconcile

ENDS = [(",splitter"), ("splitter,exchanger"), ("splitter,valve"), ("exchanger,mixer"),
        ("valve,mixer"), ("mixer,")]  # fmt: skip
FLOWS = [101.91, 64.45, 34.65, 64.20, 36.44, 98.88]
A = np.array([[1, -1, -1, 0, 0, 0], [0, 1, 0, -1, 0, 0], [0, 0, 1, 0, -1, 0],
              [0, 0, 0, 1, 1, -1.0]])  # fmt: skip


def solve(tmp_path, flows, measured=range(6)):
    rows = ["stream,from,to,quantity,value,unit,sd"]
    for k, (ends, flow) in enumerate(zip(ENDS, flows, strict=True)):
        rows.append(f"S{k + 1},{ends}," + (f"mass,{flow},t/h,1" if k in measured else ",,,"))
    path = tmp_path / "plant.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return reconcile(read(path))


def closed_form(y):
    """x = y - A' (A A')^-1 A y for unit deviations (Kuehn and Davidson, 1961)."""
    return y - A.T @ np.linalg.solve(A @ A.T, A @ y)


def test_published_flows(tmp_path):
    found = solve(tmp_path, FLOWS)["measurements"]["reconciled"].to_numpy()
    assert found == pytest.approx([100.22, 64.50, 35.72, 64.50, 35.72, 100.22], abs=0.005)
    assert found == pytest.approx(closed_form(np.array(FLOWS)), rel=1e-12)
    assert np.abs(A @ found).max() < 1e-12 * 100


def test_published_global_test_and_the_biased_flow_is_named(tmp_path):
    biased = [101.91, 68.45, 34.65, 64.20, 36.44, 98.88]
    found = solve(tmp_path, biased)
    (test,) = found["test"].to_dict("records")
    assert test["statistic"] == pytest.approx(16.674, abs=0.0005)
    assert test["critical"] == pytest.approx(9.488, abs=0.0005)
    assert (test["degrees_of_freedom"], test["passed"]) == (4, False)
    assert list(found["suspects"]["stream"]) == ["S2"]
    assert found["suspects"]["bias"].iloc[0] == pytest.approx(4, abs=0.2)
    assert "S2 mass (line 3)" in found.answer


def test_unmeasured_flows_follow_with_their_deviations(tmp_path):
    """With 1, 2 and 6 measured: x1 = x6 = mean of both, the branch by difference."""
    values = solve(tmp_path, FLOWS, measured=(0, 1, 5))["values"].set_index("stream")
    assert values.loc["S1", "value"] == pytest.approx((101.91 + 98.88) / 2, rel=1e-12)
    assert values.loc["S1", "sd"] == pytest.approx(np.sqrt(0.5), rel=1e-9)
    assert values.loc["S5", "value"] == pytest.approx((101.91 + 98.88) / 2 - 64.45, rel=1e-12)
    assert values.loc["S5", "sd"] == pytest.approx(np.sqrt(1.5), rel=1e-9)
    assert values.loc["S5", "status"] == "computed"


def test_unobservable_flows_are_named(tmp_path):
    found = solve(tmp_path, FLOWS, measured=(0, 5))
    status = found["values"].set_index("stream")["status"]
    assert list(status[status == "unobservable"].index) == ["S2", "S3", "S4", "S5"]
    assert "S2, S3, S4, S5" in found.answer
