"""A smelter on a small charge, with any of its parameters changed."""

from __future__ import annotations

import pytest

from helpers.sections import section
from sludgesim.thermo import stream
from sludgesim.units import smelter

CHARGE = {"Fe2O3(s)": 5000.0, "Nd2O3(s)": 800.0, "B2O3(s)": 150.0}


@pytest.fixture
def smelt():
    """smelt(charge, **parameters in SI or words) -> Outcome, from calcine that lies at 900 degC."""

    def run(charge=None, **changes):
        calcine = stream(charge or CHARGE, T=1173.15)
        return smelter.run({"calcine": calcine}, section("smelter", **changes))

    return run
