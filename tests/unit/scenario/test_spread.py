"""Lists, ranges, intervals, distributions and correlations as people write them."""

from __future__ import annotations

import pytest

import sludgesim as ss
from sludgesim.errors import InputError
from sludgesim.scenario import flat
from sludgesim.scenario.quantity import QuantityError
from sludgesim.scenario.spread import (
    read_correlation,
    read_distribution,
    read_interval,
    read_values,
)

TEMPERATURE = flat()["carbothermal.smelter.temperature"]  # degC
CARBON = flat()["carbothermal.smelter.carbon"]  # kg/t or auto
FURNACE = flat()["carbothermal.smelter.furnace"]  # words


@pytest.mark.parametrize(
    ("text", "parameter", "values"),
    [
        ("1350:1650:100 degC", TEMPERATURE, [1350, 1450, 1550, 1650]),
        ("1400:1500:33.3333 degC", TEMPERATURE, [1400, 1433.33333333, 1466.66666667, 1500]),
        ("1350:1550:100degC", TEMPERATURE, [1350, 1450, 1550]),
        ("1350:1351:0.1", TEMPERATURE, [round(1350 + k / 10, 1) for k in range(11)]),
        ("1773.15:1873.15:50K", TEMPERATURE, [1500, 1550, 1600]),
        ("1400, 1500 degC", TEMPERATURE, [1400, 1500]),
        ("1400 degC, 1773.15 K", TEMPERATURE, [1400, 1500]),
        ("auto, 300, 400 kg/t", CARBON, ["auto", 300, 400]),
        ("electric_arc,induction", FURNACE, ["electric_arc", "induction"]),
    ],
)
def test_values(text, parameter, values):
    found = read_values(text, parameter)
    assert [v if isinstance(v, str) else round(v, 9) for v in found] == values


def test_a_list_may_mix_units():
    assert read_values("300 kg/t, 0.4 kg/kg", CARBON) == pytest.approx([300, 400])


def test_intervals_and_distributions():
    assert read_interval("1773.15:1873.15 K", TEMPERATURE) == pytest.approx((1500, 1600))
    assert read_distribution("1500:1600", TEMPERATURE) == {"uniform": (1500, 1600)}
    shape = read_distribution("triangular(1450, 1500, 1600) degC", TEMPERATURE)
    assert shape == {"triangular": (1450, 1500, 1600)}
    # A standard deviation is a difference: 20 K are 20 degC, 36 degF are 20 degC.
    assert read_distribution("normal(1500, 20)", TEMPERATURE) == {"normal": (1500, 20)}
    (numbers,) = read_distribution("normal(1773.15, 20) K", TEMPERATURE).values()
    assert numbers == pytest.approx((1500, 20))
    (numbers,) = read_distribution("normal(1500 degC, 36 degF)", TEMPERATURE).values()
    assert numbers == pytest.approx((1500, 20))


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        (read_values, "1650:1350:25", "backwards"),
        (read_values, "1350:1650:0", "above 0"),
        (read_values, "1350:1650:-25", "above 0"),
        (read_values, "1350:1360:25", "fit the range"),
        (read_values, "1350:1650", "start:stop:step"),
        (read_values, "1450:1650:60", "do not end at 1650; steps of 50 or 66.6667 do"),
        (read_values, "1400:1500:51", "steps of 50 or 100 do"),
        (read_values, "1350:1650:0.0001", "at most"),
        (read_values, "", "no values"),
        (read_values, " , ", "no values"),
        (read_values, "1400,1400", "twice"),
        (read_values, "1400,2500", "out of range"),
        (read_values, "1400,hot", "not a number"),
        (read_values, "1400:1500:25 kg", "a mass"),
        (read_interval, "1500", "low:high"),
        (read_interval, "1600:1500", "backwards"),
        (read_interval, "1500:1500", "empty"),
        (read_distribution, "gamma(1, 2)", "no distribution"),
        (read_distribution, "triangle(1,2,3)", "did you mean triangular"),
        (read_distribution, "normal(1500)", "mean, standard deviation"),
        (read_distribution, "normal(1500, -20)", "above 0"),
        (read_distribution, "triangular(1500, 1400, 1600)", "does not rise"),
        (read_distribution, "uniform(1100, 1600)", "out of range"),
    ],
)
def test_what_cannot_be_read(reader, text, said):
    with pytest.raises(QuantityError, match=said):
        reader(text, TEMPERATURE)


def test_correlations():
    paths = ["feed.moisture", "feed.oil"]
    assert read_correlation("feed.moisture, feed.oil = -0.5", paths) == (*paths, -0.5)
    for text, said in {
        "feed.moisture = 0.5": "no correlation",
        "feed.moistur, feed.oil = 0.5": "did you mean feed.moisture",
        "feed.oil, feed.oil = 0.5": "with itself",
        "feed.moisture, feed.oil = 2": "-1 to 1",
        "feed.moisture, feed.oil = nan": "-1 to 1",
    }.items():
        with pytest.raises(QuantityError, match=said):
            read_correlation(text, paths)


FILE = """\
name: test
feed:
  rate: 10 t/d
  moisture: 45 wt%
  solids: {Nd: 30, B: 1}
  balance: Fe
  oxidised: 20 %
carbothermal: {}
"""


def test_a_scenario_overrides_distributions(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        FILE
        + "distributions:\n"
        + "  feed.solids.Nd: normal(30, 0.5) wt%\n"
        + "  feed.oil: triangular(1, 3, 6)\n"
        + "correlations: ['feed.solids.Nd, feed.oil = 0.3']\n"
    )
    scenario = ss.load(path)
    parameters = scenario.inputs.parameters
    assert parameters["feed.solids.Nd"].distribution == {"normal": (30, 0.5)}
    assert parameters["feed.oil"].distribution == {"triangular": (1, 3, 6)}
    assert scenario.correlations == (("feed.solids.Nd", "feed.oil", 0.3),)
    assert scenario.balance == "Fe"


def test_a_stated_value_moves_the_declared_distribution(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(FILE)
    declared = flat()["feed.moisture"].distribution["triangular"]
    moved = ss.load(path).inputs.parameters["feed.moisture"].distribution["triangular"]
    assert moved == pytest.approx([v + 45 - declared[1] for v in declared])
    # What the file does not state keeps its declaration.
    other = "carbothermal.smelter.efficiency"
    assert ss.load(path).inputs.parameters[other].distribution == flat()[other].distribution


def test_bad_distributions_are_reported_with_their_line(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        FILE
        + "distributions:\n"
        + "  feed.moistur: normal(30, 0.5)\n"
        + "  feed.oil: normal(3, 0)\n"
        + "correlations: ['feed.oil = 2']\n"
    )
    with pytest.raises(InputError) as caught:
        ss.load(path)
    text = str(caught.value)
    assert ":10: distributions.feed.moistur" in text and "did you mean feed.moisture" in text
    assert ":11: distributions.feed.oil" in text
    assert ":12: correlations" in text
