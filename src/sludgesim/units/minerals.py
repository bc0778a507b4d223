"""Minerals before acid: the ions that each gives, the valence of its iron, the protons it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.data import read
from sludgesim.thermo.elements import written_out
from sludgesim.thermo.species import Array, database
from sludgesim.thermo.stream import Stream
from sludgesim.thermo.thermochemistry import per_data
from sludgesim.units.solution import atoms, charge, table

OTHER = "other"


@cache
def minerals() -> Mapping[str, Mapping[str, Any]]:
    """Classes of minerals by name: members, rate, activation, chloride, source, quality."""
    classes: Mapping[str, Any] = written_out(read("dissolution"))
    return classes


@cache
def mineral_class(solid: str) -> str:
    """The class that a solid belongs to."""
    return next((name for name, row in minerals().items() if solid in row["members"]), OTHER)


REDUCIBLE = "rare_earth_dioxide"


def reducible(solids: Stream) -> Array:
    """Electrons that the dioxides of the rare earths take, Ce(IV) above all, mol."""
    members = (s for s in solids.species if mineral_class(s) == REDUCIBLE)
    return sum((-electrons(s) * solids[s] for s in members), np.zeros(solids.n))


def _valence(element: str, solid: str) -> float:
    """Valence of an element in the ion, gas or residue that acid makes of it in a solid."""
    entry = table("leach")[element]
    made = table("driven_out").get(solid, {}).get(element) or entry.get("ion") or entry["residue"]
    return (charge(made) + 2 * atoms(made, "O") - atoms(made, "H")) / atoms(made, element)


@per_data
def electrons(solid: str) -> float:
    """Electrons that a formula unit gives when its elements become what acid makes of them.

    Iron becomes Fe+3, sulphur of sulphides H2S, an element without an ion its residue; oxygen and
    hydrogen keep their valence. Below zero for oxides such as Co3O4, whose cobalt takes electrons.
    """
    entries, composition = table("leach"), database()[solid].composition
    given = sum(n * _valence(e, solid) for e, n in composition.items() if e in entries)
    return given - 2 * composition.get("O", 0.0) + composition.get("H", 0.0)


def told_shares(
    solid: str, declared: Mapping[str, Array], n: int
) -> tuple[dict[str, Array], NDArray[np.bool_]]:
    """Declared shares of a solid's elements, (n,), nan for none; the cases where one is declared.

    There the solid falls apart: elements that no solid is left of, as of salts, dissolve whole.
    """
    entries, nothing = table("leach"), np.full(n, np.nan)
    told = {e: declared.get(e, nothing) for e in database()[solid].composition if e in entries}
    apart = np.zeros(n, dtype=bool)
    for share in told.values():
        apart |= ~np.isnan(share)
    for element in told:
        if "residue" not in entries[element]:
            told[element] = np.where(apart, 1.0, np.nan)
    return told, apart


@dataclass(frozen=True)
class Tally:
    """Iron by valence, and electrons to and from it, mol; any shape."""

    charge: Array  # of all ions but iron
    ferrous: Array
    ferric: Array
    given: Array  # electrons of dissolving metal beyond Fe+2 that reach Fe+3, the rest makes H2
    taken: Array  # electrons that higher oxides take
    electrons: Array  # of all that dissolves, iron becoming Fe+3; H2 or NO takes what Fe+2 does not

    def settled(self) -> tuple[Array, Array]:
        """Fe+2 and Fe+3 after electrons have gone where they can."""
        shift = np.clip(self.given - self.taken, -self.ferrous, self.ferric)
        return self.ferrous + shift, self.ferric - shift


# Which of them decide on the acid: electrons do where they reduce its anion.
IN_NITRIC = tuple(Tally.__dataclass_fields__)
IN_HYDROCHLORIC = IN_NITRIC[:-1]


@dataclass(frozen=True)
class Demand:
    """Protons that solids take as a function of the shares of their classes that have dissolved.

    Parameters
    ----------
    classes : names of C classes
    per_class : Tally of (n, C), for a class dissolved altogether
    fixed : Tally of (n,), of what is declared to dissolve
    ferrous_share : (n,), share of dissolved iron that is Fe+2, nan where the minerals tell it
    nitrate : mol of nitric acid that an electron reduces, 0 in other acids
    """

    classes: tuple[str, ...]
    per_class: Tally
    fixed: Tally
    ferrous_share: Array
    nitrate: float = 0.0

    def tally(self, shares: Array) -> Tally:
        """Tally at shares dissolved (n, k, C), as (n, k)."""

        def summed(field: str) -> Array:
            each: Array = getattr(self.per_class, field)
            fixed: Array = getattr(self.fixed, field)
            return np.einsum("nkc,nc->nk", shares, each) + fixed[:, None]

        plain = Tally(*(summed(f) for f in Tally.__dataclass_fields__))
        told = self.ferrous_share[:, None]
        if np.isnan(told).all():
            return plain
        iron = plain.ferrous + plain.ferric
        keep = np.isnan(told)
        return replace(
            plain,
            ferrous=np.where(keep, plain.ferrous, told * iron),
            ferric=np.where(keep, plain.ferric, (1 - told) * iron),
            given=np.where(keep, plain.given, 0.0),
            taken=np.where(keep, plain.taken, 0.0),
        )

    def protons(self, shares: Array) -> Array:
        """Protons taken, mol, (n, k), at shares dissolved (n, k, C).

        The charge of all ions, and nitric acid that is reduced.
        """
        tally = self.tally(shares)
        ferrous, ferric = tally.settled()
        reduced = self.nitrate * np.maximum(tally.electrons - ferrous, 0.0)
        return tally.charge + 2 * ferrous + 3 * ferric + reduced


def demand(
    solids: Stream,
    declared: Mapping[str, Array],
    ferrous_share: Array,
    reduction: Array,
    nitrate: float = 0.0,
) -> Demand:
    """The demand of a stream's solids for protons.

    Parameters
    ----------
    solids : minerals of the table `leach`
    declared : element -> (n,) share that dissolves whatever the kinetics say; nan: kinetics
    ferrous_share : (n,), nan: from the minerals
    reduction : (n,) share of the electrons of dissolving metal that reduce Fe+3
    nitrate : mol of nitric acid that each of the rest reduces; 0: they make H2
    """
    found = [s for s in solids.species if not s.endswith("(g)")]
    classes = tuple(dict.fromkeys(mineral_class(s) for s in found))
    fields = Tally.__dataclass_fields__
    each = {f: np.zeros((solids.n, len(classes))) for f in fields}
    fixed = {f: np.zeros(solids.n) for f in fields}

    def add(field: str, solid: str, amount: Array, told: Array) -> None:
        free = np.isnan(told)
        each[field][:, classes.index(mineral_class(solid))] += np.where(free, amount, 0.0)
        fixed[field] += np.where(free, 0.0, amount * told)

    entries = table("leach")
    for solid in found:
        n, composition = solids[solid], database()[solid].composition
        told, apart = told_shares(solid, declared, solids.n)
        nothing = np.full(solids.n, np.nan)
        for element in told.keys() - {"Fe"} - table("driven_out").get(solid, {}).keys():
            if "ion" in entries[element]:
                amount = n * composition[element] * charge(entries[element]["ion"])
                add("charge", solid, amount, told[element])
        iron, e = composition.get("Fe", 0.0), electrons(solid)
        ferrous = min(max(e, 0.0), iron)
        main = told.get("Fe" if iron else next(iter(composition)), nothing)
        add("ferrous", solid, n * ferrous, told.get("Fe", nothing))
        add("ferric", solid, n * (iron - ferrous), told.get("Fe", nothing))
        add("given", solid, n * max(e - ferrous, 0.0) * reduction, main)
        add("taken", solid, n * max(-e, 0.0), main)
        if nitrate:
            # Ce alone has another valence as an ion than in the residue of what falls apart.
            cerium = composition.get("Ce", 0.0)
            add("electrons", solid, n * (e + cerium), np.where(apart, 1.0, np.nan))
            add("electrons", solid, -n * cerium, told.get("Ce", nothing))
    return Demand(classes, Tally(**each), Tally(**fixed), ferrous_share, nitrate)
