"""Studies in files: the same table as in memory, whole parts only, resumed and never mixed."""

from __future__ import annotations

import errno
import json
from dataclasses import replace

import pandas as pd
import pytest

import sludgesim as ss
from sludgesim.errors import InputError
from sludgesim.studies import Execution, sensitivity, store, study, sweep, uncertainty

VARY = {
    "feed.moisture": "triangular(20,30,40)",
    "carbothermal.smelter.temperature": "1450:1650 degC",
}
SAMPLE = {"samples": 9, "vary": VARY, "routes": ["carbothermal", "wet_selective"]}


@pytest.fixture(scope="module")
def scenario():
    return ss.load()


@pytest.fixture(scope="module")
def in_memory(scenario):
    return uncertainty(scenario, **SAMPLE)


def into(folder, part=2):
    return Execution(store=folder, part=part)


def whole(stored):
    table = stored.cases[list(stored.cases.columns)]
    words = table.select_dtypes("category").columns
    return table.astype(dict.fromkeys(words, "str"))


def parts(folder):
    return sorted(p.name for p in (folder / "cases").iterdir())


def stop_after(monkeypatch, count, error):
    """Let writing fail when so many parts are there."""
    write, seen = store._write_whole, []

    def failing(path, content):
        if path.suffix == ".parquet":
            if len(seen) == count:
                raise error
            seen.append(path)
        write(path, content)

    monkeypatch.setattr(store, "_write_whole", failing)


def test_the_table_is_that_in_memory(scenario, in_memory, tmp_path):
    stored = uncertainty(scenario, **SAMPLE, execution=into(tmp_path / "new" / "out"))
    pd.testing.assert_frame_equal(whole(stored), in_memory.cases, rtol=1e-9)
    for name, table in in_memory.tables.items():
        pd.testing.assert_frame_equal(stored[name], table, rtol=1e-9)
    pd.testing.assert_frame_equal(stored.counts, in_memory.counts)
    assert stored.answer == in_memory.answer and len(stored.cases) == len(in_memory.cases)


def test_the_manifest_tells_what_was_run(scenario, tmp_path):
    uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["schema"] == "sludgesim.manifest/1" and manifest["complete"]
    told = manifest["study"]
    assert told["settings"]["seed"] == 1 and (told["cases"], told["parts"]) == (9, 5)
    ((_, read),) = told["scenarios"].items()
    assert read["file_sha256"] == scenario.sha256
    assert {"python", "numpy", "cantera", "numba", "pyarrow"} <= set(manifest["versions"])
    assert sorted(manifest["parts"]) == parts(tmp_path)


@pytest.mark.parametrize("kept", [0, 3])
def test_a_full_disk_costs_no_part_that_is_done(scenario, in_memory, tmp_path, monkeypatch, kept):
    with monkeypatch.context() as patch:
        stop_after(patch, kept, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(InputError, match=rf"No space left.*; {kept} parts are kept"):
            uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    assert len(parts(tmp_path)) == kept
    ran = []
    stored = uncertainty(
        scenario, **SAMPLE, execution=into(tmp_path), progress=lambda *d: ran.append(d)
    )
    assert ran[0] == (2 * kept, 9) and ran[-1] == (9, 9)
    pd.testing.assert_frame_equal(whole(stored), in_memory.cases, rtol=1e-9)


def test_interrupted_or_not_the_files_are_the_same(scenario, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stop_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            uncertainty(scenario, **SAMPLE, execution=into(tmp_path / "a"))
    digests = []
    for folder in ("a", "b"):
        uncertainty(scenario, **SAMPLE, execution=into(tmp_path / folder))
        digests.append(json.loads((tmp_path / folder / "manifest.json").read_text())["parts"])
    assert digests[0] == digests[1]


def test_files_that_are_not_whole_are_run_again(scenario, in_memory, tmp_path):
    uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    cases = tmp_path / "cases"
    cut = cases / "part-000001.parquet"
    cut.write_bytes(cut.read_bytes()[:1000])
    (cases / "part-000003.parquet").write_bytes((cases / "part-000004.parquet").read_bytes())
    (cases / ".part-000002.parquet.77.tmp").write_bytes(b"left by a study that was killed")
    ran = []
    stored = uncertainty(
        scenario, **SAMPLE, execution=into(tmp_path), progress=lambda *d: ran.append(d)
    )
    assert ran[0] == (5, 9)
    assert len(parts(tmp_path)) == 5
    pd.testing.assert_frame_equal(whole(stored), in_memory.cases, rtol=1e-9)


@pytest.mark.parametrize("complete", [True, False])
def test_a_damaged_part_is_run_again_and_told(scenario, in_memory, tmp_path, complete):
    uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    if not complete:  # as a study that was interrupted leaves it
        left = {k: v for k, v in manifest.items() if k not in ("cases", "parts")}
        (tmp_path / "manifest.json").write_text(json.dumps(left | {"complete": False}))
    hurt = tmp_path / "cases" / "part-000002.parquet"
    content = bytearray(hurt.read_bytes())
    content[200] ^= 0xFF  # in the data: the file opens as before
    hurt.write_bytes(content)
    ran = []
    stored = uncertainty(
        scenario, **SAMPLE, execution=into(tmp_path), progress=lambda *d: ran.append(d)
    )
    assert ran[0] == (7, 9)
    assert any("damaged" in n and "part-000002.parquet" in n for n in stored.notes)
    pd.testing.assert_frame_equal(whole(stored), in_memory.cases, rtol=1e-9)
    assert json.loads((tmp_path / "manifest.json").read_text())["parts"] == manifest["parts"]
    again = uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    assert not any("damaged" in n for n in again.notes)


def test_a_complete_study_is_not_run_again(scenario, in_memory, tmp_path, monkeypatch):
    uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    monkeypatch.setattr(study, "run_tasks", lambda tasks, _: (_ for _ in tasks))
    again = uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    pd.testing.assert_frame_equal(again["percentiles"], in_memory["percentiles"], rtol=1e-9)


def test_another_study_is_refused(scenario, tmp_path):
    uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    before = parts(tmp_path)
    for change, said in {
        ("samples", 10): "settings.samples is 9 there, 10 here",
        ("seed", 2): "settings.seed is 1 there, 2 here",
    }.items():
        with pytest.raises(InputError, match=said):
            uncertainty(scenario, **(SAMPLE | dict([change])), execution=into(tmp_path))
    # Differences that a rounded number in the settings would hide count as well.
    near = {**VARY, "feed.moisture": "triangular(20,30.0000001,40)"}
    with pytest.raises(InputError, match="rows_sha256"):
        uncertainty(scenario, **(SAMPLE | {"vary": near}), execution=into(tmp_path))
    with pytest.raises(InputError, match="cases_per_part is 2 there, 3 here"):
        uncertainty(scenario, **SAMPLE, execution=into(tmp_path, 3))
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="no manifest of a study"):
        uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    assert parts(tmp_path) == before


def test_a_sweep_with_words_and_failed_cases(scenario, tmp_path):
    smelter = "carbothermal.smelter"
    vary = {f"{smelter}.furnace": "electric_arc,induction", f"{smelter}.carbon": "auto, 300"}
    wet = too_wet(scenario)
    arguments = {"scenario": {"dry": scenario, "wet": wet}, "vary": vary,
                 "routes": ["carbothermal"]}  # fmt: skip
    memory = sweep(**arguments)
    stored = sweep(**arguments, execution=into(tmp_path, 3))
    table = whole(stored)
    assert table[f"{smelter}.carbon"].tolist() == ["auto", "300"] * 4
    assert table["scenario"].tolist() == ["dry"] * 4 + ["wet"] * 4
    assert table["status"].tolist() == ["ok"] * 4 + ["failed"] * 4
    numbers = [c for c in table if not c.startswith(smelter)]
    pd.testing.assert_frame_equal(table[numbers], memory.cases[numbers], rtol=1e-9)
    pd.testing.assert_frame_equal(stored.failures, memory.failures)
    assert stored.to_document()["tables"] == {}


def too_wet(scenario):
    changes = {"feed.moisture": 0.9, "feed.oil": 0.2}
    return replace(scenario, inputs=scenario.inputs.with_values(changes))


def test_a_place_without_a_part_is_nobodys(scenario, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stop_after(patch, 0, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(InputError, match="0 parts are kept"):
            uncertainty(scenario, **SAMPLE, execution=into(tmp_path))
    uncertainty(scenario, **(SAMPLE | {"samples": 2}), execution=into(tmp_path))
    told = json.loads((tmp_path / "manifest.json").read_text())
    assert told["complete"] and told["study"]["cases"] == 2


PAIR = ["carbothermal.re_recovery", "wet_full.re_recovery"]
MOVED = {"carbothermal.slag_leach.rare_earth_dissolved": (50, 100), "feed.solids.Nd": (18, 26)}
SENSITIVITIES = {"tornado": 3, "morris": 3, "sobol": 4}


def ask(scenario, method, execution=None, kpis=PAIR, **more):
    how = {"execution": execution} if execution else {}
    return sensitivity(scenario, kpis, method=method, vary=MOVED, samples=SENSITIVITIES[method],
                       **how, **more)  # fmt: skip


@pytest.mark.parametrize("method", SENSITIVITIES)
def test_a_sensitivity_in_files_is_that_in_memory(scenario, tmp_path, monkeypatch, method):
    memory = ask(scenario, method)
    with monkeypatch.context() as patch:
        stop_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            ask(scenario, method, into(tmp_path / "a", 4))
    assert len(parts(tmp_path / "a")) == 2
    manifests = []
    for folder in ("a", "b"):
        ran = []
        stored = ask(scenario, method, into(tmp_path / folder, 4),
                     progress=lambda *d, ran=ran: ran.append(d))  # fmt: skip
        # The scenario as it stands and the first four cases of the design are there already.
        assert [done for done, _ in ran[:2]] == ([1, 5] if folder == "a" else [0, 1])
        pd.testing.assert_frame_equal(whole(stored), memory.cases, rtol=1e-9)
        assert stored.answer == memory.answer and set(stored.tables) == set(memory.tables)
        for name, table in memory.tables.items():
            pd.testing.assert_frame_equal(stored[name], table, rtol=1e-6)
        manifests.append(json.loads((tmp_path / folder / "manifest.json").read_text()))
    assert manifests[0] == manifests[1] and manifests[0]["complete"]
    assert manifests[0]["cases"] == memory.cases["case"].nunique()
    assert sorted(manifests[0]["parts"]) == parts(tmp_path / "a")
    assert method != "tornado" or len(memory["flips"]) == 1


def test_a_tornado_stopped_among_its_flips_goes_on_there(scenario, tmp_path, monkeypatch):
    whole_study = ask(scenario, "tornado", into(tmp_path / "whole", 4))
    done = len(parts(tmp_path / "whole")) - 1
    with monkeypatch.context() as patch:
        stop_after(patch, done, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(InputError, match=f"{done} parts are kept"):
            ask(scenario, "tornado", into(tmp_path / "cut", 4))
    solved = []
    run_task = study.run_tasks
    monkeypatch.setattr(study, "run_tasks", lambda tasks, how: run_task(
        (solved.append(t.number) or t for t in tasks), how))  # fmt: skip
    again = ask(scenario, "tornado", into(tmp_path / "cut", 4))
    assert solved == [2]  # the part that is missing
    pd.testing.assert_frame_equal(again["flips"], whole_study["flips"])


def test_other_kpis_of_the_same_routes_are_told_from_the_same_cases(scenario, tmp_path):
    first = ask(scenario, "tornado", into(tmp_path))
    ghg = ask(
        scenario, "tornado", into(tmp_path), kpis=["ghg"], routes=["carbothermal", "wet_full"]
    )
    fresh = ask(scenario, "tornado", kpis=["ghg"], routes=["carbothermal", "wet_full"])
    assert len(first["flips"]) == 1 and fresh["flips"].empty
    for name, table in fresh.tables.items():
        pd.testing.assert_frame_equal(ghg[name], table, rtol=1e-9)
    pd.testing.assert_frame_equal(whole(ghg), fresh.cases, rtol=1e-9)
    told = json.loads((tmp_path / "manifest.json").read_text())["parts"]
    assert sorted(told) == parts(tmp_path)  # none is left of the other's flips


def test_a_kpi_that_a_route_lacks_writes_nothing(scenario, tmp_path):
    for method in SENSITIVITIES:
        with pytest.raises(InputError, match="wet_full has no KPI slag_feo"):
            kpis = ["carbothermal.ghg", "wet_full.slag_feo"]
            ask(scenario, method, into(tmp_path / "new"), kpis=kpis)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(scenario, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        uncertainty(scenario, **SAMPLE, execution=into(tmp_path / "file"))
