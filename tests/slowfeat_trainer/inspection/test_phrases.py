"""Parts of the report in words."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from slowfeat.geometry import R_BODY_OPTICAL, quaternion_from_matrix
from slowfeat_trainer.bags import Topic
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.inspection import phrases
from slowfeat_trainer.inspection.storage import Storage
from tests.helpers.bare_survey import bare_survey, times_of

TOPIC = Topic("/image", "sensor_msgs/msg/Image", 5)


@pytest.mark.parametrize(
    ("count", "says"),
    [(999, "999 bytes"), (1000, "1.0 kB"), (2_500_000, "2.5 MB"), (3_200_000_000, "3.2 GB")],
)
def test_bytes_have_the_unit_that_fits(count: int, says: str) -> None:
    assert phrases.size(count) == says


def test_storage_and_start(tmp_path: Path) -> None:
    survey = bare_survey(tmp_path)
    assert phrases.storage(survey.storage) == "MCAP, zstd chunks, 2 files, 3.4 MB, ROS 2 jazzy"
    one = Storage("sqlite3", "", 1, 10, "ROS 2")
    assert phrases.storage(one) == "SQLite, not compressed, 1 file, 10 bytes, ROS 2"
    assert phrases.started(survey) == "1970-01-01 01:00:00 UTC"
    assert phrases.driving(survey) == []


def test_a_topics_rate_jitter_delay_and_gap_by_hand() -> None:
    header = [0.0, 0.1, 0.2, 0.3, 0.9]
    row = phrases.topic_row(
        times_of(TOPIC, [1000 + h + 0.02 for h in header], [1000 + h for h in header])
    )
    count, rate, _, delay, gap = row
    assert (count, rate, gap) == ("5", "10.0 Hz", "0.600 s")
    assert delay == "20.0 / 20.0"
    assert phrases.topic_row(times_of(TOPIC, [1.0], [1.0])) == ["1", "", "", "", ""]
    simulated = times_of(TOPIC, [90_000.0, 90_000.1, 90_000.2], [10.0, 10.1, 10.2])
    assert phrases.topic_row(simulated)[3] == "another clock"


def test_where_the_camera_looks_is_said_in_degrees_of_the_body(tmp_path: Path) -> None:
    survey: Any = bare_survey(tmp_path)
    assert phrases.extrinsic(survey).startswith("unknown")
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    left = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ R_BODY_OPTICAL
    survey.extrinsic = [0.1, -0.0001, 0.3, *quaternion_from_matrix(left)]
    survey.extrinsic_from = "from /tf_static"
    said = phrases.extrinsic(survey)
    assert "x 0.10, y 0.00, z 0.30 m in the body, looks 30 deg left" in said
    assert "(from /tf_static; too few turns for the images to confirm it)" in said


def test_a_clock_that_is_off_by_more_than_was_applied_is_said() -> None:
    together: Any = SimpleNamespace(
        images=100, with_pose=98, nearest_s=(0.0123, 0.3), motions=np.zeros((42, 6))
    )
    assert phrases.lined_up(together) == (
        "98 of 100 images have odometry on both sides; nearest pose 12.3 ms off (median), 300 ms "
        "at most"
    )
    assert phrases.pairs(together) == "42 pairs of frames 0.5 s apart"


def test_warnings_that_the_verdict_has_are_not_said_twice(tmp_path: Path) -> None:
    survey = bare_survey(tmp_path)
    survey.warnings = ["the lens bends", "0.3 s off; --odom-offset auto corrects it"]
    assert phrases.warnings(survey) == ["the lens bends"]


def test_patterns_have_their_share() -> None:
    centroids = np.zeros((2, 6))
    centroids[0, 0] = 0.5
    found = phrases.patterns(MotionPatterns(centroids, np.ones(6), np.zeros(6), np.array([30, 10])))
    assert [(count, share) for count, share, _ in found] == [(30, 0.75), (10, 0.25)]
    assert "forward" in found[0][2]
