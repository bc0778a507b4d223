"""The main job: run the routes of a scenario and set their KPIs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import EquilibriumError
from sludgesim.ledger import Audit, Ledger
from sludgesim.routes import ROUTES, plausibility, provenance
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario
from sludgesim.studies.findings import heading
from sludgesim.thermo.acidity import standing_pH
from sludgesim.thermo.elements import CHARGE, symbols
from sludgesim.thermo.species import Array
from sludgesim.thermo.stream import stacked
from sludgesim.thermo.thermochemistry import using

Progress = Callable[[str], None] | None
BASELINE = "wet_full"
SCHEMA = "sludgesim.result/1"


@dataclass(frozen=True, eq=False)
class RouteResult:
    """What one route gave: ledger, audit, KPIs, and the cases without an answer.

    The tables show the first case, per t dry sludge; `kpis` and `reason` hold the whole batch.
    """

    name: str
    scenario: Scenario
    ledger: Ledger
    balance: Audit
    kpis: Mapping[str, Array]
    reason: NDArray[np.str_]
    warnings: list[str]

    @cached_property
    def kpi_table(self) -> pd.DataFrame:
        """KPI, value, unit and definition."""
        rows = [
            (kpi, float(v[0]), kpi_module.unit_of(kpi), kpi_module.entry(kpi)["definition"])
            for kpi, v in self.kpis.items()
        ]
        return pd.DataFrame(rows, columns=["kpi", "value", "unit", "definition"])

    @cached_property
    def streams(self) -> pd.DataFrame:
        """One row per stream: ends, role, mass, temperature, moisture, pH, kg of every element.

        Moisture is the share of water; pH is that of the liquor in what the plant makes.
        """
        rows = [
            {**head, **{f"{e}_kg": kg for e, kg in masses.items()}}
            for head, masses in self._stream_rows
        ]
        return pd.DataFrame(rows)

    @cached_property
    def _stream_rows(self) -> list[tuple[dict[str, Any], dict[str, float]]]:
        """What stands of every stream in all tables, and its kg by element."""
        reported = [e for e in symbols() if e != CHARGE]
        records = self.ledger.streams
        first = [r.stream.case(0) for r in records]
        made = [k for k, r in enumerate(records) if r.role not in ("feed", "reagent")]
        pH = np.full(len(records), np.nan)
        pH[made] = standing_pH(stacked([first[k] for k in made]))
        rows = []
        for r, s, acidity in zip(records, first, pH, strict=True):
            mass = float(s.mass()[0])
            water = float(s.only(lambda x: x == "H2O(l)").mass()[0])
            head = {
                "name": r.name,
                "from": r.source,
                "to": r.target,
                "role": r.role,
                "mass_kg": mass,
                "temperature_K": float(s.T[0]),
                "moisture_percent": 100 * water / mass if water > 0 else np.nan,
                "pH": float(acidity),
            }
            rows.append((head, {e: float(s.element_mass(e)[0]) for e in reported}))
        return rows

    @cached_property
    def species(self) -> pd.DataFrame:
        """Mass of every species present in every stream, kg."""
        known = self.scenario.thermochemistry.species
        rows = []
        for r in self.ledger.streams:
            for name, kg in zip(r.stream.species, r.stream.species_mass()[0], strict=True):
                if kg > 0:
                    rows.append((r.name, r.source, name, known[name].phase, float(kg)))
        return pd.DataFrame(rows, columns=["stream", "from", "species", "phase", "kg"])

    @cached_property
    def duties(self) -> pd.DataFrame:
        """Energy into every unit by kind, MJ."""
        rows = [(d.unit, d.kind, float(d.energy[0]) / 1e6) for d in self.ledger.duties]
        return pd.DataFrame(rows, columns=["unit", "kind", "MJ"])

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Every parameter, table entry and species that this run used, with source and quality."""
        data, units = self.scenario.thermochemistry, ROUTES[self.name].units.values()
        with using(data):
            return provenance.table(self.name, units, self.scenario.inputs, self.ledger, data)

    @property
    def sources(self) -> list[str]:
        """Keys of the sources behind this run, for `data/sources.yaml`."""
        keys = (k for text in self.assumptions["source"] for k in text.split(", ") if k)
        return sorted(set(keys))

    def to_document(self) -> dict[str, Any]:
        """The route's part of the result document."""
        streams = [
            {k: v for k, v in head.items() if v == v}  # nan: does not apply
            | {"elements_kg": {e: kg for e, kg in masses.items() if kg != 0}}
            for head, masses in self._stream_rows
        ]
        values = {k: float(v[0]) for k, v in self.kpis.items()}
        return {
            "kpis": {
                k: {"value": v, "unit": kpi_module.unit_of(k)}
                for k, v in values.items()
                if np.isfinite(v)
            },
            "streams": streams,
            "balance": {
                "elements": self.balance.worst_elements,
                "energy": self.balance.worst_energy,
            },
            "warnings": self.warnings,
        }


@dataclass(frozen=True, eq=False)
class Result:
    """The routes of a scenario beside each other."""

    scenario: Scenario
    routes: Mapping[str, RouteResult]

    def __getitem__(self, route: str) -> RouteResult:
        return self.routes[route]

    @property
    def baseline(self) -> str:
        """The route that the others are measured against."""
        return BASELINE if BASELINE in self.routes else next(iter(self.routes))

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """KPI, unit, and one column per route; nan where a KPI does not apply."""
        declared = list(kpi_module.declarations())

        def place(kpi: str) -> tuple[bool, int, str]:
            per_reo = kpi.endswith(kpi_module.PER_REO)
            return per_reo, declared.index(kpi_module.declared_as(kpi)), kpi

        ids = sorted({k for r in self.routes.values() for k in r.kpis}, key=place)
        nothing = np.array([np.nan])
        rows = [
            {"kpi": k, "unit": kpi_module.unit_of(k)}
            | {n: float(r.kpis.get(k, nothing)[0]) for n, r in self.routes.items()}
            for k in ids
        ]
        return pd.DataFrame(rows)

    @property
    def kpis(self) -> pd.DataFrame:
        """The comparison with the KPI's id as index."""
        return self.comparison.set_index("kpi")

    def to_document(self) -> dict[str, Any]:
        """The document of the contract `sludgesim.result/1`."""
        rows = [
            {k: v for k, v in row.items() if not (isinstance(v, float) and np.isnan(v))}
            for row in self.comparison.to_dict("records")
        ]
        return {
            "schema": SCHEMA,
            "scenario": heading(self.scenario),
            "routes": {n: r.to_document() for n, r in self.routes.items()},
            "comparison": {"baseline": self.baseline, "rows": rows},
        }

    def to_json(self) -> str:
        """The document as JSON text."""
        return json.dumps(self.to_document(), indent=1, allow_nan=False)


def compare(
    scenario: Scenario, routes: Sequence[str] | None = None, progress: Progress = None
) -> Result:
    """Run routes on a scenario and compare them.

    Parameters
    ----------
    scenario : from `sludgesim.load`
    routes : names; default: the routes that the scenario names
    progress : called with `route: unit` before each unit runs

    Returns
    -------
    Result

    Errors: InputError for a feed that cannot be; for a single case also EquilibriumError where a
    unit has no answer and BalanceError where a balance does not close. In a batch such cases are
    nan with a reason.
    """
    names = tuple(routes or scenario.routes)
    with using(scenario.thermochemistry):
        return Result(scenario, {name: _run_route(scenario, name, progress) for name in names})


def run(scenario: Scenario, route: str, progress: Progress = None) -> Result:
    """Run one route on a scenario; as `compare` with a single route."""
    return compare(scenario, (route,), progress)


def _run_route(scenario: Scenario, name: str, progress: Progress) -> RouteResult:
    inputs = scenario.inputs
    plant = ROUTES[name].run(inputs, progress)
    if inputs.n == 1 and plant.reason[0]:
        raise EquilibriumError(f"{name}: {plant.reason[0]}")
    ledger = plant.close()
    audit = ledger.audit()
    if inputs.n == 1:
        audit.require_closed()
    for balance, cases in audit.open_balances():
        plant.fail(cases, f"{balance.unit}: {balance.element} does not close")
    good = plant.reason == ""
    values = kpi_module.compute(ledger, inputs, name)
    kpis = {k: np.where(good, v, np.nan) for k, v in values.items()}
    warnings = plant.warnings + plausibility.warnings(ledger, kpis)
    return RouteResult(name, scenario, ledger, audit, kpis, plant.reason, warnings)
