"""Scenario files: read, checked against what the units declare, and resolved to inputs."""

from sludgesim.scenario.loader import Scenario, load
from sludgesim.scenario.schema import check_routes, flat, json_schema

__all__ = ["Scenario", "check_routes", "flat", "json_schema", "load"]
