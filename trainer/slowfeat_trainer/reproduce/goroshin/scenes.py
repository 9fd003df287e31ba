"""scenes: cuts found by large changes between frames (Goroshin et al. 2015, section 5)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.evaluation.cuts import CutFigures, cut_figures
from slowfeat_trainer.frames import FrameStack
from slowfeat_trainer.pairs import Part
from slowfeat_trainer.reproduce.goroshin.encoders import drives_of
from slowfeat_trainer.reproduce.material.words import mean, spread
from slowfeat_trainer.reproduce.part import Bench, Finding, Result, Table
from slowfeat_trainer.scenes import LONGEST, SHORTEST, segment_scenes

Index = npt.NDArray[np.int64]

CLIPS = 150


def edited(parts: list[Part], clips: int, seed: int) -> tuple[FrameStack, Index]:
    """Clips of 2 to 40 frames from anywhere in some drives, one behind the other, as a film is edited.

    Returns:
        The frames, and (N,) the number of the clip of each.
    """
    rng = np.random.default_rng(seed)
    pieces, number = [], []
    for clip in range(clips):
        part = parts[int(rng.integers(len(parts)))]
        length = int(rng.integers(SHORTEST, LONGEST + 1))
        # Within one drive: a block.
        block = rng.choice(np.unique(part.block))
        inside = np.flatnonzero(part.block == block)
        if len(inside) < length:
            continue
        first = int(rng.integers(0, len(inside) - length + 1))
        pieces.append(part.frames[inside[first : first + length]])
        number.append(np.full(length, clip))
    return FrameStack([np.concatenate(pieces)]), np.concatenate(number)


def run(bench: Bench) -> Result:
    """Cut films edited from drives, and the drives themselves."""
    drives = drives_of(bench)
    maps = [drives.train_part, *drives.held_out.values()]
    found: list[CutFigures] = []
    for seed in range(bench.seeds):
        frames, truth = edited(maps, CLIPS, seed)
        scene = segment_scenes(frames, np.zeros(len(frames), np.int64))
        found.append(cut_figures(scene, truth))
    precision, recall = [f.precision for f in found], [f.recall for f in found]
    chance = mean([f.chance for f in found])
    rows = []
    for name, part in drives.held_out.items():
        scene = segment_scenes(part.frames, part.block)
        lengths = np.bincount(scene[scene >= 0])
        rows.append(
            [
                name,
                str(len(part)),
                str(len(lengths)),
                f"{lengths.mean():.1f}",
                f"{(lengths == LONGEST).mean():.0%}",
            ]
        )
    return Result(
        findings=[
            Finding(
                "G14",
                f"Of films edited from {CLIPS} clips, {spread(recall, 2)} of the true cuts are found, and {spread(precision, 2)} "
                f"of the cuts found are true (a guess {chance:.2f}); the paper shows one wrong cut in six scenes.",
                mean(precision) > 0.8 and mean(recall) > 0.5,
            )
        ],
        tables=[
            Table(
                "Scenes of drives as they are",
                ["drive", "frames", "scenes", "frames a scene", "scenes of the greatest length"],
                rows,
            )
        ],
        notes=[
            (
                "A drive has hardly any cuts of its own: where no large change ends a scene, it ends after "
                f"{LONGEST} frames."
            )
        ],
        seeds=bench.seeds,
    )
