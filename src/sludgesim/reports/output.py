"""Writing a result to a directory: all files or none."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sludgesim.errors import InputError, Problem

if TYPE_CHECKING:
    from sludgesim.studies.comparison import Result
    from sludgesim.studies.study import Study


def _contents(result: Result) -> dict[str, bytes]:
    # Imported here: the terminal's table must not pay for workbook and page.
    from sludgesim.reports.page import page
    from sludgesim.reports.tables import csv_tables, to_csv
    from sludgesim.reports.workbook import workbook

    files = {"result.json": result.to_json().rstrip("\n") + "\n"}
    files |= {name: to_csv(table) for name, table in csv_tables(result).items()}
    files["report.html"] = page(result)
    contents = {name: text.encode("utf-8") for name, text in files.items()}
    contents["sludgesim.xlsx"] = workbook(result)
    return contents


_STUDIES = ("sweep", "uncertainty", "sensitivity", "goal-seek", "optimise")
_ALWAYS = ("columns", "counts", "failures", "warnings")  # tables of every study


def _study_tables(study: Study) -> dict[str, pd.DataFrame]:
    tables = {name: getattr(study, name) for name in _ALWAYS} | dict(study.tables)
    if isinstance(study.cases, pd.DataFrame):  # others are in files already
        tables["cases"] = study.cases
    return tables


def _study_contents(study: Study) -> dict[str, bytes]:
    from sludgesim.reports.study_page import page
    from sludgesim.reports.tables import to_csv

    files = {f"{name}.csv": to_csv(table) for name, table in _study_tables(study).items()}
    files[f"{study.kind}.json"] = study.to_json() + "\n"
    files[f"{study.kind}.html"] = page(study)
    return {name: text.encode("utf-8") for name, text in files.items()}


def left_over(study: Study, directory: Path) -> list[str]:
    """Files in a directory that an earlier study wrote and this one would not replace.

    Beside the tables of this study they would be taken for its own.
    """
    found: list[str] = []
    for kind in _STUDIES:
        try:
            document = json.loads((directory / f"{kind}.json").read_text(encoding="utf-8"))
            tables = [*_ALWAYS, "cases", *document["tables"]]
            known = document["schema"] == f"sludgesim.{kind}/1"
        except (OSError, ValueError, KeyError, TypeError):
            continue  # none of ours
        if known:
            found += [f"{kind}.json", f"{kind}.html", *(f"{name}.csv" for name in tables)]
    written = {f"{study.kind}.{ending}" for ending in ("json", "html")}
    written |= {f"{name}.csv" for name in _study_tables(study)}
    names = sorted({*found} - written)
    # A name is what the document says: none may lead out of the directory.
    return [n for n in names if Path(n).name == n and (directory / n).is_file()]


def _move_all(staging: Path, names: list[str], directory: Path, stale: Sequence[str]) -> list[Path]:
    """Move the files into place and the stale ones away; when one cannot move, undo all."""
    moved: list[tuple[Path, Path | None]] = []
    try:
        for name in names:
            target, kept = directory / name, None
            if target.exists():
                if target.is_dir():
                    raise IsADirectoryError(f"{target} is a directory")
                kept = staging / f"{name}.before"
                target.replace(kept)
                moved.append((target, kept))
                (staging / name).replace(target)
            else:
                (staging / name).replace(target)
                moved.append((target, None))
        for name in stale:
            (directory / name).replace(staging / f"{name}.stale")
            moved.append((directory / name, staging / f"{name}.stale"))
    except BaseException:
        for target, kept in reversed(moved):
            if kept is None:
                target.unlink(missing_ok=True)
            else:
                kept.replace(target)
        raise
    return [directory / name for name in names]


def write(result: Result, directory: Path) -> list[Path]:
    """Write JSON, CSV tables, workbook and page of a result into a directory.

    Equal results give equal bytes. The files are written aside and moved into place together,
    so a failure leaves the directory as it was.

    Parameters
    ----------
    result : a comparison of routes, or a run of one
    directory : made when absent; files of the same names in it are replaced

    Returns
    -------
    list of Path
        The files written, sorted by name.

    Errors
    ------
    InputError
        The directory cannot be made or written.
    """
    return write_files(_contents(result), Path(directory))


def write_study(study: Study, directory: Path) -> list[Path]:
    """Write JSON, CSV tables and page of a study into a directory, as `write` does.

    What is left there of an earlier study (`left_over`) goes.
    """
    place = Path(directory)
    return write_files(_study_contents(study), place, left_over(study, place))


def write_files(
    contents: dict[str, bytes], directory: Path, stale: Sequence[str] = ()
) -> list[Path]:
    """Write files into a directory and remove stale ones, all or none, as `write` does."""
    absent = [path for path in (directory, *directory.parents) if not path.exists()]
    done = False
    try:
        directory.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".sludgesim-", dir=directory))
        try:
            for name, content in contents.items():
                (staging / name).write_bytes(content)
            paths = _move_all(staging, sorted(contents), directory, stale)
            done = True
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            Problem(
                f"cannot write the results: {reason}",
                key="--out",
                file=str(directory),
                allowed="a directory that can be written, or one that can be made",
            )
        ) from error
    finally:
        if not done:
            for path in absent:
                with suppress(OSError):  # only what is empty and ours goes
                    path.rmdir()
    return paths
