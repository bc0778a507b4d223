"""Random leach, neutralise, precipitate chains: how many are solved, and how well each unit closes.

    python benchmarks/random_chains.py [COUNT] [SEED]

Solids: what roasts and slags leave cold and the leach takes, of any elements; each case draws how
many elements it lacks, from none to all but one; amounts log-uniform over six decades, half of the
cases with much iron and rare earth. Every number is a case's default or lies anywhere within its
bounds, in equal parts; words are drawn for a batch. Once round the recycle of the wash filtrate:
leach, iron removal, filter, precipitation, effluent.

A unit closes when elements and charge that leave are those that enter to 1e-9: elements as shares
of what enters of them, charge as a share of the ions' charges; no amount is below zero.

A liquor that no amount of the reagent brings to its target, one that boils dry before, one with
more salt than the activity model covers, and a free acid that the acid is too weak for are told as
such by their units and counted apart from what is unsolved.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sludgesim.parameters import Section, declaration
from sludgesim.thermo import Stream, load_system, solidified, stream
from sludgesim.thermo.aqueous import BEYOND
from sludgesim.thermo.dosing import BOILS_DRY, OUT_OF_REACH
from sludgesim.thermo.elements import CHARGE, formula_weight, rare_earths, symbols
from sludgesim.thermo.species import database
from sludgesim.units import UNITS
from sludgesim.units.acid import TOO_WEAK
from sludgesim.units.base import Outcome
from sludgesim.units.solution import table

BATCH = 50
CLOSE = 1e-9
TOLD = (BEYOND, BOILS_DRY, OUT_OF_REACH, TOO_WEAK)
CHAIN = ("leach", "iron_removal", "filter", "precipitation", "effluent")
ROUTES = ("wet_full", "wet_selective", "carbothermal")
TRACE = 1e-16  # share of all atoms that is round-off

Array = NDArray[np.float64]


@dataclass
class Tally:
    """What a number of chains came to."""

    cases: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    worst: dict[str, float] = field(default_factory=dict)  # by unit, of elements
    charge: dict[str, float] = field(default_factory=dict)

    @property
    def unsolved(self) -> dict[str, int]:
        """How often each unit failed for a reason that is not in the liquor itself."""
        return {r: k for r, k in self.reasons.items() if r.partition(": ")[2] not in TOLD}


def cold_solids() -> tuple[str, ...]:
    """Solids of calcines and cold slags that the leach takes."""
    known = {*table("leach"), "O", "H"}
    names = {s for name in ("roasting", "smelting") for s in load_system(name).species}
    cold = {s: None for hot in sorted(names) for s in solidified(stream({hot: 1.0})).species}
    return tuple(
        s for s in cold if s.endswith(("(s)", "(ss)")) and set(database()[s].composition) <= known
    )


def solids(rng: np.random.Generator, n: int) -> Stream:
    """n random calcines or slags of a tonne."""
    names = cold_solids()
    atoms = [database()[s].composition for s in names]
    elements = sorted({e for a in atoms for e in a} - {"O", "H"})
    lacks = rng.random((n, len(elements))) < rng.random((n, 1))
    lacks[np.arange(n), rng.integers(0, len(elements), n)] = False
    holds = np.array([[e in a for e in elements] for a in atoms])
    kg = 10.0 ** rng.uniform(-6, 0, (n, len(names)))
    kg *= 10.0 ** rng.uniform(-3, 0, len(names))
    major = np.array([any(e in a for e in ("Fe", *rare_earths())) for a in atoms])
    kg[np.ix_(rng.random(n) < 0.5, major)] *= 100
    kg[lacks.astype(float) @ holds.T > 0] = 0.0
    kg *= 1000 / np.maximum(kg.sum(axis=1, keepdims=True), 1e-300)
    weights = np.array([formula_weight(a) for a in atoms])
    return stream(dict(zip(names, (kg / weights).T, strict=True)))


def section(unit: str, route: str, n: int, rng: np.random.Generator) -> Section:
    """Values of a unit's parameters for n cases, those that go together."""
    values: dict[str, Array | str] = {}
    for name, q in declaration(unit, route).parameters.items():
        if q.bounds is None:
            values[name] = str(rng.choice(q.words))
            continue
        plain = np.nan if isinstance(q.default, str) else q.to_si(float(q.default or 0.0))
        far = q.to_si(rng.uniform(*q.bounds, n))
        values[name] = np.where(rng.random(n) < 0.5, plain, far)
        if any(values[other] not in words for other, words in q.needs.items()):
            values[name] = np.full(n, plain)
    return Section(values, n)


def residuals(inlets: Mapping[str, Stream], outcome: Outcome) -> tuple[Array, Array]:
    """What does not close of a unit's elements and charge, relative, (n,); nan where unsolved."""
    coming, going = [*inlets.values(), *outcome.drawn.values()], [*outcome.outlets.values()]
    inward = np.sum([s.elements() for s in coming], axis=0)
    off = np.abs(inward - np.sum([s.elements() for s in going], axis=0))
    ions = symbols().index(CHARGE)
    bulk = np.arange(len(symbols())) != ions
    enters = inward[:, bulk]
    open_ = np.maximum(off[:, bulk] - TRACE * enters.sum(axis=1, keepdims=True), 0.0)
    elements = np.max(open_ / np.maximum(enters, 1e-300), axis=1)
    carried = np.sum([_ionic(s) for s in (*coming, *going)], axis=0)
    charged = np.max([np.abs(s.elements()[:, ions]) for s in going] + [off[:, ions]], axis=0)
    charged = np.maximum(charged - TRACE * enters.sum(axis=1), 0.0)
    size = np.abs(enters).sum(axis=1)
    for s in going:
        elements = np.where((s.moles < -1e-12 * size[:, None]).any(axis=1), np.inf, elements)
    return elements, charged / np.maximum(carried, 1e-300)


def _ionic(s: Stream) -> Array:
    """Charge of a stream's ions whatever its sign, mol, (n,)."""
    each = np.array([abs(database()[x].composition.get(CHARGE, 0.0)) for x in s.species])
    total: Array = s.moles @ each
    return total


def _case(inlets: Mapping[str, Stream], p: Section, i: int) -> dict[str, object]:
    """What a unit was given in one case."""
    told = {k: v if isinstance(v, str) else float(v[i]) for k, v in p.items()}
    held = {k: dict(zip(s.species, s.moles[i].tolist(), strict=True)) for k, s in inlets.items()}
    return told | held


def run(rng: np.random.Generator, n: int, found: Tally, show: int = 0) -> None:
    """Run n chains of one draw of words, and add what they came to."""
    route = str(rng.choice(ROUTES))
    p = {unit: section(unit, route, n, rng) for unit in CHAIN}
    left = np.full(n, "", dtype="<U200")

    def step(unit: str, **inlets: Stream) -> Mapping[str, Stream]:
        outcome = UNITS[unit](inlets, p[unit])
        for failure in outcome.failures:
            for i in np.flatnonzero(failure.cases & (left == "")):
                left[i] = f"{unit}: {failure.reason}"
                if failure.reason not in TOLD and len(found.unsolved) < show:
                    print(f"unsolved: {left[i]}: {_case(inlets, p[unit], int(i))}")
        solved = left == ""
        misses = residuals(inlets, outcome)
        for worst, miss in zip((found.worst, found.charge), misses, strict=True):
            largest = float(miss[solved].max(initial=0.0))
            worst[unit] = max(worst.get(unit, 0.0), largest if np.isfinite(largest) else np.inf)
        return outcome.outlets

    charged, wash = solids(rng, n), stream({}, n=n)
    for _ in range(2):
        slurry = step("leach", solids=charged, wash=wash)["slurry"]
        parts = step("filter", slurry=step("iron_removal", slurry=slurry)["slurry"])
        wash = parts["wash_filtrate"]
    step("effluent", mother_liquor=step("precipitation", liquor=parts["liquor"])["mother_liquor"])
    found.cases += n
    found.reasons.update(left[left != ""].tolist())


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20261122
    rng, found = np.random.default_rng(seed), Tally()
    start = time.perf_counter()
    while found.cases < count:
        run(rng, min(BATCH, count - found.cases), found, show=3)
    seconds = time.perf_counter() - start
    unsolved = sum(found.unsolved.values())
    told = sum(found.reasons.values()) - unsolved
    print(f"{found.cases} chains of seed {seed}, {len(cold_solids())} solids: {unsolved} unsolved, "
          f"{told} told, {count / seconds:.0f} chains/s")  # fmt: skip
    for reason, times in found.reasons.most_common():
        print(f"  {times:5d} {reason}")
    for unit in CHAIN:
        print(f"{unit:14s} elements {found.worst[unit]:.1e}, charge {found.charge[unit]:.1e}")


if __name__ == "__main__":
    main()
