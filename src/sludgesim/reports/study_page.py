"""The self-contained page of a study: its answer, charts, tables and settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sludgesim.reports import digest, studies, study_charts
from sludgesim.reports.rendering import render

if TYPE_CHECKING:
    from sludgesim.studies.study import Study

MOST_ROWS = 200  # of a table on the page; the CSV file has all


def _head(label: str) -> str:
    """A head in words; paths of parameters and KPIs stay as they are written elsewhere."""
    return digest.plain(label) if "." in label else digest.words(label)


def page(study: Study) -> str:
    """The HTML page of a study; one document that asks for nothing from elsewhere."""
    tables = [
        {
            "title": title,
            "heads": [_head(studies.label(study, c)) for c in table.columns],
            "rows": [list(map(studies.cell, row))
                     for row in table.head(MOST_ROWS).itertuples(index=False, name=None)],
            "hidden": max(0, len(table) - MOST_ROWS),
        }
        for title, table in studies.tables(study).items()
    ]  # fmt: skip
    return render(
        "study.html.j2",
        title=studies.title(study),
        answer=digest.plain(study.answer),
        notes=study.notes,
        warnings=studies.warnings(study),
        charts=study_charts.figures(study),
        tables=tables,
        settings=json.dumps(study.settings, indent=1),
        sha256=study.scenario.sha256,
    )
