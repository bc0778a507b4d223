"""The assay of the solids where a study changes elements of it: what the other elements do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sludgesim.errors import InputError, Problem
from sludgesim.scenario import Scenario, flat
from sludgesim.thermo.species import Array

SUM_TOLERANCE = 0.02  # of an assay that nothing makes up to 100 %, as for a scenario file

SOLIDS = "feed.solids."
_OXYGEN = SOLIDS + "O"

Refuse = Callable[[NDArray[np.bool_], str], None]


def check(scenario: Scenario, paths: Sequence[str]) -> None:
    """Refuse to vary what means nothing beside the scenario's assay.

    Errors: InputError for the balance element, for `oxidised` beside an assay with O, and for O in
    an assay without it.
    """
    if scenario.balance and SOLIDS + scenario.balance in paths:
        message = f"{scenario.balance} is the assay's balance: it takes what the others leave"
        raise InputError(Problem(message, SOLIDS + scenario.balance, allowed="another element"))
    if "feed.oxidised" in paths and scenario.inputs[_OXYGEN][0] > 0:
        message = "tells nothing: the assay holds O, which tells the oxidation"
        raise InputError(Problem(message, "feed.oxidised"))
    if _OXYGEN in paths and not scenario.inputs[_OXYGEN][0] > 0:
        message = "would turn the assay of the alloy into that of the oxidised solids"
        raise InputError(Problem(message, _OXYGEN, allowed="feed.oxidised instead"))


def made_up(scenario: Scenario, given: Mapping[str, Array], refuse: Refuse) -> dict[str, Array]:
    """Mass fractions of all elements of the solids, made up to 1.

    Parameters
    ----------
    scenario : its balance makes up the rest; without one, the elements that are not given do
    given : mass fraction of elements by path, (n,); nan is not given; others are passed over
    refuse : called with the cases that cannot be, (n,), and why
    """
    if not any(path.startswith(SOLIDS) for path in given):
        return {}
    base = {k: float(v[0]) for k, v in scenario.inputs.values.items() if k.startswith(SOLIDS)}
    n = len(next(iter(given.values())))
    own = np.array([given.get(k, np.full(n, np.nan)) for k in base])
    left = np.isnan(own)  # elements that the case leaves to the scenario
    fixed = np.where(left, 0.0, own)
    if scenario.balance:
        # The other elements stay as they are: only the balance gives way.
        stays = left & (np.array(list(base)) != SOLIDS + scenario.balance)[:, None]
        fixed, left = np.where(stays, np.array(list(base.values()))[:, None], fixed), left & ~stays
    rest = np.where(left, np.array(list(base.values()))[:, None], 0.0)
    missing, movable = 1 - fixed.sum(axis=0), rest.sum(axis=0)
    refuse((movable > 0) & (missing < -1e-9), "feed.solids: the assay sums to over 100 wt%")
    refuse(
        (movable == 0) & (np.abs(missing) > SUM_TOLERANCE * (1 + 1e-9)),
        "feed.solids: the assay misses 100 wt% by more than 2 and nothing makes up the rest",
    )
    share = np.maximum(missing, 0.0) / np.where(movable > 0, movable, 1.0)
    made = fixed + rest * share
    total = made.sum(axis=0)
    return dict(zip(base, made / np.where(total > 0, total, 1.0), strict=True))


def told(scenario: Scenario, point: pd.DataFrame) -> list[str]:
    """The whole assay of one case as a scenario file takes it, where the case changes any of it.

    Parameters
    ----------
    point : one row, columns by path, in the declared units
    """
    known = flat()
    given = {str(p): known[str(p)].to_si(point[p].to_numpy(float)) for p in point.columns}
    made = made_up(scenario, given, lambda cases, why: None)
    percent = {path.removeprefix(SOLIDS): 100 * float(v[0]) for path, v in made.items()}
    parts = [f"{el}: {v:.8g}" for el, v in percent.items() if v > 0 and el != scenario.balance]
    rest = f", balance: {scenario.balance}" if scenario.balance else ""
    return [f"the assay is solids: {{{', '.join(parts)}}}{rest}"] if made else []
