"""Which frames the page of inspect shows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.inspection.examples import (
    Examples,
    example_pairs,
    seconds_since,
    start_of,
)
from tests.helpers.bare_survey import NS, bare_survey


def test_the_start_is_the_first_stamp_of_either(tmp_path: Path) -> None:
    survey: Any = bare_survey(tmp_path)
    assert start_of(survey) == survey.start_ns
    survey.images = SimpleNamespace(usable=SimpleNamespace(stamps=np.array([7, 9]) * NS))
    assert start_of(survey) == 7 * NS

    class Track:
        stamps = np.array([5]) * NS

        def __len__(self) -> int:
            return len(self.stamps)

    survey.motion = SimpleNamespace(track=Track())
    assert start_of(survey) == 5 * NS
    np.testing.assert_array_equal(seconds_since(np.array([7, 9]) * NS, 5 * NS), [2.0, 4.0])


def test_each_pattern_is_shown_by_the_pair_nearest_to_it() -> None:
    motions = np.zeros((4, 6))
    motions[:, 0] = [0.0, 0.5, 0.9, 1.0]
    motions[:, 5] = [0.5, 0.0, 0.0, 0.0]
    centroids = np.zeros((2, 6))
    centroids[0, 0], centroids[1, 5] = 0.88, 0.4
    scale = np.array([0.4, 0, 0, 0, 0, 0.2])
    together: Any = SimpleNamespace(
        patterns=MotionPatterns(centroids, scale, motions.mean(axis=0), np.array([3, 1])),
        motions=motions,
        before=np.array([0, 1, 2, 3]),
        after=np.array([1, 2, 3, 4]),
        kept=SimpleNamespace(rows=np.array([10, 11, 12, 13, 14])),
    )
    assert example_pairs(together) == [(12, 13), (10, 11)]
    together.patterns = None
    assert example_pairs(together) == []


def test_without_images_there_is_nothing_to_show(tmp_path: Path) -> None:
    shown = Examples(bare_survey(tmp_path), with_frames=True)
    assert (shown.strip(), shown.patterns()) == ("", "")
