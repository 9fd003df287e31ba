"""Patches of 20 x 20 pixels that stay at their place while the robot drives
(Goroshin et al. 2015, section 4.1).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat_papers.material.drive_frames import (
    PICTURE,
    TEST_MAPS,
    TRAIN_MAPS,
    read_bags,
    simulated_bags,
)
from slowfeat_papers.material.learning import still_part
from slowfeat_papers.material.part import Bench
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.models.goroshin_fc import SIDE

# Films have 24 frames a second and slower cameras; at this rate a turning robot moves the image
# by about as many pixels from one frame to the next.
RATE_HZ = 50.0
# Frames that a patch is followed for, at one place of the image.
LENGTH = 8
# Grey levels that a patch varies by at least: walls of one colour show nothing.
LEAST_DEVIATION = 8.0


def fast_drives(bench: Bench) -> tuple[list[Recording], list[Recording]]:
    """Drives at 50 images a second through the maps to learn from, and through those held out."""
    seconds = bench.pick(12.0, 60.0)
    folder = bench.common / "drives"
    found = [
        read_bags(
            simulated_bags(folder, maps, seconds, RATE_HZ),
            folder / f"fast_{name}_{seconds:g}s",
            (PICTURE[1], PICTURE[0]),
            rate_hz=None,
        )
        for name, maps in (("train", TRAIN_MAPS), ("test", TEST_MAPS))
    ]
    return found[0], found[1]


def patch_parts(bench: Bench) -> tuple[Part, Part]:
    """Patches of the maps to learn from, and of the maps held out."""
    count = bench.pick(16_000, 170_000)
    train, test = fast_drives(bench)
    return (
        cut_patches([FrameStack([r.frames]) for r in train], count, seed=0),
        cut_patches([FrameStack([r.frames]) for r in test], count // 8, seed=1),
    )


def cut_patches(stacks: list[FrameStack], wanted: int, seed: int) -> Part:
    """About `wanted` grey patches (N, 20, 20, 3) in blocks of LENGTH; each without its mean, which
    becomes 128.

    Args:
        stacks: frames (n, H, W, 3) of drives, in the order of time.
        wanted: patches in all.
        seed: of their places.
    """
    rng = np.random.default_rng(seed)
    tracks: list[npt.NDArray[np.uint8]] = []
    of_each = max(1, wanted // LENGTH // len(stacks))
    for stack in stacks:
        grey = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in stack])
        kept = 0
        for _ in range(20 * of_each):
            t = int(rng.integers(0, len(grey) - LENGTH + 1))
            y, x = (int(rng.integers(0, side - SIDE + 1)) for side in grey.shape[1:])
            track = grey[t : t + LENGTH, y : y + SIDE, x : x + SIDE].astype(np.float32)
            if track.std(axis=(1, 2)).min() < LEAST_DEVIATION:
                continue
            centred = track - track.mean(axis=(1, 2), keepdims=True) + 128
            tracks.append(np.clip(np.round(centred), 0, 255).astype(np.uint8))
            kept += 1
            if kept == of_each:
                break
    patches = np.concatenate(tracks)
    return still_part(
        np.repeat(patches[..., None], 3, axis=-1), np.repeat(np.arange(len(tracks)), LENGTH)
    )
