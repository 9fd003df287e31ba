"""The page's charts: lines over time, a timeline with gaps, the path from above, bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.inspection.histogram import Histogram
from slowfeat_trainer.inspection.verdict import percent
from slowfeat_trainer.page.charts import (
    LEFT,
    POINTS,
    RIGHT,
    WIDTH,
    Line,
    Scale,
    line_chart,
    round_step,
)
from slowfeat_trainer.page.plots import svg, ticks, time_colour

__all__ = ["POINTS", "Line", "bars", "line_chart", "timeline", "trajectory_plot"]


def timeline(rows: Sequence[tuple[str, Array]], seconds: float) -> str:
    """When messages of some topics came: a bar a topic, holes where they pause.

    Args:
        rows: name and times (N,) in seconds since the bag's start of each topic.
        seconds: length of the bag.
    """
    seconds = max(seconds, 1e-9)
    to_x = Scale(0.0, seconds, LEFT, WIDTH - RIGHT)
    parts = []
    for k, (name, t) in enumerate(rows):
        y = 22 + 44 * k
        parts.append(f'<text x="{LEFT}" y="{y}">{escape(name)}</text>')
        parts.append(
            f'<rect class="hole" x="{LEFT}" y="{y + 6}" width="{WIDTH - RIGHT - LEFT}" '
            'height="14"/>'
        )
        for start, end in _stretches(t):
            x = float(to_x(np.array(start)))
            wide = max(float(to_x(np.array(end))) - x, 1.0)
            parts.append(
                f'<rect class="there" x="{x:.1f}" y="{y + 6}" width="{wide:.1f}" height="14"/>'
            )
    base = 22 + 44 * len(rows)
    step = round_step(seconds)
    for value in [round(k * step, 9) for k in range(int(seconds / step + 1e-9) + 1)]:
        x = float(to_x(np.array(value)))
        parts.append(f'<text x="{x:.1f}" y="{base}" text-anchor="middle">{value:g} s</text>')
    label = "when images and odometry were recorded"
    return f'<div class="scroll">{svg(WIDTH, base + 8, label, "".join(parts))}</div>'


def trajectory_plot(xy: Array, known: npt.NDArray[np.bool_]) -> str:
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
        f'stroke="{time_colour(k / max(len(x) - 1, 1))}" stroke-width="2.2" '
        'stroke-linecap="round"/>'
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


def _stretches(t: Array) -> list[tuple[float, float]]:
    """First and last time of each stretch without a pause of five intervals and half a second."""
    if not len(t):
        return []
    steps = np.diff(t)
    pause = max(0.5, 5 * float(np.median(steps))) if len(steps) else 0.5
    cuts = np.flatnonzero(steps > pause)
    starts, ends = np.concatenate([[0], cuts + 1]), np.concatenate([cuts, [len(t) - 1]])
    return [(float(t[a]), float(t[b])) for a, b in zip(starts, ends, strict=True)]
