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
from sludgesim.scenario import Scenario, schema
from sludgesim.scenario.spread import read_correlation
from sludgesim.studies.assay import SOLIDS
from sludgesim.studies.cases import resolve
from sludgesim.studies.findings import records
from sludgesim.studies.fit import Fit

NAME = "fitted"
_FILE_WIDE = (
    "Distributions and correlations hold for all scenarios of this file;",
    f"those of the fitted parameters are around the values of `{NAME}`: study it, not another.",
)


def override_file(fit: Fit) -> str:
    """The text of the scenario file with the override and the scenario `fitted`.

    `fitted` stacks the fitted values on the overrides of the scenario that was fitted. The
    distributions of the parameters become the normal ones of the fit, with its correlations, so
    that studies draw from the joint spread; like all distributions they hold for every scenario of
    the file. Correlations that the file had for these parameters are gone: the fit knows of none
    with others.

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
    text = _text(fit.scenario)
    content: Any = yaml.load(text)
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
    # a deviation is infinite, and so left out, where nothing determines the parameter
    spread = {row["path"]: row for row in rows if row.get("sd", 0.0) > 0}
    for path, row in spread.items():
        shape = f"normal({row['value']:.8g}, {row['sd']:.4g})"
        content["distributions"][path] = f"{shape} {_unit(row)}".strip()
    content["correlations"] = _correlations(fit, content.get("correlations") or [], set(spread))
    for key in ("distributions", "correlations"):
        if not content[key]:
            del content[key]
    if spread and _FILE_WIDE[0] not in text:
        content.yaml_set_comment_before_after_key("distributions", before="\n".join(_FILE_WIDE))
    out = io.StringIO()
    yaml.dump(content, out)
    return out.getvalue()


def _correlations(fit: Fit, stated: list[str], spread: set[str]) -> list[str]:
    """Those of the file that are of no fitted parameter, and those of the fit."""
    kept = [text for text in stated if not {*read_correlation(text, schema.flat())[:2]} & spread]
    # ten digits: two parameters that go together must still make a matrix that can be
    return kept + [
        f"{row['a']}, {row['b']} = {row['correlation']:.10g}"
        for row in fit["correlations"].to_dict("records")
        if {row["a"], row["b"]} <= spread and row["correlation"] != 0
    ]


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
