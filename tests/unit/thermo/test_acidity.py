"""pH of liquors as they stand."""

import numpy as np
import pytest

from sludgesim.thermo import stream
from sludgesim.thermo.acidity import standing_pH
from sludgesim.thermo.stream import stacked

WATER = 1 / 0.018015284  # mol of a kilogram


def pH(T=298.15, **molal):
    amounts = {f"{s}(aq)": m for s, m in molal.items()}
    return standing_pH(stream({"H2O(l)": WATER} | amounts, T=T))[0]


def test_acid_and_alkali_by_hand():
    # -log10(0.1 x 0.796), the published mean activity coefficient of HCl
    assert pH(**{"H+": 0.1, "Cl-": 0.1}) == pytest.approx(1.10, abs=0.02)
    assert pH(**{"Na+": 0.01, "OH-": 0.01}) == pytest.approx(11.95, abs=0.03)
    # half-neutralised boric acid stands at its constant
    assert pH(**{"H3BO3": 0.01, "B(OH)4-": 0.01, "Na+": 0.01}) == pytest.approx(9.24, abs=0.1)


def test_a_salt_of_ferric_iron_is_sour():
    assert pH(**{"Fe+3": 0.1, "Cl-": 0.3}) < 2 < pH(**{"Fe+2": 0.1, "Cl-": 0.2})


def test_nothing_falls():
    """Ferric chloride with alkali stays sour by its hydroxide; if that fell it would be neutral."""
    assert pH(**{"Fe+3": 0.1, "Cl-": 0.3}) < pH(**{"Fe+3": 0.1, "Cl-": 0.3, "OH-": 0.1, "Na+": 0.1})


def test_only_liquors_within_the_activity_model_have_one():
    assert np.isnan(standing_pH(stream({"H2O(l)": WATER}))).all()
    assert np.isnan(standing_pH(stream({"Fe2O3(s)": 1.0}))).all()
    assert np.isnan(standing_pH(stream({"H2O(l)": 0.0, "Na+(aq)": 1.0, "Cl-(aq)": 1.0}))).all()
    assert np.isnan(pH(**{"H+": 13.0, "Cl-": 13.0}))


def test_streams_are_told_apart():
    acid = stream({"H2O(l)": WATER, "H+(aq)": 0.1, "Cl-(aq)": 0.1})
    slag = stream({"Fe2O3(s)": 1.0})
    alone = standing_pH(acid)
    together = standing_pH(stacked([slag, acid, slag, acid]))
    np.testing.assert_allclose(together[[1, 3]], alone[0], rtol=1e-9)
    assert np.isnan(together[[0, 2]]).all()
