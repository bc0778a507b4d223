"""Flowsheets: units run in order, every stream and duty goes into the ledger, recycles close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sludgesim.errors import SludgesimError
from sludgesim.ledger import DutyRecord, Ledger, StreamRecord
from sludgesim.parameters import Declaration, Inputs, Section, declaration
from sludgesim.thermo.elements import CHARGE, symbols
from sludgesim.thermo.stream import Stream
from sludgesim.units import UNITS, feed, utilities
from sludgesim.units.base import Unit

SUPPLY = "supply"
# Where a stream that no unit takes ends, by the fate declared for its port, and its role there.
SINKS = {
    "product": "product",
    "reuse": "product",
    "landfill": "waste",
    "atmosphere": "emission",
    "discharge": "emission",
}


@dataclass
class Plant:
    """A route being run: calls units, keeps what they did.

    Parameters
    ----------
    route : name of the route
    inputs : all resolved inputs
    units : label -> name of the unit (of its declaration, and in `units.UNITS`)
    progress : called with the label of each unit before it runs
    """

    route: str
    inputs: Inputs
    units: Mapping[str, str]
    progress: Callable[[str], None] | None = None
    _rows: list[tuple[str, str, Stream]] = field(default_factory=list)
    _targets: dict[int, str] = field(default_factory=dict)
    _fates: dict[int, str] = field(default_factory=dict)
    _duties: list[DutyRecord] = field(default_factory=list)
    _ran: list[str] = field(default_factory=list)
    _memories: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Inlets are kept because streams are told apart by identity, which only lives with them.
    _inlets: list[Stream] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reason: NDArray[np.str_] = np.full(self.inputs.n, "", dtype="<U200")

    def declaration(self, label: str) -> Declaration:
        """The declaration of the unit that carries a label."""
        return declaration(self.units[label], self.route)

    def supply(self, name: str, stream: Stream) -> Stream:
        """Take a stream, such as the sludge, from outside the plant."""
        self._rows.append((name, SUPPLY, stream))
        return stream

    def trial(self, label: str, **inlets: Stream) -> dict[str, Stream]:
        """Run a unit without booking it, as the passes of a recycle need."""
        return dict(UNITS[self.units[label]](inlets, self._section(label, trial=True)).outlets)

    def _section(self, label: str, trial: bool = False) -> Section:
        known = self.inputs.section(f"{self.route}.{label}")
        return replace(known, memory=self._memories.setdefault(label, {}), trial=trial)

    def recycle(self, stream: Stream, to: str) -> None:
        """Book that an outlet returns to a unit that has already run."""
        self._targets[id(stream)] = to

    def run(self, label: str, **inlets: Stream) -> dict[str, Stream]:
        """Run the unit of a label on its inlets and book what it did; returns outlets by port."""
        return self._book(label, UNITS[self.units[label]], inlets)

    def run_utilities(self, label: str) -> None:
        """Let steam given off meet steam wanted, and make the rest in a boiler."""
        steam = [d.energy for d in self._duties if d.kind == "steam"]
        zero = np.zeros(self.inputs.n)
        given = sum((np.maximum(-e, 0.0) for e in steam), zero)
        wanted = sum((np.maximum(e, 0.0) for e in steam), zero)
        self._book(label, utilities.network(given, wanted), {})

    def fail(self, cases: NDArray[np.bool_], reason: str) -> None:
        """Mark cases as without an answer; the first reason of a case stays."""
        self.reason[cases & (self.reason == "")] = reason

    def _book(self, label: str, unit: Unit, inlets: Mapping[str, Stream]) -> dict[str, Stream]:
        if self.progress:
            self.progress(f"{self.route}: {label}")
        outcome = unit(inlets, self._section(label))
        self._inlets += inlets.values()
        for stream in inlets.values():
            self._targets.setdefault(id(stream), label)
        for name, stream in outcome.drawn.items():
            self._rows.append((name, SUPPLY, stream))
            self._targets[id(stream)] = label
        ports = self.declaration(label).outlets
        for port, stream in outcome.outlets.items():
            self._rows.append((port, label, stream))
            if "fate" in ports[port]:
                self._fates[id(stream)] = ports[port]["fate"]
        self._duties += [DutyRecord(label, kind, e) for kind, e in outcome.duties.items()]
        for failure in outcome.failures:
            self.fail(failure.cases, f"{label}: {failure.reason}")
        self.warnings += [f"{label}: {w}" for w in outcome.warnings]
        self._ran.append(label)
        return dict(outcome.outlets)

    def close(self) -> Ledger:
        """The ledger of what was run.

        Raises SludgesimError for an outlet that no unit takes and that has no declared fate.
        """
        records = []
        for name, source, stream in self._rows:
            target = self._targets.get(id(stream)) or self._fates.get(id(stream))
            if target is None:
                raise SludgesimError(f"{self.route}: stream {name} of {source} leads nowhere")
            if source == SUPPLY:
                role = "feed" if name == "sludge" else "reagent"
            else:
                role = SINKS.get(target, "intermediate")
            records.append(StreamRecord(name, source, target, role, stream))
        return Ledger(tuple(self._ran), tuple(records), tuple(self._duties))


def run_feed(plant: Plant) -> Stream:
    """The sludge of the inputs, booked as the plant's supply."""
    outcome = feed.run(plant.inputs.section("feed"))
    for failure in outcome.failures:
        plant.fail(failure.cases, f"feed: {failure.reason}")
    return plant.supply("sludge", outcome.outlets["sludge"])


def solve_recycle(
    once: Callable[[Stream], Stream], start: Stream, tolerance: float = 1e-10, limit: int = 300
) -> tuple[Stream, NDArray[np.bool_]]:
    """Find the tear stream that a pass through the flowsheet gives back unchanged.

    x = f(x), the next guess extrapolated from the last passes (Anderson), each case by itself;
    every species must repeat to `tolerance` of its amount, or of 1e-6 of the stream's, and every
    element to `tolerance` of its own.

    Parameters
    ----------
    once : from a guess of the tear stream to what the flowsheet returns for it
    start : first guess

    Returns
    -------
    tear stream; cases that converged, shape (n,) bool

    Range: contracting recycles; the work grows as the recycled share nears one.
    Source: Anderson, J. ACM 12 (1965) 547.
    """
    guess, converged = start, np.zeros(start.n, dtype=bool)
    passes: list[tuple[Stream, Stream]] = []
    for _ in range(limit):
        result = once(guess)
        passes = [*passes[-_MEMORY:], (guess, result)]
        names = tuple(dict.fromkeys(s for pair in passes for x in pair for s in x.species))
        x, f = (np.stack([_amounts(p[k], names) for p in passes], axis=1) for k in (0, 1))
        size = (np.abs(x[:, -1]) + np.abs(f[:, -1])) / 2
        scale = np.maximum(size, _MINOR * size.sum(axis=1, keepdims=True) + 1e-300)
        r = (f - x) / scale[:, None]
        change = np.abs(r[:, -1])
        converged = (change <= tolerance).all(axis=1) & _elements_repeat(guess, result, tolerance)
        if (converged | ~np.isfinite(change).all(axis=1)).all():
            return _without_dust(result), converged
        ahead = np.maximum(f[:, -1] - _beyond(r, f), 0.0)
        plain = converged[:, None] | (ahead <= 0)  # nothing to gain, or an amount below zero
        moles = np.where(plain, f[:, -1], ahead)
        guess = replace(result, species=names, moles=moles)
    return guess, converged


_MEMORY = 4
_DUST = 1e-24  # share of the stream below which what is left of a first guess counts as nothing
_MINOR = 1e-6  # share of the stream below which a species need not repeat by itself


def _elements_repeat(x: Stream, f: Stream, tolerance: float) -> NDArray[np.bool_]:
    """Whether two streams hold the same elements; dust does not count."""
    one, other = x.elements(), f.elements()
    size = np.abs(one) + np.abs(other)
    dust = _DUST * size.sum(axis=1, keepdims=True)
    close: NDArray[np.bool_] = np.abs(one - other) <= tolerance * size / 2 + dust
    close[:, symbols().index(CHARGE)] = True  # a sum that is zero
    return np.asarray(close.all(axis=1))


def _without_dust(s: Stream) -> Stream:
    """The stream without the remnants of what nothing supplies, which fade but never vanish."""
    atoms = np.abs(s.elements())
    dust = atoms < _DUST * atoms.sum(axis=1, keepdims=True)
    dust[:, symbols().index(CHARGE)] = False
    if not dust.any():
        return s
    return replace(s, moles=np.where(s.holding(dust), 0.0, s.moles))


def _amounts(s: Stream, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Amounts of some species, mol, shape (n, S)."""
    return np.column_stack([s[name] for name in names])


def _beyond(r: NDArray[np.float64], f: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the last pass's result lies beyond the extrapolated one, (n, S), of (n, K, S)."""
    dr, df = np.diff(r, axis=1), np.diff(f, axis=1)
    if not dr.shape[1]:
        return np.zeros_like(f[:, -1])
    solve = np.linalg.pinv(np.nan_to_num(dr).transpose(0, 2, 1), rcond=1e-10)
    weights = np.einsum("nks,ns->nk", solve, np.nan_to_num(r[:, -1]))
    beyond: NDArray[np.float64] = np.einsum("nk,nks->ns", weights, df)
    return beyond
