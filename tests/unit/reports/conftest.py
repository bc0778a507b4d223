"""The reference comparison and a hostile twin of it, computed once for the reports' tests."""

from dataclasses import replace

import pytest

import sludgesim.scenario
from sludgesim.studies import comparison

HOSTILE = '<script>alert("x")</script> [bold]\x1b[31m=1+1'


@pytest.fixture(scope="package")
def scenario():
    return sludgesim.scenario.load()


@pytest.fixture(scope="package")
def result(scenario):
    return comparison.compare(scenario)


@pytest.fixture(scope="package")
def single(scenario):
    return comparison.run(scenario, "carbothermal")


@pytest.fixture(scope="package")
def hostile(result):
    twin = replace(result.scenario, name=HOSTILE, description="=2+2" + HOSTILE)
    return replace(result, scenario=twin)
