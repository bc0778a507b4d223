"""What all faces share: figures as people read them, who does best, what is assumed."""

import math
from dataclasses import replace

import numpy as np
import pytest

import sludgesim as ss
from sludgesim.reports import digest
from sludgesim.routes import kpis


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0, "kg/t", "0"),
        (-1e-15, "kg/t", "0"),
        (390.12, "kg/t", "390"),
        (12345.6, "kg/t", "12,346"),
        (1.2345, "kg/kg", "1.23"),
        (0.04567, "wt%", "0.0457"),
        (6e-5, "wt%", "6.00e-05"),
        (-42.04, "kg/t", "-42.0"),
        (99.97, "wt%", "99.97"),
        (99.9996, "%", "99.9996"),
        (100.0, "%", "100"),
        (99.97, "kg/t", "100"),
        (math.nan, "kg/t", ""),
    ],
)
def test_number(value, unit, shown):
    assert digest.number(value, unit) == shown


def test_rows_carry_every_value_of_the_result(result):
    rows = {row.kpi: row for row in digest.kpi_rows(result)}
    assert set(rows) == set(result.kpis.index)
    for name, route in result.routes.items():
        for kpi, values in route.kpis.items():
            value = float(np.asarray(values).ravel()[0])
            if math.isfinite(value):
                assert rows[kpi].values[name] == pytest.approx(value, rel=1e-12)
            else:
                assert name not in rows[kpi].values


def test_the_best_route_has_the_extreme_value(result):
    marked = [row for row in digest.kpi_rows(result) if row.best]
    assert marked
    for row in marked:
        assert set(row.values) == set(result.routes)
        extreme = {"lower": min, "higher": max}[kpis.entry(row.kpi)["better"]]
        assert row.values[row.best] == extreme(row.values.values())
    assert {kpis.entry(row.kpi)["better"] for row in marked} == {"lower", "higher"}


def test_one_route_has_no_best(single):
    assert not any(row.best for row in digest.kpi_rows(single))


def test_closure_is_the_worst_of_the_audit(result):
    for closure in digest.closures(result):
        audit = result.routes[closure.route].balance
        assert abs(closure.element_residual) == max(map(abs, audit.worst_elements.values()))
        assert abs(closure.element_residual) < 1e-9
        assert abs(closure.energy_residual) < 1e-6


def test_the_feed_is_told_with_its_assay(result, scenario):
    text = digest.feed(result)
    assert f"moisture {100 * scenario.inputs['feed.moisture'][0]:.4g} wt%" in text
    assert f"Nd {100 * scenario.inputs['feed.solids.Nd'][0]:.4g}" in text


def test_each_parameter_stands_once_and_assumptions_are_marked_so(result):
    table = digest.parameters(result)
    assert table["path"].is_unique
    assert set(digest.assumed(result)["quality"]) == {"assumed"}
    everywhere = {p for route in result.routes.values() for p in route.assumptions["path"]}
    assert set(table["path"]) == everywhere


def test_every_source_that_a_run_used_has_a_citation(result):
    table = digest.sources(result)
    used = {str(key) for route in result.routes.values() for key in route.sources}
    assert used <= set(table["source"])
    assert (table["citation"].str.len() > 0).all()


def test_a_route_without_a_product_does_best_in_nothing():
    scenario = ss.load()
    nothing = {"wet_full.leach.time": 0.0}
    idle = ss.compare(replace(scenario, inputs=scenario.inputs.with_values(nothing)))
    assert idle.kpis.loc["re_recovery", "wet_full"] < 1
    assert all(row.best != "wet_full" for row in digest.kpi_rows(idle))
    assert any(row.best for row in digest.kpi_rows(idle))
    assert any("wet_full recovers hardly any" in line for line in digest.honesty(idle))
