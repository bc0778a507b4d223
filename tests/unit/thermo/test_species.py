"""Species data against Cantera's own evaluation, and against tables they were not made from."""

from __future__ import annotations

from importlib import resources

import cantera as ct
import numpy as np
import pytest

from sludgesim.errors import TemperatureRangeError
from sludgesim.thermo import database, load_system, stream, system_names
from sludgesim.thermo.species import R, species_set


def cantera_species():
    folder = resources.files("sludgesim") / "data" / "thermo"
    for file in ("gas", "metal", "slag", "solids", "aqueous", "organics"):
        yield from ct.Species.list_from_file(str(folder / f"{file}.yaml"))


def test_every_species_evaluates_as_in_cantera():
    """Enthalpy and Gibbs energy, at the ends and inside of every polynomial, to 1e-10."""
    for s in cantera_species():
        edges = np.array(database()[s.name].edges)
        T = np.concatenate([(edges[1:] + edges[:-1]) / 2, edges[[0, -1]]])
        data = species_set((s.name,))
        h = np.array([s.thermo.h(t) for t in T]) / 1000
        g = h - T * np.array([s.thermo.s(t) for t in T]) / 1000
        assert data.enthalpy(T)[:, 0] == pytest.approx(h, rel=1e-10, abs=1e-6), s.name
        assert data.gibbs_over_RT(T)[:, 0] * R * T == pytest.approx(g, rel=1e-10, abs=1e-6), s.name


def test_every_species_has_range_source_quality():
    for s in database().values():
        assert s.edges[0] < s.edges[-1]
        assert s.source
        assert s.quality in ("measured", "assessed", "derived", "assumed")
        assert s.note


# dfH298 (kJ/mol), S298 (J/mol/K): CRC Handbook; the species below were taken from other tables.
CRC = {
    "Nd2O3(s)": (-1807.9, 158.6), "Dy2O3(s)": (-1863.1, 149.8), "Fe2O3(s)": (-824.2, 87.4),
    "Fe3O4(s)": (-1118.4, 146.4), "Al2O3(s)": (-1675.7, 50.9), "CaO(s)": (-634.9, 38.1),
    "CuO(s)": (-157.3, 42.6), "Cu2O(s)": (-168.6, 93.1), "H2O(l)": (-285.8, 70.0),
    "CO2(g)": (-393.5, 213.8), "NaOH(s)": (-425.8, 64.4),
    "Na2CO3(s)": (-1130.7, 135.0), "Ca(OH)2(s)": (-985.2, 83.4), "La2O3(s)": (-1793.7, 127.3),
    "MgO(s)": (-601.6, 27.0), "TiO2(s)": (-944.0, 50.6), "ZrO2(s)": (-1100.6, 50.4),
    "Ga2O3(s)": (-1089.1, 85.0), "NbO2(s)": (-796.2, 54.5),
    "Ce2O3(s)": (-1796.2, 150.6), "CeO2(s)": (-1088.7, 62.3),
}  # fmt: skip


@pytest.mark.parametrize("name", CRC)
def test_standard_values_against_the_crc_handbook(name):
    H, S = CRC[name]
    T = np.array([298.15])
    data = species_set((name,))
    h = data.enthalpy(T)[0, 0]
    s = (h - data.gibbs_over_RT(T)[0, 0] * R * 298.15) / 298.15
    assert h / 1000 == pytest.approx(H, abs=2.2)
    assert s == pytest.approx(S, abs=1.0)


def test_transitions_are_continuous_in_gibbs_energy():
    """At the join of two polynomials of one species G may not jump (H and S may)."""
    for s in database().values():
        for edge in s.edges[1:-1]:
            T = np.array([edge - 1e-7, edge + 1e-7])
            g = species_set((s.name,)).gibbs_over_RT(T)[:, 0] * R * edge
            assert abs(g[1] - g[0]) < 120, f"{s.name} jumps by {g[1] - g[0]:.0f} J/mol at {edge} K"


def test_out_of_range_is_an_error_that_names_species_and_range():
    hot = stream({"H2O(l)": 1.0}, T=900.0)
    with pytest.raises(TemperatureRangeError, match=r"H2O\(l\) at 900\.0 K.*273\.1 to 600\.0 K"):
        hot.enthalpy()
    absent = stream({"H2O(l)": 0.0, "N2(g)": 1.0}, T=900.0)
    assert np.isfinite(absent.enthalpy()).all()


@pytest.mark.parametrize("name", system_names())
def test_system_data_cover_its_temperatures(name):
    system = load_system(name)
    g = system.gibbs_over_RT([system.T_min, system.T_max])
    assert np.isfinite(g).all()
    with pytest.raises(TemperatureRangeError):
        system.gibbs_over_RT([100.0])
