"""How the training went: its log, and how slow the code was at each stage (J fig. 12)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.evaluation.measure_bundle import PIXELS
from slowfeat_trainer.evaluation.temporal_coherence import slowness_auroc
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.page.charts import Axes, Line, legend_of, line_chart
from slowfeat_trainer.report.rebuild import stages
from slowfeat_trainer.report.report_data import ReportData

TIMES = ("data_s", "update_s")
SMALL = Axes(unit="", x_name="step", width=340, height=210)
# Frames of each part that the course of slowness is taken on.
LONGEST = 2000


def read_log(run: Path | None) -> list[dict[str, float]]:
    """Lines of RUN/log.jsonl, oldest first; none where there is no log.
    A torn last line is left out.
    """
    if run is None or not (run / "log.jsonl").is_file():
        return []
    lines = []
    for text in (run / "log.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return lines


def training_section(subjects: Sequence[ReportData]) -> str:
    """A small chart for each term of the loss."""
    logs = {s.name: read_log(s.run) for s in subjects}
    terms = list(dict.fromkeys(k for log in logs.values() for x in log for k in x))
    charts = []
    for term in terms:
        if term in ("step", *TIMES):
            continue
        lines = []
        for s in subjects:
            known = [(x["step"], x[term]) for x in logs[s.name] if term in x]
            if len(known) > 1:
                at, values = np.array(known, dtype=np.float64).T
                lines.append(Line(s.name, s.style, at, values))
        if lines:
            chart = line_chart(lines, f"{term} over training", SMALL).split('<p class="legend')[0]
            charts.append(f"<div><h3>{escape(term)}</h3>{chart}</div>")
    if not charts:
        return ""
    times = "".join(f"<li>{_times(s, logs[s.name])}</li>" for s in subjects if logs[s.name])
    nothing = np.zeros(0)
    legend = ""
    if len(subjects) > 1:
        legend = legend_of(
            [Line(s.name, s.style, nothing, nothing) for s in subjects if logs[s.name]]
        )
    return (
        "<h2>How the training went</h2><p>The terms of the loss, weighted, means over 20 steps. "
        "What is minimised "
        "is their sum; terms of different presets do not "
        f'compare.</p><div class="small">{"".join(charts)}</div>'
        f'{legend}<ul class="notes">{times}</ul>'
    )


def _times(subject: ReportData, log: list[dict[str, float]]) -> str:
    data, update = (1000 * float(np.median([x.get(t, 0.0) for x in log])) for t in TIMES)
    return (
        f"{escape(subject.name)}: a step took {data + update:.0f} ms (median), {data:.0f} ms of "
        "it to get the data"
    )


def slowness_section(subjects: Sequence[ReportData]) -> str:
    """Slowness AUROC at initialisation, at the kept checkpoints and at the end."""
    lines, said = [], []
    for subject in subjects:
        points = slowness_course(subject)
        if len(points) > 1:
            at = np.array([p[0] for p in points], dtype=np.float64)
            for column, (part, dash) in enumerate((("training part", ""), ("held out", " dashed"))):
                values = np.array([p[1 + column] for p in points])
                name = f"{subject.name}, {part}"
                lines.append(Line(name, subject.style + dash, at, values, dots=True))
            first, last = points[0][2], points[-1][2]
            said.append(
                f"{escape(subject.name)}, held out: {first:.2f} before the first step, {last:.2f} "
                "at the end"
            )
        else:
            fresh, end = (
                slowness_auroc(embed(subject.split.test.frames), subject.split.test.block)
                for embed in (subject.fresh, subject.own)
            )
            said.append(
                f"{escape(subject.name)}, held out: {fresh:.2f} untrained, {end:.2f} at the end"
            )
    pixels = subjects[0].evaluation.spaces[PIXELS].number("slowness_auroc")
    low = min((float(line.values.min()) for line in lines), default=0.5)
    axes = Axes(
        unit="", x_name="step", y_name="AUROC", y_range=(min(0.5, low), 1.0), width=440, height=260
    )
    listed = "".join(f"<li>{s}</li>" for s in said)
    return (
        "<h2>Slowness over training</h2><p>How well distances in the embedding separate frames "
        "that follow each other from any two frames (area under the ROC curve, .5 is chance), "
        "before the first step, at the stored checkpoints and at the end. It is high before "
        "anything is learned, because images that follow each other are similar in any random "
        f"projection (raw pixels: {pixels:.2f}); so slowness alone is no evidence of "
        f"learning.</p>{line_chart(lines, 'slowness AUROC over training', axes)}<ul "
        f'class="notes">{listed}</ul>'
    )


def slowness_course(subject: ReportData) -> list[tuple[int, float, float]]:
    """(step, AUROC on the training part, on the held-out part), by step."""
    parts = [_first(subject.split.train), _first(subject.split.test)]
    points = []
    for step, encoder in stages(subject):
        train, test = (slowness_auroc(embed_frames(encoder, p.frames), p.block) for p in parts)
        points.append((step, train, test))
    return points


def _first(part: Part) -> Part:
    """The beginning of a part."""
    if len(part) <= LONGEST:
        return part
    n = LONGEST
    return Part(FrameStack([part.frames[:n]]), part.stamps[:n], part.poses[:n], part.block[:n])
