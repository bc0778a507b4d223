"""The acid of the leach: as what it is bought, how much of it, and what metal makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sludgesim.parameters import Section
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import Stream
from sludgesim.units.bracketed import rising_root
from sludgesim.units.dissolution import Attack
from sludgesim.units.minerals import Demand, minerals
from sludgesim.units.solution import (
    WATER,
    balanced,
    liquor_density,
    rare_earths_in,
    solution,
    table,
    water_mass,
)

TOO_WEAK = "the acid is too weak to leave the free acid asked for"


@dataclass(frozen=True)
class Acid:
    """An acid as it is bought: its row of the table `acid`, and its mass fraction, (n,)."""

    entry: Mapping[str, Any]
    strength: Array

    @property
    def anion(self) -> str:
        """Its anion."""
        return str(self.entry["anion"])

    @property
    def reagent(self) -> str:
        """What it is drawn as."""
        return str(self.entry["reagent"])

    @property
    def per_electron(self) -> float:
        """Acid that an electron of dissolving metal reduces, mol; zero where hydrogen forms."""
        reduced = self.entry.get("reduced")
        return 1 / reduced["electrons"] if reduced else 0.0

    def bought(self, protons: Array) -> Stream:
        """The solution that brings so many protons, mol, (n,)."""
        ions = {ion: k * protons for ion, k in self.entry["as"].items()}
        return solution(ions, self.strength)

    def attack(self, protons: Array, charged: Array, wetted: Array, p: Section) -> Attack:
        """What acts on the solids.

        Parameters
        ----------
        protons : (n,) mol in the liquor at the start
        charged : (n,) mol bought if none came back; kinetics that follow the wash keep it from
            settling
        wetted : (n,) mol of water that liquid_to_solid asks for
        p : parameters of the leach
        """
        held = np.maximum(wetted, self.bought(charged)[WATER])
        return Attack(
            protons,
            held * water_mass() / liquor_density(),
            p["temperature"],
            p["time"],
            p["grain_size"],
            p["grain_spread"],
            self.anion,  # of the acid; the little salt of the wash adds none
            p["reductant"],
        )

    def reduced(self, gas: Mapping[str, Array], slurry: Stream) -> tuple[dict[str, Array], Stream]:
        """Gas, mol, and slurry once the anion has taken the electrons of the hydrogen.

        2 NO3- + 3 H2 + 2 H+ = 2 NO + 4 H2O, as far as there is nitrate: where wash of another
        acid leaves too little, hydrogen forms.
        """
        if "reduced" not in self.entry:
            return dict(gas), slurry
        made, electrons = self.entry["reduced"]["gas"], self.entry["reduced"]["electrons"]
        n: Array = np.minimum(2 * gas["H2(g)"] / electrons, np.maximum(slurry[self.anion], 0.0))
        left = np.maximum(gas["H2(g)"] - n * electrons / 2, 0.0)
        taken = {"H+(aq)": -n, self.anion: -n}
        water = balanced({**taken, made: n})[WATER]
        found = {**gas, "H2(g)": left, made: n}
        if not np.any(left):
            del found["H2(g)"]
        return found, slurry.changed({**taken, WATER: water})


def acid_of(p: Section) -> Acid:
    """The acid that a leach is told."""
    strengths = {word: p[row["strength"]] for word, row in table("acid").items()}
    return Acid(table("acid")[p["acid"]], strengths[p["acid"]])


def by_basis(wanted: Demand, solids: Stream, p: Section) -> Array:
    """Protons charged, mol, (n,), by the basis and the excess.

    (1 + acid_excess) basis, and on that of the rare earths what other elements are declared to
    take; never less than declared shares and salts, which dissolve by themselves, take.
    """
    nothing = np.zeros((solids.n, 1, len(wanted.classes)))
    soluble = nothing + np.array([minerals()[c]["rate"] > 0 for c in wanted.classes], dtype=float)
    if p["acid_basis"] == "rare_earths":
        theory = 3 * rare_earths_in(solids)
        told = np.nan_to_num(p["rare_earth_dissolved"]) * theory
        beside = np.maximum(wanted.protons(nothing)[:, 0] - told, 0.0)
    else:
        theory, beside = wanted.protons(soluble)[:, 0], 0.0
    at_once = nothing + np.array([np.isinf(minerals()[c]["rate"]) for c in wanted.classes])
    least = np.maximum(wanted.protons(nothing), wanted.protons(at_once))[:, 0]
    return np.maximum(theory * (1 + p["acid_excess"]) + beside, least)


def to_free_acid(
    free: Array,
    supply: Array,
    attack: Callable[[Array], Attack],
    left: Callable[[Attack], Array],
) -> Array:
    """Protons that leave a free acid at the end, mol, (n,).

    Parameters
    ----------
    free : (n,) mol/m3; nan where none is asked for
    supply : (n,) mol by the basis, where the search begins
    attack : of so many protons
    left : (n,) mol of acid that an attack leaves

    Returns
    -------
    (n,); nan where the acid is too weak; the supply where none is asked for.
    Source: `rising_root`.
    """
    asked = np.isfinite(free)

    def beyond(protons: Array) -> Array:
        attacked = attack(protons)
        return np.where(asked, left(attacked) - free * attacked.volume, 0.0)

    most = supply + np.nan_to_num(free) * attack(supply).volume
    return np.where(asked, rising_root(beyond, most), supply)
