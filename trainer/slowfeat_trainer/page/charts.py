"""Line charts and boxes as inline SVG; colours come from the style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer.page.plots import svg, ticks

WIDTH, LEFT, RIGHT, TOP, FOOT = 720, 52, 12, 12, 34
# More points than this cannot be distinguished.
POINTS = 700


@dataclass(frozen=True)
class Line:
    """One line of a chart."""

    name: str
    # A class of the style: "one", "two-line", or "s0" to "s5".
    style: str
    # (N,) places from left to right, usually seconds; and values; NaN breaks the line.
    x: Array
    values: Array
    # Whether each value is marked: few of them, seen separately.
    dots: bool = False


@dataclass(frozen=True)
class Axes:
    """How a chart is drawn."""

    # Behind each number of the horizontal axis.
    unit: str = " s"
    # What the axes show, where the heading above does not say it.
    x_name: str = ""
    y_name: str = ""
    # Ends of the axes; None takes them from the lines, the vertical one with zero.
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    width: int = WIDTH
    height: int = 190


def line_chart(lines: Sequence[Line], what: str, axes: Axes | None = None) -> str:
    """Lines over time or anything else, with a legend where there are several."""
    axes = axes or Axes()
    points = [(line, *thinned(line.x, line.values)) for line in lines if len(line.x)]
    if not points:
        return ""
    every = np.concatenate([values for _, _, values in points])
    every = every[np.isfinite(every)]
    low, high = min(0.0, float(every.min(initial=0.0))), max(0.0, float(every.max(initial=0.0)))
    low, high = axes.y_range or (low, high if high > low else low + 1.0)
    x0 = min(float(x[0]) for _, x, _ in points)
    x1 = max(max(float(x[-1]) for _, x, _ in points), x0 + 1e-9)
    x0, x1 = axes.x_range or (x0, x1)
    foot = FOOT + (16 if axes.x_name else 0)
    to_x = Scale(x0, x1, LEFT, axes.width - RIGHT)
    to_y = Scale(low, high, axes.height - foot, TOP)
    parts = [_grid((x0, x1), (low, high), to_x, to_y, axes, foot)]
    parts += [
        f'<path class="{line.style}" d="{_path(to_x(x), to_y(values))}"/>'
        for line, x, values in points
    ]
    parts += [
        f'<circle class="dot {line.style}" cx="{a:.1f}" cy="{b:.1f}" r="3.5"/>'
        for line, x, values in points
        if line.dots
        for a, b in zip(to_x(x), to_y(values), strict=True)
        if np.isfinite(b)
    ]
    legend = legend_of([line for line, _, _ in points]) if len(points) > 1 else ""
    drawn = svg(axes.width, axes.height, escape(what), "".join(parts))
    # What is wide stays readable on a narrow screen by scrolling in its own box.
    kind = "scroll" if axes.width >= WIDTH else "plot"
    return f'<div class="{kind}">{drawn}</div>{legend}'


def legend_of(lines: Sequence[Line]) -> str:
    """Names of lines beside their colours."""
    keys = "".join(
        f'<span class="pair-of"><span class="key {line.style}"></span>{escape(line.name)}</span>'
        for line in lines
    )
    return f'<p class="legend keys">{keys}</p>'


class Scale:
    """From values to places in the drawing."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self._low, self._first = low, first
        self._factor = (last - first) / max(high - low, 1e-12)

    def __call__(self, values: Array) -> Array:
        """Places (N,) of values (N,)."""
        return np.asarray(self._first + (np.asarray(values) - self._low) * self._factor)


def _grid(
    x_ends: tuple[float, float],
    y_ends: tuple[float, float],
    to_x: Scale,
    to_y: Scale,
    axes: Axes,
    foot: int,
) -> str:
    (x0, x1), (low, high) = x_ends, y_ends
    base = axes.height - foot
    parts = []
    for value in _marks(low, high):
        y = float(to_y(np.array(value)))
        style = "axis" if value == 0 else "grid-line"
        parts.append(f'<path class="{style}" d="M{LEFT} {y:.1f}H{axes.width - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    step = round_step(x1 - x0)
    for k in range(int(np.ceil(x0 / step - 1e-9)), int(np.floor(x1 / step + 1e-9)) + 1):
        value = round(k * step, 9)
        x = float(to_x(np.array(value)))
        parts.append(
            f'<text x="{x:.1f}" y="{base + 20}" text-anchor="middle">{value:g}{axes.unit}</text>'
        )
    middle = (LEFT + axes.width - RIGHT) / 2
    if axes.x_name:
        parts.append(
            f'<text x="{middle:.0f}" y="{base + 40}" '
            f'text-anchor="middle">{escape(axes.x_name)}</text>'
        )
    if axes.y_name:
        y = (TOP + base) / 2
        parts.append(
            f'<text x="12" y="{y:.0f}" text-anchor="middle" transform="rotate(-90 12 {y:.0f})">'
            f"{escape(axes.y_name)}</text>"
        )
    return "".join(parts)


def _marks(low: float, high: float) -> list[float]:
    """Round values within [low, high], about four to each side of zero."""
    if low > 0:
        step = ticks(high - low)[1]
        first = int(np.ceil(low / step - 1e-9))
        return [round(k * step, 9) for k in range(first, int(high / step + 1e-9) + 1)]
    every = ticks(max(high, -low))
    return sorted({v for tick in every for v in (tick, -tick) if low <= v <= high})


def round_step(span: float) -> float:
    """A round step of which five to ten fit into a span > 0."""
    return ticks(span / 2)[1]


def thinned(x: Array, values: Array) -> tuple[Array, Array]:
    """At most POINTS values, evenly spaced, with the extremes of what lies between them."""
    if len(x) <= POINTS:
        return x, values
    step = -(-len(x) // (POINTS // 2))
    keep: list[int] = []
    for start in range(0, len(x), step):
        part = values[start : start + step]
        ends = {int(np.argmin(part)), int(np.argmax(part))}
        keep += [start + place for place in sorted(ends)]
    return x[keep], values[keep]


def _path(x: Array, y: Array) -> str:
    words, pen_up = [], True
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if not np.isfinite(b):
            pen_up = True
            continue
        words.append(f"{'M' if pen_up else 'L'}{a:.1f} {b:.1f}")
        pen_up = False
    return "".join(words)


@dataclass(frozen=True)
class Box:
    """Spread of some values: one row of `box_chart`."""

    name: str
    # A class of the style: "s0" to "s5".
    style: str
    # Below these lie 10, 25, 50, 75 and 90 % of the values.
    levels: tuple[float, float, float, float, float]
    # Mark of the mean.
    mean: float

    @classmethod
    def of(cls, name: str, style: str, values: Array) -> Box:
        """Of values (N,), N of at least 1."""
        a, b, c, d, e = np.percentile(values, (10, 25, 50, 75, 90)).tolist()
        return cls(name, style, (a, b, c, d, e), float(np.mean(values)))


def box_chart(
    groups: Sequence[tuple[str, Sequence[Box]]], what: str, line_at: float, top: float
) -> str:
    """Lying boxes from the quarter to the three-quarter point, whiskers from 10 to 90 %, a line at
    the median.

    Args:
        groups: heading and boxes of each.
        what: for a screen reader.
        line_at: a dashed line to compare with.
        top: end of the axis; what lies beyond is cut.
    """
    width, left = 340, 10
    to_x = Scale(0.0, top, left, width - RIGHT)

    def place(value: float) -> float:
        return float(to_x(np.array(min(value, top))))

    parts, y = [], 8
    at = place(line_at)
    for heading, boxes in groups:
        for text in wrap(heading, 56):
            parts.append(f'<text class="head" x="{left}" y="{y + 11}">{escape(text)}</text>')
            y += 14
        y += 4
        parts.append(f'<path class="equal" d="M{at:.1f} {y}v{20 * len(boxes)}"/>')
        for box in boxes:
            a, b, c, d, e = (place(v) for v in box.levels)
            parts.append(
                f'<g class="box {box.style}"><path d="M{a:.1f} {y + 8}H{b:.1f}M{d:.1f} '
                f'{y + 8}H{e:.1f}"/><rect x="{b:.1f}" y="{y + 1}" width="{max(d - b, 1):.1f}" '
                f'height="14" rx="3"/><path class="median" d="M{c:.1f} {y}v16"/>'
                f'<circle cx="{place(box.mean):.1f}" cy="{y + 8}" r="3"/></g>'
            )
            y += 20
        y += 6
    parts += [
        f'<text x="{place(value):.1f}" y="{y + 16}" text-anchor="middle">{value:g}</text>'
        for value in ticks(top)
    ]
    return f'<div class="plot wide">{svg(width, y + 24, escape(what), "".join(parts))}</div>'
