"""Routes: flowsheets made of units, from sludge to products and wastes."""

from sludgesim.routes.catalogue import ROUTES, Route

__all__ = ["ROUTES", "Route"]
