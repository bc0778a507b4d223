"""Every declared parameter is complete, and units convert as the field expects."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from sludgesim.parameters import QUALITIES, Parameter, declaration
from sludgesim.routes import ROUTES
from sludgesim.routes.kpis import declarations, reagents

DECLARED = [
    (route, unit)
    for route in ROUTES
    for unit in sorted({*ROUTES[route].units.values(), "feed", "accounting"})
]


@pytest.mark.parametrize(("route", "unit"), DECLARED)
def test_declaration_is_complete(route, unit):
    declared = declaration(unit, route)
    assert declared.description
    for p in declared.parameters.values():
        assert p.description and p.source, p.name
        assert p.quality in QUALITIES
        if p.bounds is not None:
            low, high = p.bounds
            assert low < high
            if isinstance(p.default, float):
                assert low <= p.default <= high, f"{unit}.{p.name}"
            for values in p.distribution.values():
                if "normal" not in p.distribution:
                    assert all(low <= v <= high for v in values), f"{unit}.{p.name}"
        if "triangular" in p.distribution:
            a, mode, b = p.distribution["triangular"]
            assert a <= mode <= b
            assert p.default is None or mode == p.default, f"{unit}.{p.name}: mode is the default"


def test_sources_exist():
    from importlib import resources

    text = (resources.files("sludgesim") / "data" / "sources.yaml").read_text(encoding="utf-8")
    known = YAML(typ="safe").load(text)
    from sludgesim.thermo import database

    used = {k for s in database().values() for k in s.source}
    used |= {
        k for r, u in DECLARED for p in declaration(u, r).parameters.values() for k in p.source
    }
    assert used <= set(known)
    assert all(entry["citation"] for entry in known.values())


def test_reagents_and_kpis_name_things_that_exist():
    accounting = declaration("accounting").parameters
    from sludgesim.thermo import database

    for name, entry in reagents().items():
        assert set(entry["basis"]) <= set(database()), name
        assert entry["ghg"] is None or entry["ghg"] in accounting, name
    assert {e.get("better") for e in declarations().values()} <= {"higher", "lower", None}


@pytest.mark.parametrize(
    ("unit", "value", "si"),
    [("degC", 1450, 1723.15), ("wt%", 30, 0.3), ("kWh/t", 1000, 3.6e6), ("min", 60, 3600),
     ("kg/t", 390, 0.39), ("t/d", 86.4, 1.0), ("g/kWh", 484, 0.484 / 3.6e6)],
)  # fmt: skip
def test_units_convert_both_ways(unit, value, si):
    p = Parameter("x", unit, None, (0, 1e6), "x", ("user",), "assumed")
    assert p.to_si(value) == pytest.approx(si, rel=1e-12)
    assert p.from_si(p.to_si(value)) == pytest.approx(value, rel=1e-12)
