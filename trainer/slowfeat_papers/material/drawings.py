"""Images of results as SVG files: the drawings of our pages, side by side
with their captions, on white.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from slowfeat.files import write_whole
from slowfeat_trainer.page.charts import Axes, Line, line_chart

GAP, CAPTION, LEGEND = 14, 18, 17
COLOURS = ("#2563eb", "#c2410c", "#15803d", "#9333ea", "#7c8795", "#be185d")
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#3a4553}.axis,.grid-line{fill:none;stroke:#e1e5eb}"
    ".axis{stroke:#5b6675}.pool{fill:none;stroke:#c3cad4;stroke-width:.5}"
    ".dashed{stroke-dasharray:7 5}.dotted{stroke-dasharray:2 4}"
    + "".join(
        f"path.s{k}{{stroke:{c};fill:none;stroke-width:1.8}}circle.s{k}{{fill:{c};stroke:none}}"
        for k, c in enumerate(COLOURS)
    )
)
# Styles of lines, in the order in which lines get them.
LINES = tuple(f"s{k}{kind}" for kind in ("", " dashed", " dotted") for k in range(len(COLOURS)))


@dataclass(frozen=True)
class Panel:
    """A drawing with what is written above it."""

    caption: str
    # HTML with one <svg> in it.
    drawing: str
    # Names and styles of its lines.
    legend: Sequence[tuple[str, str]] = ()


def line_panel(caption: str, lines: Sequence[Line], axes: Axes) -> Panel:
    """A line chart with its legend."""
    return Panel(
        caption, line_chart(lines, caption, axes), [(line.name, line.style) for line in lines]
    )


def write_panels(file: Path, panels: Sequence[Panel], columns: int, width: int = 440) -> None:
    """Draw panels row by row into an SVG file, each `width` pixels wide."""
    parts: list[str] = []
    top = 0.0
    for first in range(0, len(panels), columns):
        row = panels[first : first + columns]
        drawn = [_panel(panel, k * (width + GAP), top, width) for k, panel in enumerate(row)]
        parts += [text for text, _ in drawn]
        top += max(height for _, height in drawn) + GAP
    wide = min(columns, len(panels)) * (width + GAP) - GAP
    write_whole(
        file,
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{top:.0f}" '
        f'viewBox="0 0 {wide} {top:.0f}"><style>{STYLE}</style>'
        f'<rect width="{wide}" height="{top:.0f}" fill="#fff"/>{"".join(parts)}</svg>\n',
    )


def _panel(panel: Panel, x: float, y: float, width: int) -> tuple[str, float]:
    """A panel at a place, and its height."""
    found = re.search(
        r'<svg[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>(.*)</svg>', panel.drawing, re.DOTALL
    )
    if found is None:
        raise ValueError(f"the panel {panel.caption!r} has no drawing")
    own_width, own_height = float(found[1]), float(found[2])
    height = width * own_height / own_width
    crisp = ' shape-rendering="crispEdges"' if "crispEdges" in panel.drawing else ""
    parts = [
        f'<text x="{x}" y="{y + 13}" font-weight="600">{escape(panel.caption)}</text>',
        (
            f'<svg x="{x}" y="{y + CAPTION}" width="{width}" height="{height:.0f}" '
            f'viewBox="0 0 {own_width:g} {own_height:g}"{crisp}>{found[3]}</svg>'
        ),
    ]
    bottom = y + CAPTION + height
    for k, (name, style) in enumerate(panel.legend):
        left = x + (k % 2) * width / 2
        line = bottom + 12 + (k // 2) * LEGEND
        parts.append(
            f'<path class="{style}" d="M{left:.0f} {line - 4:.0f}h22"/>'
            f'<text x="{left + 28:.0f}" y="{line:.0f}">{escape(name)}</text>'
        )
    return "".join(parts), CAPTION + height + LEGEND * -(-len(panel.legend) // 2)
