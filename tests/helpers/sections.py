"""Inputs of one unit without a scenario: its declared defaults, some of them replaced."""

from __future__ import annotations

import numpy as np

from sludgesim.parameters import Section, declaration


def section(unit: str, route: str = "", n: int = 1, **changes: object) -> Section:
    """The n cases of a unit's defaults with some values, in SI or words, replaced; auto is nan."""
    values: dict[str, object] = {}
    for name, q in declaration(unit, route).parameters.items():
        if not q.is_number:
            values[name] = q.default
        else:
            values[name] = np.nan if q.default == "auto" else q.to_si(q.default)
    unknown = set(changes) - set(values)
    if unknown:
        raise KeyError(f"{unit} has no {', '.join(sorted(unknown))}")
    values |= changes
    return Section(
        {k: v if isinstance(v, str) else np.full(n, v, dtype=float) for k, v in values.items()}, n
    )


def everything_dissolves(**changes: object) -> Section:
    """A leach without excess of acid in which every class of mineral is declared to dissolve."""
    declared = declaration("leach").parameters
    shares = {name: 1.0 for name in declared if name.endswith("_dissolved")}
    return section("leach", **{"acid_excess": 0.0, "ferrous_share": 0.0, **shares, **changes})
