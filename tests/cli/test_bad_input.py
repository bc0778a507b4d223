"""Bad input: a short message with file, line, key and what is allowed; exit status 2; no output."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FEED = """\
name: test
feed:
  rate: 10 t/d
  moisture: 30 wt%
  oil: 5 wt%
  solids: {Fe: 65, Nd: 30, B: 1, Co: 4}
  oxidised: 20 %
"""
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def smelter(text: str) -> str:
    return FEED + f"carbothermal:\n  smelter:\n    {text}\n"


def changed(old: str, new: str) -> str:
    assert old in FEED
    return FEED.replace(old, new)


CASES = {
    "unknown key": (smelter("temprature: 1450 degC"), 10, "temprature", "temperature"),
    "unknown route": (FEED + "wet_ful: {}\n", 8, "wet_ful", "wet_full"),
    "negative mass": (changed("10 t/d", "-10 t/d"), 3, "feed.rate", "0.001 to 10000 t/d"),
    "negative assay": (changed("Nd: 30", "Nd: -30"), 6, "feed.solids.Nd", "0 to 100 wt%"),
    "assay of 140 %": (changed("Nd: 30", "Nd: 70"), 6, "140 wt%", "98 to 102 wt%"),
    "moisture of 110 %": (changed("30 wt%", "110 wt%"), 4, "feed.moisture", "0 to 90 wt%"),
    "unit that does not fit": (
        smelter("temperature: 1450 kg"),
        10,
        "carbothermal.smelter.temperature",
        "'kg' is a mass, a temperature is wanted (allowed: 1150 to 1800 degC)",
    ),
    "400 C in the smelter": (
        smelter("temperature: 400 C"),
        10,
        "carbothermal.smelter.temperature",
        "1150 to 1800 degC",
    ),
    "not a number": (changed("30 wt%", "nan"), 4, "feed.moisture", "0 to 90 wt%"),
    "infinite": (changed("10 t/d", ".inf"), 3, "feed.rate", "0.001 to 10000 t/d"),
    "yes": (changed("30 wt%", "yes"), 4, "feed.moisture", "0 to 90 wt%"),
    "key given twice": (FEED + "name: again\n", 8, "name", "line 1"),
    "exploding anchors": (BOMB, 1, "anchor", "without anchors"),
    "tab": (FEED + "wet_full:\n\tleach: {}\n", 9, "tab", "spaces"),
    "open bracket": (FEED + "wet_full: {\n", 9, "not valid YAML", ""),
    "nested brackets": ("a: " + "[" * 10_000, 1, "nested", "at most"),
    "two documents": (FEED + "---\n" + FEED, 8, "second document", "one document"),
    "own tag": ("name: !!python/name:os.system\n", 1, "tag", "no tags"),
    "list": ("- 1\n- 2\n", 1, "mapping", "name and feed"),
    "unknown override": (FEED + "scenarios: {base: [hot]}\n", 8, "scenarios.base", "hot"),
    "in an override": (
        FEED + "overrides:\n  hot: {carbothermal.smelter.temperature: 1450 kg}\n",
        9,
        "overrides.hot.carbothermal.smelter.temperature",
        "1150 to 1800 degC",
    ),
}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def refused(result) -> str:
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert all(line.startswith("error: ") for line in result.stderr.splitlines())
    assert len(result.stderr) < 1000
    return result.stderr


@pytest.mark.parametrize("case", CASES)
def test_bad_scenario(cli, tmp_path, case):
    text, line, key, allowed = CASES[case]
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    message = refused(cli("compare", file, "--json", "--out", tmp_path / "out" / "deep"))
    assert f"{file}:{line}: " in message
    assert key in message
    assert allowed in message
    assert names(tmp_path) == ["bad.yaml"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x7fELF\x02\x01\x01\x00\x00\xff\xfe", "UTF-8"),
        (b"name: \x00\x00\n", "binary"),
        ("name: Schlämme\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_no_text(cli, tmp_path, content, said):
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)
    message = refused(cli("run", file, "--route", "carbothermal", "--out", tmp_path / "out"))
    assert str(file) in message
    assert said in message
    assert names(tmp_path) == ["bad.yaml"]


def test_large_file(cli, tmp_path):
    file = tmp_path / "large.yaml"
    file.write_bytes(b"# comment\n" * 5_000_000)
    message = refused(cli("check", file))
    assert f"{file}: the file has 50 MB (allowed: at most 1 MB)" in message


def test_missing_file_and_directory(cli, tmp_path):
    assert "no such file" in refused(cli("compare", tmp_path / "absent.yaml"))
    assert "directory" in refused(cli("compare", tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read and write everything")
def test_forbidden_file_and_directory(cli, tmp_path):
    file = tmp_path / "secret.yaml"
    file.write_text(FEED)
    file.chmod(0)
    assert "cannot be read" in refused(cli("check", file))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    assert "cannot be written" in refused(cli("compare", "--out", closed))
    assert "cannot be written" in refused(cli("compare", "--out", closed / "deeper"))


def test_unwritable_output_directory(cli, tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    for out in (file, file / "below", "/dev/null/below"):
        message = refused(cli("compare", "--out", out))
        assert f"--out: {out} cannot be written" in message
        assert "allowed: a directory" in message
    assert file.read_text() == "in the way"
    assert names(tmp_path) == ["file"]


def test_unknown_route_and_scenario_are_answered_with_the_allowed_names(cli, tmp_path):
    message = refused(cli("compare", "--route", "nonsense", "--out", tmp_path / "out"))
    assert "carbothermal, wet_full, wet_selective" in message
    assert "did you mean wet_full" in refused(cli("compare", "--route", "wet_ful"))
    message = refused(cli("compare", "--scenario", "hott"))
    assert "did you mean hot?" in message
    assert "half_carbon" in message
    assert names(tmp_path) == []


def test_file_names_are_not_interpreted(cli, tmp_path):
    file = tmp_path / "[bold]x[_]:smile:\x1b[31m.yaml"
    file.write_text(FEED + "fed: 1\n", encoding="utf-8")
    message = refused(cli("check", file))
    assert "[bold]x[_]:smile:\\x1b[31m.yaml:8: fed: " in message


@pytest.mark.parametrize(
    "arguments",
    [("compar",), ("run",), ("run", "x.yaml"), ("show",), ("show", "all"), ("compare", "--nope")],
)
def test_bad_usage(cli, arguments):
    result = cli(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr
    assert "Traceback" not in result.stderr
