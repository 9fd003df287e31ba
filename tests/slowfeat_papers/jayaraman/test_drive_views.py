"""Which frames of drives carry the label of their place."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.jayaraman.drive_views import DriveBench, place_labels, places
from slowfeat_papers.material.drive_frames import Drives
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import UNLABELLED
from slowfeat_trainer.data.pairs import Part
from tests.helpers.straight_drives import drive


def test_the_frames_that_are_asked_are_not_told():
    recording = drive()
    part = Part(
        FrameStack([recording.frames]),
        recording.stamps,
        recording.poses,
        np.zeros(100, np.int64),
        source=np.full(100, recording.key),
    )
    drives = Drives([recording], {}, None)
    base = DriveBench(drives, None, {}, {})
    told = place_labels(base, part).of_frame != UNLABELLED
    np.testing.assert_array_equal(told, places(base).is_bank)
    assert told.sum() == 60
