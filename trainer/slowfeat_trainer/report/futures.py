"""Predicted frames: what the held-out part has that is nearest to a prediction."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from slowfeat.geometry import describe_motion
from slowfeat.odometry import NS
from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.page.inline_images import evenly
from slowfeat_trainer.page.plots import drawn_reach, motion_plot
from slowfeat_trainer.report.frame_images import Pictures
from slowfeat_trainer.report.motions import examples_of_kinds
from slowfeat_trainer.report.report_data import ReportData
from slowfeat_trainer.report.report_phrases import percent

EXAMPLES, SHOWN, MANY = 6, 3, 400
# A find within this of the true time is right.
RIGHT_S = 0.25


def futures_section(subjects: Sequence[ReportData], pictures: Sequence[Pictures]) -> str:
    """Start, motion, true future, and the frames nearest to the prediction."""
    parts = [
        (
            "<h2>Predicted frames</h2><p>From the frame of now and a motion the bundle predicts "
            "an embedding; shown are the held-out frames whose embedding is nearest to it, of all "
            f"there are. Green: within {RIGHT_S} s of the truth; orange: not. Examples are the "
            "middle pair of each kind of motion, not chosen by how they came out.</p>"
        )
    ]
    for subject, shown in zip(subjects, pictures, strict=True):
        if len(subjects) > 1:
            parts.append(subject.heading)
        right, chance = found_share(subject)
        parts.append(
            f"<p>The nearest frame is right {percent(right)} of the time; by chance "
            f"{percent(chance)}, and by the copy baseline 0 %.</p>"
        )
        if shown.shown:
            parts.append(_strips(subject, shown))
    return "".join(parts)


def found_share(subject: ReportData) -> tuple[float, float]:
    """How often the frame nearest to the prediction is right, and
    how often a random one would be.
    """
    test, pairs = subject.split.test, subject.material.pairs.single
    rows = evenly(len(pairs), MANY)
    best = _nearest(subject, rows, 1)[:, 0]
    truth = test.stamps[pairs.after[rows]]
    right = np.abs(test.stamps[best] - truth) <= RIGHT_S * NS
    chance = np.abs(test.stamps[None] - truth[:, None]) <= RIGHT_S * NS
    return float(right.mean()), float(chance.mean())


def _nearest(subject: ReportData, rows: np.ndarray, count: int) -> np.ndarray:
    """Frames of the test part (Q, count) nearest by l2 to the predictions of some pairs (Q,)."""
    pairs = subject.material.pairs.single
    z = np.asarray(subject.own(subject.split.test.frames), np.float64)
    predicted = subject.encoder.predict(z[pairs.before[rows]], pairs.motions[rows])[0]
    distance = (z**2).sum(axis=1)[None] - 2 * predicted @ z.T
    return np.asarray(np.argsort(distance, axis=1, kind="stable")[:, :count])


def _strips(subject: ReportData, pictures: Pictures) -> str:
    test, pairs = subject.split.test, subject.material.pairs.single
    rows = examples_of_kinds(subject, EXAMPLES)
    found = _nearest(subject, rows, SHOWN)
    reach = drawn_reach(pairs.motions[rows])
    strips = []
    for row, hits in zip(rows, found, strict=True):
        before, after = int(pairs.before[row]), int(pairs.after[row])
        words = escape(describe_motion(pairs.motions[row]))
        cells = [
            pictures.frame(test, before, "now"),
            (
                f'<figure class="motion">{motion_plot(pairs.motions[row], reach, words)}'
                f"<figcaption>{words}</figcaption></figure>"
            ),
            pictures.frame(test, after, f"{GAP_S} s later"),
        ]
        for k, hit in enumerate(hits):
            off = (int(test.stamps[hit]) - int(test.stamps[after])) / NS
            kind = "right" if abs(off) <= RIGHT_S else "wrong"
            name = ("nearest", "2nd", "3rd")[k]
            cells.append(pictures.frame(test, int(hit), f"{name}, {_off(off)}", kind))
        strips.append(f'<div class="future">{"".join(cells)}</div>')
    return "".join(strips)


def _off(off_s: float) -> str:
    return "true" if off_s == 0 else f"{off_s:+.2f} s"
