"""The page's charts: lines over time, a timeline with gaps, the path from above, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.inspection.histogram import Histogram
from slowfeat_trainer.inspection.verdict import percent
from slowfeat_trainer.page.plots import svg, ticks, time_colour

WIDTH, LEFT, RIGHT, TOP, FOOT = 720, 52, 12, 12, 34
# More points than this are not to be told apart.
POINTS = 700


@dataclass(frozen=True)
class Line:
    """One line of a chart."""

    name: str
    # A class of the style: "one" or "two-line".
    style: str
    # (N,) seconds since the bag's start, and values; NaN breaks the line.
    t: Array
    values: Array


def line_chart(lines: Sequence[Line], what: str, height: int = 190) -> str:
    """Lines over time, with a legend where there are several."""
    points = [(line, *_thinned(line.t, line.values)) for line in lines if len(line.t)]
    if not points:
        return ""
    every = np.concatenate([values for _, _, values in points])
    every = every[np.isfinite(every)]
    low, high = min(0.0, float(every.min(initial=0.0))), max(0.0, float(every.max(initial=0.0)))
    high = high if high > low else low + 1.0
    t0 = min(float(t[0]) for _, t, _ in points)
    t1 = max(max(float(t[-1]) for _, t, _ in points), t0 + 1e-9)
    to_x, to_y = _Scale(t0, t1, LEFT, WIDTH - RIGHT), _Scale(low, high, height - FOOT, TOP)
    parts = [_grid(t0, t1, low, high, to_x, to_y, height)]
    for line, t, values in points:
        parts.append(f'<path class="{line.style}" d="{_path(to_x(t), to_y(values))}"/>')
    legend = ""
    if len(points) > 1:
        keys = "".join(
            f'<span class="key {line.style}"></span><span>{escape(line.name)}</span>'
            for line, _, _ in points
        )
        legend = f'<p class="legend">{keys}</p>'
    return f'<div class="scroll">{svg(WIDTH, height, escape(what), "".join(parts))}</div>{legend}'


def timeline(rows: Sequence[tuple[str, Array]], seconds: float) -> str:
    """When messages of some topics came: a bar a topic, holes where they pause.

    Args:
        rows: name and times (N,) in seconds since the bag's start of each topic.
        seconds: length of the bag.
    """
    seconds = max(seconds, 1e-9)
    to_x = _Scale(0.0, seconds, LEFT, WIDTH - RIGHT)
    parts = []
    for k, (name, t) in enumerate(rows):
        y = 22 + 44 * k
        parts.append(f'<text x="{LEFT}" y="{y}">{escape(name)}</text>')
        parts.append(
            f'<rect class="hole" x="{LEFT}" y="{y + 6}" width="{WIDTH - RIGHT - LEFT}" height="14"/>'
        )
        for start, end in _stretches(t):
            x = float(to_x(np.array(start)))
            wide = max(float(to_x(np.array(end))) - x, 1.0)
            parts.append(
                f'<rect class="there" x="{x:.1f}" y="{y + 6}" width="{wide:.1f}" height="14"/>'
            )
    base = 22 + 44 * len(rows)
    step = _step(seconds)
    for value in [round(k * step, 9) for k in range(int(seconds / step + 1e-9) + 1)]:
        x = float(to_x(np.array(value)))
        parts.append(f'<text x="{x:.1f}" y="{base}" text-anchor="middle">{value:g} s</text>')
    label = "when images and odometry were recorded"
    return f'<div class="scroll">{svg(WIDTH, base + 8, label, "".join(parts))}</div>'


def way(xy: Array, known: npt.NDArray[np.bool_]) -> str:
    """The path from above, coloured from the first moment to the last, x up and y to the left.

    Args:
        xy: (N, 2) positions in m.
        known: (N - 1,) whether the way from each to the next is known.
    """
    size, margin = 360, 26
    step = -(-len(xy) // POINTS)
    holes = np.concatenate([[0], np.cumsum(~known)])[::step]
    xy = xy[::step]
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = float(max((high - low).max(), 1e-3))
    scale = (size - 2 * margin) / span
    middle = (low + high) / 2
    x = size / 2 - (xy[:, 1] - middle[1]) * scale
    y = size / 2 - (xy[:, 0] - middle[0]) * scale
    parts = [
        f'<line x1="{x[k]:.1f}" y1="{y[k]:.1f}" x2="{x[k + 1]:.1f}" y2="{y[k + 1]:.1f}" '
        f'stroke="{time_colour(k / max(len(x) - 1, 1))}" stroke-width="2.2" stroke-linecap="round"/>'
        for k in range(len(x) - 1)
        if holes[k] == holes[k + 1]
    ]
    bar = ticks(span)[1] if len(ticks(span)) > 1 else span
    foot = size - 8
    parts.append(f'<path class="axis" d="M{margin} {foot}h{bar * scale:.1f}"/>')
    parts.append(f'<text x="{margin}" y="{foot - 6}">{bar:g} m</text>')
    return svg(size, size, "path driven, from above", "".join(parts))


def bars(chart: Histogram) -> str:
    """A histogram as lying bars."""
    most = max(chart.shares) or 1.0
    rows = "".join(
        f'<div class="row"><span>{escape(label)}</span><span class="track">'
        f'<i style="width:{100 * share / most:.1f}%"></i></span><span>{percent(share)}</span></div>'
        for label, share in zip(chart.labels, chart.shares, strict=True)
    )
    return f"<div><h3>{escape(chart.what)} [{chart.unit}]</h3><div class='bars'>{rows}</div></div>"


class _Scale:
    """From values to places in the drawing."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self._low, self._first = low, first
        self._factor = (last - first) / max(high - low, 1e-12)

    def __call__(self, values: Array) -> Array:
        return self._first + (np.asarray(values) - self._low) * self._factor


def _grid(
    t0: float, t1: float, low: float, high: float, to_x: _Scale, to_y: _Scale, height: int
) -> str:
    base = height - FOOT
    parts = []
    spread = max(high, -low)
    values = [v for tick in ticks(spread) for v in {tick, -tick} if low <= v <= high]
    for value in sorted(set(values)):
        y = float(to_y(np.array(value)))
        style = "axis" if value == 0 else "grid-line"
        parts.append(f'<path class="{style}" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    step = _step(t1 - t0)
    for k in range(int(np.ceil(t0 / step - 1e-9)), int(np.floor(t1 / step + 1e-9)) + 1):
        value = round(k * step, 9)
        x = float(to_x(np.array(value)))
        parts.append(f'<text x="{x:.1f}" y="{base + 20}" text-anchor="middle">{value:g} s</text>')
    return "".join(parts)


def _step(span: float) -> float:
    """A round step of which five to ten fit into a span > 0 of time."""
    return ticks(span / 2)[1]


def _thinned(t: Array, values: Array) -> tuple[Array, Array]:
    """At most POINTS values, evenly spaced, with the extremes of what lies between them."""
    if len(t) <= POINTS:
        return t, values
    step = -(-len(t) // (POINTS // 2))
    keep: list[int] = []
    for start in range(0, len(t), step):
        part = values[start : start + step]
        ends = {int(np.argmin(part)), int(np.argmax(part))}
        keep += [start + place for place in sorted(ends)]
    return t[keep], values[keep]


def _path(x: Array, y: Array) -> str:
    words, pen_up = [], True
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if not np.isfinite(b):
            pen_up = True
            continue
        words.append(f"{'M' if pen_up else 'L'}{a:.1f} {b:.1f}")
        pen_up = False
    return "".join(words)


def _stretches(t: Array) -> list[tuple[float, float]]:
    """First and last time of each stretch without a pause of five intervals and half a second."""
    if not len(t):
        return []
    steps = np.diff(t)
    pause = max(0.5, 5 * float(np.median(steps))) if len(steps) else 0.5
    cuts = np.flatnonzero(steps > pause)
    starts, ends = np.concatenate([[0], cuts + 1]), np.concatenate([cuts, [len(t) - 1]])
    return [(float(t[a]), float(t[b])) for a, b in zip(starts, ends, strict=True)]
