"""Where the boxes and ribbons of a Sankey diagram lie.

Units stand in columns by their longest way from the supply; a flow that jumps columns gets a
place of its own in each column that it crosses, so ribbons never run over boxes. Recycles turn
back below the diagram.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

PITCH = 132.0  # from column to column
BOX = 12.0  # width of a box
_LABEL = 36.0  # room above a box for two lines of text
_LANE = 8.0  # room between ribbons that pass a column
_TALLEST = 300.0  # the thickest column, boxes alone
_THINNEST = 1.2
_SWEEPS = 24


@dataclass
class Node:
    """A box, or the place where a long ribbon crosses a column."""

    label: str
    kind: str  # "unit", "supply", "product", ..., or "" for a crossing
    layer: int = 0
    value: float = 0.0
    height: float = 0.0
    y: float = 0.0
    left: list[Piece] = field(default_factory=list)
    right: list[Piece] = field(default_factory=list)

    @property
    def centre(self) -> float:
        return self.y + self.height / 2

    @property
    def x(self) -> float:
        return self.layer * PITCH

    @property
    def gap(self) -> float:
        return _LABEL if self.kind else _LANE


@dataclass
class Flow:
    """One stream of the diagram."""

    name: str
    role: str
    value: float
    source: Node
    target: Node
    pieces: list[Piece] = field(default_factory=list)
    recycle: bool = False
    width: float = 0.0
    y0: float = 0.0  # upper ends of a recycle; other flows have them in their pieces
    y1: float = 0.0


@dataclass
class Piece:
    """The part of a flow between two neighbouring columns; y0 and y1 are its upper ends."""

    flow: Flow
    source: Node
    target: Node
    y0: float = 0.0
    y1: float = 0.0


@dataclass
class Diagram:
    """A laid-out Sankey with what it leaves out and how well it closes, in the flows' unit."""

    nodes: list[Node]
    flows: list[Flow]
    width: float
    height: float
    total_in: float
    total_out: float
    hidden: int
    hidden_sum: float


def _graph(streams: pd.DataFrame, column: str, least: float) -> list[Flow]:
    """The visible flows; what crosses the plant's border gets boxes named by stream."""
    nodes: dict[tuple[str, str, str], Node] = {}

    def node(kind: str, label: str, unit: str = "") -> Node:
        return nodes.setdefault((kind, label, unit), Node(label, kind))

    units = set(streams["to"]) & set(streams["from"])
    flows = []
    for stream in streams.to_dict("records"):
        value, name = float(stream[column]), str(stream["name"])
        if value < least or value <= 0:
            continue
        source, target = str(stream["from"]), str(stream["to"])
        ends = []
        for end, other in ((source, target), (target, source)):
            if end in units:
                ends.append(node("unit", end))
            else:  # a box per stream, next to its unit, instead of ribbons across the plant
                ends.append(node(end, name, other))
        flows.append(Flow(name, str(stream["role"]), value, ends[0], ends[1]))
    return flows


def _mark_recycles(flows: list[Flow]) -> None:
    """Mark the flows that close a loop, walking from the supply in flowsheet order."""
    out: dict[int, list[Flow]] = {}
    for flow in flows:
        out.setdefault(id(flow.source), []).append(flow)
    state: dict[int, bool] = {}  # True while a node is on the walk, False when it is done
    starts = [f.source for f in flows if f.source.kind == "supply"] + [f.source for f in flows]
    for start in starts:
        if id(start) in state:
            continue
        state[id(start)] = True
        walk = [(start, iter(out.get(id(start), [])))]
        while walk:
            node, rest = walk[-1]
            for flow in rest:
                seen = state.get(id(flow.target))
                if seen:
                    flow.recycle = True
                elif seen is None:
                    state[id(flow.target)] = True
                    walk.append((flow.target, iter(out.get(id(flow.target), []))))
                    break
            else:
                state[id(node)] = False
                walk.pop()


def _layer(flows: list[Flow]) -> None:
    """Give each node its column: one behind the last of its sources, supplies just before use."""
    forward = [flow for flow in flows if not flow.recycle]
    moved = True
    while moved:  # ends, because the forward flows hold no loop
        moved = False
        for flow in forward:
            if flow.target.layer <= flow.source.layer:
                flow.target.layer = flow.source.layer + 1
                moved = True
    for flow in forward:
        if flow.source.kind == "supply":
            flow.source.layer = flow.target.layer - 1


def _columns(flows: list[Flow]) -> list[list[Node]]:
    """Cut flows into pieces between neighbouring columns; return the nodes column by column."""
    ends = {id(n): n for flow in flows for n in (flow.source, flow.target)}
    columns: list[list[Node]] = [[] for _ in range(1 + max(n.layer for n in ends.values()))]
    for node in ends.values():
        columns[node.layer].append(node)
    for flow in flows:
        if flow.recycle:
            continue
        before = flow.source
        for layer in range(flow.source.layer + 1, flow.target.layer + 1):
            after = flow.target
            if layer < flow.target.layer:
                after = Node(flow.name, "", layer)
                columns[layer].append(after)
            piece = Piece(flow, before, after)
            flow.pieces.append(piece)
            before.right.append(piece)
            after.left.append(piece)
            before = after
    return columns


def _mean(pairs: Iterable[tuple[float, float]], default: float) -> float:
    listed = list(pairs)
    weight = sum(w for _, w in listed)
    return sum(v * w for v, w in listed) / weight if weight > 0 else default


def _order(columns: list[list[Node]]) -> None:
    """Order each column by the mean place of its neighbours, so that few ribbons cross."""
    place = {id(n): float(i) for column in columns for i, n in enumerate(column)}
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        for column in columns if forth else reversed(columns):
            key = {}
            for n in column:
                pieces = (n.left or n.right) if forth else (n.right or n.left)
                key[id(n)] = _mean(
                    (
                        (place[id(p.source if p.target is n else p.target)], p.flow.width)
                        for p in pieces
                    ),
                    place[id(n)],
                )
            column.sort(key=lambda n: key[id(n)])
            for i, n in enumerate(column):
                # Centred places, else a short column would always pull towards the top.
                place[id(n)] = i - len(column) / 2


def _settle(columns: list[list[Node]]) -> float:
    """Move the nodes towards their neighbours without overlap; return the height used."""
    height = max(sum(n.height + n.gap for n in column) for column in columns)
    for column in columns:
        y = (height - sum(n.height + n.gap for n in column)) / 2
        for n in column:
            n.y = y + n.gap
            y = n.y + n.height
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            for n in column:
                target = _mean(
                    (
                        ((p.source if p.target is n else p.target).centre, p.flow.width)
                        for p in [*n.left, *n.right]
                    ),
                    n.centre,
                )
                n.y += 0.6 * (target - n.centre)
            floor = 0.0
            for n in column:
                n.y = max(n.y, floor + n.gap)
                floor = n.y + n.height
            ceiling = height
            for n in reversed(column):
                n.y = min(n.y, ceiling - n.height)
                ceiling = n.y - n.gap
    return height


def _dock(columns: list[list[Node]]) -> None:
    """Stack the ribbons on both sides of each node in the order of their other ends."""
    for column in columns:
        for n in column:
            y = n.y
            for piece in sorted(n.left, key=lambda p: p.source.centre):
                piece.y1 = y
                y += piece.flow.width
            y = n.y
            for piece in sorted(n.right, key=lambda p: p.target.centre):
                piece.y0 = y
                y += piece.flow.width


def _dock_recycles(flows: list[Flow]) -> None:
    """Stack the recycles at the lower ends of their boxes."""
    taken: dict[tuple[int, str], float] = {}

    def dock(node: Node, side: str, width: float) -> float:
        place = id(node), side
        taken[place] = taken.get(place, 0.0) + width
        return node.y + node.height - taken[place]

    for flow in flows:
        if flow.recycle:
            flow.y0 = dock(flow.source, "out", flow.width)
            flow.y1 = dock(flow.target, "in", flow.width)


def layout(streams: pd.DataFrame, column: str, share: float = 1e-3) -> Diagram | None:
    """Lay out one route's flows of mass or of one element.

    Parameters
    ----------
    streams : a route's streams, kg per t of dry sludge
    column : `mass_kg` or `<element>_kg`
    share : flows below this share of what enters the plant are left out and summed

    Returns
    -------
    Diagram, or None where nothing flows
    """
    outside = ~streams["from"].isin(streams["to"])
    leaving = ~streams["to"].isin(streams["from"])
    total_in = float(streams.loc[outside, column].sum())
    total_out = float(streams.loc[leaving, column].sum())
    least = share * total_in
    flows = _graph(streams, column, least)
    if not flows or total_in <= 0:
        return None
    small = streams.loc[(streams[column] < least) & (streams[column] > 0), column]
    _mark_recycles(flows)
    _layer(flows)
    columns = _columns(flows)
    for column_nodes in columns:
        for n in column_nodes:
            crossing = n.left[0].flow.value if not n.kind else 0.0
            into = sum(f.value for f in flows if f.target is n)
            out = sum(f.value for f in flows if f.source is n)
            n.value = max(into, out, crossing)
    scale = _TALLEST / max(sum(n.value for n in nodes) for nodes in columns)
    for flow in flows:
        flow.width = max(_THINNEST, flow.value * scale)
    for column_nodes in columns:
        for n in column_nodes:
            sides = (
                sum(p.flow.width for p in n.left)
                + sum(f.width for f in flows if f.recycle and f.target is n),
                sum(p.flow.width for p in n.right)
                + sum(f.width for f in flows if f.recycle and f.source is n),
            )
            n.height = max(2.0, *sides)
    _order(columns)
    height = _settle(columns)
    _dock(columns)
    _dock_recycles(flows)
    return Diagram(
        nodes=[n for nodes in columns for n in nodes if n.kind],
        flows=flows,
        width=len(columns) * PITCH,
        height=height,
        total_in=total_in,
        total_out=total_out,
        hidden=len(small),
        hidden_sum=float(small.sum()),
    )
