"""What studies, reconciliations and fits give back: settings, tables, an answer, one document."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import pandas as pd

from sludgesim.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found.

    `kind` is the verb, `settings` all that is needed to repeat it, `tables` what was made of the
    runs or data, `answer` a few sentences.
    """

    kind: str
    settings: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    answer: str

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]

    def to_document(self) -> dict[str, Any]:
        """The document `sludgesim.<kind>/1`."""
        return self._document(self.tables)

    def _document(
        self, tables: Mapping[str, pd.DataFrame], scenario: Scenario | None = None, **details: Any
    ) -> dict[str, Any]:
        """The document of these tables; `details` stand before them."""
        return {
            "schema": f"sludgesim.{self.kind}/1",
            "version": _version(),
            **({"scenario": heading(scenario)} if scenario else {}),
            "settings": dict(self.settings),
            "answer": self.answer,
            **details,
            "tables": {name: records(table) for name, table in tables.items()},
        }

    def to_json(self) -> str:
        """The document as JSON text."""
        return json.dumps(self.to_document(), indent=1, allow_nan=False)


def heading(scenario: Scenario) -> dict[str, str]:
    """What documents say of their scenario."""
    return {"name": scenario.name, "variant": scenario.variant, "sha256": scenario.sha256}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain values; what is nan or infinite is left out."""
    return [
        {str(k): v for k, v in row.items() if not (isinstance(v, float) and not math.isfinite(v))}
        for row in table.to_dict("records")
    ]


def _version() -> str:
    """The version of sludgesim, empty where it is not installed."""
    try:
        return metadata.version("sludgesim")
    except metadata.PackageNotFoundError:
        return ""
