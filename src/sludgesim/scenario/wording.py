"""How the user's own text is repeated in a message: short, printable, with the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 60
_LONGEST_LIST = 400


def shown(text: str, longest: int = _LONGEST) -> str:
    """The text, cut to a readable length, with control and direction characters escaped."""
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)


def quoted(text: str) -> str:
    """The user's text between quotation marks, as `shown` makes it."""
    return f"'{shown(text)}'"


def listed(names: Iterable[str]) -> str:
    """The names, separated by commas, cut where the list becomes unreadable."""
    out = ""
    for name in map(shown, names):
        if len(out) + len(name) > _LONGEST_LIST:
            return out + ", ..."
        out += f", {name}" if out else name
    return out


def nearest(name: str, names: Iterable[str]) -> str:
    """The hint `did you mean ...`, or nothing when no name is near."""
    by_lower = {n.casefold(): n for n in names}
    close = difflib.get_close_matches(name[:_LONGEST].casefold(), by_lower, n=1, cutoff=0.6)
    return f", did you mean {shown(by_lower[close[0]])}?" if close else ""
