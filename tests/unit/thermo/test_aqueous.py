"""Aqueous systems: closure, charge, known solutions, what conserves what."""

import numpy as np
import pytest

from sludgesim.errors import EquilibriumError
from sludgesim.thermo import Stream, merge, rare_earths, stream
from sludgesim.thermo.aqueous import BEYOND, load_aqueous
from sludgesim.thermo.masters import in_masters, masters, tableau
from sludgesim.thermo.species import database, species_set

WATER = 1 / 0.018015284  # mol of a kilogram


def aqueous(amounts: dict[str, float]) -> Stream:
    return stream({"H2O(l)": WATER, **{f"{s}(aq)": n for s, n in amounts.items()}})


@pytest.fixture(scope="module")
def leaching():
    return load_aqueous("leaching")


def test_every_species_is_written_exactly_in_masters(leaching):
    vented = load_aqueous("leaching", vent=True)
    names = vented.liquor + vented.solids + vented.vapour + vented.dissolves
    written = [m for m in masters() if m.species]
    data, own = species_set(names), species_set(tuple(m.species for m in written))
    columns = [masters().index(m) for m in written]
    table = tableau(names)
    # the oxidant is a missing electron
    charge = np.zeros_like(data.formula)
    charge[:, -1] = -table[:, [m.name for m in masters()].index("oxidant")]
    assert np.allclose(table[:, columns] @ own.formula + charge, data.formula, atol=1e-12)


def test_frozen_couples_do_not_mix():
    assert set(in_masters("NO3-(aq)")) == {"nitrate"}
    assert set(in_masters("NH4+(aq)")) == {"ammonia", "proton"}
    assert in_masters("NH4HCO3(s)") == {"ammonia": 1.0, "carbonate": 1.0, "water": 1.0}
    assert in_masters("H2C2O4.2H2O(s)") == {"oxalate": 1.0, "proton": 2.0, "water": 2.0}
    assert in_masters("C(s)") is None
    assert in_masters("N2(g)") is None


def test_oxidation_is_counted_in_electrons():
    assert in_masters("Fe+3(aq)") == {"iron": 1.0, "oxidant": 1.0}
    assert in_masters("Fe2O3(s)") == {"iron": 2.0, "water": 3.0, "proton": -6.0, "oxidant": 2.0}
    assert in_masters("H2O2(aq)") == {"water": 2.0, "proton": -2.0, "oxidant": 2.0}
    assert in_masters("Fe(s)") == {"iron": 1.0, "oxidant": -2.0}


def test_elements_and_charge_close(leaching):
    rng = np.random.default_rng(7)
    n = 200
    liquor = random_liquors(rng, n)
    found = leaching.equilibrate_stream(liquor, T=rng.uniform(290, 470, n))
    assert found.converged.all(), found.reason[~found.converged][:3]
    before, after = liquor.elements(), found.stream().elements()
    scale = np.abs(before) + 1e-9 * np.abs(before).sum(axis=1, keepdims=True)
    assert np.abs(after - before).max() < 1e-7
    assert (np.abs(after - before)[:, :-1] / scale[:, :-1]).max() < 1e-9
    dissolved = found.stream().phase("aq")
    assert np.abs(dissolved.element("E")).max() < 1e-9 * before.max()


def random_liquors(rng, n) -> Stream:
    """Neutral random liquors, acid to alkaline, of every anion and metal, many of them absent."""
    low, high = -4.0, 0.0
    metals = {
        **{f"{re}+3": 3 for re in rare_earths()}, "Fe+3": 3, "Fe+2": 2, "Co+2": 2, "Ni+2": 2,
        "Cu+2": 2, "Al+3": 3, "Ca+2": 2, "Mg+2": 2, "Mn+2": 2,
    }  # fmt: skip
    amounts = {}
    for ion in metals:
        amounts[ion] = 10 ** rng.uniform(low, high - 0.5, n) * (rng.random(n) < 0.5)
    for ion in ("SO4-2", "NO3-", "C2O4-2", "HCO3-", "NH4+", "H3BO3", "Na+"):
        amounts[ion] = 10 ** rng.uniform(low, high, n) * (rng.random(n) < 0.4)
    amounts["Cl-"] = 10 ** rng.uniform(low, 0.3, n)
    charges = {s: -database()[f"{s}(aq)"].composition.get("E", 0.0) for s in amounts}
    net = sum(charges[s] * amounts[s] for s in amounts)
    amounts["Cl-"] = amounts["Cl-"] + np.maximum(net, 0)
    amounts["H+"] = np.maximum(-net, 0)
    shift = 10 ** rng.uniform(-4, 0, n)
    acid = rng.random(n) < 0.5
    amounts["H+"] += np.where(acid, shift, 0)
    amounts["Cl-"] += np.where(acid, shift, 0)
    amounts["OH-"] = np.where(acid, 0, shift)
    amounts["Na+"] += np.where(acid, 0, shift)
    return stream({"H2O(l)": np.full(n, WATER), **{f"{s}(aq)": v for s, v in amounts.items()}})


def test_water_is_neutral(leaching):
    found = leaching.equilibrate_stream(aqueous({}))
    assert found.pH == pytest.approx(7.0, abs=0.01)
    assert found.water_activity == pytest.approx(1.0, abs=1e-8)


def test_hydrochloric_acid_has_its_published_activity(leaching):
    # mean activity coefficients of Robinson and Stokes, Electrolyte Solutions, at 25 degC
    for m, gamma in [(0.1, 0.796), (1.0, 0.809), (3.0, 1.316)]:
        found = leaching.equilibrate_stream(aqueous({"H+": m, "Cl-": m}))
        mean = np.exp((found.ln_activity("H+(aq)") + found.ln_activity("Cl-(aq)")) / 2) / m
        assert mean == pytest.approx(gamma, rel=0.02)
    found = leaching.equilibrate_stream(aqueous({"H+": 0.1, "Cl-": 0.1}))
    assert found.pH == pytest.approx(-np.log10(0.0796), abs=0.01)


def test_water_activity_of_brine(leaching):
    # osmotic coefficient of NaCl 1.0 mol/kg, Robinson and Stokes: 0.936
    found = leaching.equilibrate_stream(aqueous({"Na+": 1.0, "Cl-": 1.0}))
    phi = -np.log(found.water_activity) / (2 * 0.018015284)
    assert phi == pytest.approx(0.936, abs=0.01)


def test_buffer_of_ammonia(leaching):
    found = leaching.equilibrate_stream(aqueous({"NH4+": 1e-2, "Cl-": 1e-2, "NH3": 1e-2}))
    gamma = np.exp(-0.5092 * np.log(10) * np.sqrt(1e-2) / (1 + 1.5 * np.sqrt(1e-2)))
    assert found.pH == pytest.approx(9.244 - np.log10(gamma), abs=0.01)


def test_dilute_liquor_is_ideal(leaching):
    found = leaching.equilibrate_stream(aqueous({"H+": 1e-6, "Cl-": 1e-6}))
    assert found.pH == pytest.approx(6.0, abs=0.006)


def test_ferric_iron_falls_and_ferrous_stays(leaching):
    liquor = aqueous({"Fe+3": 0.1, "Fe+2": 0.1, "Cl-": 0.5, "Na+": 0.297, "OH-": 0.297})
    found = leaching.equilibrate_stream(liquor)
    assert found["Fe(OH)3(s)"] == pytest.approx(0.1, rel=0.02)
    assert found["Fe(OH)2(s)"] == 0
    assert 1.5 < found.pH < 3.5


def test_the_iron_solid_is_a_choice():
    liquor = aqueous({"Fe+3": 0.1, "Cl-": 0.3, "Na+": 0.2, "OH-": 0.2})
    dissolved = []
    for also in ((), ("ferrihydrite(s)",), ("FeOOH(s)",), ("Fe2O3(s)",)):
        found = load_aqueous("leaching", also=also).equilibrate_stream(liquor)
        dissolved.append(float(found.dissolved("iron")[0]))
        if also:
            assert found[also[0]] > 0
    assert dissolved == sorted(dissolved, reverse=True)


def test_an_oxidant_does_nothing_by_itself(leaching):
    liquor = aqueous({"Fe+2": 0.1, "H+": 0.2, "Cl-": 0.4, "H2O2": 0.08})
    idle = leaching.equilibrate_stream(liquor)
    assert idle.stream()["H2O2(aq)"] == pytest.approx(0.08, rel=1e-12)
    assert idle["Fe+3(aq)"] == 0


def test_cerium_iv_oxidises_iron_first(leaching):
    liquor = aqueous({"Fe+2": 0.1, "Ce+4": 0.04, "H+": 1.0, "Cl-": 1.36})
    found = leaching.equilibrate_stream(liquor)
    assert found["Ce+4(aq)"] < 1e-12
    assert found.dissolved("iron") == pytest.approx(0.1, rel=1e-4)
    ferric = 0.1 - sum(found[s] for s in found.species if s.startswith("Fe+2"))
    assert ferric == pytest.approx(0.04, rel=1e-6)


def test_what_it_does_not_know_passes_through(leaching):
    charge = merge([aqueous({"H+": 0.1, "Cl-": 0.1}), stream({"SiO2(s)": 1.0, "N2(g)": 2.0})])
    out = leaching.equilibrate_stream(charge).stream()
    assert out["SiO2(s)"] == 1.0
    assert out["N2(g)"] == 2.0


def test_traces_are_set_aside(leaching):
    found = leaching.equilibrate_stream(aqueous({"H+": 0.1, "Cl-": 0.1 + 3e-13, "Nd+3": 1e-13}))
    assert found.converged.all()
    assert found.stream()["Nd+3(aq)"] == 1e-13


def test_carbon_dioxide_leaves_an_acid_that_may_vent():
    charge = merge([aqueous({"H+": 0.5, "Cl-": 0.5}), stream({"CaCO3(s)": 0.2})])
    shut = load_aqueous("leaching").equilibrate_stream(charge)
    open_ = load_aqueous("leaching", vent=True).equilibrate_stream(charge)
    assert shut["CO2(aq)"] == pytest.approx(0.2, rel=1e-3)
    assert open_["CO2(g)"] > 0.15
    assert open_["CO2(aq)"] == pytest.approx(0.0326, rel=0.1)  # Henry, less the vapour's share


def test_neutralisation_heat_comes_from_the_same_data(leaching):
    # published enthalpy of H+ + OH- = H2O at 25 degC: -55.8 kJ/mol
    charge = aqueous({"H+": 0.1, "Cl-": 0.1, "Na+": 0.1, "OH-": 0.1})
    out = leaching.equilibrate_stream(charge).stream()
    heat = (out.enthalpy() - charge.enthalpy()) / 0.1
    assert heat == pytest.approx(-55.8e3, rel=0.005)


def test_a_case_does_not_depend_on_its_company(leaching):
    rng = np.random.default_rng(3)
    liquor = random_liquors(rng, 20)
    whole = leaching.equilibrate_stream(liquor)
    half = leaching.equilibrate_stream(
        Stream(liquor.species, liquor.moles[::2], liquor.T[::2], liquor.P[::2])
    )
    assert half.pH == pytest.approx(whole.pH[::2], abs=1e-8)


def test_out_of_range_or_dry_is_refused(leaching):
    found = leaching.equilibrate_stream(aqueous({"H+": 0.1, "Cl-": 0.1}), T=500.0)
    assert not found.converged[0]
    assert "temperature" in found.reason[0]
    with pytest.raises(EquilibriumError, match="water"):
        leaching.equilibrate_stream(stream({"NaCl(s)": 1.0}))
    with pytest.raises(KeyError, match="slow"):
        load_aqueous("leaching", also=("NaCl(s)",))


def test_ten_thousand_random_liquors_are_solved(leaching):
    rng = np.random.default_rng(11)
    n = 500
    for _ in range(20):
        liquor = random_liquors(rng, n)
        # each batch lacks some metals and salts altogether
        ions = {"H2O(l)", "H+(aq)", "OH-(aq)", "Na+(aq)", "Cl-(aq)"}
        keep = [s in ions or rng.random() < 0.5 for s in liquor.species]
        liquor = neutral(liquor.times_each(np.array(keep, dtype=float)))
        found = leaching.equilibrate_stream(liquor, T=rng.uniform(290, 470, n))
        assert found.converged.all(), found.reason[~found.converged][:5]


def neutral(liquor: Stream) -> Stream:
    """The liquor with Na+ or Cl- added to make it neutral."""
    charge = -liquor.element("E")
    return liquor.changed({"Na+(aq)": np.maximum(-charge, 0), "Cl-(aq)": np.maximum(charge, 0)})


def test_bicarbonate_that_does_not_dissolve_stays_solid():
    liquor = stream({"H2O(l)": 1 / 0.01801528, "NH4HCO3(s)": [0.5, 50.0]}, T=303.15)
    found = load_aqueous(vent=True).equilibrate_stream(liquor)
    assert found.converged.all()
    assert found["NH4HCO3(s)"][0] == 0
    assert found["NH4HCO3(s)"][1] > 40
    assert found.dissolved("ammonia")[1] < 5


def test_a_liquor_that_boils_down_is_told_by_the_salt_in_what_is_left():
    """9 molal salt as fed; the gases of the bicarbonate take near half of its water along."""
    fed = {"H2O(l)": 55.5, "Mg+2(aq)": 1.5, "NO3-(aq)": 4.1, "H+(aq)": 1.1, "NH4HCO3(s)": 9.0}
    found = load_aqueous("leaching", vent=True).equilibrate_stream(
        stream({s: np.full(2, n) for s, n in fed.items()}), np.array([360.0, 367.9])
    )
    assert list(found.reason) == ["", BEYOND]
    assert 0.7 < found["H2O(l)"][0] / 55.5 < 0.95
