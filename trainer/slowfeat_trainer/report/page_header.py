"""The top of the page: what it is about, and the figures that matter."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from slowfeat_trainer.evaluation.measure_bundle import OWN
from slowfeat_trainer.report.report_data import ReportData
from slowfeat_trainer.report.report_phrases import MAP, percent, verdict


def opening(subjects: Sequence[ReportData], contents: Sequence[tuple[str, str]]) -> str:
    """Names, what each run is, and links to the sections.

    Args:
        subjects: the runs.
        contents: (anchor, heading) of each section.
    """
    names = ", ".join(escape(s.name) for s in subjects)
    first = subjects[0]
    listed = "".join(f'<li><a href="#{anchor}">{heading}</a></li>' for anchor, heading in contents)
    about = "".join(f"<li>{_about(s)}</li>" for s in subjects)
    return (
        f'<header><h1>slowfeat report: <span class="lead">{names}</span></h1>'
        f'<p class="lead">Everything here is taken on the {first.split.test.seconds:.0f} s of '
        "recording that were held out of the training"
        ", on the exported files that a robot runs.</p>"
        f'<ul class="about">{about}</ul><ol class="contents">{listed}</ol></header>'
    )


def _about(subject: ReportData) -> str:
    info, config = subject.encoder.info, subject.config
    height, width = info.image_size
    learned = (
        ""
        if config is None
        else f"preset <code>{escape(config.preset)}</code>, {config.steps} steps, "
    )
    bags = ", ".join(escape(str(bag.get("name", ""))) for bag in info.training.get("bags", []))
    key = f'<span class="key {subject.style}"></span>'
    return (
        f"{key}<strong>{escape(subject.name)}</strong>: {learned}{width}x{height} pixels to "
        f"{info.dimension} numbers, learned from {bags or 'bags unknown'}"
    )


def key_figures(subjects: Sequence[ReportData]) -> str:
    """Four numbers a run, and its verdict."""
    blocks = []
    for subject in subjects:
        result = subject.evaluation
        learned, own = result.comparison.rows[MAP], result.spaces[OWN]
        gain = learned.motion_gain or 0.0
        cells = [
            (
                f"{learned.rho:.2f}",
                "of the copy baseline's error, half a second ahead (1 is no better)",
            ),
            (percent(learned.hit_at_1), "of true futures rank first among 100 frames (chance 1 %)"),
            (
                percent(gain),
                "less squared error with the true motion (0: the motion is of no use)",
            ),
            (
                f"{own.number('auc_time'):.2f}",
                (
                    f"area of temporal coherence ({own.number('auc_time_chance'):.2f} by "
                    "chance): how slow the code is"
                ),
            ),
        ]
        content = "".join(
            f'<div class="figure {subject.style}"><div class="big">{value}</div><p>{text}</p></div>'
            for value, text in cells
        )
        head = "" if len(subjects) == 1 else subject.heading
        blocks.append(
            f'<section>{head}<div class="grid">{content}</div>'
            f'<p style="margin:18px 0 0">{escape(verdict(result))}</p></section>'
        )
    return "\n".join(blocks)
