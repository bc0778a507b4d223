"""Money: revenue, operating cost, capital and what they come to, from the ledger and the prices.

Nothing here knows a route: reagents, products and equipment are tables in `data/`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sludgesim.data import read
from sludgesim.ledger import Ledger
from sludgesim.parameters import Inputs, Section
from sludgesim.routes.reagents import drawn, reagents
from sludgesim.thermo.elements import oxide_per_element
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream

YEAR = 365 * 86400.0  # s
SUPPORT = "utilities"  # the heat network needs no operator of its own
TONNE = 1000.0  # kg: the ledger is per t of dry sludge
_MILLION = 1e6


def compute(ledger: Ledger, inputs: Inputs, kpis: Mapping[str, Array]) -> dict[str, Array]:
    """Costs, revenue, capital, net present value and break-even points of a route.

    operating_cost = reagents + energy + wastes + labour + upkeep + sludge
    capital = installation * index ratio * sum cost_k (size_k / reference_k)^exponent
    net_present_value = (revenue - operating_cost) * dry sludge per year * annuity - capital

    Parameters
    ----------
    ledger : streams and duties of the route, per t dry sludge
    inputs : resolved inputs
    kpis : what else is known of the route: reo_product, re_recovery, landfill, wastewater, ...

    Returns
    -------
    KPI id -> (n,), USD/t dry sludge, MUSD, USD/kg or %

    Range: capital to a factor of two at best; nothing before tax, start-up or working capital.
    Source: six-tenths rule (williams1947), Lang factor (lang1948).
    """
    p = inputs.section("costs")
    rate = inputs["feed.rate"] * (1 - inputs["feed.moisture"] - inputs["feed.oil"])  # kg/s
    tonnes = rate / TONNE * YEAR * p["availability"]  # of dry sludge a year
    capital = _capital(ledger, p, rate)
    terms = {
        "cost_reagents": _reagents(ledger, p),
        "cost_energy": _energy(ledger, p),
        "cost_wastes": _wastes(ledger, kpis, inputs),
        "cost_labour": _labour(ledger, p, tonnes),
        "cost_upkeep": capital * (p["maintenance"] + p["overhead"]) / tonnes,
    }
    sludge = next(r.stream for r in ledger.streams if r.role == "feed")
    in_sludge = _oxides(sludge, p) * p["sludge_paid"]
    sold, sold_oxides = _revenue(ledger, p)
    cost = sum(terms.values()) + in_sludge
    years = annuity(p["discount_rate"], p["lifetime"] / YEAR)
    charge = capital / years / tonnes
    # What the oxides would have to bring per t of sludge for the present value to be zero: first
    # with the price of the sludge going along with theirs, then with their quantity alone changing.
    apart = cost - in_sludge + charge - (sold - sold_oxides)
    price = ratio(apart, sold_oxides - in_sludge)
    quantity = ratio(apart + in_sludge, sold_oxides)
    basket = ratio(_named_oxides(ledger, p), kpis["reo_product"])
    return {
        "revenue": sold,
        "operating_cost": cost,
        **terms,
        "cost_sludge": in_sludge,
        "capital": capital / _MILLION,
        "capital_charge": charge,
        "net_present_value": ((sold - cost) * tonnes * years - capital) / _MILLION,
        "reo_price": basket,
        "break_even_reo_price": basket * price,
        "break_even_re_recovery": kpis["re_recovery"] * quantity,
    }


def annuity(rate: Array, years: Array) -> Array:
    """Present value of 1 a year, paid at the end of each of the coming years.

    (1 - (1 + r)^-n) / r; n where r is zero

    Parameters
    ----------
    rate : r, per year, (n,)
    years : n, (n,)

    Returns
    -------
    (n,) years
    """
    some = rate > 0
    safe = np.where(some, rate, 1.0)
    value: Array = np.where(some, -np.expm1(-years * np.log1p(safe)) / safe, years)
    return value


def ratio(a: Array, b: Array) -> Array:
    """a / b, (n,); nan where b is not above zero: a share or a price of nothing does not apply."""
    found: Array = np.where(b > 0, a / np.where(b > 0, b, 1.0), np.nan)
    return found


def _oxides(s: Stream, p: Section) -> Array:
    """Rare earths in a stream at the prices of their separated oxides, USD."""
    prices: Mapping[str, str] = read("products")["oxide"]["oxides"]
    value = sum(
        (s.element_mass(e) * oxide_per_element(e) * p[name] for e, name in prices.items()),
        np.zeros(s.n),
    )
    return value * p["rare_earth_price_level"]


def _named_oxides(ledger: Ledger, p: Section) -> Array:
    """The oxide product at the prices of separated oxides, USD."""
    return sum(
        (_oxides(r.stream, p) for r in ledger.streams if r.name == "oxide"),
        np.zeros(ledger.streams[0].stream.n),
    )


def _revenue(ledger: Ledger, p: Section) -> tuple[Array, Array]:
    """What all products bring, and what the oxides in them bring, USD per t dry sludge."""
    sold = oxides = np.zeros(ledger.streams[0].stream.n)
    for r in ledger.streams:
        terms = read("products").get(r.name) if r.role == "product" else None
        if terms is None:
            continue
        if "whole" in terms:
            sold = sold + r.stream.mass() * p[terms["whole"]]
        for element, price in terms.get("elements", {}).items():
            mass = r.stream.element_mass(element)
            sold = sold + mass * p[price] * p[terms["elements_paid"]]
        if "oxides" in terms:
            parted = terms["parted"]["unit"] in ledger.units
            paid = p[(terms["parted"] if parted else terms)["oxides_paid"]]
            oxides = oxides + _oxides(r.stream, p) * paid
    return sold + oxides, oxides


def _reagents(ledger: Ledger, p: Section) -> Array:
    zero = np.zeros(ledger.streams[0].stream.n)
    prices = {name: reagents()[name]["price"] for name in drawn(ledger)}
    return sum((m * p[prices[name]] for name, m in drawn(ledger).items() if prices[name]), zero)


def _energy(ledger: Ledger, p: Section) -> Array:
    power, fuel = ledger.duty("electricity"), ledger.duty("fuel")
    return power * p["price_electricity"] + fuel * p["price_fuel"]


def _wastes(ledger: Ledger, kpis: Mapping[str, Array], inputs: Inputs) -> Array:
    p = inputs.section("costs")
    burnt = ledger.duty("fuel") * inputs["accounting.ghg_fuel"]
    return (
        kpis["landfill"] * p["price_landfill"]
        + kpis["wastewater"] * p["price_wastewater"]
        + (kpis["off_gas_co2"] + burnt) * p["price_carbon_dioxide"]
    )


def _labour(ledger: Ledger, p: Section, tonnes: Array) -> Array:
    manned = sum(unit != SUPPORT for unit in ledger.units)
    return manned * p["operators_per_unit"] * p["wage"] * YEAR / tonnes


def _capital(ledger: Ledger, p: Section, rate: Array) -> Array:
    """Installed capital, USD; `rate` is dry sludge in kg/s."""
    per_kg = rate / TONNE  # of anything per t of dry sludge
    bought = np.zeros(ledger.streams[0].stream.n)
    for unit in ledger.units:
        entry = read("equipment")[unit]
        if entry["measure"] == "fuel":
            size = ledger.duty("fuel", unit) * per_kg / _MILLION  # MW
        else:
            size = _entering(ledger, unit, entry["measure"] == "gas") * per_kg * 3.6  # t/h
        bought = bought + p[entry["cost"]] * (size / entry["size"]) ** p["scale_exponent"]
    return bought * p["installation"] * p["cost_index"] / p["cost_index_basis"]


def _entering(ledger: Ledger, unit: str, gas: bool) -> Array:
    """Mass of gases, or of all else, that enters a unit, kg."""
    streams = (r.stream for r in ledger.streams if r.target == unit)
    zero = np.zeros(ledger.streams[0].stream.n)
    return sum((s.only(lambda x: x.endswith("(g)") == gas).mass() for s in streams), zero)
