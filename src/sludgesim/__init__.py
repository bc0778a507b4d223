"""sludgesim: mass and energy balances of recycling Nd-Fe-B grinding sludge, route beside route."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Names are loaded when first used: importing the package costs next to nothing.
_HOMES = {
    "load": "sludgesim.scenario",
    "Scenario": "sludgesim.scenario",
    "compare": "sludgesim.studies.comparison",
    "run": "sludgesim.studies.comparison",
    "Result": "sludgesim.studies.comparison",
}
_PACKAGES = ("equilibrium", "reports", "routes", "scenario", "studies", "thermo", "units")

__all__ = [*_HOMES, *_PACKAGES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _PACKAGES:
        return import_module(f"sludgesim.{name}")
    raise AttributeError(f"module 'sludgesim' has no attribute {name!r}")
