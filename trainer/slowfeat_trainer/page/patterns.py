"""Motion patterns on a page: which pair of frames stands for each, and its card."""

from __future__ import annotations

from html import escape

import numpy as np

from slowfeat.bundle_info import BundleInfo
from slowfeat.geometry import Array
from slowfeat_trainer.data.pairs import GAP_S, Part
from slowfeat_trainer.page.plots import motion_plot


def pattern_card(motion: Array, reach_m: float, heading: str, text: str, pair: str) -> str:
    """A card with the motion from above, what it is, and a pair of images.

    Args:
        motion: (6,) [x y z m, rotation vector rad].
        reach_m: as in `motion_plot`.
        heading: as text; escaped here.
        text: as text; escaped here.
        pair: two figures as HTML; empty for none.
    """
    both = f'<div class="pair">{pair}</div>' if pair else ""
    return (
        f'<div class="pattern">{motion_plot(motion, reach_m, escape(heading))}'
        f"<div><h3>{escape(heading)}</h3><p>{escape(text)}</p></div>{both}</div>"
    )


def pairs_near_patterns(info: BundleInfo, part: Part) -> list[tuple[int, int] | None]:
    """For each motion pattern the frames before and after of a pair of a part
    that is near to its centroid.
    """
    # Patterns are means over gaps of up to a second; look at all of them.
    gaps = (GAP_S / 2, GAP_S, 1.5 * GAP_S, 2 * GAP_S)
    found = [part.pairs_at_gap(gap) for gap in gaps] if len(part) > 1 else []
    if not any(len(pairs) for pairs in found):
        return [None] * len(info.motion_patterns)
    motions = np.concatenate([pairs.motions for pairs in found])
    before = np.concatenate([pairs.before for pairs in found])
    after = np.concatenate([pairs.after for pairs in found])
    extent = np.array(info.motion_max) - np.array(info.motion_min)
    scale = np.where(extent > 1e-6, extent, np.inf)
    chosen: list[tuple[int, int] | None] = []
    for pattern in info.motion_patterns:
        distance = (((motions - np.array(pattern.centroid)) / scale) ** 2).sum(axis=1)
        best = int(np.argmin(distance))
        chosen.append((int(before[best]), int(after[best])))
    return chosen
