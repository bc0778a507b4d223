"""Species and phases of a user's own file, through the command line."""

from __future__ import annotations

import json

import pytest

SCENARIO = """\
name: own
thermochemistry: species.yaml
feed:
  rate: 10 t/d
  moisture: 30 wt%
  oil: 5 wt%
  solids: {Fe: 65, Nd: 30, B: 1, Co: 4}
  oxidised: 20 %
carbothermal:  # parted however stiff, so that there is iron to assay
  separator: {free_liquid: 0 %, rigid_liquid: 0 %}
"""
# the package's entry but for b1, that is 3000 K times R more of enthalpy: a less stable borate
SPECIES = """\
species:
- name: NdBO3(slag)
  composition: {Nd: 1, B: 1, O: 3}
  thermo:
    model: NASA9
    temperature-ranges: [298.15, 723.0, 2379.0]
    data:
    - [0.0, 0.0, 16.1220591582, 0.0, 0.0, 0.0, 0.0, -190460.407173, -80.0602489539]
    - [113027.877098, 0.0, 14.6824988686, 0.00169202456564, 0, 0, 0, -189705.508458, -71.698254964]
  source: ["our calorimetry, report 17"]
  quality: measured
systems:
  smelting: {spinel: [Fe3O4(s)]}
"""


def wrong(old, new):
    assert old in SPECIES
    return SPECIES.replace(old, new)


CASES = {
    "unknown element": (wrong("Nd: 1, B", "Xx: 1, B"), 3, "composition.Xx", "unknown element"),
    "other composition": (wrong("O: 3}", "O: 4}"), 2, "composition", "another composition"),
    "eight coefficients": (wrong("0, 0, 0, -189", "0, 0, -189"), 9, "data", "a1 to a7, b1, b2"),
    "no number": (wrong("16.1220591582", "sixteen"), 8, "data", "'sixteen'"),
    "one range too few": (wrong("723.0, ", ""), 7, "data", "1 lists of coefficients"),
    "falling ranges": (wrong("723.0", "3723.0"), 6, "temperature-ranges", "that rise"),
    "short range": (
        wrong("2379.0", "1500.0"),
        2,
        "temperature-ranges",
        "the system smelting needs",
    ),
    "other model": (wrong("NASA9", "NASA7"), 5, "thermo.model", "NASA9"),
    "bad quality": (wrong("measured", "good"), 11, "quality", "assessed"),
    "unknown key": (wrong("  quality", "  qality"), 11, "qality", "did you mean quality"),
    "unknown system": (wrong("smelting:", "smelter:"), 13, "systems.smelter", "smelting"),
    "unknown species": (wrong("[Fe3O4(s)]", "[Fe3O5(s)]"), 13, "spinel", "Fe3O4(s)"),
    "present already": (wrong("spinel", "magnetite"), 13, "magnetite", "in this phase already"),
    "other phase": (wrong("spinel", "slag"), 13, "systems.smelting.slag", "(slag)"),
    "empty": ("", None, "", "the file is empty"),
}


def written(folder, species):
    (folder / "species.yaml").write_text(species, encoding="utf-8")
    (folder / "own.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "plain.yaml").write_text(
        SCENARIO.replace("thermochemistry: species.yaml\n", ""), encoding="utf-8"
    )


def test_a_less_stable_borate_gives_its_boron_to_the_iron(cli, tmp_path):
    written(tmp_path, SPECIES)
    boron = {}
    for name in ("own", "plain"):
        done = cli(
            "run", f"{name}.yaml", "--route", "carbothermal", "--json", "--out", name, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        route = json.loads(done.stdout)["routes"]["carbothermal"]
        boron[name] = route["kpis"]["pig_iron_boron"]["value"]
    assert boron["own"] > boron["plain"]
    sources = (tmp_path / "own" / "sources.csv").read_text(encoding="utf-8")
    assert "user file,NdBO3(slag) (species.yaml:2)" in sources
    assert "our calorimetry, report 17" in sources
    assert "user file" not in (tmp_path / "plain" / "sources.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_told(case, tmp_path):
    """In the process of the test: fifteen starts of the command would take a minute."""
    from sludgesim.errors import InputError
    from sludgesim.scenario import load

    text, line, key, allowed = CASES[case]
    written(tmp_path, text)
    with pytest.raises(InputError) as raised:
        load(tmp_path / "own.yaml")
    message = str(raised.value)
    place = "own.yaml:2" if line is None else f"species.yaml:{line}:"
    assert place in message and key in message and allowed in message, message


def test_the_command_refuses_with_status_2(cli, tmp_path):
    written(tmp_path, CASES["unknown element"][0])
    done = cli("run", "own.yaml", "--route", "carbothermal", cwd=tmp_path)
    assert done.returncode == 2
    assert "species.yaml:3: species.NdBO3(slag).composition.Xx: unknown element" in done.stderr
    assert done.stdout == ""
    (tmp_path / "species.yaml").unlink()
    done = cli("check", "own.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "own.yaml:2: thermochemistry: species.yaml: no such file" in done.stderr
