"""Learned filters as images: small drawings that are sharp at any size."""

from __future__ import annotations

import base64
from html import escape

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array

GAP = 1


def filters_drawing(
    filters: Array, groups: list[list[int]], columns: int, label: str, as_images: bool = False
) -> str:
    """Filters (K, 1 or 3, h, w), group by group; grey is zero, each filter has its own scale.

    Args:
        filters: weights.
        groups: the filters that stand together in each, such as those of one pool.
        columns: groups side by side.
        label: what it shows, for a screen reader.
        as_images: small images in place of drawn squares; a fifth of the bytes, but bytes of
            images.
    """
    height, width = filters.shape[2:]
    largest = max(len(group) for group in groups)
    side = int(np.ceil(np.sqrt(largest)))
    rows_of_group = -(-largest // side)
    # A frame around a group needs room; filters by themselves need none.
    edge = 2 * GAP if largest > 1 else 0
    wide, high = side * (width + GAP) + edge, rows_of_group * (height + GAP) + edge
    draw = _image if as_images else _squares
    parts = []
    for number, group in enumerate(groups):
        x0, y0 = (number % columns) * (wide + GAP), (number // columns) * (high + GAP)
        if largest > 1:
            parts.append(
                f'<rect class="pool" x="{x0}" y="{y0}" width="{wide}" height="{high}" rx="1"/>'
            )
        for place, k in enumerate(group):
            x = x0 + edge / 2 + 0.5 + (place % side) * (width + GAP)
            y = y0 + edge / 2 + 0.5 + (place // side) * (height + GAP)
            parts.append(f'<g transform="translate({x} {y})">{draw(_colours(filters[k]))}</g>')
    total_w = min(columns, len(groups)) * (wide + GAP)
    total_h = -(-len(groups) // columns) * (high + GAP)
    return (
        f'<svg class="filters" viewBox="0 0 {total_w} {total_h}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges">{"".join(parts)}</svg>'
    )


def _colours(weights: Array) -> npt.NDArray[np.uint8]:
    """(h, w, 3) of weights (1 or 3, h, w): zero is grey, the largest
    goes to black or to full colour.
    """
    scale = max(float(np.abs(weights).max()), 1e-12)
    shown = np.broadcast_to(weights, (3, *weights.shape[1:])).transpose(1, 2, 0)
    # 16 levels a channel are written as three digits.
    return np.asarray(np.round(7.5 + 7.5 * shown / scale), dtype=np.uint8)


def _image(colours: npt.NDArray[np.uint8]) -> str:
    """An image (h, w, 3) of 16 levels a channel as an image of its own, whose
    pixels stay squares at any size.
    """
    height, width = colours.shape[:2]
    png = cv2.imencode(".png", 17 * colours[..., ::-1])[1].tobytes()
    return (
        f'<image width="{width}" height="{height}" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{base64.b64encode(png).decode()}"/>'
    )


def _squares(colours: npt.NDArray[np.uint8]) -> str:
    """One path for each colour; neighbours in a row that are alike are one stretch."""
    paths: dict[str, list[str]] = {}
    for y, row in enumerate(colours):
        names = ["".join(f"{c:x}" for c in pixel) for pixel in row]
        x = 0
        while x < len(names):
            end = x
            while end < len(names) and names[end] == names[x]:
                end += 1
            paths.setdefault(names[x], []).append(f"M{x} {y}h{end - x}v1h{x - end}z")
            x = end
    return "".join(f'<path fill="#{name}" d="{"".join(d)}"/>' for name, d in paths.items())
