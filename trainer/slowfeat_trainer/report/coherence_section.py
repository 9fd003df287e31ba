"""Precision and recall of temporal coherence (G fig. 7)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.measure_bundle import OWN, PIXELS, UNTRAINED
from slowfeat_trainer.evaluation.temporal_coherence import temporal_precision
from slowfeat_trainer.page.charts import Axes, Line, line_chart
from slowfeat_trainer.report.report_data import ReportData

RECALL = np.linspace(0.02, 1.0, 50)
AXES = Axes(
    unit="",
    x_name="recall",
    y_name="precision",
    x_range=(0, 1),
    y_range=(0, 1),
    width=440,
    height=300,
)


def coherence_section(subjects: Sequence[ReportData]) -> str:
    """Curves of every run, with raw pixels and the untrained network of the first."""
    first = subjects[0]
    lines = []
    for subject in subjects:
        test = subject.split.test
        scene = segment_scenes(test.frames, test.block)
        area = subject.evaluation.spaces[OWN].number("auc_time")
        name = f"{subject.name}: {area:.2f}"
        curve = temporal_precision(subject.own(test.frames), scene, RECALL)
        lines.append(Line(name, subject.style, RECALL, curve))
    scene = segment_scenes(first.split.test.frames, first.split.test.block)
    for space, style in ((PIXELS, "s4 dashed"), (UNTRAINED, "s4")):
        curve = temporal_precision(first.spaces[space](first.split.test.frames), scene, RECALL)
        area = first.evaluation.spaces[space].number("auc_time")
        lines.append(Line(f"{space}: {area:.2f}", style, RECALL, curve))
    chance = first.evaluation.spaces[OWN].number("auc_time_chance")
    lines.append(
        Line(f"by chance: {chance:.2f}", "s4 dotted", RECALL, np.full(len(RECALL), chance))
    )
    return (
        "<h2>Temporal coherence</h2><p>The middle frame of each scene (a stretch between cuts, 40 "
        "frames at most) asks for the others of its scene; all held-out frames are ranked by "
        "cosine distance. Precision is the share of the nearest that belong to the scene, recall "
        "how much of the scene they are. The higher the curve, the slower the code; the number is "
        "the area below it. A map of features that moves with the robot is not meant to win "
        f"this.</p>{line_chart(lines, 'precision over recall', AXES)}"
    )
