"""What the pages show runs: Python, scenario files, and commands with the output they promise.

A `yaml` or `csv` block with a title is the file of that name (`(added)`: appended to it). In a
`console` block each line after `$` is a command; of its output every line shown must appear. A
`text` block titled `printed` is what the Python block before it prints, numbers to 5 %.
"""

from __future__ import annotations

import contextlib
import io
import shlex
import subprocess
import sys

import pytest

from .pages import PAGES, ROOT, blocks

EXECUTED = [
    page for page in PAGES if any(b.language in ("python", "console") for b in blocks(page))
]


def _write(title, text, folder):
    name, _, added = title.partition(" ")
    path = folder / name
    before = path.read_text(encoding="utf-8") if added else ""
    path.write_text(before + text, encoding="utf-8")


def _sludgesim(command, folder):
    run = [sys.executable, "-m", "sludgesim.cli", *shlex.split(command)[1:]]
    done = subprocess.run(
        run, capture_output=True, text=True, encoding="utf-8", timeout=600, cwd=folder
    )
    return done.returncode, done.stdout + done.stderr


def _run_console(text, folder, place):
    ran = None
    for line in text.splitlines():
        if line.startswith("$ "):
            ran = None  # commands of other programs (git, pip) are not run
            if line.startswith("$ sludgesim"):
                status, output = _sludgesim(line[2:], folder)
                ran = " ".join(output.split())
                shows_error = f"{line}\nerror:" in text
                assert status == (2 if shows_error else 0), f"{place}: {line}\n{output}"
        elif ran is not None:
            assert " ".join(line.split()) in ran, f"{place}: not in the output: {line}\n{ran}"


def _compare(printed, shown, place):
    for ours, told in zip(printed.splitlines(), shown.splitlines(), strict=True):
        words = list(zip(ours.split(), told.split(), strict=True))
        assert all(a == b or _close(a, b) for a, b in words), f"{place}: {told!r}, now {ours!r}"


def _close(printed, shown):
    try:
        rounding = 0 if "." in shown else 1
        return float(printed) == pytest.approx(float(shown), rel=0.05, abs=rounding)
    except ValueError:
        return False


@pytest.mark.parametrize("page", EXECUTED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    for block in blocks(page):
        place = f"{page.name}:{block.line}"
        if block.language in ("yaml", "csv") and block.title:
            _write(block.title, block.text, tmp_path)
        elif block.language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(block.text, place, "exec"), names)
        elif block.title == "printed":
            _compare(printed.getvalue(), block.text, place)
        elif block.language == "console":
            _run_console(block.text, tmp_path, place)


def test_the_readme_shows_code_that_runs():
    assert ROOT / "README.md" in EXECUTED
    assert ROOT / "docs" / "tutorial.md" in EXECUTED
