"""The scripted driver, in a room made of four walls, without ViZDoom."""

import math

import numpy as np
import pytest

from slowfeat_trainer.simulation.driver import DriveConfig, Driver
from slowfeat_trainer.simulation.world import Pose

TIC_S = 0.02
CONFIG = DriveConfig()
CORNERS = np.array([[-6, -4], [6, -4], [6, 4], [-6, 4]], np.float64)
ROOM = np.stack([CORNERS, np.roll(CORNERS, -1, axis=0)], axis=1)


def drive(seed, seconds=60.0, blocked=False, config=CONFIG):
    """Commands [N, 2] and poses [N, 4] of a drive in an ideal world."""
    driver, pose = Driver(ROOM, config, TIC_S, seed), Pose(0.0, 0.0, 0.0, 0.0)
    commands, poses = [], []
    for _ in range(round(seconds / TIC_S)):
        forward, turn = driver.step(pose, blocked)
        if not blocked:
            heading = pose.yaw + turn / 2
            x, y = pose.x + forward * math.cos(heading), pose.y + forward * math.sin(heading)
            pose = Pose(x, y, 0.0, pose.yaw + turn)
        commands.append((forward, turn))
        poses.append(pose)
    return np.array(commands), np.array(poses)


def test_the_same_seed_is_the_same_drive():
    assert np.array_equal(drive(3, 10)[0], drive(3, 10)[0])
    assert not np.array_equal(drive(3, 10)[0], drive(4, 10)[0])


@pytest.mark.parametrize("seed", range(3))
def test_it_drives_smoothly_within_its_limits_and_off_the_walls(seed):
    commands, poses = drive(seed)
    speed, turn = commands.T / TIC_S
    assert np.abs(np.diff(speed)).max() <= CONFIG.acceleration * TIC_S + 1e-9
    assert np.abs(np.diff(turn)).max() <= CONFIG.turn_acceleration * TIC_S + 1e-9
    assert speed.max() <= CONFIG.speed
    assert np.abs(turn).max() <= CONFIG.turn_rate
    assert np.abs(poses[:, 0]).max() < 6
    assert np.abs(poses[:, 1]).max() < 4


@pytest.mark.parametrize("seed", range(3))
def test_it_covers_ground_and_turns_both_ways(seed):
    commands, _ = drive(seed)
    speed, turn = commands.T / TIC_S
    assert speed.mean() > 0.4
    assert (turn > 0.3).mean() > 0.1
    assert (turn < -0.3).mean() > 0.1
    # On the spot now and then.
    assert ((np.abs(speed) < 0.05) & (np.abs(turn) > 0.5)).any()


def test_it_backs_off_when_it_is_stuck():
    commands, _ = drive(0, 3.0, blocked=True)
    assert commands[:, 0].max() > 0
    assert commands[:, 0].min() < 0
