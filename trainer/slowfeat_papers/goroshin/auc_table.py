"""table: temporal and class coherence of every method (Goroshin et al. 2015,
section 5, table 1 and fig. 7).
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array
from slowfeat_papers.goroshin.encoders import (
    PUBLISHED_NAMES,
    SIZE,
    configuration,
    drives_of,
    spaces,
)
from slowfeat_papers.goroshin.table_findings import (
    CLASS,
    PUBLISHED,
    TIME,
    Measured,
    findings,
)
from slowfeat_papers.material.drawings import LINES, line_panel, write_panels
from slowfeat_papers.material.drive_frames import Drives
from slowfeat_papers.material.finding_phrases import spread
from slowfeat_papers.material.image_sets import (
    Pictures,
    balanced,
    read_pictures,
    rendered_pictures,
)
from slowfeat_papers.material.part import Bench, Result, Table
from slowfeat_papers.measures.rank_agreement import compare_order
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.compare import Embed
from slowfeat_trainer.evaluation.recognition import class_precision
from slowfeat_trainer.evaluation.temporal_coherence import temporal_coherence, temporal_precision
from slowfeat_trainer.page.charts import Axes, Line
from slowfeat_trainer.report.coherence_section import AXES, RECALL

NEIGHBOURS = 40


def labelled(bench: Bench, all_of_them: bool = False) -> tuple[Pictures, str]:
    """Images with classes, and what they are; a quarter as many ask as are
    known, unless all are wanted.
    """
    most = 10**9 if all_of_them else bench.pick(200, 1000)
    if bench.sources.cifar is not None:
        pictures = read_pictures(bench.sources.cifar, SIZE, most, seed=0)
        kind = bench.sources.cifar.stem
    else:
        pictures, kind = rendered_pictures(SIZE, bench.pick(60, 500), seed=0), "rendered objects"
    if all_of_them:
        return pictures, kind
    few = balanced(pictures.test_classes, bench.pick(50, 200), seed=0)
    return pictures._replace(
        test_frames=pictures.test_frames[few], test_classes=pictures.test_classes[few]
    ), kind


def run(bench: Bench) -> Result:
    """Train, measure, compare the order with the published one."""
    drives = drives_of(bench)
    pictures, kind = labelled(bench)
    columns = {f"{TIME}, {name}": Measured() for name in drives.held_out} | {CLASS: Measured()}
    curves: dict[str, list[tuple[str, Array, Array]]] = {}
    for seed in range(bench.seeds):
        for row, embed in spaces(bench, drives, seed).items():
            say(f"  measuring {row}")
            curve = measure(columns, drives, pictures, row, embed)
            if seed == 0:
                curves[row] = [(row, *curve)]
    time, of_class = next(iter(columns.values())), columns[CLASS]
    draw(bench, [curve[0] for curve in curves.values()], time, of_class)
    return Result(
        findings=findings(time, of_class, len(pictures.test_classes), kind),
        tables=[table(columns), orders(columns)],
        pictures={
            "precision_recall.svg": (
                "Fig. 7: precision and recall of frames of the same scene (left), and precision "
                f"of the nearest k of the same class, {kind} (right); first seed."
            )
        },
        notes=notes(bench, drives, pictures, kind),
        seeds=bench.seeds,
    )


def measure(
    columns: dict[str, Measured], drives: Drives, pictures: Pictures, row: str, embed: Embed
) -> tuple[Array, Array]:
    """Adds a row's figures; returns its two curves: precision at RECALL, and
    of the nearest 1 to NEIGHBOURS.
    """
    first: Array | None = None
    for name, part in drives.held_out.items():
        column, z = columns[f"{TIME}, {name}"], embed(part.frames)
        scene = segment_scenes(part.frames, part.block)
        area, column.chance = temporal_coherence(z, scene)
        column.add(row, area)
        first = temporal_precision(z, scene, RECALL) if first is None else first
    query, bank = (
        embed(FrameStack([frames])) for frames in (pictures.test_frames, pictures.train_frames)
    )
    of_class = class_precision(
        query, pictures.test_classes, bank, pictures.train_classes, NEIGHBOURS
    )
    columns[CLASS].add(row, float(of_class.mean()))
    columns[CLASS].chance = pictures.chance
    assert first is not None  # noqa: S101 - for the type checker
    return first, of_class


def table(columns: dict[str, Measured]) -> Table:
    """Ours beside the published."""
    published = {PUBLISHED_NAMES[preset]: figures for preset, figures in PUBLISHED.items()}
    rows = []
    for row in next(iter(columns.values())).values:
        theirs = [f"{v:.3f}" for v in published[row]] if row in published else ["-", "-"]
        rows.append([row, *(spread(c.values[row]) for c in columns.values()), *theirs])
    chance = [f"{c.chance:.3f}" for c in columns.values()]
    rows.append(["a constant code (chance)", *chance, "-", "-"])
    head = ["space", *columns, f"{TIME}, published", f"{CLASS}, published"]
    return Table("Areas under the curves, cosine distance", head, rows)


def orders(columns: dict[str, Measured]) -> Table:
    """How alike the order of the six published methods is, column by column."""
    rows = []
    for name, column in columns.items():
        theirs = {preset: figures[name == CLASS] for preset, figures in PUBLISHED.items()}
        order = compare_order(column.published(), theirs)
        rows.append(
            [name, f"{order.agreeing} of {order.pairs}", f"{order.tau:+.2f}", f"{order.chance:.0%}"]
        )
    head = ["column", "pairs in the published order", "Kendall's tau", "random orders as good"]
    return Table("Order of the six methods of the paper's table", head, rows)


def draw(
    bench: Bench, curves: list[tuple[str, Array, Array]], time: Measured, of_class: Measured
) -> None:
    """Fig. 7."""
    ranks = np.arange(1, NEIGHBOURS + 1, dtype=np.float64)
    top = max(float(c.max()) for _, _, c in curves)
    nearest = Axes(
        unit="",
        x_name="nearest neighbours",
        y_name="precision",
        x_range=(1, NEIGHBOURS),
        y_range=(0, min(1.0, 1.1 * top)),
        width=440,
        height=300,
    )
    left, right = [], []
    for style, (name, over_recall, over_rank) in zip(LINES, curves, strict=False):
        left.append(Line(f"{name}: {time.values[name][0]:.3f}", style, RECALL, over_recall))
        right.append(Line(f"{name}: {of_class.values[name][0]:.3f}", style, ranks, over_rank))
    write_panels(
        bench.folder / "precision_recall.svg",
        [
            line_panel("Scenes of held-out maps: precision over recall", left, AXES),
            line_panel("Classes: precision of the nearest k", right, nearest),
        ],
        columns=2,
    )


def notes(bench: Bench, drives: Drives, pictures: Pictures, kind: str) -> list[str]:
    """What stands for what."""
    frames = sum(len(part) for part in drives.held_out.values())
    said = [
        f"In place of videos: {len(drives.train_part)} frames of simulated drives"
        + (" and of the bags given" if bench.sources.bags else "")
        + f" are learned from, {frames} frames are asked (the paper: 150,000 and 20,000). "
        "Scenes are cut as in the paper; a drive has few cuts, so most are clips of 40 "
        "frames, and clips of one room are hard to distinguish.",
        f"Classes: {kind}, {len(pictures.test_classes)} images ask among "
        f"{len(pictures.train_classes)}"
        + (
            " (a .npz of JPEGs is not the official pixels)."
            if bench.sources.cifar is not None
            else "; no --cifar was given. Those that ask are other objects."
        ),
        (
            "alpha is not published: 0.5 for all; the paper chose it for each method by temporal "
            "coherence (see tune)."
        ),
    ]
    steps = configuration(bench, "goroshin_1", 0).steps
    said.append(
        f"{steps} updates a layer"
        + (
            (
                ": the kernels have hardly moved, as the untrained rows show; the order means "
                "something with --evening or --full."
            )
            if bench.quick
            else " (the paper gives no number)."
        )
    )
    return said
