"""Which data hold where: bound to a context, kept by streams and systems, never changed."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from sludgesim.thermo import database, load_system, packaged, stream, using

NAME = "NdBO3(slag)"


@pytest.fixture(scope="module")
def other():
    """The package's data with a borate that is 8.3 kJ/mol less stable, and a phase more."""
    old = packaged().species[NAME]
    rows = tuple((*row[:7], row[7] + 1000.0, row[8]) for row in old.coefficients)
    return packaged().extended(
        {NAME: replace(old, coefficients=rows)}, {"slag": {"more": ["C(s)"]}}, {NAME: "here"}
    )


def test_the_package_is_left_alone(other):
    with using(other):
        assert database()[NAME] is other.species[NAME]
        assert "more" in load_system("slag").phases
    assert database()[NAME] is packaged().species[NAME]
    assert "more" not in load_system("slag").phases
    assert other.user == {NAME: "here"} and not packaged().user


def test_streams_and_systems_keep_their_data(other):
    charge = {"Nd2O3(s)": 1.0, "B2O3(s)": 1.0, "C(s)": 10.0, "Fe2O3(s)": 7.0}
    with using(other):
        one = stream({NAME: 1.0}, T=1800.0)
        melt = load_system("smelting").equilibrate_stream(stream(charge, T=1823.15))
    plain = load_system("smelting").equilibrate_stream(stream(charge, T=1823.15))
    gap = one.enthalpy() - stream({NAME: 1.0}, T=1800.0).enthalpy()
    assert gap == pytest.approx(1000.0 * 8.31446261815324)
    assert 0 < melt.stream()[NAME][0] < plain.stream()[NAME][0]
    x = melt.moles[0, melt.system.species.index(NAME)]
    slag = melt.phase_moles[0, melt.system.phases.index("slag")]
    assert melt.activity(NAME)[0] == pytest.approx(x / slag, rel=1e-7)


def test_pickled_data_are_found_again(other):
    assert pickle.loads(pickle.dumps(packaged())) is packaged()
    again = pickle.loads(pickle.dumps(stream({NAME: 1.0}, T=1800.0)))
    assert again.data is packaged()
    copy = pickle.loads(pickle.dumps(other))
    assert copy.species[NAME] == other.species[NAME]
    assert np.array_equal(stream({NAME: 1.0}).mass(), again.mass())
