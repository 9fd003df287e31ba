"""Drawings for our pages as inline SVG, without a library; colours of text
and lines come from the style.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array

# Anchors of the scale from early to late: viridis, its ends mended to be seen on black and on
# white.
TIME_SCALE = ((122, 72, 196), (62, 108, 196), (33, 150, 145), (94, 184, 84), (226, 180, 20))
SIZE = 360
MARGIN = 26


def time_colour(share: float) -> str:
    """Colour of a time between 0 (first) and 1 (last)."""
    at = min(max(share, 0.0), 1.0) * (len(TIME_SCALE) - 1)
    low = min(int(at), len(TIME_SCALE) - 2)
    mixed = [
        a + (b - a) * (at - low) for a, b in zip(TIME_SCALE[low], TIME_SCALE[low + 1], strict=True)
    ]
    return "#" + "".join(f"{round(c):02x}" for c in mixed)


def heading_colour(yaw_rad: float) -> str:
    """Colour of a heading; it closes on itself after a full turn."""
    r, g, b = colorsys.hls_to_rgb((yaw_rad / (2 * np.pi)) % 1.0, 0.55, 0.75)
    return "#" + "".join(f"{round(255 * c):02x}" for c in (r, g, b))


def path_plot(points: Array, colours: Sequence[str], behind: Array, label: str) -> str:
    """The embedding's path.

    Args:
        points: (N, 2) in the order of time.
        colours: N colours.
        behind: (M, 2) drawn pale behind it.
        label: what it shows, for a screen reader.
    """
    to_x, to_y = _axes(np.concatenate([points, behind]))
    pale = "".join(
        f'<circle class="pale" cx="{to_x(x):.1f}" cy="{to_y(y):.1f}" r="1.6"/>' for x, y in behind
    )
    lines = "".join(
        f'<line x1="{to_x(a[0]):.1f}" y1="{to_y(a[1]):.1f}" x2="{to_x(b[0]):.1f}" '
        f'y2="{to_y(b[1]):.1f}" stroke="{c}" stroke-width="1" opacity=".45"/>'
        for a, b, c in zip(points[:-1], points[1:], colours[1:], strict=True)
    )
    dots = "".join(
        f'<circle cx="{to_x(x):.1f}" cy="{to_y(y):.1f}" r="2.6" fill="{c}"/>'
        for (x, y), c in zip(points, colours, strict=True)
    )
    return svg(SIZE, SIZE, label, pale + lines + dots)


def dots_plot(points: Array, colours: Sequence[str], label: str) -> str:
    """Points (N, 2) in their colours, both axes alike."""
    to_x, to_y = _axes(points)
    dots = "".join(
        f'<circle cx="{to_x(x):.1f}" cy="{to_y(y):.1f}" r="3" fill="{c}" opacity=".8"/>'
        for (x, y), c in zip(points, colours, strict=True)
    )
    return svg(SIZE, SIZE, label, dots)


def scatter_plot(
    x: Array, y: Array, marked: npt.NDArray[np.bool_], x_name: str, y_name: str
) -> str:
    """Points (N,) against each other from zero on, both axes alike, with the line of equality."""
    top = float(max(x.max(initial=0.0), y.max(initial=0.0), 1e-9)) * 1.05
    left, side = 46, SIZE - 46 - MARGIN

    def to_x(value: float) -> float:
        return left + side * value / top

    def to_y(value: float) -> float:
        return MARGIN + side * (1 - value / top)

    base = MARGIN + side
    parts = [
        f'<path class="axis" d="M{left} {MARGIN}V{base}H{left + side}"/>',
        f'<line class="equal" x1="{left}" y1="{base}" x2="{left + side}" y2="{MARGIN}"/>',
    ]
    for value in ticks(top):
        parts.append(
            f'<text x="{to_x(value):.1f}" y="{base + 16}" text-anchor="middle">{value:g}</text>'
        )
        parts.append(
            f'<text x="{left - 6}" y="{to_y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    parts += [
        f'<circle class="{"dot-large" if large else "dot-small"}" cx="{to_x(a):.1f}" '
        f'cy="{to_y(b):.1f}" r="2.6"/>'
        for a, b, large in zip(x, y, marked, strict=True)
    ]
    middle = MARGIN + side / 2
    parts += [
        f'<text x="{left + side / 2:.0f}" y="{base + 34}" text-anchor="middle">{x_name}</text>',
        (
            f'<text x="12" y="{middle:.0f}" text-anchor="middle" '
            f'transform="rotate(-90 12 {middle:.0f})">{y_name}</text>'
        ),
    ]
    return svg(SIZE, SIZE + 16, f"{y_name} against {x_name}", "".join(parts))


def motion_plot(motion: Array, reach_m: float, label: str) -> str:
    """A motion (6,) from above: the robot before (pale) and after, forward is up, left is left.

    Args:
        motion: [x y z m, rotation vector rad].
        reach_m: the distance that reaches the edge, so that several drawings compare.
        label: for a screen reader.
    """
    size, foot = 120, 92.0
    scale = (size - 52) / max(reach_m, 1e-6)
    x, y = size / 2 - motion[1] * scale, foot - motion[0] * scale
    turn = -np.rad2deg(motion[5])
    robot = "M0 -11L8 9L0 4L-8 9Z"
    return svg(
        size,
        size,
        label,
        f'<path class="before" d="{robot}" transform="translate({size / 2} {foot})"/>'
        f'<line class="way" x1="{size / 2}" y1="{foot}" x2="{x:.1f}" y2="{y:.1f}"/>'
        f'<path class="after" d="{robot}" transform="translate({x:.1f} {y:.1f}) '
        f'rotate({turn:.1f})"/>',
    )


def drawn_reach(motions: Array) -> float:
    """The `reach_m` of plots.motion_plot with which motions (P, 6) to all sides stay in the
    drawing.

    The robot stands near its foot: to the sides there is less room than ahead, and little behind.
    """
    x, y = motions[:, 0], motions[:, 1]
    return float(
        max(x.max(initial=0.01), 1.4 * np.abs(y).max(initial=0.0), -3.4 * x.min(initial=0.0))
    )


def time_legend(first: str, last: str) -> str:
    """The scale of `time_colour` between two words."""
    colours = ",".join(time_colour(i / 8) for i in range(9))
    return _legend(first, last, colours)


def heading_legend() -> str:
    """The scale of `heading_colour` over a full turn."""
    colours = ",".join(heading_colour(2 * np.pi * i / 12) for i in range(13))
    return _legend("0°", "full turn to the left", colours)


def _legend(first: str, last: str, colours: str) -> str:
    return (
        f'<p class="legend"><span>{first}</span>'
        f'<span class="bar" style="background:linear-gradient(to right,{colours})"></span>'
        f"<span>{last}</span></p>"
    )


def svg(width: int, height: int, label: str, content: str) -> str:
    """A drawing of a size in its own units; `label` is for a screen reader, escaped already."""
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{content}</svg>'


def _axes(points: Array) -> tuple[_Scale, _Scale]:
    """Scales that fit points (N, 2) into the square, the same for
    both axes: a distance is a distance.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    span = float(max((high - low).max(), 1e-9))
    side = SIZE - 2 * MARGIN
    middle = (low + high) / 2
    return (
        _Scale(float(middle[0]), side / span),
        _Scale(float(middle[1]), -side / span),
    )


class _Scale:
    """From data to the drawing, about the square's middle."""

    def __init__(self, middle: float, factor: float) -> None:
        self.middle, self.factor = middle, factor

    def __call__(self, value: float) -> float:
        return SIZE / 2 + (value - self.middle) * self.factor


def ticks(top: float) -> list[float]:
    """Round values from 0 up to `top` > 0, about four."""
    raw = top / 4
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    return [float(round(step * i, 10)) for i in range(int(top / step) + 1)]
