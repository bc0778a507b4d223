"""Solvent extraction: light and heavy rare earths part, at the price of alkali and acid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sludgesim.data import read
from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream, merge
from sludgesim.units.base import Outcome
from sludgesim.units.cascade import Cascade, cascade
from sludgesim.units.solution import (
    WATER,
    atoms,
    bought_alkali,
    charge,
    ratio,
    solution,
    vessel_duties,
)

# An element below this share of its group is no key: it may leave with the wrong product.
_KEY = 0.01
# Share of the anions' charge that is not chloride's, up to which a liquor passes as chloride.
FOREIGN = 0.05
# What bases become of a proton.
PROTONATED = {"OH-(aq)": WATER, "NH3(aq)": "NH4+(aq)"}


def factors() -> Mapping[str, Mapping[str, Any]]:
    """Rare earth -> separation factor against the one before it, and its group."""
    table: Mapping[str, Mapping[str, Any]] = read("solvent_extraction")
    return table


def heavy_rare_earths() -> tuple[str, ...]:
    """The rare earths that leave with the organic phase."""
    return tuple(e for e, row in factors().items() if row["group"] == "heavy")


def _group(liquor: Stream, name: str) -> dict[str, Array]:
    """Amounts of the rare earths of a group, in the order in which they are extracted."""
    return {e: liquor[f"{e}+3(aq)"] for e, row in factors().items() if row["group"] == name}


def key_factor(liquor: Stream) -> Array:
    """Separation factor of the key pair: the last light and the first heavy element present."""
    position = np.cumsum(np.log([row["factor"] for row in factors().values()]))
    place = dict(zip(factors(), position, strict=True))
    found = {}
    for name, better in (("light", np.maximum), ("heavy", np.minimum)):
        members = _group(liquor, name)
        total = sum(members.values(), np.zeros(liquor.n))
        ends = [place[e] for e in members]
        key = np.full(liquor.n, min(ends) if name == "light" else max(ends))
        for e, n in members.items():
            key = np.where(n > _KEY * total, better(key, place[e]), key)
        found[name] = key
    return np.exp(found["heavy"] - found["light"])


def separated(liquor: Stream, p: Section) -> tuple[Cascade, dict[str, Array]]:
    """The cascade, and the share of each rare earth's ion that leaves with the organic phase."""
    light, heavy = (_group(liquor, g) for g in ("light", "heavy"))
    zero = np.zeros(liquor.n)
    heavies = sum(heavy.values(), zero)
    total = sum(light.values(), zero) + heavies
    feed = ratio(heavies, total)
    sized = cascade(feed, p["heavy_purity"], p["light_purity"], key_factor(liquor), p["reflux"])
    two = (sized.heavy > 0) & (sized.light > 0)
    alike = sized.heavy * (total > 0)
    to_heavy = np.where(two, ratio(sized.heavy * p["heavy_purity"], feed), alike)
    to_light = np.where(two, ratio(sized.heavy * (1 - p["heavy_purity"]), 1 - feed), alike)
    shares = {f"{e}+3(aq)": to_light for e in light} | {f"{e}+3(aq)": to_heavy for e in heavy}
    return sized, shares


def run(inlets: Mapping[str, Stream], p: Section) -> Outcome:
    """Part light (La to Nd) from heavy (Gd to Dy) rare earths with a saponified acid extractant.

    HL + NaOH = NaL + H2O or HL + NH3 = NH4L; 3 NaL + RE+3 = REL3 + 3 Na+;
    REL3 + 3 HCl = 3 HL + RECl3; alkali = 3 (f_A' + W) n(RE), scrub HCl = 3 W n(RE),
    strip HCl = 3 f_A' n(RE) (1 + strip_excess)

    Parameters
    ----------
    inlets : liquor, neutral chloride
    p : parameters of `data/parameters/solvent_extraction.yaml`

    Returns
    -------
    Outcome with raffinate (light rare earths, all other metals, the sodium or ammonium) and
    strip_liquor (heavy rare earths in what strip acid is left). The extractant circulates and is in
    no stream; the elements of a group part alike.

    Range: chloride liquors whose iron is gone, a warning tells of others; the free acid is not
    extracted.
    Source: `cascade.cascade`; exact stoichiometry.
    """
    liquor = inlets["liquor"]
    sized, shares = separated(liquor, p)
    rare_earths = {ion: liquor[ion] for ion in shares if ion in liquor.species}
    total = sum(rare_earths.values(), np.zeros(liquor.n))
    moved = {ion: n * shares[ion] for ion, n in rare_earths.items()}
    scrub = 3 * total * sized.scrubbed
    strip = 3 * sum(moved.values(), np.zeros(liquor.n))
    # What the organic phase carries is what strip and scrub take off it.
    carried = strip + scrub
    alkali = bought_alkali(p["saponification"], carried, p["alkali_strength"])
    scrubbing = solution({"H+(aq)": scrub, "Cl-(aq)": scrub}, p["acid_strength"])
    excess = strip * p["strip_excess"]
    stripping = solution({"H+(aq)": strip + excess, "Cl-(aq)": strip + excess}, p["strip_strength"])

    # The protons are those of the scrub and, by way of the extractant, of the strip acid.
    base = next(s for s in PROTONATED if s in alkali.species)
    protons = {"H+(aq)": -scrub, base: -carried, PROTONATED[base]: carried}
    gone = {ion: -n for ion, n in moved.items()}
    raffinate = merge([liquor, alkali, scrubbing]).changed({**protons, **gone})
    strip_liquor = stripping.changed({**moved, "H+(aq)": -strip})
    outlets = {
        "raffinate": raffinate.at(T=p["temperature"]),
        "strip_liquor": strip_liquor.at(T=p["temperature"]),
    }
    drawn = {p["saponification"]: alkali, "hydrochloric_acid": merge([scrubbing, stripping])}
    power = p["power"] * liquor.mass()
    duties = vessel_duties(outlets, inlets, drawn, power)
    return Outcome(outlets, drawn, duties, warnings=_no_chloride(liquor))


def _no_chloride(liquor: Stream) -> tuple[str, ...]:
    """A warning where other anions than chloride carry much of the charge."""
    carried = {i: -charge(i) * liquor[i] for i in liquor.phase("aq").species if charge(i) < 0}
    total = sum(carried.values(), np.zeros(liquor.n))
    found = []
    for name, element in (("nitrate", "N"), ("sulphate", "S")):
        part = sum((n for i, n in carried.items() if atoms(i, element)), np.zeros(liquor.n))
        most = float(np.max(np.nan_to_num(ratio(part, total))))
        if most > FOREIGN:
            found.append(
                f"{100 * most:.0f} % of the anions' charge is {name}: the separation factors are "
                "those of chloride liquors"
            )
    return tuple(found)
