"""Writing a result to a directory: all files or none."""

from __future__ import annotations

import shutil
import tempfile
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


def _study_contents(study: Study) -> dict[str, bytes]:
    from sludgesim.reports.study_page import page
    from sludgesim.reports.tables import to_csv

    tables = {"columns": study.columns, "counts": study.counts, "failures": study.failures}
    tables |= study.tables
    if isinstance(study.cases, pd.DataFrame):  # others are in files already
        tables["cases"] = study.cases
    files = {f"{name}.csv": to_csv(table) for name, table in tables.items()}
    files[f"{study.kind}.json"] = study.to_json() + "\n"
    files[f"{study.kind}.html"] = page(study)
    return {name: text.encode("utf-8") for name, text in files.items()}


def _move_all(staging: Path, names: list[str], directory: Path) -> list[Path]:
    """Move the files into place; when one cannot move, put back what was there before."""
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
    except BaseException:
        for target, kept in reversed(moved):
            if kept is None:
                target.unlink(missing_ok=True)
            else:
                kept.replace(target)
        raise
    return [target for target, _ in moved]


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
    """Write JSON, CSV tables and page of a study into a directory, as `write` does."""
    return write_files(_study_contents(study), Path(directory))


def write_files(contents: dict[str, bytes], directory: Path) -> list[Path]:
    """Write files into a directory, all or none, as `write` does."""
    absent = [path for path in (directory, *directory.parents) if not path.exists()]
    done = False
    try:
        directory.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".sludgesim-", dir=directory))
        try:
            for name, content in contents.items():
                (staging / name).write_bytes(content)
            paths = _move_all(staging, sorted(contents), directory)
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
