"""The comparison of predicted and seen embeddings, without ROS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.geometry import motion_matrix
from slowfeat.live.input_health import Level
from slowfeat.live.motion_check import MotionCheck, MotionCheckResult
from slowfeat.odometry_model import OdometryModel
from tests.conftest import TINY_DIMENSION

MS = 1_000_000
START = 10**18
UNIT = (0.0, 0.0, 0.0, 1.0)


@pytest.fixture(scope="module")
def encoder(tiny_bundle: Path) -> Encoder:
    return Encoder(load_bundle(tiny_bundle))


def drive(
    check: MotionCheck, encoder: Encoder, speed: float, frame: str = "base_link", axis: int = 0
) -> list[MotionCheckResult]:
    """3 s along an axis of the odometry's own frame; odometry comes 20 ms after the image."""
    results: list[MotionCheckResult] = []
    for i in range(90):
        stamp = START + i * 33 * MS
        embedding = np.full(TINY_DIMENSION, i, dtype=np.float32)
        results += check.add_frame(encoder, stamp, f"frame {i}", embedding)
        position = np.zeros(3)
        position[axis] = speed * (i * 0.033 + 0.02)
        check.add_pose(stamp + 20 * MS, frame, position, UNIT)
    return results


def test_compares_about_every_baseline(encoder: Encoder) -> None:
    results = drive(MotionCheck(), encoder, speed=1.0)
    assert len(results) == 5
    for result in results:
        assert result.duration_s == pytest.approx(0.5, abs=0.02)
        expected = [result.duration_s, 0, 0, 0, 0, 0]
        np.testing.assert_allclose(result.motion, expected, atol=1e-9)


def test_error_is_measured_against_the_frame_before(encoder: Encoder) -> None:
    result = drive(MotionCheck(), encoder, speed=1.0)[0]
    after_index = int(str(result.header).split()[1])
    before_index = after_index - round(result.duration_s / 0.033)
    before = np.full(TINY_DIMENSION, before_index, dtype=np.float32)
    predicted, expected = encoder.predict(before, result.motion)
    assert result.error == pytest.approx(np.linalg.norm(predicted[0] - after_index), rel=1e-5)
    assert result.change == pytest.approx(15 * np.sqrt(TINY_DIMENSION), rel=1e-5)
    assert result.expected_error == pytest.approx(expected[0])


def test_standing_still_is_left_out(encoder: Encoder) -> None:
    assert drive(MotionCheck(), encoder, speed=0.01) == []


def test_optical_odometry_is_turned_to_body_axes(encoder: Encoder) -> None:
    # z of an optical frame is forward
    result = drive(MotionCheck(), encoder, 1.0, frame="camera_optical_frame", axis=2)[0]
    np.testing.assert_allclose(result.motion, [result.duration_s, 0, 0, 0, 0, 0], atol=1e-9)


def test_no_odometry_means_no_comparison_and_no_growth(encoder: Encoder) -> None:
    check: Any = MotionCheck()
    embedding = np.zeros(TINY_DIMENSION, dtype=np.float32)
    for i in range(300):
        assert check.add_frame(encoder, START + i * 33 * MS, None, embedding) == []
    assert len(check._waiting) < 40


def test_a_bag_that_loops_starts_afresh(encoder: Encoder) -> None:
    check = MotionCheck()
    first = drive(check, encoder, speed=1.0)
    second = drive(check, encoder, speed=1.0)
    # The poses of the first round are still known, so the same comparisons come again, no odd ones.
    assert all(r.duration_s == pytest.approx(0.5, abs=0.02) for r in [*first, *second])


def test_self_check_compares_more_often_and_also_while_standing(encoder: Encoder) -> None:
    check = MotionCheck()
    drive(check, encoder, speed=1.0)
    # Rolling: about 0.5 s before, every 0.1 s, over the window of 1.5 s.
    assert check.self_check.verdict().comparisons == pytest.approx(15, abs=2)
    still = MotionCheck()
    assert drive(still, encoder, speed=0.0) == []
    verdict = still.self_check.verdict()
    assert verdict.comparisons == pytest.approx(15, abs=2)
    # The made-up embeddings change all the time, so odometry that stands still must be wrong.
    assert "odometry says that the robot stands still" in verdict.problem
    assert check.self_check.verdict().ratio != verdict.ratio


def test_another_bundle_or_a_clock_set_back_clears_the_self_check(encoder: Encoder) -> None:
    check = MotionCheck()
    drive(check, encoder, speed=0.0)
    check.add_frame(encoder, START, None, np.zeros(TINY_DIMENSION, dtype=np.float32))
    assert check.self_check.verdict().comparisons == 0


def test_offset_of_the_odometry_is_added_to_its_stamps(encoder: Encoder) -> None:
    late, right = MotionCheck(), MotionCheck()
    late.odom_offset_s = 0.3
    embedding = np.zeros(TINY_DIMENSION, dtype=np.float32)
    results: list[list[MotionCheckResult]] = [[], []]
    for i in range(60):
        stamp = START + i * 33 * MS
        position = (0.5 * (i * 0.033) ** 2, 0.0, 0.0)
        late.add_pose(stamp - 300 * MS, "base_link", position, UNIT)
        right.add_pose(stamp, "base_link", position, UNIT)
        for check, found in zip((late, right), results, strict=True):
            found += check.add_frame(encoder, stamp, None, embedding)
    assert len(results[0]) == len(results[1]) > 0
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a.motion, b.motion, atol=1e-9)


def test_what_the_odometry_gets_wrong_is_removed_before_the_comparison(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = OdometryModel(yaw_bias_rad_s=0.4)
    monkeypatch.setattr(encoder.info, "odometry", model)
    result = drive(MotionCheck(), encoder, speed=1.0)[0]
    assert result.motion[5] == pytest.approx(0.4 * result.duration_s, abs=1e-6)
    assert np.linalg.norm(result.motion[:2]) == pytest.approx(result.duration_s, abs=1e-6)


def fly(
    check: MotionCheck, encoder: Encoder, positions: list[float], vary: bool = True
) -> list[MotionCheckResult]:
    """Poses and frames together at 30 Hz."""
    results: list[MotionCheckResult] = []
    for i, x in enumerate(positions):
        stamp = START + i * 33 * MS
        check.add_pose(stamp, "base_link", (x, 0.0, 0.0), UNIT, "odom")
        embedding = np.full(TINY_DIMENSION, i * 0.01 if vary else 1.0, dtype=np.float32)
        results += check.add_frame(encoder, stamp, None, embedding)
    return results


def test_nothing_is_compared_across_a_jump(encoder: Encoder) -> None:
    check = MotionCheck()
    positions = [0.3 * i * 0.033 for i in range(60)]
    results = fly(check, encoder, positions + [x + 3.0 for x in positions])
    assert check.jumps == 1
    assert all(abs(result.motion[0]) < 0.3 for result in results)
    assert "jumped by 2.42 m" in check.judge.health().sentence


def test_a_motion_far_outside_the_trained_range_is_counted_and_not_compared(
    encoder: Encoder,
) -> None:
    check = MotionCheck()
    fast = [20.0 * i * 0.033 for i in range(60)]  # 10 m in half a second
    assert fly(check, encoder, fast) == []
    assert check.comparisons == 0
    assert check.judge.left_out > 3
    health = check.judge.health()
    assert health.level is Level.STALE
    assert "outside the trained range (the last: forward 9.90 m" in health.sentence


def test_images_that_repeat_while_odometry_moves_say_nothing_of_it(encoder: Encoder) -> None:
    check = MotionCheck()
    fly(check, encoder, [0.5 * i * 0.033 for i in range(60)], vary=False)
    assert check.comparisons == 0
    assert "images repeat each other" in check.judge.health().sentence


def test_a_known_mount_turns_poses_of_the_child_to_the_body(encoder: Encoder) -> None:
    check = MotionCheck()
    check.T_child_body = motion_matrix([-1.0, 0, 0, 0, 0, 0])
    for k in range(3):
        half = 0.05 * k
        turned = (0.0, 0.0, float(np.sin(half)), float(np.cos(half)))
        check.add_pose(START + k * 33 * MS, "vio", (0.0, 0.0, 0.0), turned)
    pose = check.pose_at(START + 66 * MS)
    assert pose is not None
    np.testing.assert_allclose(pose[:2, 3], [-np.cos(0.2), -np.sin(0.2)], atol=1e-9)
