"""A YAML file as a tree of nodes that know their line.

The tree is built from the parser's events and not by a YAML constructor: nothing is recursive,
nothing is executed, aliases are never expanded, and each node keeps its line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from sludgesim.errors import InputError, Problem
from sludgesim.scenario.wording import quoted, shown

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_DEPTH = 20

_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass
class Scalar:
    """One value as it is written; `text` is None where nothing (or null) is written."""

    line: int
    text: str | None


@dataclass
class Sequence:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass
class Table:
    """A mapping; the line of an entry is the line of its key."""

    line: int
    entries: dict[str, Node] = field(default_factory=dict)


Node = Scalar | Sequence | Table


def read_bytes(path: Path, name: str) -> bytes:
    """The file's bytes.

    Parameters
    ----------
    path : file to read
    name : how messages call it

    Returns
    -------
    bytes, at most `MAX_BYTES`

    Raises
    ------
    InputError : missing, not a regular file, unreadable, too large
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - also takes names that Path refuses late
        if stat.S_ISDIR(status.st_mode):
            raise InputError(Problem("is a directory, a scenario file is wanted", file=name))
        if not stat.S_ISREG(status.st_mode):
            raise InputError(Problem("is not a regular file", file=name))
        if status.st_size > MAX_BYTES:
            raise InputError(
                Problem(
                    f"the file has {status.st_size / 1e6:.3g} MB",
                    file=name,
                    allowed=f"at most {MAX_BYTES / 1e6:g} MB",
                )
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(Problem("no such file", file=name)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Problem(f"cannot be read: {reason}", file=name)) from None


def _decode(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            Problem("is not text in UTF-8", file=file, line=line, allowed="YAML text in UTF-8")
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            Problem("is a binary file", file=file, line=line, allowed="YAML text in UTF-8")
        )
    return text


def _syntax_problem(error: YAMLError, text: str, file: str) -> Problem:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Problem(
            f"holds the control character U+{ord(text[error.position]):04X}",
            file=file,
            line=line,
            allowed="printable text",
        )
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "cannot be parsed"
        if "'\\t'" in said:
            said = "a tab where YAML wants spaces"
        elif error.context and error.problem:
            said = f"{error.context}, {error.problem}"
        place = None if mark is None else mark.line + 1
        return Problem(f"not valid YAML: {shown(said, 160)}", file=file, line=place)
    return Problem(f"not valid YAML: {shown(str(error), 160)}", file=file)


def _events(text: str, file: str) -> Iterator[Any]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except YAMLError as error:
        raise InputError(_syntax_problem(error, text, file)) from None
    except (ValueError, OverflowError, IndexError) as error:  # e.g. an escape beyond Unicode
        raise InputError(Problem(f"not valid YAML: {shown(str(error))}", file=file)) from None


class _Builder:
    """Puts events together to a tree, refusing what a scenario file never needs."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.nodes = 0
        self.documents = 0
        self.open: list[Sequence | Table] = []
        self.keys: list[tuple[str, int] | None] = []  # the pending key of each open container
        self.last = ""
        self.path: list[str] = []  # the key under which each open container stands

    def refuse(self, message: str, line: int, allowed: str = "") -> InputError:
        return InputError(
            [*self.problems, Problem(message, file=self.file, line=line, allowed=allowed)]
        )

    def add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        pending = self.keys[-1]
        if pending is None:
            if not isinstance(node, Scalar):
                raise self.refuse("a list or mapping stands where a key is wanted", node.line)
            self.keys[-1] = (node.text or "", node.line)
            return
        key, node.line = pending
        self.keys[-1] = None
        self.last = key
        if key in parent.entries:
            first = parent.entries[key].line
            self.problems.append(
                Problem(
                    f"is given twice, first in line {first}",
                    key=shown(".".join([*filter(None, self.path), key]), 160),
                    file=self.file,
                    line=node.line,
                )
            )
        else:
            parent.entries[key] = node

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, events.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.refuse("a second document begins", line, "one document in a file")
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None):
            raise self.refuse(
                f"the YAML anchor or alias {quoted(event.anchor)} is used",
                line,
                "files without anchors (&) and aliases (*); use overrides",
            )
        if isinstance(event, events.NodeEvent):
            self.nodes += 1
            if self.nodes > MAX_NODES:
                raise self.refuse("too many entries", line, f"at most {MAX_NODES} in a file")
            tag = getattr(event, "tag", None)
            if tag is not None:
                raise self.refuse(f"the YAML tag {shown(str(tag))} is used", line, "no tags")
        if isinstance(event, events.ScalarEvent):
            text = event.value
            empty = event.style is None and text in _NULLS
            self.add(Scalar(line, None if empty else text))
        elif isinstance(event, (events.SequenceStartEvent, events.MappingStartEvent)):
            if len(self.open) >= MAX_DEPTH:
                raise self.refuse("nested too deeply", line, f"at most {MAX_DEPTH} levels")
            is_list = isinstance(event, events.SequenceStartEvent)
            node: Sequence | Table = Sequence(line) if is_list else Table(line)
            self.last = ""
            self.add(node)
            self.path.append(self.last)
            self.open.append(node)
            self.keys.append(None)
        elif isinstance(event, (events.SequenceEndEvent, events.MappingEndEvent)):
            self.open.pop()
            self.keys.pop()
            self.path.pop()


def parse(
    content: bytes, file: str, wanted: str = "a mapping with at least name and feed"
) -> tuple[Table, list[Problem]]:
    """Parse the bytes of a YAML file to a tree with lines.

    Parameters
    ----------
    content : the file's bytes, UTF-8
    file : how messages call the file
    wanted : what messages say that it should hold

    Returns
    -------
    the top-level mapping, and the problems (keys given twice) that allow reading on

    Raises
    ------
    InputError : not UTF-8, not YAML, not a mapping, or more than a scenario file needs
    """
    builder = _Builder(file)
    for event in _events(_decode(content, file), file):
        builder.take(event)
    root = builder.root
    if root is None or (isinstance(root, Scalar) and root.text is None):
        raise InputError(Problem("the file is empty", file=file, allowed=wanted))
    if not isinstance(root, Table):
        raise builder.refuse("is no mapping of keys to values", root.line, wanted)
    return root, builder.problems
