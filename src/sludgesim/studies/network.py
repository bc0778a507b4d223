"""What is balanced: units, the streams between them, and what each stream is known not to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sludgesim.errors import InputError
from sludgesim.ledger import Ledger
from sludgesim.scenario.wording import listed, nearest, quoted
from sludgesim.studies.measurements import ASSAY, ELEMENT, ENERGY, ENTHALPY, Measurement, Plant
from sludgesim.thermo.elements import CHARGE, symbols
from sludgesim.thermo.species import Array

TOTAL = ""  # the component that every stream of matter has
_ABSENT = 1e-9  # of the feed's mass: below it the model says that there is none
_MINOR = 1e-3  # of what the plant takes in of a component: below it the model's figure will do

Flow = tuple[str, str]  # stream, component: TOTAL, an element, or ENERGY


@dataclass(frozen=True)
class Network:
    """Streams with their ends (units, or anything else for outside), and first guesses.

    `guess` holds every flow that can be there, with a positive size to start from; a flow that is
    not in it is absent. `components` are balanced over every unit. `minor` are flows, not measured,
    that a model knows to be small: its figure may be off by as much as itself.
    """

    units: tuple[str, ...]
    ends: Mapping[str, tuple[str, str]]
    components: tuple[str, ...]
    guess: Mapping[Flow, float]
    minor: tuple[Flow, ...] = ()

    def balances(self) -> tuple[Array, list[Flow]]:
        """Matrix of in less out, (balances, flows), and the unit and component of each row."""
        place = {flow: k for k, flow in enumerate(self.guess)}
        rows, names = [], []
        for component in self.components:
            for unit in self.units:
                row = np.zeros(len(place))
                for stream, (source, target) in self.ends.items():
                    if (stream, component) in place:
                        sign = float(target == unit) - float(source == unit)
                        row[place[stream, component]] = sign
                if row.any():
                    rows.append(row)
                    names.append((unit, component))
        return np.array(rows).reshape(-1, len(place)), names


def measured_component(m: Measurement) -> str:
    """The component whose flow a measurement tells of."""
    if m.quantity in (ASSAY, ELEMENT):
        return m.element
    return ENERGY if m.quantity in (ENERGY, ENTHALPY) else TOTAL


def _components(plant: Plant) -> tuple[str, ...]:
    named = [m.element for m in plant.measurements if m.quantity in (ASSAY, ELEMENT)]
    energy = any(m.quantity in (ENERGY, ENTHALPY) for m in plant.measurements)
    return (TOTAL, *dict.fromkeys(named), *((ENERGY,) if energy else ()))


def from_file(plant: Plant) -> Network:
    """The network that the file itself gives in its columns `from` and `to`.

    A stream of which only energy is measured carries no matter.

    Errors: InputError for a stream without ends.
    """
    problems = [
        plant.problem(f"{quoted(s)} has no ends", line, "from", "from, to, or both")
        for s, line in plant.lines.items()
        if s not in plant.ends
    ]
    if problems:
        raise InputError(problems)
    measured: dict[str, set[str]] = {stream: set() for stream in plant.ends}
    for m in plant.measurements:
        measured[m.stream].add(m.quantity)
    components = _components(plant)
    sources = {source for source, _ in plant.ends.values()} - {""}
    targets = {target for _, target in plant.ends.values()} - {""}
    units = tuple(dict.fromkeys(end for ends in plant.ends.values() for end in ends if end))
    through = tuple(u for u in units if u in sources and u in targets)
    masses = [m.value for m in plant.measurements if m.quantity not in (ASSAY, ENERGY, ENTHALPY)]
    size = float(np.median([v for v in masses if v > 0] or [1.0]))
    energies = [abs(m.value) for m in plant.measurements if m.quantity == ENERGY and m.value]
    guess: dict[Flow, float] = {}
    for stream in plant.ends:
        for component in components:
            only_energy = measured[stream] == {ENERGY}
            if component == ENERGY:
                guess[stream, component] = float(np.median(energies or [size]))
            elif not only_energy:
                guess[stream, component] = size if component == TOTAL else 0.1 * size
    return Network(through, plant.ends, components, _with_measured(plant, guess))


def _with_measured(plant: Plant, guess: dict[Flow, float]) -> dict[Flow, float]:
    """Measured totals and assays in place of the guesses."""
    for m in plant.measurements:
        if m.quantity not in (ASSAY, ENTHALPY) and m.value:
            guess[m.stream, measured_component(m)] = abs(m.value)
    for m in plant.measurements:
        whole = guess.get((m.stream, TOTAL), 1.0)
        if m.quantity == ASSAY and m.value:
            guess[m.stream, m.element] = m.value * whole
        elif m.quantity == ENTHALPY and m.value:
            guess[m.stream, ENERGY] = abs(m.value) * whole
    return guess


def stream_names(ledger: Ledger) -> list[str]:
    """Names of a route's streams: their own, with the unit in front where two share one."""
    own = [r.name for r in ledger.streams]
    names = []
    for r in ledger.streams:
        unit = r.source if r.source in ledger.units else r.target
        names.append(r.name if own.count(r.name) == 1 else f"{unit}.{r.name}")
    return names


def from_ledger(plant: Plant, ledger: Ledger) -> Network:
    """The network of a route, with the model's amounts as first guesses.

    What the model has no atom of in a stream is absent from it; flows of less than 0.1 % of what
    the plant takes in of a component are minor. Duties are streams of energy by the name
    `<unit>.<kind>`, positive into the unit.

    Errors: InputError for a stream that the route does not have, with the nearest name.
    """
    components = _components(plant)
    feed = next(r.stream for r in ledger.streams if r.role == "feed").mass()[0]
    ends: dict[str, tuple[str, str]] = {}
    model: dict[Flow, float] = {}
    for name, r in zip(stream_names(ledger), ledger.streams, strict=True):
        amounts = {TOTAL: r.stream.mass(), ENERGY: r.stream.enthalpy()}
        amounts |= {e: r.stream.element_mass(e) for e in symbols() if e != CHARGE}
        if amounts[TOTAL][0] > _ABSENT * feed:
            ends[name] = (r.source, r.target)
            for c in components:
                if c == ENERGY or amounts[c][0] > _ABSENT * feed:
                    model[name, c] = float(amounts[c][0])
    for d in ledger.duties if ENERGY in components else ():
        if d.energy[0] != 0:
            ends[f"{d.unit}.{d.kind}"] = ("supply", d.unit)
            model[f"{d.unit}.{d.kind}", ENERGY] = float(d.energy[0])
    problems = [
        plant.problem(f"the route has no stream {quoted(s)}{nearest(s, ends)}", n, "stream",
                      listed(ends))
        for s, n in plant.lines.items()
        if s not in ends
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    guess = {flow: max(abs(v), 1e-12) * _level(plant, model) for flow, v in model.items()}
    return Network(ledger.units, ends, components, guess, _minor(plant, ledger, model, ends))


def _minor(
    plant: Plant,
    ledger: Ledger,
    model: Mapping[Flow, float],
    ends: Mapping[str, tuple[str, str]],
) -> tuple[Flow, ...]:
    taken: dict[str, float] = {}
    for (stream, component), amount in model.items():
        if ends[stream][0] not in ledger.units:
            taken[component] = taken.get(component, 0.0) + abs(amount)
    measured = {(m.stream, measured_component(m)) for m in plant.measurements}
    return tuple(
        flow
        for flow, amount in model.items()
        if flow not in measured and abs(amount) < _MINOR * taken.get(flow[1], 0.0)
    )


def _level(plant: Plant, model: Mapping[Flow, float]) -> float:
    """Measured over modelled amounts, the middle of those that can be compared."""
    ratios = []
    for m in plant.measurements:
        flow = (m.stream, measured_component(m))
        if m.quantity not in (ASSAY, ENTHALPY) and m.value > 0 and model.get(flow, 0.0) > 0:
            ratios.append(m.value / model[flow])
    return float(np.median(ratios or [1.0]))
