"""Films edited from drives, whose cuts are known."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.goroshin.scene_frames import edited
from slowfeat_papers.material.learning import still_part
from slowfeat_trainer.data.scenes import segment_scenes

RNG = np.random.default_rng(0)


def test_an_edited_film_is_cut_where_its_clips_meet() -> None:
    drives = [
        still_part(
            np.full((100, 32, 32, 3), level, np.uint8)
            + RNG.integers(0, 4, (100, 32, 32, 3), np.uint8),
            np.repeat([0, 1], 50),
        )
        for level in (20, 200)
    ]
    frames, clip = edited(drives, 20, seed=0)
    assert len(frames) == len(clip)
    assert np.bincount(clip).min() >= 2
    assert np.bincount(clip).max() <= 40
    # Where a dark clip meets a light one the cut is found.
    light = frames[:].mean(axis=(1, 2, 3)) > 100
    scene = segment_scenes(frames, np.zeros(len(frames), int))
    assert np.all((np.diff(scene) != 0)[np.diff(light)])
