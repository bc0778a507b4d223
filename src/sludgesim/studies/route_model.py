"""A route as a function of some of its parameters that calculates what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from sludgesim.errors import InputError, SludgesimError
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario
from sludgesim.scenario.quantity import QuantityError, convert
from sludgesim.scenario.wording import listed, nearest, quoted
from sludgesim.studies.cases import resolve
from sludgesim.studies.comparison import RouteResult, compare
from sludgesim.studies.measurements import ASSAY, ENERGY, KPI, MASS, Measurement, Plant
from sludgesim.studies.names import parameter
from sludgesim.studies.network import stream_names
from sludgesim.thermo.species import Array

_STEP = 1e-4  # of the interval of a parameter, for the derivatives

Progress = Callable[[int, int | None], None] | None


class RouteModel:
    """What the route calculates for every measurement, for many sets of parameters at once."""

    def __init__(
        self,
        plant: Plant,
        scenario: Scenario,
        route: str,
        paths: list[str],
        low: Array,
        high: Array,
        progress: Progress,
    ) -> None:
        self.plant, self.scenario, self.route = plant, scenario, route
        self.paths, self.low, self.high, self.progress = paths, low, high, progress
        self.runs = 0

    def start(self) -> Array:
        """The scenario's values as shares of their intervals; the middle where there is none."""
        own = [parameter(p).from_si(float(self.scenario.inputs[p][0])) for p in self.paths]
        u = (np.array(own) - self.low) / (self.high - self.low)
        return np.where(np.isfinite(u), np.clip(u, 0.02, 0.98), 0.5)

    def values(self, u: Array) -> Array:
        """Shares of the intervals as values in the declared units."""
        return self.low + u * (self.high - self.low)

    def __call__(self, u: Array) -> Array:
        """(sets, parameters) to (sets, measurements); nan where the route has no answer."""
        n = len(u)
        batch = self.values(np.resize(u, (max(2, n), u.shape[1])))  # one case alone would raise
        numbers, _, reason = resolve(self.scenario, pd.DataFrame(batch, columns=self.paths))
        able = reason == ""
        out = np.full((len(batch), len(self.plant.measurements)), np.nan)
        if able.any():
            # A case that cannot be run gives way to one that can, and stays without an answer.
            rows = np.where(able, np.arange(len(batch)), np.argmax(able))
            inputs = self.scenario.inputs.with_values({p: v[rows] for p, v in numbers.items()})
            result = compare(replace(self.scenario, inputs=inputs), [self.route])[self.route]
            calculated = [self._calculated(m, result) for m in self.plant.measurements]
            reason = np.where(able, result.reason, reason)
            out = np.where((reason == "")[:, None], np.stack(calculated, axis=1), np.nan)
        self.runs += n
        if self.progress:
            self.progress(self.runs, None)
        self.reason = next((str(r) for r in reason if r), "")
        if n == 1 and self.runs == 1 and self.reason:
            raise SludgesimError(f"{self.route}: {self.reason}")
        return np.asarray(out[:n])

    def slopes(self, u: Array) -> Array:
        """Derivatives by central differences, one-sided at a bound; (measurements, parameters)."""
        up, down = (np.clip(u + d * np.eye(u.size), 0, 1) for d in (_STEP, -_STEP))
        both = self(np.concatenate([up, down]))
        if not np.isfinite(both).all():
            raise SludgesimError(f"{self.route}: no derivatives, because {self.reason}")
        width = np.diagonal(up) - np.diagonal(down)
        return np.asarray((both[: u.size] - both[u.size :]).T / width)

    def _calculated(self, m: Measurement, result: RouteResult) -> Array:
        if m.quantity == KPI:
            return self._kpi(m, result)
        ledger = result.ledger
        streams = dict(zip(stream_names(ledger), (r.stream for r in ledger.streams), strict=True))
        duties = {f"{d.unit}.{d.kind}": d.energy for d in ledger.duties}
        known = duties if m.quantity == ENERGY else streams
        if m.stream not in known:
            message = (
                f"the route has no {m.quantity} of {quoted(m.stream)}{nearest(m.stream, known)}"
            )
            raise InputError(self.plant.problem(message, m.line, "stream", listed(known)))
        per_tonne = (
            duties[m.stream]
            if m.quantity == ENERGY
            else streams[m.stream].mass()
            if m.quantity == MASS
            else streams[m.stream].element_mass(m.element)
        )
        if m.quantity == ASSAY:
            whole = streams[m.stream].mass()
            return np.asarray(per_tonne / np.where(whole > 0, whole, np.nan))
        return np.asarray(per_tonne / 1000 * self._rate(result))

    def _rate(self, result: RouteResult) -> Array | float:
        """Dry sludge in kg/s, or 1 where amounts are per mass of it."""
        if self.plant.basis == "kg/kg":
            return 1.0
        feed = result.scenario.inputs.section("feed")
        return np.asarray(feed["rate"] * (1 - feed["moisture"] - feed["oil"]))

    def _kpi(self, m: Measurement, result: RouteResult) -> Array:
        if m.stream not in result.kpis:
            message = f"{self.route} has no KPI {m.stream}"
            raise InputError(self.plant.problem(message, m.line, "stream", listed(result.kpis)))
        unit = kpi_module.unit_of(m.stream)
        try:
            factor = convert(1.0, unit, m.unit) if m.unit != unit else 1.0
        except QuantityError as error:
            raise InputError(self.plant.problem(str(error), m.line, "unit", unit)) from None
        return result.kpis[m.stream] * factor
