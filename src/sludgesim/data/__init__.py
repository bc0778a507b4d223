"""The package's tables, each read once; every number in them has unit, source and quality."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_PEDIGREE = ("unit", "source", "quality", "note")


@cache
def read(name: str) -> Any:
    """Content of `data/<name>.yaml`; it is shared, so nobody changes it."""
    from ruamel.yaml import YAML

    path = resources.files("sludgesim") / "data" / f"{name}.yaml"
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Datum:
    """An entry of a table that holds numbers: where it stands, what it says, where it is from.

    `value` : a number in `unit`, or several as text, each with its name and unit, and no `unit`
    """

    path: str
    value: float | str
    unit: str
    source: tuple[str, ...]
    quality: str
    note: str


def data(name: str) -> tuple[Datum, ...]:
    """All entries of `data/<name>.yaml` that tell a quality."""
    return tuple(_below(name.rpartition("/")[2], read(name)))


def _below(path: str, entry: Any) -> Iterator[Datum]:
    if isinstance(entry, list):
        for row in entry:
            if isinstance(row, Mapping):
                yield from _below(f"{path}.{' '.join(row.get('ions', ()))}", row)
        return
    if not isinstance(entry, Mapping):
        return
    if "quality" in entry:
        numbers = {k: v for k, v in entry.items() if k not in _PEDIGREE and _numeric(v)}
        units, only = entry["unit"], next(iter(numbers.values()))
        alone = set(numbers) == {"value"}
        value: float | str = _told(only if alone else numbers, units)
        unit = ""
        if len(numbers) == 1 and isinstance(only, (int, float)):
            value, unit = only, str(units)
        pedigree = tuple(entry["source"]), entry["quality"], entry.get("note", "")
        yield Datum(path, value, unit, *pedigree)
    for key, below in entry.items():
        yield from _below(f"{path}.{key}", below)


def _numeric(value: Any) -> bool:
    """Whether a value is a number or holds nothing else."""
    if isinstance(value, (list, Mapping)):
        parts = value.values() if isinstance(value, Mapping) else value
        return bool(value) and all(map(_numeric, parts))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _told(value: Any, units: Any) -> str:
    """Values as a reader takes them in: `rate 3e-14 m/s, activation 87.4 kJ/mol`."""
    if isinstance(value, Mapping):
        own = units if isinstance(units, Mapping) else dict.fromkeys(value, units)
        return ", ".join(f"{k} {_told(v, own.get(k, '1'))}" for k, v in value.items())
    numbers = value if isinstance(value, list) else [value]
    return " ".join([*(f"{x:g}" for x in numbers), *([units] if units not in ("", "1") else [])])
