"""Figures of the page as inline SVG: Sankey diagrams, and bars with one axis per KPI."""

from __future__ import annotations

import math
from collections.abc import Mapping

from markupsafe import Markup, escape

from sludgesim.reports import digest
from sludgesim.reports.sankey import BOX, PITCH, Diagram, Flow

# Okabe and Ito's palette, told apart by colour-blind readers.
ROLE_COLOURS = {
    "feed": "#0072B2",
    "reagent": "#E69F00",
    "intermediate": "#9AA5AD",
    "product": "#009E73",
    "waste": "#D55E00",
    "emission": "#56B4E9",
}
_BASELINE_COLOUR = "#7A868E"
_ROUTE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_MARGIN = 14.0
_LONGEST = 19  # characters of a label between two columns


def route_colours(routes: list[str], baseline: str) -> dict[str, str]:
    """A colour per route; the baseline is grey."""
    others = [route for route in routes if route != baseline]
    chosen = {r: _ROUTE_COLOURS[i % len(_ROUTE_COLOURS)] for i, r in enumerate(others)}
    return {route: chosen.get(route, _BASELINE_COLOUR) for route in routes}


def _bend(x0: float, y0: float, x1: float, y1: float) -> str:
    """A curve from one point to another that leaves and arrives level."""
    middle = (x0 + x1) / 2
    return f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"


def _ribbon(flow: Flow) -> str:
    """The outline of a flow, from box to box through the columns that it crosses."""
    upper: list[str] = []
    lower: list[str] = []
    for piece in flow.pieces:
        x0, x1 = piece.source.x + BOX, piece.target.x
        a, b, w = piece.y0, piece.y1, flow.width
        upper.append(f"{'L' if upper else 'M'}{x0:.1f} {a:.1f}{_bend(x0, a, x1, b)}")
        lower.append(f"L{x1:.1f} {b + w:.1f}{_bend(x1, b + w, x0, a + w)}")
    return "".join(upper) + "".join(reversed(lower)) + "Z"


def _recycle(flow: Flow, lane: float) -> str:
    """A recycle: out of the box's lower end, down, back below everything, and up."""
    x0, x1 = flow.source.x + BOX, flow.target.x
    y0, y1 = flow.y0 + flow.width / 2, flow.y1 + flow.width / 2
    out, back = x0 + PITCH / 4, x1 - PITCH / 4
    return (
        f"M{x0:.1f} {y0:.1f}C{out:.1f} {y0:.1f} {out:.1f} {lane:.1f} {x0:.1f} {lane:.1f}"
        f"L{x1:.1f} {lane:.1f}"
        f"C{back:.1f} {lane:.1f} {back:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    )


def sankey(diagram: Diagram, caption: str) -> Markup:
    """A Sankey diagram as SVG; hovering over a ribbon names the stream and its amount."""
    parts: list[str] = []
    lane = diagram.height + _MARGIN
    for flow in diagram.flows:
        colour = ROLE_COLOURS.get(flow.role, ROLE_COLOURS["intermediate"])
        name = escape(digest.words(flow.name))
        way = f"{escape(digest.words(flow.source.label))} \N{RIGHTWARDS ARROW} "
        way += str(escape(digest.words(flow.target.label)))
        tip = f"<title>{name} ({way}): {digest.number(flow.value)} kg/t</title>"
        if flow.recycle:
            lane += flow.width / 2 + 6
            parts.append(
                f'<path class="flow" d="{_recycle(flow, lane)}" fill="none" stroke="{colour}" '
                f'stroke-width="{flow.width:.1f}">{tip}</path>'
            )
            lane += flow.width / 2
        else:
            parts.append(f'<path class="flow" d="{_ribbon(flow)}" fill="{colour}">{tip}</path>')
    for node in diagram.nodes:
        label = digest.words(node.label)
        short = label
        if len(label) > _LONGEST:
            short = label[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
        amount = f"{digest.number(node.value)} kg"
        if node.kind not in ("unit", "supply"):
            amount += f" to {escape(node.kind)}"
        x, y = f"{node.x:.1f}", node.y
        parts.append(
            f'<rect class="box {escape(node.kind)}" x="{x}" y="{y:.1f}" width="{BOX:.0f}" '
            f'height="{node.height:.1f}"><title>{escape(label)}</title></rect>'
            f'<text x="{x}" y="{y - 18:.1f}" class="name">{escape(short)}</text>'
            f'<text x="{x}" y="{y - 5:.1f}" class="amount">{amount}</text>'
        )
    width, height = diagram.width + _MARGIN, max(lane, diagram.height) + _MARGIN
    return Markup(
        f'<svg class="sankey" role="img" aria-label="{escape(caption)}" '
        f'viewBox="{-_MARGIN:.0f} 0 {width + _MARGIN:.0f} {height:.0f}" '
        f'style="min-width:{0.78 * width:.0f}px;max-width:{1.15 * width:.0f}px">'
        + "".join(parts)
        + "</svg>"
    )


def ticks(low: float, high: float) -> list[float]:
    """Three to six round values that span low to high."""
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / 2))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if span / (m * power) <= 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * k for k in range(first, last + 1)]


def bars(row: digest.Row, colours: Mapping[str, str], baseline: str) -> Markup:
    """One KPI as bars, one per route, on an axis in its own unit.

    The baseline has a dashed line through the panel and its name says so.
    """
    left, right, pitch, top = 128.0, 62.0, 26.0, 8.0
    width = 400.0
    marks = ticks(min(0.0, *row.values.values()), max(0.0, *row.values.values()) or 1.0)
    scale = (width - left - right) / (marks[-1] - marks[0])

    def at(value: float) -> float:
        return left + (value - marks[0]) * scale

    bottom = top + pitch * len(colours)
    parts = []
    for mark in marks:
        parts.append(
            f'<line class="grid" x1="{at(mark):.1f}" x2="{at(mark):.1f}" y1="{top:.0f}" '
            f'y2="{bottom:.0f}"/><text class="tick" x="{at(mark):.1f}" '
            f'y="{bottom + 13:.0f}">{mark:,g}</text>'
        )
    if baseline in row.values and len(colours) > 1:
        x = at(row.values[baseline])
        parts.append(
            f'<line class="baseline" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.0f}" y2="{bottom:.0f}"/>'
        )
    for place, (route, colour) in enumerate(colours.items()):
        y = top + pitch * place
        base = route == baseline and len(colours) > 1
        name = escape(route + (" (baseline)" if base else ""))
        parts.append(f'<text class="route" x="{left - 6:.0f}" y="{y + 17:.1f}">{name}</text>')
        if route not in row.values:
            parts.append(
                f'<text class="none" x="{at(0) + 5:.1f}" y="{y + 17:.1f}">does not apply</text>'
            )
            continue
        value = row.values[route]
        start, end = sorted((at(0), at(value)))
        mark_best = " \N{BLACK STAR}" if route == row.best else ""
        parts.append(
            f'<rect x="{start:.1f}" y="{y + 4:.1f}" width="{end - start:.1f}" '
            f'height="{pitch - 8:.0f}" fill="{colour}"/><text class="value" x="{end + 5:.1f}" '
            f'y="{y + 17:.1f}">{digest.number(value, row.unit)}{mark_best}</text>'
        )
    parts.append(
        f'<text class="unit" x="{(left + width - right) / 2:.0f}" y="{bottom + 27:.0f}">'
        f"{escape(row.unit)}</text>"
    )
    return Markup(
        f'<svg class="bars" role="img" aria-label="{escape(row.name)} by route, {escape(row.unit)}"'
        f' viewBox="0 0 {width:.0f} {bottom + 32:.0f}">' + "".join(parts) + "</svg>"
    )
