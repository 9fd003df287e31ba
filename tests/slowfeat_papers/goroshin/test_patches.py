"""Patches that stay at their place while the robot drives."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.goroshin.patches import LENGTH, cut_patches
from slowfeat_trainer.data.frames import FrameStack

RNG = np.random.default_rng(0)


def test_patches_stay_at_their_place_and_lose_their_mean() -> None:
    frames = RNG.integers(0, 255, (30, 40, 50, 3), dtype=np.uint8)
    frames[:, :, 25:] = 77
    part = cut_patches([FrameStack([frames])], 80, seed=0)
    assert part.frames.shape == (80, 20, 20, 3)
    assert np.bincount(part.block).tolist() == [LENGTH] * 10
    assert np.abs(part.frames[:].mean(axis=(1, 2, 3)) - 128).max() < 1
    # Nothing is cut from the half that is of one grey.
    assert part.frames[:].std(axis=(1, 2, 3)).min() > 8


def test_a_standing_robots_patches_do_not_change() -> None:
    frame = RNG.integers(0, 255, (1, 40, 50, 3), dtype=np.uint8)
    part = cut_patches([FrameStack([frame.repeat(20, axis=0)])], 40, seed=0)
    blocks = part.frames[:].reshape(-1, LENGTH, 20, 20, 3)
    assert np.array_equal(blocks, blocks[:, :1].repeat(LENGTH, axis=1))
    assert len({b[0].tobytes() for b in blocks}) > 1
