"""KPIs of a route from its ledger; what each means stands in `data/kpis.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from sludgesim.data import read
from sludgesim.ledger import Ledger, StreamRecord
from sludgesim.parameters import Inputs
from sludgesim.routes import costs
from sludgesim.routes.costs import ratio
from sludgesim.routes.reagents import drawn, drawn_by_class, reagents
from sludgesim.thermo.elements import formula_weight, oxide_per_element, rare_earths
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.bath import slag_part
from sludgesim.units.carbon_source import GRAPHITE
from sludgesim.units.separator import liquid_share
from sludgesim.units.solvent_extraction import heavy_rare_earths, separated

PER_REO = "_per_kg_reo"
REAGENT = "reagent."
KWH, MJ = 3.6e6, 1e6
NO_PRODUCT = 1.0
"""Rare earths recovered, %, below which a route makes nothing to sell."""
_NOT_LISTED = ("air", "water")  # classes of reagents without a KPI of their own


def declarations() -> Mapping[str, Mapping[str, Any]]:
    """KPI id -> unit, name, group, definition and, where plain, which way is better."""
    table: Mapping[str, Mapping[str, Any]] = read("kpis")
    return table


def declared_as(kpi: str) -> str:
    """The id under which a KPI is declared: without its functional unit, `reagent` for each one."""
    base = kpi.removesuffix(PER_REO)
    return "reagent" if base.startswith(REAGENT) else base


def entry(kpi: str) -> Mapping[str, Any]:
    """The declaration of a KPI, `reagent.<name>` and the per-kg-REO forms included."""
    return declarations()[declared_as(kpi)]


def unit_of(kpi: str) -> str:
    """Unit of a KPI, `reagent.<name>` and the per-kg-REO forms included."""
    unit: str = entry(kpi)["unit"]
    return unit.replace("/t", "/kg") if kpi.endswith(PER_REO) else unit


@cache
def ids() -> tuple[str, ...]:
    """Every KPI that a route can have: each reagent by name, and the forms per kg REO."""
    named = [n for n, r in reagents().items() if r["class"] not in _NOT_LISTED]
    found, per_reo = [], []
    for kpi, declared in declarations().items():
        each = [REAGENT + n for n in named] if kpi == "reagent" else [kpi]
        found += each
        per_reo += [k + PER_REO for k in each if declared.get("per_reo")]
    return (*found, *per_reo)


def compute(ledger: Ledger, inputs: Inputs, route: str) -> dict[str, Array]:
    """All KPIs that apply to a route.

    Parameters
    ----------
    ledger : streams and duties of the route, per t dry sludge
    inputs : resolved inputs, for the accounting factors and prices
    route : its name

    Returns
    -------
    KPI id -> (n,), in the unit that `unit_of` tells
    """
    sludge = _named(ledger, "sludge")
    found = _products(ledger, sludge)
    if any(r.name == "slag" for r in ledger.streams):
        found |= _furnace(ledger, sludge)
    if "solvent_extraction" in ledger.units:
        liquor = next(r.stream for r in ledger.streams if r.target == "solvent_extraction")
        sized, _ = separated(liquor, inputs.section(f"{route}.solvent_extraction"))
        found["extraction_stages"] = sized.extraction_stages + sized.scrub_stages
    found |= _reagents(ledger) | _wastes(ledger) | _energy(ledger, inputs)
    found |= costs.compute(ledger, inputs, found)
    reo = found["reo_product"]
    per_reo = {}
    for kpi, value in found.items():
        if entry(kpi).get("per_reo"):
            per_reo[kpi + PER_REO] = ratio(value, reo)
    return found | per_reo


def _named(ledger: Ledger, name: str) -> Stream:
    return next(r.stream for r in ledger.streams if r.name == name)


def _rare_earth(s: Stream) -> Array:
    return sum((s.element_mass(e) for e in rare_earths()), np.zeros(s.n))


def _oxide_mass(s: Stream, element: str) -> Array:
    """A rare earth as the oxide it is sold as, kg."""
    return s.element_mass(element) * oxide_per_element(element)


def _reo(s: Stream) -> Array:
    """Rare earths as the oxides they are sold as, kg."""
    return sum((_oxide_mass(s, e) for e in rare_earths()), np.zeros(s.n))


def _trivalent(s: Stream) -> Array:
    """Rare earths as RE2O3, kg."""
    zero = np.zeros(s.n)
    return sum((s.element(e) * formula_weight({e: 1.0, "O": 1.5}) for e in rare_earths()), zero)


def _products(ledger: Ledger, sludge: Stream) -> dict[str, Array]:
    oxide = merge([r.stream for r in ledger.streams if r.name == "oxide"])
    apart = [r.stream for r in ledger.streams if r.source == "heavy_calciner" and r.name == "oxide"]
    metal = [r.stream for r in ledger.streams if r.name == "pig_iron"]
    iron = sum((s.element_mass("Fe") for s in metal), np.zeros(sludge.n))
    return _heavy(apart) | {
        "reo_product": _reo(oxide),
        "reo_purity": 100 * ratio(_reo(oxide), oxide.mass()),
        "re_recovery": 100 * ratio(_rare_earth(oxide), _rare_earth(sludge)),
        "iron_recovery": 100 * ratio(iron, sludge.element_mass("Fe")),
    }


def _heavy(oxides: list[Stream]) -> dict[str, Array]:
    """Figures of the oxide of the heavy rare earths, where there is one."""
    if not oxides:
        return {}
    oxide = oxides[0]
    heavy = sum((_oxide_mass(oxide, e) for e in heavy_rare_earths()), np.zeros(oxide.n))
    return {"heavy_reo_product": _reo(oxide), "heavy_reo_purity": 100 * ratio(heavy, oxide.mass())}


def _fixed_carbon(ledger: Ledger) -> Array:
    """Fixed carbon charged to the furnace, kg: that of the carbon sources, fuel coke included."""
    taken = [r for r in ledger.streams if r.role == "reagent"]
    sources = [r.stream for r in taken if reagents()[r.name]["class"] == "carbon"]
    zero = np.zeros(ledger.streams[0].stream.n)
    return sum((s.only(lambda x: x == GRAPHITE).mass() for s in sources), zero)


def _furnace(ledger: Ledger, sludge: Stream) -> dict[str, Array]:
    slag, metal = _named(ledger, "slag"), _named(ledger, "pig_iron")
    melt, coke = _named(ledger, "melt"), _fixed_carbon(ledger)
    oxidised = slag.element("Fe") - slag["Fe(s)"]
    return {
        "re_recovery_slag": 100 * ratio(_rare_earth(slag), _rare_earth(sludge)),
        "pig_iron_mass": metal.mass(),
        "carbon_input": coke,
        "carbon_per_iron": ratio(coke, sludge.element_mass("Fe")),
        "slag_mass": slag.mass(),
        "slag_reo_grade": 100 * ratio(_trivalent(slag), slag.mass()),
        "slag_b2o3": 100 * ratio(slag.element_mass("B") * oxide_per_element("B"), slag.mass()),
        "slag_feo": 100 * ratio(oxidised * formula_weight({"Fe": 1, "O": 1}), slag.mass()),
        "unparted": _named(ledger, "unparted").mass(),
        "slag_liquid": 100 * liquid_share(slag_part(melt), "slag"),
        "pig_iron_carbon": 100 * ratio(metal.element_mass("C"), metal.mass()),
        "pig_iron_boron": 100 * ratio(metal.element_mass("B"), metal.mass()),
        "pig_iron_rare_earth": 100 * ratio(_rare_earth(metal), metal.mass()),
    }


def _reagents(ledger: Ledger) -> dict[str, Array]:
    used = drawn(ledger)
    by_class = drawn_by_class(ledger)
    zero = np.zeros(ledger.streams[0].stream.n)

    def of(kind: str) -> Array:
        return by_class.get(kind, zero)

    listed = {
        REAGENT + n: m
        for n, m in used.items()
        if reagents()[n]["class"] not in _NOT_LISTED and np.any(m > 0)
    }
    return {
        "acid_use": of("acid"),
        "alkali_use": of("alkali"),
        "precipitant_use": of("precipitant"),
        "process_water": of("water"),
        **listed,
    }


def _wastes(ledger: Ledger) -> dict[str, Array]:
    zero = np.zeros(ledger.streams[0].stream.n)

    def to(target: str) -> list[StreamRecord]:
        return [r for r in ledger.streams if r.target == target]

    tipped = [r.stream for r in to("landfill")]
    discharged = [r.stream for r in to("discharge")]
    carbon = sum((r.stream.element_mass("C") for r in to("atmosphere")), zero)
    co2 = formula_weight({"C": 1, "O": 2}) / formula_weight({"C": 1})
    reused = [r.stream.mass() for r in to("reuse")]
    return ({"water_reuse": sum(reused, zero)} if reused else {}) | {
        "wastewater": sum((s.mass() for s in discharged), zero),
        "salt_load": sum((s.phase("aq").mass() for s in discharged), zero),
        "landfill": sum((s.mass() for s in tipped), zero),
        "landfill_dry": sum((s.only(lambda x: x != "H2O(l)").mass() for s in tipped), zero),
        "off_gas_co2": carbon * co2,
    }


def _energy(ledger: Ledger, inputs: Inputs) -> dict[str, Array]:
    power, fuel = ledger.duty("electricity"), ledger.duty("fuel")
    upstream = power * inputs["accounting.ghg_electricity"] + fuel * inputs["accounting.ghg_fuel"]
    for name, mass in drawn(ledger).items():
        factor = reagents()[name]["ghg"]
        if factor:
            upstream = upstream + mass * inputs[f"accounting.{factor}"]
    found = {
        "electricity": power / KWH,
        "fuel": fuel / MJ,
        "standard_coal": power * inputs["accounting.coal_electricity"]
        + fuel / inputs["accounting.coal_heating_value"],
        "ghg": upstream + _wastes(ledger)["off_gas_co2"],
    }
    if "smelter" in ledger.units:
        found["furnace_electricity"] = ledger.duty("electricity", "smelter") / KWH
    return found
