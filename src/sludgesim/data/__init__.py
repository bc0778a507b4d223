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
    """An entry of a table that holds numbers: where it stands, what it says, where it is from."""

    path: str
    value: str
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
        yield Datum(
            path,
            _told(numbers["value"] if set(numbers) == {"value"} else numbers),
            _told(entry["unit"]),
            tuple(entry["source"]),
            entry["quality"],
            entry.get("note", ""),
        )
    for key, below in entry.items():
        yield from _below(f"{path}.{key}", below)


def _numeric(value: Any) -> bool:
    """Whether a value is a number or holds nothing else."""
    if isinstance(value, (list, Mapping)):
        parts = value.values() if isinstance(value, Mapping) else value
        return bool(value) and all(map(_numeric, parts))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _told(value: Any) -> str:
    """A value as a reader takes it in: `rate 3e-14, activation 87.4`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_told(v)}" for k, v in value.items())
    if isinstance(value, list):
        return " ".join(map(_told, value))
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
