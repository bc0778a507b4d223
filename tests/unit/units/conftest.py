"""A smelter on a small charge, with any of its parameters changed."""

from __future__ import annotations

import numpy as np
import pytest

from sludgesim.parameters import Section, declaration
from sludgesim.thermo import stream
from sludgesim.units import smelter

CHARGE = {"Fe2O3(s)": 5000.0, "Nd2O3(s)": 800.0, "B2O3(s)": 150.0}


def _value(parameter):
    if parameter.default == "auto":
        return np.array([np.nan])
    if parameter.is_number:
        return np.array([parameter.to_si(parameter.default)])
    return parameter.default


@pytest.fixture
def smelt():
    """smelt(charge, **parameters in SI or words) -> Outcome, from calcine that lies at 900 degC."""

    def run(charge=None, **changes):
        values = {k: _value(q) for k, q in declaration("smelter").parameters.items()}
        values |= {k: v if isinstance(v, str) else np.array([v]) for k, v in changes.items()}
        calcine = stream(charge or CHARGE, T=1173.15)
        return smelter.run({"calcine": calcine}, Section(values, 1))

    return run
