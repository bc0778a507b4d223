"""The scenario file with fitted parameters in it: an override, and a scenario that uses it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario
from sludgesim.studies.cases import resolve
from sludgesim.studies.findings import records
from sludgesim.studies.fit import SOLIDS, Fit

NAME = "fitted"


def override_file(fit: Fit) -> str:
    """The text of the scenario file with the override and the scenario `fitted`.

    `fitted` stacks the fitted values on the overrides of the scenario that was fitted; the
    distributions of the parameters become the normal ones of the fit.

    Parameters
    ----------
    fit : from `fit`

    Returns
    -------
    YAML, to be read by `load(path, "fitted")`

    Errors: InputError where the scenario file has changed since it was read.
    """
    yaml = YAML()
    yaml.width = 100
    content: dict[str, Any] = yaml.load(_text(fit.scenario))
    if content.get("thermochemistry"):  # named beside the scenario, read from elsewhere now
        beside = Path(fit.scenario.path).parent / content["thermochemistry"]
        content["thermochemistry"] = str(beside.resolve())
    for key in ("overrides", "scenarios", "distributions"):
        if content.get(key) is None:
            content[key] = {}
    rows = records(fit["parameters"])
    fitted = {row["path"]: _written(row["value"], row) for row in rows}
    content["overrides"][NAME] = _assay(fit) | fitted
    below = [o for o in content["scenarios"].get(fit.scenario.variant) or [] if o != NAME]
    content["scenarios"][NAME] = [*below, NAME]
    for row in rows:
        if row.get("sd", 0.0) > 0:  # infinite, and so left out, where nothing determines it
            shape = f"normal({row['value']:.8g}, {row['sd']:.4g})"
            content["distributions"][row["path"]] = f"{shape} {_unit(row)}".strip()
    if not content["distributions"]:
        del content["distributions"]
    out = io.StringIO()
    yaml.dump(content, out)
    return out.getvalue()


def _assay(fit: Fit) -> dict[str, str]:
    """All of an assay of which an element was fitted: the others made way for it."""
    table = fit["parameters"]
    if fit.scenario.balance or not table["path"].str.startswith(SOLIDS).any():
        return {}
    case = pd.DataFrame([table["value"].to_list()], columns=table["path"].to_list())
    numbers, _, _ = resolve(fit.scenario, case)
    parts = {p: float(v[0]) for p, v in numbers.items() if p.startswith(SOLIDS)}
    return {path: f"{100 * part:.10g} wt%" for path, part in parts.items() if part > 0}


def _unit(row: Mapping[str, Any]) -> str:
    return "" if row["unit"] == "1" else str(row["unit"])


def _written(value: float, row: Mapping[str, Any]) -> str:
    return f"{value:.8g} {_unit(row)}".strip()


def _text(scenario: Scenario) -> str:
    """The bytes that the scenario was read from, as text."""
    packaged = resources.files("sludgesim") / "data" / "scenarios" / "reference.yaml"
    candidates = [packaged.read_bytes()]
    if Path(scenario.path).is_file():
        candidates.insert(0, Path(scenario.path).read_bytes())
    for content in candidates:
        if hashlib.sha256(content).hexdigest() == scenario.sha256:
            return content.decode("utf-8-sig")
    raise InputError(Problem("has changed since it was read", file=scenario.path))
