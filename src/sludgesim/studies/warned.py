"""What the model warned of in the cases of a study, collected from the batches that were run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

# A number that is none of a name's, such as the 2 of CO2.
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]*\w)")
_COUNT = re.compile(r" in (\d+) of \d+ cases(?:, at worst)?")


class Warned(NamedTuple):
    """A warning of a route over cases that were solved together.

    A route warns of its worst case: how many of a batch are meant is known where the text tells
    it, else at least one and at most all.
    """

    route: str
    text: str
    least: int
    most: int


def of_batch(route: str, texts: Iterable[str], cases: int) -> list[Warned]:
    """The warnings of a route over a batch of so many cases."""
    found = []
    for text in texts:
        count = _COUNT.search(text)
        told = min(int(count[1]), cases) if count else 0
        found.append(Warned(route, _COUNT.sub("", text), told or 1, told or cases))
    return found


def summary(warned: Iterable[Warned]) -> pd.DataFrame:
    """One row per route and warning: those that differ in their numbers alone are one.

    Returns
    -------
    table with `route`, `warning` (a number that differs stands as `low to high`), and `least` and
    `most`, between which the number of cases lies that it holds for
    """
    alike: dict[tuple[str, str], list[Warned]] = {}
    for one in warned:
        alike.setdefault((one.route, _NUMBER.sub("#", one.text)), []).append(one)
    rows = [
        (route, _spanned([w.text for w in same]), sum(w.least for w in same),
         sum(w.most for w in same))
        for (route, _), same in alike.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["route", "warning", "least", "most"])


def _spanned(texts: Sequence[str]) -> str:
    """Texts that differ in numbers alone as one text."""
    numbers = zip(*(_NUMBER.findall(text) for text in texts), strict=True)
    ends = iter([(min(same, key=float), max(same, key=float)) for same in numbers])

    def span(_: re.Match[str]) -> str:
        low, high = next(ends)
        return low if float(low) == float(high) else f"{low} to {high}"

    return _NUMBER.sub(span, texts[0])


def at_answer(warned: Iterable[Warned]) -> list[str]:
    """The warnings of an answer that was run by itself, each with its route."""
    table = summary(warned)
    return [f"{r}: {text}" for r, text in zip(table["route"], table["warning"], strict=True)]
