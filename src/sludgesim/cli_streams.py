"""What every command of the command line does with streams, directories and progress."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from sludgesim.errors import InputError, Problem

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str], None] | None

SECONDS_BEFORE_PROGRESS = 2.0


class _Document(Protocol):
    def to_json(self) -> str: ...


Found = TypeVar("Found", bound=_Document)


def say(text: str) -> None:
    """Print to standard error."""
    print(text, file=sys.stderr, flush=True)


def console() -> Console:
    """Standard output as a console of plain text."""
    # No markup, no emoji: scenario names and paths are the user's text, not ours to interpret.
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def print_json(document: object) -> None:
    """Print one document."""
    print(json.dumps(document, indent=1, allow_nan=False))


@contextmanager
def output_directory(path: Path | None) -> Iterator[None]:
    """Make the directory and prove that it can be written; take it back when the run fails."""
    if path is None:
        yield
        return
    made: list[Path] = []
    try:
        missing = [p for p in (path, *path.parents) if not p.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            made.insert(0, folder)
        with tempfile.TemporaryFile(dir=path):
            pass
    except (OSError, ValueError) as error:
        _take_back(made)
        raise unwritable(path, error) from None
    try:
        yield
    except BaseException:
        _take_back(made)
        raise


def _take_back(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return  # somebody put something into it: not ours to remove


def unwritable(path: Path, error: Exception) -> InputError:
    """The error of a directory that cannot be written."""
    from sludgesim.scenario.wording import shown

    reason = getattr(error, "strerror", None) or str(error)
    return InputError(
        Problem(
            f"{shown(str(path), 300)} cannot be written: {reason}",
            "--out",
            allowed="a directory that can be made and written",
        )
    )


def answer(
    compute: Callable[[], Found],
    write: Callable[[Found, Path], Sequence[Path]],
    show: Callable[[Found, Console], None],
    as_json: bool,
    directory: Path | None,
) -> None:
    """Compute, then write and print; nothing is printed or written when computing fails.

    Parameters
    ----------
    compute : gives what was found; tells its progress itself
    write, show : to the directory, if one is given; to the console, where no JSON is asked for
    as_json, directory : options `--json` and `--out`

    Errors: those of `compute`; InputError for a directory that cannot be written.
    """
    with output_directory(directory):
        announce_compilation()
        found = compute()
        written: Sequence[Path] = []
        if directory is not None:
            try:
                written = write(found, directory)
            except OSError as error:
                raise unwritable(directory, error) from None
    if as_json:
        print(found.to_json())
    else:
        show(found, console())
    for file in written:
        say(f"wrote {file}")


def announce_compilation() -> None:
    """Say why the first run takes long."""
    from sludgesim.equilibrium import kernels_cached

    if not kernels_cached():
        say("compiling the equilibrium kernels once, about half a minute ...")


@contextmanager
def spinner() -> Iterator[Progress]:
    """A spinner with the current unit, on a terminal and after two seconds only."""
    if not sys.stderr.isatty():
        yield None
        return
    import threading

    from rich.console import Console
    from rich.text import Text

    status = Console(stderr=True).status("calculating")
    timer = threading.Timer(SECONDS_BEFORE_PROGRESS, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda label: status.update(Text(f"calculating {label}"))
    finally:
        timer.cancel()
        timer.join()
        status.stop()


@contextmanager
def bar() -> Iterator[Callable[[int, int | None], None] | None]:
    """A bar of cases done with the time that remains, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("cases"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("cases", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
