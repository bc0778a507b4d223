"""Quantities as people write them; expected values are conversions done by hand."""

from __future__ import annotations

import pytest

from sludgesim.parameters import Parameter
from sludgesim.scenario.quantity import QuantityError, convert, read


def parameter(unit: str, low: float, high: float, words: tuple[str, ...] = ()) -> Parameter:
    return Parameter("p", unit, None, (low, high), "A parameter.", ("test",), "assumed", words)


TEMPERATURE = parameter("degC", 1000, 2000)
SHARE = parameter("wt%", 0, 100)
CARBON = parameter("kg/t", 0, 2000, ("auto",))


@pytest.mark.parametrize(
    ("text", "declared", "value"),
    [
        ("1450 degC", TEMPERATURE, 1450),
        ("1450degC", TEMPERATURE, 1450),
        ("1450 °C", TEMPERATURE, 1450),
        ("1450 C", TEMPERATURE, 1450),
        ("1450", TEMPERATURE, 1450),
        ("1.45e3", TEMPERATURE, 1450),
        ("1823.15 K", TEMPERATURE, 1550),
        ("2822 degF", TEMPERATURE, 1550),
        ("30 wt%", SHARE, 30),
        ("30 %", SHARE, 30),
        ("30%", SHARE, 30),
        (".5 wt %", SHARE, 0.5),
        ("300 kg/t", SHARE, 30),
        ("2610 ppm", SHARE, 0.261),
        ("390 kg/t", CARBON, 390),
        ("0.39 kg/kg", CARBON, 390),
        ("39 %", CARBON, 390),
        ("390000 g/t", CARBON, 390),
        ("60 min", parameter("min", 0, 1440), 60),
        ("1 h", parameter("min", 0, 1440), 60),
        ("7200 s", parameter("h", 0, 24), 2),
        ("10 t/d", parameter("t/d", 0, 100), 10),
        ("3650 t/a", parameter("t/d", 0, 100), 10),
        ("1000 kg/h", parameter("t/d", 0, 100), 24),
        ("1 atm", parameter("bar", 0, 2), 1.01325),
        ("100 kPa", parameter("bar", 0, 2), 1),
        ("3.6 MJ/kg", parameter("kWh/t", 0, 2000), 1000),
        ("1000 kWh/t", parameter("MJ/kg", 0, 10), 3.6),
        ("2 mol/L", parameter("mol/L", 0, 10), 2),
        ("2 mmol/mL", parameter("mol/L", 0, 10), 2),
        ("1/h", parameter("1/h", 0, 10), None),
        ("2 1/min", parameter("1/h", 0, 1000), 120),
        ("2 min^-1", parameter("1/h", 0, 1000), 120),
        ("50 %", parameter("1", 0, 1), 0.5),
        ("0.5", parameter("1", 0, 1), 0.5),
        ("400 kg/MWh", parameter("g/kWh", 0, 1000), 400),
        ("0.2 kg/MJ", parameter("kg/GJ", 0, 1000), 200),
        ("0.1 kmol/kmol", parameter("mol/mol", 0, 1), 0.1),
        ("100 kcal/mol", parameter("kJ/mol", 0, 1000), 418.4),
    ],
)
def test_read(text, declared, value):
    if value is None:
        with pytest.raises(QuantityError):
            read(text, declared)
    else:
        assert read(text, declared) == pytest.approx(value, rel=1e-12)


def test_normal_cubic_metre_is_an_amount_of_gas():
    assert convert(1, "Nm3", "mol") == pytest.approx(1000 / 22.41397, rel=1e-5)


def test_words_stand_beside_numbers():
    assert read("auto", CARBON) == "auto"
    with pytest.raises(QuantityError, match="did you mean auto"):
        read("autto", CARBON)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1450 kg", "'kg' is a mass, a temperature is wanted"),
        ("1450 kWh", "is an energy"),
        ("1450 t/d", "is a mass flow"),
        ("1450 %", "is a ratio"),
        ("1450 kg**2/K", "of dimension"),
        ("400 C", "out of range"),
        ("1000 K", "726.85 degC"),
        ("-1450", "out of range"),
        ("nan", "not a finite number"),
        (".nan", "not a finite number"),
        ("-.inf", "not a finite number"),
        ("1e999", "not a finite number"),
        ("yes", "a number is wanted"),
        ("true", "a number is wanted"),
        ("warm", "not a number"),
        ("", "not a number"),
        ("1,450 degC", "comma"),
        ("1 450 degC", "not a unit"),
        ("1450 dgC", "not a known unit"),
        ("1450 degC degC", "wanted"),
        ("1450 9**9**9**9", "not a unit"),
        ("1450 __import__('os')", "not a unit"),
        ("1450 " + "degC*" * 5000 + "degC", "not a unit"),
        ("1450 \x1b[31m", "\\x1b"),
        ("1450 - 1500 degC", "not a unit"),
    ],
)
def test_refused(text, said):
    with pytest.raises(QuantityError) as caught:
        read(text, TEMPERATURE)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


def test_bound_reached_through_a_conversion_is_not_refused():
    declared = parameter("degC", 1150, 1800)
    assert read("1423.15 K", declared) == pytest.approx(1150)
    assert 1150 <= read("1423.15 K", declared) <= 1800


def test_every_declared_unit_can_be_written():
    from sludgesim.scenario import flat

    for path, declared in flat().items():
        if declared.is_number and declared.unit != "1":
            assert convert(1.0, f"{declared.unit} ", declared.unit) == pytest.approx(1.0), path
