"""What the wet units declare is what they ask for, and their ports are those they fill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from helpers.liquors import water
from helpers.sections import section
from sludgesim.parameters import Section, declaration
from sludgesim.thermo import stream
from sludgesim.units import calciner, effluent, filter, iron_removal, leach, precipitation

CASES = [
    ("leach", leach.run, {"solids": stream({"Fe2O3(s)": 1.0})}),
    ("iron_removal", iron_removal.run, {"slurry": water(Fe_3=1.0, Nd_3=1.0, Ga_3=1.0)}),
    ("filter", filter.run, {"slurry": water(Fe_3=1.0)}),
    ("precipitation", precipitation.run, {"liquor": water(Nd_3=1.0)}),
    ("calciner", calciner.run, {"precipitate": water(Nd_3=1.0)}),
    ("effluent", effluent.run, {"mother_liquor": water(Nd_3=1.0)}),
]
# Ports that words and shares open: the filter's other cake, the acid that returns.
OPTIONAL = {"product_cake", "returned_acid"}


@dataclass(frozen=True)
class Listening(Section):
    """Inputs that keep the names which a unit asks for."""

    asked: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize(("unit", "run", "inlets"), CASES, ids=[c[0] for c in CASES])
def test_every_parameter_is_used_and_every_extent_has_one(unit, run, inlets):
    """What a unit's declaration lists is what the tables and the units ask for."""
    listening = Listening(section(unit).values, 1)
    ports = set(run(inlets, listening).outlets)
    declared = declaration(unit)
    assert listening.asked == set(declared.parameters)
    assert ports | (OPTIONAL & set(declared.outlets)) == set(declared.outlets)
