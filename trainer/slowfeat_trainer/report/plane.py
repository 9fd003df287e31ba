"""The embedding in two dimensions, coloured by time, heading and place (G fig. 1)."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer.page import plots
from slowfeat_trainer.page.projection import Projection
from slowfeat_trainer.report.report_data import ReportData
from slowfeat_trainer.report.report_phrases import percent

POINTS = 500


def plane_section(subjects: Sequence[ReportData]) -> str:
    """Three drawings a run, and where the robot was in the colours of the third."""
    intro = (
        "<h2>The embedding in two dimensions</h2><p>Each dot is one held-out frame, drawn in the "
        "two directions in which the embedding of the training part varies most. Where dots of "
        "one colour lie together, and neighbouring colours side by side, the code contains that "
        "quantity.</p>"
    )
    return intro + "".join(_of(subject, len(subjects) > 1) for subject in subjects)


def _of(subject: ReportData, named: bool) -> str:
    test = subject.split.test
    flat = Projection.fitted_to(np.asarray(subject.own(subject.split.train.frames), np.float64))
    rows = np.arange(0, len(test), -(-len(test) // POINTS))
    points = flat.apply(np.asarray(subject.own(test.frames)[rows], np.float64))
    poses = test.poses[rows]
    yaw = np.arctan2(poses[:, 1, 0], poses[:, 0, 0])
    xy = poses[:, :2, 3]
    nothing = np.zeros((0, 2))
    share = np.linspace(0, 1, len(rows))
    by_time = [plots.time_colour(float(s)) for s in share]
    by_heading = [plots.heading_colour(float(a)) for a in yaw]
    by_place = place_colours(xy)
    head = subject.heading if named else ""
    drawn = [
        (
            "by time",
            plots.dots_plot(points, by_time, "embedding by time"),
            plots.time_legend("0 s", f"{test.seconds:.0f} s"),
        ),
        (
            "by heading",
            plots.dots_plot(points, by_heading, "embedding by heading"),
            plots.heading_legend(),
        ),
        ("by place", plots.dots_plot(points, by_place, "embedding by place"), ""),
        (
            "the places",
            plots.path_plot(
                np.stack([-xy[:, 1], xy[:, 0]], axis=1),
                by_place,
                nothing,
                "the way driven, from above",
            ),
            '<p class="legend">the way driven, from above: colours of “by place”</p>',
        ),
    ]
    panels = "".join(
        f'<div class="plot"><h3>{name}</h3>{plot}{legend}</div>' for name, plot, legend in drawn
    )
    return (
        f'{head}<div class="{"four" if named else "two"}">{panels}</div><p class="soft">The plane '
        f"holds {percent(flat.share)} of the "
        "variance of the training part; the other directions are not seen here.</p>"
    )


def place_colours(xy: Array) -> list[str]:
    """A colour for each position (N, 2): the hue goes round the middle
    of the way, paler near to it.
    """
    offset = xy - (xy.min(axis=0) + xy.max(axis=0)) / 2
    far = max(float(np.linalg.norm(offset, axis=1).max(initial=0.0)), 1e-9)
    colours = []
    for x, y in offset:
        r, g, b = colorsys.hls_to_rgb(
            float(np.arctan2(y, x) / (2 * np.pi)) % 1.0,
            0.55,
            0.25 + 0.6 * min(1.0, float(np.hypot(x, y)) / far),
        )
        colours.append("#" + "".join(f"{round(255 * c):02x}" for c in (r, g, b)))
    return colours
