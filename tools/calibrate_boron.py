"""Calibrate the rate at which boron leaves the slag on one published result, with its uncertainty.

    python tools/calibrate_boron.py

Bian et al., Rare Metals 41 (2022) 1697: roasted magnet scrap and carbon at 1400-1550 degC, oxide
purity up to 95 %. The purity is taken for the hottest heat, 1550 degC, with +- 1.5 %. What the
abstract does not tell is drawn from the ranges below. Each draw gives the rate at which the
model's slag has the drawn purity; printed are the quantiles, from which the default and the
distribution of `boron_rate` in data/parameters/smelter.yaml are taken. The activation energy cannot
be found from one temperature and stays an assumption.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import qmc

import sludgesim as ss

DRAWS = 512
# Unknown of the heat: low, high, and whether it is drawn in proportion (log-uniform).
UNKNOWN = {
    "purity": (93.5, 96.5, False),  # wt% REO of the oxide
    "carbothermal.smelter.hold": (0.5 * 3600, 4 * 3600, True),  # s
    "carbothermal.smelter.target_feo": (0.0005, 0.01, False),  # kg/kg slag
    "carbothermal.smelter.inert_gas": (1.0, 10.0, True),  # kg Ar per kg dry solid
    "feed.solids.Al": (0.001, 0.007, False),  # kg/kg alloy, the rest scaled to it
}


def drawn() -> dict[str, np.ndarray]:
    """The unknowns of all draws, from a Sobol sequence with a fixed seed."""
    points = qmc.Sobol(len(UNKNOWN), seed=1).random(DRAWS)
    table = {}
    for u, (name, (low, high, log)) in zip(points.T, UNKNOWN.items(), strict=True):
        table[name] = low * (high / low) ** u if log else low + (high - low) * u
    return table


def main() -> None:
    """Find the rate of every draw by bisection and print its quantiles."""
    values = drawn()
    purity = values.pop("purity")
    scenario = ss.load()
    alumina = values["feed.solids.Al"]
    old = scenario.inputs["feed.solids.Al"]
    for path in scenario.inputs.values:
        if path.startswith("feed.solids.") and path != "feed.solids.Al":
            values[path] = scenario.inputs[path] * (1 - alumina) / (1 - old)
    values["carbothermal.smelter.temperature"] = np.full(DRAWS, 1550 + 273.15)

    def grade(rate: np.ndarray) -> np.ndarray:
        changed = {**values, "carbothermal.smelter.boron_rate": rate}
        inputs = scenario.inputs.with_values(changed)
        result = ss.run(replace(scenario, inputs=inputs), "carbothermal")["carbothermal"]
        return result.kpis["slag_reo_grade"]

    low, high = np.full(DRAWS, 1e-3 / 3600), np.full(DRAWS, 1e2 / 3600)
    reachable = (grade(low) < purity) & (grade(high) > purity)
    for _ in range(30):
        middle = np.sqrt(low * high)
        above = grade(middle) > purity
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    rate = 3600 * np.sqrt(low * high)[reachable]
    print(f"{reachable.sum()} of {DRAWS} draws can reach their purity")
    for q in (5, 25, 50, 75, 95):
        print(f"P{q:<2d} {np.percentile(rate, q):6.2f} 1/h at 1550 degC")


if __name__ == "__main__":
    main()
