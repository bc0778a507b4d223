"""Which data hold where: bound to a context, kept by streams and systems, never changed."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from sludgesim.thermo import database, load_system, packaged, stream, using
from sludgesim.thermo.acidity import standing_pH
from sludgesim.thermo.aqueous import load_aqueous
from sludgesim.thermo.masters import in_masters

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


def changed(name, kelvin):
    """The package's data with one species raised in enthalpy by so many K times R."""
    old = packaged().species[name]
    rows = tuple((*row[:7], row[7] + kelvin, row[8]) for row in old.coefficients)
    return packaged().extended({name: replace(old, coefficients=rows)}, {}, {name: "here"})


def test_liquors_do_not_see_the_data_of_another_run():
    """In one process, the package's before and after: ten times the solubility product."""
    looser = changed("Fe(OH)3(s)", np.log(10) * 298.15)
    rusty = {"H2O(l)": 55.5, "Fe(OH)3(s)": 1.0, "H+(aq)": 0.01, "Cl-(aq)": 0.01}

    def held():
        found = load_aqueous("leaching").equilibrate_stream(stream(rusty))
        parts = {"Fe+3(aq)": 1, "H2O(l)": 3, "H+(aq)": -3}
        return found, sum(n * found.ln_activity(s) for s, n in parts.items())

    _, before = held()
    with using(looser):
        own, more = held()
    _, after = held()
    assert more - before == pytest.approx(np.log(10), rel=1e-6)
    assert np.array_equal(after, before)
    # outside of the block, what was made within it goes by the data that it was made with
    assert own.saturation_index("Fe(OH)3(s)") == pytest.approx(0.0, abs=1e-9)
    assert own.stream().data is looser


def test_the_ph_of_a_stream_goes_by_its_own_data():
    weaker = changed("HSO4-(aq)", 3000.0)
    sour = {"H2O(l)": 55.5, "H+(aq)": 0.2, "SO4-2(aq)": 0.1}
    plain = standing_pH(stream(sour))
    with using(weaker):
        own = stream(sour)
    assert standing_pH(own) < plain - 0.1  # bisulphate that parts leaves more protons
    assert standing_pH(stream(sour)) == plain


def test_a_new_species_is_written_by_its_own_formula():
    old = packaged().species["Fe2O3(s)"]

    def named(composition):
        new = replace(old, name="rust(s)", composition=composition)
        return packaged().extended({"rust(s)": new}, {}, {"rust(s)": "here"})

    with using(named({"Fe": 2.0, "O": 3.0})):
        assert in_masters("rust(s)")["iron"] == 2.0
    with using(named({"Fe": 3.0, "O": 4.0})):
        assert in_masters("rust(s)")["iron"] == 3.0


def test_pickled_data_are_found_again(other):
    assert pickle.loads(pickle.dumps(packaged())) is packaged()
    again = pickle.loads(pickle.dumps(stream({NAME: 1.0}, T=1800.0)))
    assert again.data is packaged()
    copy = pickle.loads(pickle.dumps(other))
    assert copy.species[NAME] == other.species[NAME]
    assert np.array_equal(stream({NAME: 1.0}).mass(), again.mass())
