"""Scenario files resolve to complete inputs, or every fault is reported with its line."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sludgesim.errors import InputError
from sludgesim.routes import ROUTES
from sludgesim.scenario import flat, load
from sludgesim.scenario.document import parse
from sludgesim.scenario.schema import assay_elements
from sludgesim.thermo.elements import elements

FEED = """\
name: test
feed:
  rate: 10 t/d
  moisture: 30 wt%
  oil: 5 wt%
  solids: {Fe: 65, Nd: 30, B: 1, Co: 4}
  oxidised: 20 %
"""


@pytest.fixture
def loaded(tmp_path):
    def load_text(text: str, scenario: str | None = None):
        path = tmp_path / "s.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path, scenario)

    return load_text


@pytest.fixture
def problems(loaded):
    def of(text: str, scenario: str | None = None):
        with pytest.raises(InputError) as caught:
            loaded(text, scenario)
        assert all(p.file.endswith("s.yaml") for p in caught.value.problems)
        return caught.value.problems

    return of


def solids(scenario) -> dict[str, float]:
    return {e: float(scenario.inputs[f"feed.solids.{e}"][0]) for e in elements()}


def without(text: str, key: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.strip().startswith(key))


# --- what a file resolves to


def test_packaged_reference_is_the_default():
    scenario = load()
    assert scenario.variant == "base"
    assert scenario.routes == tuple(ROUTES)
    assert scenario.sources
    # DESIGN's example: 65 of 99 wt%
    assert solids(scenario)["Fe"] == pytest.approx(65 / 99)


def test_values_are_si_arrays_of_one_case_with_their_origin(loaded):
    inputs = loaded(FEED).inputs
    assert inputs.n == 1
    assert inputs["feed.rate"].shape == (1,)
    assert inputs["feed.rate"][0] == pytest.approx(10_000 / 86_400)  # kg/s
    assert inputs["feed.moisture"][0] == pytest.approx(0.3)
    assert inputs.origin["feed.rate"] == "s.yaml:3"
    assert inputs.origin["feed.solids.Fe"] == "s.yaml:6"
    assert inputs.origin["feed.solids.Ni"] == "default"


def test_inputs_are_complete_and_defaults_are_those_declared(loaded):
    inputs = loaded(FEED + "carbothermal:\n").inputs
    assert set(inputs) == set(flat()) == set(inputs.origin)
    for path, parameter in flat().items():
        if path.startswith("feed."):
            continue
        value = inputs[path]
        if isinstance(parameter.default, float):
            assert parameter.from_si(float(value[0])) == pytest.approx(parameter.default)
        elif parameter.is_number:
            assert np.isnan(value).all(), path
        else:
            assert value == parameter.default


def test_identity_of_the_file(loaded, tmp_path):
    scenario = loaded(FEED + "description: a sludge\nsources: [one, two]\n")
    assert scenario.sha256 == hashlib.sha256((tmp_path / "s.yaml").read_bytes()).hexdigest()
    assert scenario.path == str(tmp_path / "s.yaml")
    assert (scenario.name, scenario.variant) == ("test", "")
    assert (scenario.description, scenario.sources) == ("a sludge", ("one", "two"))


def test_named_routes_are_compared_and_without_any_all(loaded):
    assert loaded(FEED).routes == tuple(ROUTES)
    assert loaded(FEED + "wet_full:\ncarbothermal: {}\n").routes == ("wet_full", "carbothermal")


def test_dotted_and_nested_keys_mean_the_same(loaded):
    nested = loaded(FEED + "carbothermal: {smelter: {temperature: 1500 degC}}\n")
    dotted = loaded(FEED + "carbothermal: {smelter.temperature: 1500 degC}\n")
    path = "carbothermal.smelter.temperature"
    assert nested.inputs[path] == dotted.inputs[path] == pytest.approx(1773.15)
    assert dotted.routes == ("carbothermal",)


def test_word_beside_numbers_is_nan(loaded):
    inputs = loaded(FEED + "carbothermal: {smelter: {carbon: auto}}\n").inputs
    assert math.isnan(inputs["carbothermal.smelter.carbon"][0])
    assert inputs.origin["carbothermal.smelter.carbon"] == "s.yaml:8"


# --- the assay


def test_solids_sum_to_one_and_keep_their_ratios(loaded):
    scenario = loaded(FEED.replace("Co: 4", "Co: 3.2"))
    made = solids(scenario)
    assert math.fsum(made.values()) == pytest.approx(1, abs=1e-15)
    assert made["Nd"] / made["Fe"] == pytest.approx(30 / 65)
    assert scenario.inputs.origin["feed.solids.Nd"] == "s.yaml:6 (normalised)"


def test_balance_element_makes_up_the_rest(loaded):
    text = FEED.replace("Fe: 65, ", "") + "  balance: Fe\n"
    scenario = loaded(text)
    assert solids(scenario)["Fe"] == pytest.approx(0.65)
    assert scenario.inputs.origin["feed.solids.Fe"] == "s.yaml:8 (balance)"


def test_oxygen_in_the_assay_takes_the_place_of_oxidised(loaded):
    text = without(FEED, "oxidised").replace("Fe: 65", "Fe: 50, O: 15")
    scenario = loaded(text)
    assert math.isnan(scenario.inputs["feed.oxidised"][0])
    assert solids(scenario)["O"] == pytest.approx(0.15)


@given(st.dictionaries(st.sampled_from(["Fe", "Nd", "Pr", "Dy", "B", "Co"]), st.floats(0.1, 16)))
@settings(max_examples=50, deadline=None)
def test_any_assay_with_a_balance_sums_to_one(tmp_path_factory, parts):
    text = without(FEED, "solids") + f"  solids: {parts}\n  balance: Si\n"
    path = tmp_path_factory.mktemp("assay") / "s.yaml"
    path.write_text(text.replace("'", ""), encoding="utf-8")
    made = solids(load(path))
    assert math.fsum(made.values()) == pytest.approx(1, abs=1e-14)
    assert min(made.values()) >= 0


# --- overrides


STACK = (
    FEED
    + """\
overrides:
  a: {carbothermal.smelter.temperature: 1500 degC, carbothermal.smelter.hold: 30 min}
  b: {carbothermal: {smelter: {temperature: 1600 degC}}}
  boron: {feed.solids.B: 2}
  own: {feed.oxidised: null, feed.solids: {Fe: 50, O: 15}}
scenarios:
  one: [a]
  two: [a, b]
  rich: [boron]
  given: [own]
"""
)


def test_overrides_stack_in_their_order(loaded):
    inputs = loaded(STACK, "two").inputs
    assert inputs["carbothermal.smelter.temperature"][0] == pytest.approx(1873.15)
    assert inputs["carbothermal.smelter.hold"][0] == pytest.approx(1800)
    assert inputs.origin["carbothermal.smelter.temperature"] == "s.yaml:10 (b)"
    assert inputs.origin["carbothermal.smelter.hold"] == "s.yaml:9 (a)"


def test_without_a_choice_no_override_applies(loaded):
    scenario = loaded(STACK)
    assert scenario.variant == ""
    assert scenario.inputs.origin["carbothermal.smelter.temperature"] == "default"


def test_assay_rules_hold_for_the_stacked_feed(loaded, problems):
    rich = solids(loaded(STACK, "rich"))
    assert rich["B"] == pytest.approx(2 / 101)
    assert math.isnan(loaded(STACK, "given").inputs["feed.oxidised"][0])
    (problem,) = problems(STACK.replace("B: 2}", "B: 20}"))
    assert (problem.key, problem.line) == ("feed.solids", 11)
    assert "119 wt%" in problem.message
    assert "rich" in problem.message


def test_unknown_scenario_and_override_are_named_with_the_nearest(problems):
    (problem,) = problems(STACK, "onee")
    assert "did you mean one" in problem.message
    assert "two" in problem.allowed
    (problem,) = problems(STACK.replace("[boron]", "[boronn]"))
    assert (problem.key, problem.line) == ("scenarios.rich", 16)
    assert "did you mean boron" in problem.message


# --- faults


@pytest.mark.parametrize(
    ("old", "new", "key", "line", "said"),
    [
        ("name: test", "description: x", "name", 1, "missing"),
        ("name: test", "name: ''", "name", 1, "empty"),
        ("name: test", 'name: "a\\e[31m"', "name", 1, "printed"),
        ("name: test", "name: [a]", "name", 1, "text"),
        ("rate: 10 t/d", "rate: -10 t/d", "feed.rate", 3, "out of range"),
        ("rate: 10 t/d", "rate:", "feed.rate", 3, "missing"),
        ("rate: 10 t/d", "rate: [10, 20]", "feed.rate", 3, "single value"),
        ("rate: 10 t/d", "rat: 10 t/d", "feed.rat", 3, "did you mean rate"),
        ("30 wt%", "110 wt%", "feed.moisture", 4, "out of range"),
        ("30 wt%", "yes", "feed.moisture", 4, "number is wanted"),
        ("Nd: 30", "Nd: -30", "feed.solids.Nd", 6, "out of range"),
        ("Nd: 30", "Nd: 70", "feed.solids", 6, "140 wt%"),
        ("Nd: 30", "Nd: 20", "feed.solids", 6, "90 wt%"),
        ("Nd: 30", "Xx: 30", "feed.solids.Xx", 6, "unknown key"),
        ("Nd: 30", "Ar: 30", "feed.solids.Ar", 6, "unknown key"),
        ("{Fe: 65, Nd: 30, B: 1, Co: 4}", "{}", "feed.solids", 6, "missing"),
        ("{Fe: 65, Nd: 30, B: 1, Co: 4}", "100", "feed.solids", 6, "mapping"),
        ("oxidised: 20 %", "balance: Fe", "feed.balance", 7, "leave its number out"),
        ("oxidised: 20 %", "balance: Xx", "feed.balance", 7, "unknown word"),
        ("oxidised: 20 %", "", "feed.oxidised", 2, "missing"),
        ("Nd: 30", "O: 30", "feed.oxidised", 7, "absent"),
        ("oxidised: 20 %", "oxidised: 120 %", "feed.oxidised", 7, "out of range"),
    ],
)
def test_fault_is_reported_with_key_and_line(problems, old, new, key, line, said):
    text = FEED.replace(old, new)
    if "balance" in new:
        text += "  oxidised: 20 %\n"
    found = problems(text)
    assert [(p.key, p.line) for p in found if said in p.message] == [(key, line)]
    assert len(found) == 1, "a fault must not draw others after it"


def test_balance_without_room_is_refused(problems):
    text = FEED.replace("Nd: 30", "Nd: 70") + "  balance: Si\n"
    (problem,) = problems(text)
    assert problem.key == "feed.balance"
    assert "140 wt%" in problem.message


def test_liquids_must_leave_solids(problems):
    text = FEED.replace("30 wt%", "60 wt%").replace("5 wt%", "40 wt%")
    assert any("100 wt%" in p.message and p.key == "feed.moisture" for p in problems(text))


def test_all_faults_are_reported_at_once_in_the_order_of_lines(problems):
    text = (
        FEED.replace("10 t/d", "10 kg")
        + """\
carbothermal:
  smelter:
    temperature: 400 degC
    temprature: 1500 degC
  temperature: 1500 degC
wet_ful: {}
overrides:
  a: {carbothermal.smelter.temperature: 1450 kg}
"""
    )
    found = problems(text)
    assert [(p.key, p.line) for p in found] == [
        ("feed.rate", 3),
        ("carbothermal.smelter.temperature", 10),
        ("carbothermal.smelter.temprature", 11),
        ("carbothermal.temperature", 12),
        ("wet_ful", 13),
        ("overrides.a.carbothermal.smelter.temperature", 15),
    ]
    assert all(p.allowed for p in found)
    assert ".temperature?" in found[3].message
    assert "wet_full" in found[4].message
    assert "mass" in found[5].message


def test_value_given_nested_and_dotted_is_refused(problems):
    text = FEED + (
        "carbothermal:\n  smelter: {hold: 30 min}\n  smelter.hold: 40 min\n"
        "wet_full:\n  leach.x.y: 1\n"
    )
    found = problems(text)
    assert (found[0].key, found[0].line) == ("carbothermal.smelter.hold", 10)
    assert found[1].line == 12


def test_long_and_unprintable_text_is_shortened_and_escaped(problems):
    text = FEED + f'"{"x" * 5000}": 1\n"\\e[31mred": 2\n'
    for problem in problems(text):
        assert str(problem).isprintable()
        assert len(str(problem)) < 800


def test_missing_beside_wrong_is_reported_too(problems):
    found = problems(without(FEED, "moisture").replace("10 t/d", "10 kg"))
    assert [p.key for p in found] == ["feed.moisture", "feed.rate"]


def test_missing_feed_is_one_problem(problems):
    (problem,) = problems("name: x\n")
    assert problem.key == "feed"


@given(
    st.lists(
        st.tuples(
            st.integers(0, len(FEED) - 1),
            st.sampled_from([*"\t\n:{}[]-#&*!|>'\"%@`,? 0aZ\x00\x85é", "<<: ", "null", "---"]),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_file_loads_or_is_refused_but_never_crashes(tmp_path_factory, changes):
    text = FEED
    for place, what in changes:
        text = text[:place] + what + text[place + 1 :]
    path = tmp_path_factory.mktemp("damaged") / "s.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        scenario = load(path)
    except InputError as error:
        assert all(str(problem).isprintable() for problem in error.problems)
    else:
        assert math.fsum(solids(scenario).values()) == pytest.approx(1)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_parse_or_are_refused(content):
    try:
        parse(content, "f.yaml")
    except InputError as error:
        assert str(error).isprintable()


def test_only_assayable_elements_may_be_named():
    assert set(assay_elements()) < set(elements())


def test_returned_acid_goes_with_oxalic_acid_alone(problems, loaded):
    unit = "wet_full.precipitation"
    text = FEED + f"{unit}.acid_returned: 50 %\n{unit}.precipitant: sodium_carbonate\n"
    (found,) = problems(text)
    assert (found.key, found.line) == (f"{unit}.acid_returned", 8)
    assert "precipitant sodium_carbonate" in found.message
    assert "oxalic_acid" in found.allowed
    loaded(text.replace("sodium_carbonate", "oxalic_acid"))
    loaded(text.replace("50 %", "0 %"))
