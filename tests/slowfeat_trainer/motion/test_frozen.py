"""Poses that stand still: believed where the images stand still too."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.odometry import NS
from slowfeat_trainer.motion.frozen import frozen_stretches, without_frozen
from slowfeat_trainer.motion.track import Track
from tests.helpers.painted_room import picture, yaw_at

SECONDS = 20.0


def track_of(frozen: tuple[float, float] | None, stands: bool = False) -> tuple[Track, np.ndarray]:
    """A drive whose poses stand still within two times, and what the camera sees at 10 Hz."""

    def at(t: np.ndarray) -> np.ndarray:
        inside = (t > frozen[0]) & (t <= frozen[1]) if frozen else np.zeros(len(t), bool)
        return np.where(inside, frozen[0] if frozen else 0.0, t)

    t = np.arange(0, SECONDS, 0.05)
    said = at(t)
    yaws = yaw_at(said)
    zero = np.zeros_like(t)
    track = Track(
        stamps=(t * NS).astype(np.int64),
        positions=np.stack([0.3 * said, zero, zero], axis=1),
        quaternions=np.stack([zero, zero, np.sin(yaws / 2), np.cos(yaws / 2)], axis=1),
        frame="base_link",
        fixed_frame="odom",
        topic="/odom",
        kind="odometry",
    )
    seen = np.arange(0, SECONDS - 0.1, 0.1)
    rng = np.random.default_rng(0)
    frames = [picture(float(yaw_at(s))) for s in (at(seen) if stands else seen)]
    noisy = np.array(frames, np.float64) + rng.normal(0, 2, (len(frames), 48, 64, 3))
    return track, np.clip(noisy, 0, 255).astype(np.uint8)


STAMPS = (np.arange(0, SECONDS - 0.1, 0.1) * NS).astype(np.int64)


def test_a_stretch_of_equal_poses_beside_moving_images_is_left_out() -> None:
    track, frames = track_of((8.0, 13.0))
    left, warnings = without_frozen(track, frames, STAMPS, 0.0)
    assert len(track) - len(left) == 100
    assert not ((left.stamps > 8.01 * NS) & (left.stamps < 12.99 * NS)).any()
    (warning,) = warnings
    assert "/odom stand still for 5.0 s (from 8.0 s of the images on)" in warning


def test_clocks_that_are_apart_are_compared_where_they_meet() -> None:
    track, frames = track_of((8.0, 13.0))
    left, warnings = without_frozen(track.shifted(-100.0), frames, STAMPS, 100.0)
    assert len(warnings) == 1
    assert len(track) - len(left) == 100


@pytest.mark.parametrize(("frozen", "stands"), [(None, False), ((8.0, 13.0), True)])
def test_a_drive_and_a_robot_that_really_stands_are_believed(
    frozen: tuple[float, float] | None, stands: bool
) -> None:
    track, frames = track_of(frozen, stands)
    left, warnings = without_frozen(track, frames, STAMPS, 0.0)
    assert left is track
    assert warnings == []


@pytest.mark.parametrize("frozen", [(8.0, 9.0), (0.0, SECONDS)])
def test_a_short_pause_and_a_track_that_never_moves_say_nothing(
    frozen: tuple[float, float],
) -> None:
    track, frames = track_of(frozen)
    assert frozen_stretches(track, frames, STAMPS) == []
