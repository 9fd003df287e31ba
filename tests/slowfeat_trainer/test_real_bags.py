"""What real robots' bags are like. They are not part of the project: without
them these tests are skipped.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from slowfeat.errors import BagError
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording

BAGS = Path(os.environ.get("SLOWFEAT_DATA", Path(__file__).parents[3] / "shared" / "data")) / "bags"

pytestmark = pytest.mark.skipif(
    not BAGS.is_dir(), reason=f"no real bags at {BAGS} (SLOWFEAT_DATA names another place)"
)


def test_a_car_whose_commands_run_ahead_of_its_pictures_is_found_out() -> None:
    recording = read_recording(BAGS / "donkey_office", IngestOptions(odom_offset_auto=True))
    assert len(recording) > 5900
    # Known to be about 0.20 s.
    assert recording.clock.seconds == pytest.approx(0.20, abs=0.03)
    assert recording.clock.correlation > 0.7
    assert recording.camera.extrinsic is not None


def test_a_hand_held_camera_moves_in_body_axes() -> None:
    recording = read_recording(BAGS / "tum_fr1_rpy", IngestOptions())
    assert abs(recording.clock.seconds) < 0.03
    assert recording.camera.horizontal_fov == pytest.approx(1.108, abs=0.01)
    motions = split_by_time([recording], 0.0).train.pairs_at_gap(0.5).motions
    # Mostly rotations, about all three axes.
    assert np.all(np.rad2deg(motions[:, 3:].std(axis=0)) > 5)
    assert np.all(motions[:, :3].std(axis=0) < 0.1)
    assert len(discover_patterns(motions)) == 6


@pytest.mark.parametrize(
    "name", ["evo", "evo/nav2_turtlebot.mcap", "evo/ROS_example.bag", "evo/tf_example.db3"]
)
def test_bags_without_a_camera_are_refused_by_name(name: str) -> None:
    with pytest.raises(BagError, match="has no image topic"):
        read_recording(BAGS / name, IngestOptions())
