"""scenes: cuts found by large changes between frames (Goroshin et al. 2015, section 5)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat.images import resize_for_encoder
from slowfeat_papers.goroshin.encoders import SIZE, drives_of
from slowfeat_papers.goroshin.patches import fast_drives
from slowfeat_papers.material.drive_frames import Drives
from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.learning import still_part
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_papers.measures.scene_cut_metrics import CutFigures, cut_figures
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.data.scenes import LONGEST, SHORTEST, segment_scenes

Index = npt.NDArray[np.int64]

CLIPS = 150
FILM, SLOW_FILM = (
    "simulated, 25 images a second, as in a film",
    "all drives, 10 images a second",
)


def edited(parts: list[Part], clips: int, seed: int) -> tuple[FrameStack, Index]:
    """Clips of 2 to 40 frames from anywhere in some drives, one behind the other, as a film is
    edited.

    Returns:
        The frames, and (N,) the number of the clip of each.
    """
    rng = np.random.default_rng(seed)
    pieces: list[npt.NDArray[np.uint8]] = []
    number: list[Index] = []
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
    films = {
        FILM: [
            _every(recording, 2) for recordings in fast_drives(bench) for recording in recordings
        ],
        SLOW_FILM: [drives.train_part, *drives.held_out.values()],
    }
    found: dict[str, list[CutFigures]] = {name: [] for name in films}
    for seed in range(bench.seeds):
        for name, parts in films.items():
            frames, truth = edited(parts, CLIPS, seed)
            scene = segment_scenes(frames, np.zeros(len(frames), np.int64))
            found[name].append(cut_figures(scene, truth))
    figures = {
        name: [spread([f[k] for f in of], 2) for k in range(3)] for name, of in found.items()
    }
    precision, recall, chance = figures[FILM]
    return Result(
        findings=[
            Finding(
                "G14",
                f"Of films edited from {CLIPS} clips at 25 images a second, {recall} of the "
                f"true cuts are found and {precision} of those found are true (a guess {chance}); "
                f"at 10 a second {figures[SLOW_FILM][1]} and {figures[SLOW_FILM][0]}. The paper "
                "shows six scenes, one of them cut wrongly.",
                mean([f.precision for f in found[FILM]]) > 0.8
                and mean([f.recall for f in found[FILM]]) > 0.5,
            )
        ],
        tables=[
            Table(
                "Films edited from clips of 2 to 40 frames",
                ["film", "precision of the cuts", "recall", "precision of a guess"],
                [[name, *values] for name, values in figures.items()],
            ),
            as_they_are(drives),
        ],
        notes=[
            (
                "A drive has hardly any cuts of its own: where no large change ends a scene, it "
                f"ends after {LONGEST} frames."
            )
        ],
        seeds=bench.seeds,
    )


def _every(recording: Recording, step: int) -> Part:
    """Every `step`-th frame of a recording, at 32 x 32 pixels as in the paper."""
    frames = np.stack([resize_for_encoder(frame, SIZE) for frame in recording.frames[::step]])
    return still_part(frames, np.zeros(len(frames), np.int64))


def as_they_are(drives: Drives) -> Table:
    """The scenes that held-out drives are cut into for the table of areas."""
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
    head = ["drive", "frames", "scenes", "frames a scene", "scenes of the greatest length"]
    return Table("Scenes of drives as they are", head, rows)
