"""Properties are tried on the same examples each time; fresh ones are drawn by the benchmarks."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
