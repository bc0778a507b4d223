"""The rules of the feed that need several keys: the assay's sum, its oxygen, its liquids."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sludgesim.errors import Problem
from sludgesim.parameters import declaration
from sludgesim.scenario.settings import Setting, unreadable
from sludgesim.thermo.elements import elements

SUM_TOLERANCE = 2.0  # wt%; what a good assay misses
_SOLIDS = "feed.solids."


@dataclass(frozen=True)
class Assay:
    """Mass fractions of the solids, every element of the model; they sum to 1.

    `notes` says, by element, what was done to the number in the file.
    """

    fractions: Mapping[str, float]
    notes: Mapping[str, str]


def _line(settings: list[Setting], otherwise: int) -> int:
    """The line to blame: the last one of an override, for the base is valid without it."""
    layered = [s.line for s in settings if s.layer]
    return layered[-1] if layered else otherwise


def _sum_problem(total: float, file: str, line: int) -> Problem:
    low, high = 100 - SUM_TOLERANCE, 100 + SUM_TOLERANCE
    return Problem(
        f"the assay sums to {total:.6g} wt%",
        key="feed.solids",
        file=file,
        line=line,
        allowed=f"{low:g} to {high:g} wt%, or the element that makes up the rest as feed.balance",
    )


def assay(
    settings: Mapping[str, Setting], file: str, line: int
) -> tuple[Assay | None, list[Problem]]:
    """Apply the sum rule: a balance element, or normalisation of a sum within 100 +- 2 wt%.

    Parameters
    ----------
    settings : path -> setting of one resolved set, in wt%
    file, line : where the assay stands, for messages

    Returns
    -------
    the assay (None if it cannot be made) and the problems found
    """
    given = {
        path.removeprefix(_SOLIDS): s for path, s in settings.items() if path.startswith(_SOLIDS)
    }
    balance = settings.get("feed.balance")
    involved = [*given.values(), *([balance] if balance else [])]
    if any(s.broken for s in involved) or unreadable(settings, "feed.solids"):
        return None, []
    percent = {symbol: float(s.value) for symbol, s in given.items() if s.value is not None}
    total = math.fsum(percent.values())
    place = _line(involved, line)

    rest = str(balance.value) if balance is not None and balance.value is not None else ""
    if rest and balance is not None:
        if rest in percent:
            message = f"{rest} is the balance and has a number too; leave its number out"
            problem = Problem(message, "feed.balance", file, balance.line)
            return None, [problem]
        if total > 100:
            message = f"the other elements sum to {total:.6g} wt%, nothing is left for {rest}"
            return None, [Problem(message, "feed.balance", file, place, "at most 100 wt%")]
        percent[rest] = 100 - total
        notes = {rest: "balance"}
        total = 100.0
    elif not percent:
        message = "is missing: the assay of the solids in wt%"
        return None, [Problem(message, "feed.solids", file, line, "element: wt% pairs")]
    elif abs(total - 100) > SUM_TOLERANCE * (1 + 1e-9):
        return None, [_sum_problem(total, file, place)]
    else:
        changed = abs(total - 100) > 1e-9
        notes = dict.fromkeys(percent, "normalised") if changed else {}
    return Assay({el: percent.get(el, 0.0) / total for el in elements()}, notes), []


def feed_problems(
    settings: Mapping[str, Setting], made: Assay | None, file: str, line: int
) -> list[Problem]:
    """Check the rules between assay, `oxidised`, moisture and oil.

    Parameters
    ----------
    settings : path -> setting of one resolved set
    made : the assay that `assay` made of them; None switches its rules off
    file, line : where the feed stands, for messages
    """
    problems = []
    declared = declaration("feed").parameters
    oxidised = settings.get("feed.oxidised", Setting(None, line))
    if made is not None and not oxidised.broken:
        oxygen = [s for p, s in settings.items() if p in (_SOLIDS + "O", "feed.balance")]
        if made.fractions.get("O", 0.0) > 0:
            if oxidised.value is not None:
                message = "must be absent when the assay holds O, which tells the oxidation itself"
                place = _line([*oxygen, oxidised], oxidised.line)
                problems.append(Problem(message, "feed.oxidised", file, place))
        elif oxidised.value is None and not unreadable(settings, "feed.oxidised"):
            message = "is missing: an assay without O is that of the alloy, say what share is oxide"
            place = _line([*oxygen, oxidised], line)
            allowed = declared["oxidised"].allowed
            problems.append(Problem(message, "feed.oxidised", file, place, allowed))

    liquids = [settings[p] for p in ("feed.moisture", "feed.oil") if p in settings]
    wet = math.fsum(s.value for s in liquids if isinstance(s.value, float))
    if wet >= 100:
        message = f"moisture and oil together are {wet:.6g} wt%, no solids are left"
        place = _line(liquids, liquids[0].line)
        problems.append(Problem(message, "feed.moisture", file, place, "less than 100 wt%"))
    return problems
