"""A study on disk: a manifest, and one Parquet file for each part that is done."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sludgesim.errors import InputError, Problem
from sludgesim.routes import kpis as kpi_module
from sludgesim.scenario import Scenario
from sludgesim.scenario.wording import listed, shown
from sludgesim.studies.plan import Part, Plan, program_digest
from sludgesim.studies.stored_cases import WORDS, StoredCases
from sludgesim.studies.warned import Warned

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST, FOLDER = "manifest.json", "cases"
SCHEMA = "sludgesim.manifest/1"
_KEY = b"sludgesim.study"  # in each file: the study and the rows that it belongs to
_WARNED = b"sludgesim.warnings"  # and what the model warned of in its cases
_LIBRARIES = ("sludgesim", "numpy", "pandas", "cantera", "numba", "pyarrow")


class Store:
    """The parts of one study in a directory.

    A part is written aside, flushed to the disk and moved into place: a file that is there is
    whole, whatever killed the study. A directory holds one study, and refuses any other. A study
    runs in stages, often one; what a later one runs follows from what those before it found, and
    from the KPIs asked for. These alone may change: the cases that serve both stay.

    Parameters
    ----------
    directory : made when absent
    kind : of the study
    plan : the cases that all else follows from
    settings : recorded in the manifest

    Errors: InputError where the directory holds another study, and where pyarrow is missing.
    """

    def __init__(self, directory: Path, kind: str, plan: Plan, settings: Mapping[str, Any]) -> None:
        _require_pyarrow()
        self.directory, self._plan = Path(directory), plan
        self._stages: list[Stage] = []
        self._begun = False
        self._known: dict[str, str] = {}  # SHA-256 of the parts of a complete study
        self.damaged: list[str] = []
        study = _definition(kind, plan, settings)
        self._study = hashlib.sha256(json.dumps(study, sort_keys=True).encode()).hexdigest()
        self._manifest: dict[str, Any] = {
            "schema": SCHEMA,
            "study": study,
            "study_sha256": self._study,
            "versions": {"python": platform.python_version()} | _versions(),
            "complete": False,
        }
        try:
            if (self.directory / MANIFEST).exists():
                self._require_same(self.directory / MANIFEST)
        except OSError as error:
            raise self.unwritable(error) from None

    def begin(self) -> None:
        """Make the directory ready for parts; nothing is written before the first is there."""
        if self._begun:
            return
        (self.directory / FOLDER).mkdir(parents=True, exist_ok=True)
        self._write_manifest()
        for left in (self.directory / FOLDER).glob(".*.tmp"):
            left.unlink(missing_ok=True)  # of a study that was killed
        self._begun = True

    def _require_same(self, path: Path) -> None:
        allowed = "the same command as before, or an empty directory"
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            other = known["study"]
            same = known["study_sha256"] == self._study
            self._known = dict(known.get("parts", {})) if same else {}
        except (ValueError, KeyError, TypeError):
            message = "is no manifest of a study"
            raise InputError(Problem(message, "--out", shown(str(path), 300))) from None
        if not same and self._parts():
            message = f"holds another study: {_difference(other, self._manifest['study'])}"
            where = shown(str(self.directory), 300)
            raise InputError(Problem(message, "--out", where, allowed=allowed))

    def _write_manifest(self) -> None:
        text = json.dumps(self._manifest, indent=1) + "\n"
        _write_whole(self.directory / MANIFEST, text.encode("utf-8"))

    @property
    def notes(self) -> list[str]:
        """What is to be told of the files."""
        if not self.damaged:
            return []
        return [f"parts whose files were damaged have been run again: {listed(self.damaged)}"]

    def is_damaged(self, path: Path) -> bool:
        """True where a part's file is not what was written.

        A complete study recorded the digest of every part; before that the checksums of the pages
        in the file itself have to do.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        if path.name in self._known:
            return _sha256(path) != self._known[path.name]
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as opened:
                for _ in opened.iter_batches():
                    pass
        except (OSError, pa.ArrowException):
            return True
        return False

    def stage(self, plan: Plan) -> Stage:
        """The place of further cases; `plan` varies the same parameters as the store's."""
        assert tuple(plan.rows.paths) == tuple(self._plan.rows.paths)
        first = sum(stage.plan.parts for stage in self._stages)
        self._stages.append(Stage(self, plan, first, f"{self._study} {plan.rows_digest}"))
        return self._stages[-1]

    def finish(self) -> None:
        """Record in the manifest that the study is complete, with the digest of every part."""
        cases = sum(stage.plan.cases for stage in self._stages)
        try:
            self.begin()
            parts = {k: v for stage in self._stages for k, v in stage.digests().items()}
            self._manifest |= {"complete": True, "cases": cases, "parts": parts}
            for path in self._parts():
                if path.name not in parts:
                    path.unlink()  # of a later stage, run for other KPIs
            self._write_manifest()
        except OSError as error:
            raise self.unwritable(error) from None

    def _parts(self) -> list[Path]:
        return sorted((self.directory / FOLDER).glob("part-*.parquet"))

    def cases(self) -> StoredCases:
        """The table of the cases of all stages."""
        tables = [stage.cases() for stage in self._stages]
        return replace(
            tables[0],
            files=[file for table in tables for file in table.files],
            length=sum(map(len, tables)),
        )

    def unwritable(self, error: OSError) -> InputError:
        """The error of a disk that is full or gone."""
        kept = len(self._parts())
        return InputError(
            Problem(
                f"cannot be written: {error.strerror or error}; {kept} parts are kept, the same "
                "command goes on from there",
                "--out",
                shown(str(self.directory), 300),
                allowed="a directory that can be written, with room enough",
            )
        )


class Stage:
    """The part files of one plan of a study."""

    def __init__(self, store: Store, plan: Plan, first: int, key: str) -> None:
        self.plan = plan
        self._store, self._first, self._key = store, first, key.encode()
        self._digests: dict[int, str] = {}
        self._schema = _schema(plan)

    def _path(self, number: int) -> Path:
        return self._store.directory / FOLDER / f"part-{self._first + number:06d}.parquet"

    def missing(self) -> list[int]:
        """Numbers of the parts that are still to be run; files that are not whole count as such."""
        return [number for number in range(self.plan.parts) if not self._is_whole(number)]

    def _is_whole(self, number: int) -> bool:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            found = pq.read_metadata(self._path(number))
        except FileNotFoundError:
            return False
        except (OSError, pa.ArrowException):
            self._store.damaged.append(self._path(number).name)
            return False
        rows = self.plan.cases_in(number) * len(self.plan.routes)
        if found.num_rows != rows or (found.metadata or {}).get(_KEY) != self._key:
            return False  # of a later stage, run for other KPIs
        if self._store.is_damaged(self._path(number)):
            self._store.damaged.append(self._path(number).name)
            return False
        return True

    def write(self, number: int, part: Part) -> None:
        """Write a part.

        Errors: InputError where the disk is full or gone; the parts so far are kept.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = part.table
        for column in self.plan.rows.words:
            table = table.assign(**{column: _texts(table[column])})
        arrays = pa.Table.from_pandas(table, self._schema, preserve_index=False)
        buffer = io.BytesIO()
        about = {_KEY: self._key, _WARNED: json.dumps(part.warned).encode()}
        arrays = arrays.replace_schema_metadata(about)
        pq.write_table(arrays, buffer, compression="zstd", write_page_checksum=True)
        content = buffer.getvalue()
        try:
            self._store.begin()
            _write_whole(self._path(number), content)
        except OSError as error:
            raise self._store.unwritable(error) from None
        self._digests[number] = hashlib.sha256(content).hexdigest()

    def digests(self) -> dict[str, str]:
        """SHA-256 of every part by the name of its file."""
        return {
            self._path(n).name: self._digests.get(n) or _sha256(self._path(n))
            for n in range(self.plan.parts)
        }

    def warned(self) -> list[Warned]:
        """What the model warned of in all parts."""
        import pyarrow.parquet as pq

        told = [pq.read_metadata(self._path(n)).metadata for n in range(self.plan.parts)]
        return [Warned(*row) for about in told for row in json.loads(about[_WARNED])]

    def cases(self) -> StoredCases:
        """The table of all cases; columns that no case has a value in included."""
        files = [self._path(number) for number in range(self.plan.parts)]
        length = self.plan.cases * len(self.plan.routes)
        return StoredCases(files, list(self._schema.names), length)


def _require_pyarrow() -> None:
    try:
        import_module("pyarrow")
    except ImportError:
        message = "Parquet needs pyarrow: pip install 'sludgesim[cluster]'"
        raise InputError(Problem(message, "--format", allowed="csv")) from None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file aside, see it to the disk, and move it into place."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def _schema(plan: Plan) -> pa.Schema:
    import pyarrow as pa

    words = {*WORDS, *plan.rows.words}
    heads = ["case", *(["scenario"] if plan.named else []), *plan.rows.paths]
    names = [*heads, "route", "status", "reason", *kpi_module.ids()]
    return pa.schema(
        [
            (n, pa.int64() if n == "case" else pa.string() if n in words else pa.float64())
            for n in names
        ]
    )


def _texts(column: pd.Series) -> pd.Series:
    """Words and numbers of one column, all as text."""
    return column.map(lambda v: v if isinstance(v, str) else f"{v:g}", na_action="ignore")


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _definition(kind: str, plan: Plan, settings: Mapping[str, Any]) -> dict[str, Any]:
    """All that the table follows from, as plain values."""
    definition = {
        "kind": kind,
        "settings": {k: v for k, v in settings.items() if k != "kpis"},
        "rows_sha256": plan.rows_digest,
        "scenarios": {name: _identity(scenario) for name, scenario in plan.scenarios.items()},
        "routes": list(plan.routes),
        "cases": plan.cases,
        "cases_per_part": plan.size,
        "parts": plan.parts,
        "program_sha256": program_digest(),
    }
    plain: dict[str, Any] = json.loads(json.dumps(definition))
    return plain


def _identity(scenario: Scenario) -> dict[str, str]:
    """Name, file and digest of everything in a scenario that results depend on."""
    data, inputs = scenario.thermochemistry, scenario.inputs
    values = {p: v if isinstance(v, str) else v.tolist() for p, v in inputs.values.items()}
    species = {name: repr(data.species[name]) for name in data.user}
    systems = repr(data.systems) if data.user else ""
    exact = json.dumps([values, scenario.balance, species, systems])
    return {
        "name": scenario.name,
        "variant": scenario.variant,
        "file_sha256": scenario.sha256,
        "inputs_sha256": hashlib.sha256(exact.encode()).hexdigest(),
    }


def _difference(there: Mapping[str, Any], here: Mapping[str, Any], path: str = "") -> str:
    """The first entry in which two definitions differ, in words."""
    for key in dict.fromkeys([*here, *there]):
        a, b = there.get(key), here.get(key)
        if isinstance(a, dict) and isinstance(b, dict) and a != b:
            return _difference(a, b, f"{path}{key}.")
        if a != b:
            return f"{path}{key} is {shown(str(a), 80)} there, {shown(str(b), 80)} here"
    return "its manifest was changed"
