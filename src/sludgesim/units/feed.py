"""The sludge as received: alloy, its oxides, water and oil, per t of dry sludge."""

from __future__ import annotations

import numpy as np

from sludgesim.errors import InputError, Problem
from sludgesim.parameters import Section
from sludgesim.thermo.elements import atomic_weights, rare_earths, symbols
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import stream
from sludgesim.units.base import Failure, Outcome
from sludgesim.units.charge import as_oxide, charge_species, oxide_of

DRY_SLUDGE = 1000.0  # kg, the basis of every extensive figure
_OIL = "CH2(oil)"
_CHLORINE = "the assay holds more chlorine than its sodium and iron can bind"


def run(p: Section) -> Outcome:
    """Make the sludge stream from the feed's parameters.

    Without oxygen in the assay, the share `oxidised` of every metal lies as its oxide and the
    oxygen comes on top. With oxygen, it is given to the elements in the order of `charge.yaml`.
    Boron that is still metallic lies in RE2Fe14B, as far as iron and rare earths reach; chlorine in
    NaCl and FeCl2, sulphur as the element.

    Parameters
    ----------
    p : section `feed`: moisture, oil (kg/kg as received), oxidised (share or nan), solids.<El>

    Returns
    -------
    Outcome with the outlet `sludge`: 1000 kg dry solids with their water and oil, at 25 degC

    Errors: InputError (one case) or failed cases where the assay holds more oxygen than its
    elements bind, or more chlorine than its sodium and iron. Range: any assay; hydroxides are
    written as oxide and water.
    Source: definitions of the design.
    """
    weights = dict(zip(symbols(), atomic_weights(), strict=True))
    # No assay reaches 1e-12; what is less is rounding of the arithmetic that made it.
    assay = {e: np.where(p[f"solids.{e}"] > 1e-12, p[f"solids.{e}"], 0) for e in charge_species()}
    amount = {e: share / weights[e] for e, share in assay.items()}
    chlorides, strayed = _chlorides(amount, p["solids.Cl"] / weights["Cl"])
    if strayed.any() and p.n == 1:
        raise InputError(Problem(_CHLORINE, "feed.solids.Cl", allowed="less Cl"))
    oxygen = p["solids.O"] / weights["O"]
    given = oxygen > 0
    share: dict[str, Array] = {}
    left = oxygen.copy()
    for e in charge_species():
        bound = amount[e] * oxide_of(e)[2]
        taken = np.minimum(left, bound)
        from_assay = np.where(bound > 0, taken / np.where(bound > 0, bound, 1.0), 0.0)
        oxidised = 1.0 if "oxidised" in charge_species()[e] else np.nan_to_num(p["oxidised"])
        share[e] = np.where(given, from_assay, oxidised)
        left = left - taken
    too_much = left > 1e-9 * np.maximum(oxygen, 1e-300)
    if too_much.any() and p.n == 1:
        excess = float(left[0] * weights["O"] * 100)
        raise InputError(
            Problem(f"the solids hold {excess:.2f} wt% more oxygen than their elements can bind",
                    "feed.solids.O", allowed="less O, or give the water in moisture")
        )  # fmt: skip
    contents: dict[str, Array] = {}
    metal: dict[str, Array] = {}
    for e, n in amount.items():
        if not n.any():
            continue
        name, oxide = as_oxide(e, n * share[e])
        contents[name] = oxide
        metal[e] = n * (1 - share[e])
    contents |= _alloy(metal, p.n)
    contents |= chlorides | {f"{e}(s)": p[f"solids.{e}"] / weights[e] for e in ("C", "S")}
    solids = stream(contents, n=p.n)
    solids = solids.times(DRY_SLUDGE / solids.mass())
    as_received = DRY_SLUDGE / (1 - p["moisture"] - p["oil"])
    wet = {
        "H2O(l)": as_received * p["moisture"] / (2 * weights["H"] + weights["O"]),
        _OIL: as_received * p["oil"] / (weights["C"] + 2 * weights["H"]),
    }
    wrong = {
        "the assay holds more oxygen than its elements can bind": too_much,
        _CHLORINE: strayed,
    }
    failures = tuple(Failure(cases, why) for why, cases in wrong.items() if cases.any())
    return Outcome({"sludge": solids.changed(wet)}, failures=failures)


def _chlorides(amount: dict[str, Array], chlorine: Array) -> tuple[dict[str, Array], Array]:
    """NaCl, then FeCl2, mol; their metal is taken off `amount`. And the cases with Cl to spare."""
    salt = np.minimum(chlorine, amount["Na"])
    rust = np.minimum((chlorine - salt) / 2, amount["Fe"])
    amount["Na"] = amount["Na"] - salt
    amount["Fe"] = amount["Fe"] - rust
    strayed = chlorine - salt - 2 * rust > 1e-9 * np.maximum(chlorine, 1e-300)
    return {"NaCl(s)": salt, "FeCl2(s)": rust}, strayed


def _alloy(metal: dict[str, Array], n: int) -> dict[str, Array]:
    """Metal as RE2Fe14B, limited by the scarcest of its elements, and what is left over."""
    present = [e for e in rare_earths() if e in metal]
    re_total = sum((metal[e] for e in present), np.zeros(n))
    none = np.zeros_like(re_total)
    boron, iron = metal.get("B", none), metal.get("Fe", none)
    magnet = np.minimum(np.minimum(boron, re_total / 2), iron / 14)
    out: dict[str, Array] = {}
    left = {**metal, "B": boron - magnet, "Fe": iron - 14 * magnet}
    for e in present:
        part = np.where(re_total > 0, metal[e] / np.where(re_total > 0, re_total, 1.0), 0.0)
        out[f"{e}2Fe14B(s)"] = magnet * part
        left[e] = np.maximum(metal[e] - 2 * magnet * part, 0.0)
    return out | {charge_species()[e]["metal"]: amount for e, amount in left.items()}
