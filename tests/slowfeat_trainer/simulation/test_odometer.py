"""Odometry with noise and slip, and putting the body somewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.simulation.bag_messages import relative_pose
from slowfeat_trainer.simulation.odometer import Odometer, OdometryErrors
from slowfeat_trainer.simulation.world import Pose, World


def walk(steps: int = 200) -> list[Pose]:
    """Along a circle of radius 1 m."""
    angles = np.linspace(0, 2.0, steps)
    return [Pose(math.sin(a), 1 - math.cos(a), 0.0, a) for a in angles.tolist()]


def test_without_noise_it_is_the_truth_seen_from_the_start() -> None:
    path = [Pose(5 + p.x, 3 + p.y, 0.0, p.yaw) for p in walk()]
    odometer = Odometer(path[0])
    for pose in path[1:]:
        said = odometer.step(pose)
    assert said == pytest.approx(relative_pose(path[0], path[-1]))


def test_slip_reports_more_than_was_made() -> None:
    odometer = Odometer(Pose(0, 0, 0, 0))
    odometer.slip = 0.2
    for i in range(1, 101):
        said = odometer.step(Pose(0.01 * i, 0, 0, 0))
    assert said.x == pytest.approx(1.25)


def test_noise_grows_with_the_way_however_often_it_is_read() -> None:
    def spread(steps: int) -> float:
        ends = []
        for seed in range(300):
            odometer = Odometer(Pose(0, 0, 0, 0), seed)
            odometer.noise = 0.1
            for i in range(1, steps + 1):
                said = odometer.step(Pose(i / steps, 0, 0, 0))
            ends.append(said.x)
        return float(np.std(ends))

    expected = 0.1 * math.sqrt(0.1 * 1.0)
    assert spread(10) == pytest.approx(expected, rel=0.2)
    assert spread(40) == pytest.approx(expected, rel=0.2)


def test_a_robot_that_stands_still_has_no_noise() -> None:
    odometer = Odometer(Pose(1, 1, 0, 1), 0)
    odometer.noise = 1.0
    assert odometer.step(Pose(1, 1, 0, 1)) == Pose(0, 0, 0, 0)


def drive_straight(errors: OdometryErrors, steps: int, seed: int = 0) -> Pose:
    """What odometry says after 2 s and 1 m straight ahead."""
    odometer = Odometer(Pose(0, 0, 0, 0), seed, errors)
    for i in range(1, steps + 1):
        said = odometer.step(Pose(i / steps, 0, 0, 0), 2.0 / steps)
    return said


def test_a_yaw_bias_turns_with_time() -> None:
    errors = OdometryErrors(yaw_bias=0.3)
    assert drive_straight(errors, 100).yaw == pytest.approx(0.6)
    assert drive_straight(errors, 25).yaw == pytest.approx(0.6)


def test_yaw_scale_and_slip_multiply_the_turn_alone_and_the_whole_motion() -> None:
    odometer = Odometer(Pose(0, 0, 0, 0), 0, OdometryErrors(yaw_scale=-2.0, slip=0.5))
    said = odometer.step(Pose(0.1, 0, 0, 0.1), 0.1)
    assert (said.x, said.yaw) == pytest.approx((0.2, -0.4))


def test_yaw_noise_grows_with_the_root_of_time_however_often_it_is_read() -> None:
    errors = OdometryErrors(yaw_noise=0.1)
    for steps in (10, 40):
        ends = [drive_straight(errors, steps, seed).yaw for seed in range(300)]
        assert float(np.std(ends)) == pytest.approx(0.1 * math.sqrt(2.0), rel=0.2)


@pytest.mark.parametrize("wrong", [{"yaw_scale": 0.0}, {"slip": 0.95}, {"yaw_noise": -1.0}])
def test_errors_that_no_odometry_has_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="lies outside"):
        OdometryErrors(**wrong).validate()


def test_the_body_can_be_put_back_and_placed() -> None:
    with World("MAP05", (160, 120)) as world:
        start = world.pose
        for _ in range(60):
            world.move(0.05, 0.05)
        there = world.pose
        for _ in range(40):
            world.move(0.05, -0.08)
        world.place(there.x, there.y, there.yaw)
        # Places are whole map units: 1/32 m.
        assert math.hypot(world.pose.x - there.x, world.pose.y - there.y) < 0.05
        assert math.remainder(world.pose.yaw - there.yaw, math.tau) == pytest.approx(0, abs=0.01)
        assert world.pose.z == pytest.approx(there.z, abs=1e-6)
        world.reset()
        assert world.pose[:3] == pytest.approx(start[:3])
        assert math.remainder(world.pose.yaw - start.yaw, math.tau) == pytest.approx(0, abs=0.01)
