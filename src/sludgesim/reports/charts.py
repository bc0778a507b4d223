"""Charts of studies as inline SVG: curves, heat maps, and ranges on a common axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from sludgesim.reports.digest import number
from sludgesim.reports.figures import ticks

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#7A868E", "#000000")
_DASHES = ("", "7 3", "2 3", "9 3 2 3")  # told apart where the colours are used up
_LOW, _HIGH = (68, 1, 84), (253, 231, 37)  # the ends of viridis, by way of its middle
_MIDDLE = (33, 145, 140)
_EMPTY = "#E4E8EA"  # a case that failed, or to which the KPI does not apply
_LONGEST = 44


@dataclass(frozen=True)
class Range:
    """One row of a chart of ranges: from `low` to `high`, with a mark between."""

    label: str
    low: float
    high: float
    mark: float
    colour: str = COLOURS[0]


def style(place: int) -> tuple[str, str]:
    """Colour and dashes of the line with this number; all colours before the next dashes."""
    turn, colour = divmod(place, len(COLOURS))
    return COLOURS[colour], _DASHES[turn % len(_DASHES)]


def swatches(names: Sequence[str]) -> dict[str, Markup]:
    """A short piece of the line of each name, in the order in which `curves` draws them."""
    found = {}
    for k, name in enumerate(names):
        colour, dashes = style(k)
        found[name] = Markup(
            '<svg class="swatch" viewBox="0 0 26 8"><line x1="0" x2="26" y1="4" y2="4" '
            f'stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes or "none"}"/></svg>'
        )
    return found


def _span(values: Sequence[float]) -> tuple[list[float], float, float]:
    """Round marks about all finite values, and the ends of the axis."""
    finite = [v for v in values if math.isfinite(v)] or [0.0]
    low, high = min(finite), max(finite)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        pad = abs(low) * 0.05 or 1.0
        low, high = low - pad, high + pad
    marks = ticks(low, high)
    return marks, marks[0], marks[-1]


def _frame(name: str, caption: str, width: float, height: float, parts: list[str]) -> Markup:
    return Markup(
        f'<svg class="{name}" role="img" aria-label="{escape(caption)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">' + "".join(parts) + "</svg>"
    )


def curves(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    x_name: str,
    y_name: str,
    *,
    joined: bool = True,
    level: float | None = None,
) -> Markup:
    """Curves of y over x, one colour and kind of line per name; gaps where y is nan.

    Parameters
    ----------
    lines : name -> points in the order of x
    x_name, y_name : titles of the axes with units
    joined : lines between the points, or points alone
    level : a horizontal line, such as a target
    """
    width, height, left, right, top, bottom = 460.0, 314.0, 62.0, 24.0, 28.0, 44.0
    points = [p for line in lines.values() for p in line]
    x_marks, x0, x1 = _span([x for x, _ in points])
    y_marks, y0, y1 = _span([y for _, y in points] + ([] if level is None else [level]))

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            left + (x - x0) / (x1 - x0) * (width - left - right),
            height - bottom - (y - y0) / (y1 - y0) * (height - top - bottom),
        )

    parts = []
    for mark in x_marks:
        a, b = at(mark, y0)
        parts.append(
            f'<line class="grid" x1="{a:.1f}" x2="{a:.1f}" y1="{top:.0f}" y2="{b:.1f}"/>'
            f'<text class="tick" x="{a:.1f}" y="{b + 17:.1f}">{mark:,g}</text>'
        )
    for mark in y_marks:
        a, b = at(x0, mark)
        parts.append(
            f'<line class="grid" x1="{a:.1f}" x2="{width - right:.0f}" y1="{b:.1f}" y2="{b:.1f}"/>'
            f'<text class="side" x="{a - 6:.1f}" y="{b + 4:.1f}">{mark:,g}</text>'
        )
    if level is not None:
        a, b = at(x0, level)
        parts.append(
            f'<line class="level" x1="{a:.1f}" x2="{width - right:.0f}" y1="{b:.1f}" y2="{b:.1f}"/>'
        )
    for k, (name, line) in enumerate(lines.items()):
        colour, dashes = style(k)
        pen, path = "M", ""
        for x, y in line:
            if not math.isfinite(y):
                pen = "M"
                continue
            a, b = at(x, y)
            path += f"{pen}{a:.1f} {b:.1f}"
            pen = "L"
            tip = f"{escape(name)}: {number(x)}, {number(y)}"
            parts.append(
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="{colour}">'
                f"<title>{tip}</title></circle>"
            )
        if joined:
            dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
            parts.append(
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dashed}/>'
            )
    parts.append(f'<text class="over" x="4" y="14">{escape(y_name)}</text>')
    parts.append(f'<text class="unit" x="{(left + width) / 2:.0f}" y="{height - 8:.0f}">')
    parts.append(f"{escape(x_name)}</text>")
    return _frame("curves", f"{y_name} over {x_name}", width, height, parts)


def _shade(share: float) -> str:
    a, b, t = (_LOW, _MIDDLE, 2 * share) if share < 0.5 else (_MIDDLE, _HIGH, 2 * share - 1)
    return "#" + "".join(f"{round(p + (q - p) * t):02x}" for p, q in zip(a, b, strict=True))


def heat_map(
    xs: Sequence[float | str],
    ys: Sequence[float | str],
    values: Sequence[Sequence[float]],
    x_name: str,
    y_name: str,
    caption: str,
    scale: tuple[float, float],
) -> Markup:
    """A value for each pair of two parameters, as coloured cells; grey where there is none.

    Parameters
    ----------
    xs, ys : values of the parameters
    values : rows by y, columns by x
    x_name, y_name, caption : titles
    scale : values of the first and the last colour, the same for maps side by side
    """
    left, right, top, bottom, width = 74.0, 12.0, 10.0, 76.0, 460.0
    cell = (width - left - right) / len(xs)
    rise = max(14.0, min(34.0, 260.0 / len(ys)))
    height = top + rise * len(ys) + bottom
    low, high = scale
    parts = []

    def label(value: float | str) -> str:
        return str(escape(value)) if isinstance(value, str) else f"{value:g}"

    for j, y in enumerate(ys):
        b = top + rise * (len(ys) - 1 - j)
        for i, x in enumerate(xs):
            v = values[j][i]
            known = math.isfinite(v)
            fill = _shade((v - low) / (high - low) if high > low else 0.5) if known else _EMPTY
            tip = f"{label(x)}, {label(y)}: {number(v) if known else 'no value'}"
            parts.append(
                f'<rect x="{left + cell * i:.2f}" y="{b:.2f}" width="{cell + 0.3:.2f}" '
                f'height="{rise + 0.3:.2f}" fill="{fill}"><title>{tip}</title></rect>'
            )
        if j % math.ceil(len(ys) / 14) == 0:
            parts.append(
                f'<text class="side" x="{left - 6:.0f}" y="{b + rise / 2 + 4:.1f}">'
                f"{label(y)}</text>"
            )
    for i, x in enumerate(xs):
        if i % math.ceil(len(xs) / 8) == 0:
            parts.append(
                f'<text class="tick" x="{left + cell * (i + 0.5):.1f}" '
                f'y="{height - bottom + 14:.1f}">{label(x)}</text>'
            )
    middle = (left + width - right) / 2
    for name, way, y in ((x_name, "across", 46), (y_name, "up", 32)):
        parts.append(f'<text class="unit" x="{middle:.0f}" y="{height - y:.0f}">{way}: ')
        parts.append(f"{escape(name)}</text>")
    for k in range(40):
        parts.append(
            f'<rect x="{left + 70 + 5 * k:.0f}" y="{height - 20:.0f}" width="5.3" height="9" '
            f'fill="{_shade(k / 39)}"/>'
        )
    parts.append(
        f'<text class="side" x="{left + 64:.0f}" y="{height - 11:.0f}">{number(low)}</text>'
    )
    parts.append(f'<text x="{left + 278:.0f}" y="{height - 11:.0f}">{number(high)}</text>')
    return _frame("heat", caption, width, height, parts)


def ranges(rows: Sequence[Range], unit: str, caption: str, line: float | None = None) -> Markup:
    """Rows from low to high on one axis, each with a mark; `line` is drawn through all."""
    # The last mark's number is centred on the end of the axis: half of it lies beyond.
    left, right, pitch, top, width = 280.0, 34.0, 22.0, 6.0, 658.0
    every = [v for r in rows for v in (r.low, r.high, r.mark)] + ([] if line is None else [line])
    marks, x0, x1 = _span(every)
    bottom = top + pitch * len(rows)

    def at(value: float) -> float:
        return left + (value - x0) / (x1 - x0) * (width - left - right)

    parts = [
        f'<line class="grid" x1="{at(m):.1f}" x2="{at(m):.1f}" y1="{top:.0f}" y2="{bottom:.0f}"/>'
        f'<text class="tick" x="{at(m):.1f}" y="{bottom + 14:.0f}">{m:,g}</text>'
        for m in marks
    ]
    for k, row in enumerate(rows):
        y = top + pitch * k
        label = row.label
        if len(label) > _LONGEST:  # the end of a path tells more than its start
            label = "\N{HORIZONTAL ELLIPSIS}" + label[1 - _LONGEST :]
        parts.append(
            f'<text class="side" x="{left - 8:.0f}" y="{y + 15:.0f}">{escape(label)}</text>'
        )
        if not all(map(math.isfinite, (row.low, row.high, row.mark))):
            continue
        a, b = sorted((at(row.low), at(row.high)))
        tip = f"{escape(row.label)}: {number(row.low)} to {number(row.high)}, {number(row.mark)}"
        parts.append(
            f'<rect x="{a:.1f}" y="{y + 5:.0f}" width="{max(b - a, 0.8):.1f}" '
            f'height="{pitch - 10:.0f}" fill="{row.colour}"><title>{tip}</title></rect>'
            f'<line class="mark" x1="{at(row.mark):.1f}" x2="{at(row.mark):.1f}" y1="{y + 2:.0f}" '
            f'y2="{y + pitch - 2:.0f}"/>'
        )
    if line is not None:
        parts.append(
            f'<line class="level" x1="{at(line):.1f}" x2="{at(line):.1f}" y1="{top:.0f}" '
            f'y2="{bottom:.0f}"/>'
        )
    parts.append(
        f'<text class="unit" x="{(left + width - right) / 2:.0f}" y="{bottom + 30:.0f}">'
        f"{escape(unit)}</text>"
    )
    return _frame("ranges", caption, width, bottom + 36, parts)
