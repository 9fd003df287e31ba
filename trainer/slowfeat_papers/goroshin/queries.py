"""queries: the nine nearest frames in all spaces (Goroshin et al. 2015, fig. 6)."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.files import write_whole
from slowfeat_papers.goroshin.auc_table import labelled
from slowfeat_papers.goroshin.encoders import (
    PIXELS,
    PUBLISHED_NAMES,
    ZCA,
    drives_of,
    spaces,
)
from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.image_sets import Pictures
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.compare import Embed
from slowfeat_trainer.evaluation.recognition import class_precision
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.report.nearest_frames import nearest

Index = npt.NDArray[np.int64]

HITS = 9
# Rows of the figure, from above.
SHOWN = (PIXELS, ZCA, *PUBLISHED_NAMES.values())
# Frames nearer than this in time are not hits of the figure: they look the same in every space.
APART = 5
SCALE, LABEL, GAP = 2, 170, 4


def same_scene(z: Matrix, scene: Index) -> tuple[float, float]:
    """Share of the nine nearest (cosine) that are of the scene of the query, and that of any frame.

    Queries are the middle frames of the scenes; z (N, D), scene (N,) with -1 for frames of none.
    """
    shares, chances = [], []
    for number in range(int(scene.max(initial=-1)) + 1):
        members = np.flatnonzero(scene == number)
        query = int(members[len(members) // 2])
        others = np.flatnonzero(np.arange(len(z)) != query)
        hits = others[nearest(z[[query]], z[others], HITS)[0]]
        shares.append(float((scene[hits] == number).mean()))
        chances.append(float((scene[others] == number).mean()))
    return (float(np.mean(shares)), float(np.mean(chances))) if shares else (0.0, 0.0)


def run(bench: Bench) -> Result:
    """Ask in every space; draw what one frame of a simulated map finds."""
    drives = drives_of(bench)
    pictures, kind = labelled(bench)
    part = drives.held_out["held-out maps"]
    scene = segment_scenes(part.frames, part.block)
    of_scene: dict[str, list[float]] = {}
    of_class: dict[str, list[float]] = {}
    chance = 0.0
    for seed in range(bench.seeds):
        codes = spaces(bench, drives, seed)
        found = {name: codes[name](part.frames) for name in SHOWN}
        if seed == 0:
            draw(bench, part.frames, found, scene)
        for name, z in found.items():
            share, chance = same_scene(z, scene)
            of_scene.setdefault(name, []).append(share)
            of_class.setdefault(name, []).append(_of_class(codes[name], pictures))
    pixels, slow = mean(of_class[PIXELS]), mean(of_class[PUBLISHED_NAMES["goroshin_2"]])
    return Result(
        findings=[
            Finding(
                "G20",
                f"Of the nine nearest of an image ({kind}), {slow:.3f} are of its class in slow "
                f"layer 2, {pixels:.3f} in pixels (chance {pictures.chance:.3f}), "
                f"{mean(of_class[PUBLISHED_NAMES['drlim_2']]):.3f} in DrLIM layer 2, whose "
                "neighbours the paper finds often neither visually nor semantically alike.",
                slow > pixels and slow > mean(of_class[PUBLISHED_NAMES["drlim_2"]]),
            )
        ],
        tables=[
            Table(
                "The nine nearest",
                ["space", "of the same scene (held-out maps)", "of the same class"],
                [
                    *([name, spread(of_scene[name]), spread(of_class[name])] for name in SHOWN),
                    ["any (chance)", f"{chance:.3f}", f"{pictures.chance:.3f}"],
                ],
            )
        ],
        pictures={
            "neighbours.png": (
                "Fig. 6a: a frame of a held-out simulated map (left) and the nine nearest in "
                "eight spaces; frames within half a second of the query or of a nearer hit are "
                "left out."
            )
        },
        seeds=bench.seeds,
    )


def _of_class(embed: Embed, pictures: Pictures) -> float:
    query, bank = (
        embed(FrameStack([frames])) for frames in (pictures.test_frames, pictures.train_frames)
    )
    curve = class_precision(query, pictures.test_classes, bank, pictures.train_classes, HITS)
    return float(curve[-1])


def draw(bench: Bench, frames: FrameStack, codes: dict[str, Matrix], scene: Index) -> None:
    """The figure, (H, W, 3) as PNG."""
    middle = int(scene.max()) // 2
    members = np.flatnonzero(scene == middle)
    query = int(members[len(members) // 2])
    rows = []
    for name, z in codes.items():
        order = nearest(z[[query]], z, len(z))[0]
        kept: list[int] = [query]
        for hit in order.tolist():
            if all(abs(hit - k) >= APART for k in kept):
                kept.append(hit)
            if len(kept) == HITS + 1:
                break
        rows.append(_row(name, frames[kept]))
    picture = np.ascontiguousarray(np.concatenate(rows)[:, :, ::-1])
    write_whole(bench.folder / "neighbours.png", cv2.imencode(".png", picture)[1].tobytes())


def _row(name: str, frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A row of the figure: its name, the query and the hits."""
    side = frames.shape[1] * SCALE
    row = np.full((side + GAP, LABEL + len(frames) * (side + GAP) + GAP, 3), 255, np.uint8)
    place = (4, side // 2 + 5)
    cv2.putText(row, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 50, 60), 1, cv2.LINE_AA)
    for k, frame in enumerate(frames):
        left = LABEL + k * (side + GAP) + (GAP if k else 0)
        row[:side, left : left + side] = cv2.resize(
            frame, (side, side), interpolation=cv2.INTER_CUBIC
        )
    return row
