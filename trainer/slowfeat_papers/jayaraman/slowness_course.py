"""J20: how well distances separate neighbours in time, before and during training (fig. 12)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from slowfeat.files import append_line
from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.drive_views import MAPS, DriveBench, prepare
from slowfeat_papers.jayaraman.networks import (
    configuration,
    margins,
    scale_of_features,
)
from slowfeat_papers.material.drawings import LINES, line_panel, write_panels
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.evaluation.compare import pixels
from slowfeat_trainer.evaluation.temporal_coherence import slowness_auroc
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.page.charts import Axes, Line
from slowfeat_trainer.training.loop import train

METHODS = ("drlim", "temporal", "equiv_drlim")
# Frames that each point is taken on.
FRAMES = 1200
# How near to its value at the end an area must be at the start to be called high already.
HIGH = 0.85

Point = tuple[int, float, float]


def run(bench: Bench) -> Result:
    """Train with an eye on slowness."""
    base = prepare(bench)
    parts = (first_frames(base.setting.part), first_frames(base.splits[MAPS].test))
    courses = {
        (m, s): course(bench, base, m, s, parts) for m in METHODS for s in range(bench.seeds)
    }
    raw = [slowness_auroc(pixels(p.frames), p.block) for p in parts]
    rows, lines = [], ([], [])  # type: ignore[var-annotated]
    for number, method in enumerate(METHODS):
        mean = np.mean([courses[method, s] for s in range(bench.seeds)], axis=0)
        start, peak, end = mean[0], mean.max(axis=0), mean[-1]
        rows.append([method, *(f"{v:.3f}" for k in (1, 2) for v in (start[k], peak[k], end[k]))])
        for k in (1, 2):
            lines[k - 1].append(Line(method, LINES[number], mean[:, 0], mean[:, k], dots=True))
    rows.append(["raw pixels", *(f"{v:.3f}" for v in raw for _ in range(3))])
    # From the next lower twentieth: lines near 1 could not be distinguished on an axis from chance.
    low = np.floor(20 * min(p[k] for found in courses.values() for p in found for k in (1, 2))) / 20
    span = (min(float(low), 0.95), 1.0)
    axes = Axes(unit="", x_name="step", y_name="AUROC", y_range=span, width=440, height=260)
    panels = [
        line_panel(caption, found, axes)
        for caption, found in zip(("training drives", "held-out maps"), lines, strict=True)
    ]
    write_panels(bench.folder / "slowness.svg", panels, columns=2)
    heads = [
        f"{part}: {when}"
        for part in ("training", "held out")
        for when in ("untrained", "peak", "end")
    ]
    table = Table("Slowness AUROC (chance .5)", ["method", *heads], rows)
    firsts = [np.mean([courses[m, s][0][2] for s in range(bench.seeds)]) for m in METHODS]
    peaks = [
        np.mean([max(p[2] for p in courses[m, s]) for s in range(bench.seeds)]) for m in METHODS
    ]
    says = (
        f"Held out, the AUROC is {min(firsts):.3f} before the first step (paper near "
        f"{published.AUROC_AT_START:g}) and peaks at {max(peaks):.3f} (paper near "
        f"{published.AUROC_PEAK:g}): slowness is there before anything is learned. Raw pixels "
        f"have {raw[1]:.3f}, so the figure shows that images of a drive change slowly, and little "
        "of what a network has learned."
    )
    return Result(
        [Finding("J20", says, bool(min(firsts) >= HIGH and max(peaks) > min(firsts)))],
        [table],
        {
            "slowness.svg": (
                "Fig. 12: slowness AUROC over training, on training drives and on held-out maps."
            )
        },
        [
            (
                "Distances are l2 for all methods; the paper takes l1 for temporal. Pairs are "
                "neighbouring frames against any two."
            )
        ],
        bench.seeds,
    )


def course(
    bench: Bench, base: DriveBench, preset: str, seed: int, parts: tuple[Part, Part]
) -> list[Point]:
    """(step, AUROC on the training part, on the held-out part) as the
    training goes; a killed one goes on.
    """
    say(f"  {preset}, seed {seed}")
    folder = bench.folder / f"{preset}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "course.jsonl"
    changes = margins(preset, scale_of_features(bench, base.setting, seed, preset))
    steps = bench.pick(120, 20_000)
    config = configuration(base.setting, preset, seed, False, steps=steps, **changes)
    data = TrainingSet.prepare(base.setting.part, base.setting.camera, config)
    torch.manual_seed(seed)
    method = build_method(data, config)
    points = read_points(file)
    if not points:
        note(file, 0, method, parts)
    every = max(20, steps // 40)

    def watch(done: int, _: dict[str, float]) -> None:
        if done % every == 0 or done == steps:
            note(file, done, method, parts)

    train(data, config, folder, watch, method)
    return read_points(file)


def note(file: Path, step: int, method: Method, parts: tuple[Part, Part]) -> None:
    """Write a point of the course down."""
    device = next(method.parameters()).device
    encoder = method.encoder.cpu()
    found = [slowness_auroc(embed_frames(encoder, p.frames), p.block) for p in parts]
    method.encoder.to(device)
    append_line(file, json.dumps([step, *found]))


def read_points(file: Path) -> list[Point]:
    """The course so far, by step; what was noted twice counts as it was noted last."""
    if not file.is_file():
        return []
    lines = [
        x for x in file.read_text(encoding="utf-8").splitlines(keepends=True) if x.endswith("\n")
    ]
    by_step = {int(p[0]): (int(p[0]), float(p[1]), float(p[2])) for p in map(json.loads, lines)}
    return [by_step[step] for step in sorted(by_step)]


def first_frames(part: Part) -> Part:
    """The beginning of each block of a part, FRAMES in all: neighbours must stay neighbours."""
    blocks = np.unique(part.block)
    each = max(2, FRAMES // len(blocks))
    index = np.concatenate([np.flatnonzero(part.block == b)[:each] for b in blocks])
    frames = FrameStack([part.frames[index]])
    return Part(frames, part.stamps[index], part.poses[index], part.block[index])
