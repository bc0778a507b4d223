"""Routes: flowsheets made of units, from sludge to products and wastes."""

from __future__ import annotations

from collections.abc import Mapping

from sludgesim.routes import carbothermal, wet
from sludgesim.routes.route import Route

ROUTES: Mapping[str, Route] = {r.name: r for r in (carbothermal.ROUTE, wet.FULL, wet.SELECTIVE)}

__all__ = ["ROUTES", "Route"]
