"""Writing is all or nothing, and a failure is a short message."""

import json
from pathlib import Path

import pytest

from sludgesim.errors import InputError
from sludgesim.reports import write

FILES = {
    "result.json",
    "report.html",
    "sludgesim.xlsx",
    "comparison.csv",
    "streams.csv",
    "species.csv",
    "balances.csv",
    "duties.csv",
    "parameters.csv",
    "sources.csv",
}


def contents(directory):
    return {p.name: p.read_bytes() for p in directory.iterdir() if p.is_file()}


def test_all_files_are_written_and_nothing_else(result, tmp_path):
    target = tmp_path / "new" / "out"
    paths = write(result, target)
    assert {path.name for path in paths} == FILES
    assert {path.name for path in target.iterdir()} == FILES
    assert json.loads((target / "result.json").read_text("utf-8")) == json.loads(result.to_json())


def test_equal_results_give_equal_bytes_and_replace_older_files(result, tmp_path):
    write(result, tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "report.html").write_text("older")
    (tmp_path / "b" / "notes.txt").write_text("mine")
    write(result, tmp_path / "b")
    again = contents(tmp_path / "b")
    assert again.pop("notes.txt") == b"mine"
    assert again == contents(tmp_path / "a")


def test_one_route_and_a_hostile_name_are_written_too(single, hostile, tmp_path):
    assert {p.name for p in write(single, tmp_path / "one")} == FILES
    assert {p.name for p in write(hostile, tmp_path / "hostile")} == FILES


@pytest.mark.parametrize("under", ["", "below", "below/deeper"])
def test_a_file_in_the_way_is_bad_input(result, tmp_path, under):
    block = tmp_path / "taken"
    block.write_text("mine")
    with pytest.raises(InputError) as caught:
        write(result, block / under if under else block)
    assert caught.value.exit_status == 2
    assert "taken" in str(caught.value)
    assert block.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_directory_in_place_of_a_file_leaves_everything_as_it_was(result, tmp_path):
    (tmp_path / "comparison.csv").write_text("older")
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError):
        write(result, tmp_path)
    assert contents(tmp_path) == {"comparison.csv": b"older"}
    assert {p.name for p in tmp_path.iterdir()} == {"comparison.csv", "report.html"}


def test_a_disk_that_fills_up_leaves_no_trace(result, tmp_path, monkeypatch):
    real = Path.write_bytes

    def full(self, data):
        if self.name == "streams.csv":
            real(self, data[:100])
            raise OSError(28, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left"):
        write(result, tmp_path / "deep" / "out")
    assert list(tmp_path.iterdir()) == []
