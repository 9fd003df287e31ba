"""Scenes end at cuts, at the ends of blocks and after so many frames."""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.scenes import changes, segment_scenes


def drifting(frames: int, base: int) -> np.ndarray:
    """Frames that get one grey level brighter each."""
    levels = (base + np.arange(frames)).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (frames, 20, 24, 3)).copy()


def stack(*parts: np.ndarray) -> FrameStack:
    return FrameStack([np.concatenate(parts)])


def test_a_change_is_the_distance_of_small_images() -> None:
    found = changes(stack(drifting(3, 10), drifting(1, 100)))
    np.testing.assert_allclose(found, np.array([1, 1, 88]) * np.sqrt(16 * 16 * 3))


def test_a_sudden_change_and_the_end_of_a_block_begin_a_scene() -> None:
    frames = stack(drifting(5, 10), drifting(4, 120))
    block = np.array([0] * 7 + [1] * 2)
    assert segment_scenes(frames, block).tolist() == [0] * 5 + [1] * 2 + [2] * 2


def test_long_scenes_are_divided_and_a_frame_alone_has_none() -> None:
    frames = stack(drifting(7, 10))
    assert segment_scenes(frames, np.zeros(7, np.int64), longest=3).tolist() == [0] * 3 + [
        1
    ] * 3 + [-1]
