"""Files become trees with lines, and what a scenario file never needs is refused."""

from __future__ import annotations

import os

import pytest

from sludgesim.errors import InputError
from sludgesim.scenario.document import MAX_BYTES, Scalar, Sequence, Table, parse, read_bytes


def problem_of(content: bytes):
    with pytest.raises(InputError) as caught:
        parse(content, "f.yaml")
    (problem,) = caught.value.problems
    assert problem.file == "f.yaml"
    return problem


def test_entries_carry_the_line_of_their_key():
    root, problems = parse(b"a: 1 kg\nb:\n  c:\n    - x\n    - 'y'\n  d:\n", "f.yaml")
    assert problems == []
    assert root == Table(
        1,
        {
            "a": Scalar(1, "1 kg"),
            "b": Table(
                2,
                {
                    "c": Sequence(3, [Scalar(4, "x"), Scalar(5, "y")]),
                    "d": Scalar(6, None),
                },
            ),
        },
    )


def test_nothing_is_converted():
    root, _ = parse(b"a: yes\nb: 0x10\nc: 2024-01-01\nd: 1_000\n", "f.yaml")
    assert [node.text for node in root.entries.values()] == ["yes", "0x10", "2024-01-01", "1_000"]


def test_byte_order_mark_is_no_part_of_the_first_key():
    root, _ = parse(b"\xef\xbb\xbfname: x\n", "f.yaml")
    assert list(root.entries) == ["name"]


def test_keys_given_twice_are_collected_with_their_path_and_line():
    _, problems = parse(b"a:\n  b: 1\n  b: 2\nc: 1\nc: 2\n", "f.yaml")
    assert [(p.key, p.line) for p in problems] == [("a.b", 3), ("c", 5)]


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", None, "empty"),
        (b"# nothing\n\n", None, "empty"),
        (b"null\n", None, "empty"),
        (b"- a\n- b\n", 1, "mapping"),
        (b"just words\n", 1, "mapping"),
        (b"a: 1\n\x89PNG\x00\xff", 2, "UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "binary"),
        ("a: 1\n".encode("utf-16"), 1, "UTF-8"),
        ("name: Öl\n".encode("latin-1"), 1, "UTF-8"),
        (b"a: 1\nb: \x07\n", 2, "control character"),
        (b"a:\n\t- b\n", 2, "tab"),
        (b"a: 1\n  b: 2\n", 2, "not valid YAML"),
        (b"a: {b: 1\nc: 2\n", 2, "not valid YAML"),
        (b"a: 'open\n", 2, "not valid YAML"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"a: &x 1\nb: *x\n", 1, "anchor"),
        (b"a: 1\nb: *x\n", 2, "anchor"),
        (b"a: !!python/object/apply:os.system ['true']\n", 1, "tag"),
        (b"a: !own 1\n", 1, "tag"),
        (b"? [a, b]\n: 1\n", 1, "key"),
        (b'a: "\\UFFFFFFFF"\n', None, "not valid YAML"),
    ],
)
def test_refused_with_one_short_problem(content, line, said):
    problem = problem_of(content)
    assert said in problem.message
    assert problem.line == line
    assert len(str(problem)) < 300


def test_exploding_anchors_are_refused_at_the_first():
    bomb = b"a: &a [x, x]\n" + b"".join(
        b"%c: &%c [*%c, *%c]\n" % (97 + i, 97 + i, 96 + i, 96 + i) for i in range(1, 26)
    )
    assert problem_of(bomb).line == 1


@pytest.mark.parametrize("opening", [b"[", b"{", b"{a: ", b"- ", b"? "])
def test_deep_nesting_is_refused_without_recursion(opening):
    message = problem_of(b"a:\n " + opening * 10_000).message
    assert "nested" in message or "key" in message


def test_endless_lists_are_refused():
    assert "too many" in problem_of(b"a: [" + b"1," * 100_000 + b"]").message


def test_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)  # a sparse file: reading it would give zeros
    with pytest.raises(InputError, match=rf"50 MB.*{MAX_BYTES / 1e6:g} MB"):
        read_bytes(path, "large.yaml")


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_bytes(tmp_path / "absent.yaml", "absent.yaml")
    with pytest.raises(InputError, match="directory"):
        read_bytes(tmp_path, "folder")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="regular"):
        read_bytes(tmp_path / "pipe", "pipe")
    with pytest.raises(InputError, match="cannot be read"):
        read_bytes(tmp_path / ("x" * 5000), "long")
