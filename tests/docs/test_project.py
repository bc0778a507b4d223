"""The promises of the README and of the files around the code."""

from __future__ import annotations

import os
import re

import pytest

from .pages import PAGES, ROOT, blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in blocks(ROOT / "README.md")
    if block.language == "sh"
    for line in block.text.splitlines()
]


def test_the_readme_has_two_one_line_commands():
    main, tests = COMMANDS
    assert main.endswith("sludgesim compare")
    assert tests.endswith("pytest")
    for command in COMMANDS:
        programs = {part.split()[0] for part in command.split(" && ")}
        assert programs <= {
            "python3",
            ".venv/bin/pip",
            ".venv/bin/sludgesim",
            ".venv/bin/pytest",
        }


def test_continuous_integration_runs_the_readmes_test_command():
    pattern = re.search(r"grep -E '([^']+)' README.md", CI)[1]
    found = [line for line in README.splitlines() if re.search(pattern, line)]
    assert found == [COMMANDS[1]]
    assert 'eval "${line//.venv/$venv}"' in CI


@pytest.mark.skipif(os.name == "nt", reason="executable bits are not kept there")
def test_continuous_integration_can_be_started():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "set -euo pipefail" in CI


def _made_at_build():
    hooks = (ROOT / "docs" / "hooks.py").read_text(encoding="utf-8")
    return {(ROOT / "docs" / name).resolve() for name in re.findall(r'"(\S+\.md)": _', hooks)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path = (page.parent / target.partition("#")[0]).resolve()
        assert path.exists() or path in _made_at_build(), target


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        assert page.relative_to(ROOT / "docs").as_posix() in navigation


def test_the_documentation_asks_the_network_for_nothing():
    assert re.search(r"^  font: false", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.M)
