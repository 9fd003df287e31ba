"""Two sources of one real robot tell the same. Its bag is not part of the project: else skipped."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from slowfeat.geometry import body_pose, relative_motion
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion.track import Track

BAGS = Path(os.environ.get("SLOWFEAT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "bags"

pytestmark = pytest.mark.skipif(
    not BAGS.is_dir(), reason=f"no real bags at {BAGS} (SLOWFEAT_DATA names another place)"
)


def track_of(path: Path, topic: str) -> Track:
    options = IngestOptions(odom_topic=topic)
    with bags.open_bag(path) as reader:
        source = find_source(reader, bags.topics_of(reader), options, path)
        return read_track(reader, source, options, Counter(), [])


def motions_of(track: Track, at: np.ndarray) -> np.ndarray:
    # The turtlebot has a pause of 1.8 s.
    poses, known = track.poses_at(at, 5.0)
    assert known.all()
    poses = body_pose(poses, track.frame)
    return np.asarray(relative_motion(poses[:-1], poses[1:]))


def test_tf_and_odometry_of_a_turtlebot_tell_the_same() -> None:
    bag = BAGS / "evo" / "nav2_turtlebot.mcap"
    odometry, tf = track_of(bag, "/odom"), track_of(bag, "/tf")
    assert tf.frame == odometry.frame == "base_link"
    at = np.arange(odometry.stamps[10], odometry.stamps[-10], 500_000_000)
    expected = motions_of(odometry, at)
    assert np.abs(expected[:, 0]).max() > 0.1
    np.testing.assert_allclose(motions_of(tf, at), expected, atol=0.01)


def test_the_commands_of_a_car_tell_about_its_odometry() -> None:
    bag = BAGS / "donkey_office"
    odometry, commands = track_of(bag, "/odom"), track_of(bag, "/cmd")
    at = np.arange(odometry.stamps[10], odometry.stamps[-10], 500_000_000)
    expected, found = motions_of(odometry, at), motions_of(commands, at)
    assert np.corrcoef(expected[:, 5], found[:, 5])[0, 1] > 0.9
