"""Rotations from flow: no side is preferred, and a turn is found."""

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat_trainer.odometry_errors.lens import Lens
from slowfeat_trainer.odometry_errors.rotation_flow import (
    SIZE,
    rotations_between,
    symmetric_grid,
)

LENS = Lens(1.0, 1.0, 0.0)


def driving(count: int) -> npt.NDArray[np.uint8]:
    """Images (N, SIZE, SIZE) of a robot that drives straight ahead between textured walls."""
    rng = np.random.default_rng(0)
    wall = cv2.resize(
        rng.integers(0, 256, (40, 40), dtype=np.uint8), (400, 400), interpolation=cv2.INTER_CUBIC
    )
    images = []
    for k in range(count):
        half = 180 / 1.04**k
        # What is seen grows towards the edges; the left half mirrored is the right half.
        columns = np.abs(np.linspace(-half, half, SIZE))
        rows = np.linspace(-half, half, SIZE) + 200
        grid = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
        images.append(cv2.remap(wall, *grid, cv2.INTER_LINEAR))
    return np.stack(images)


def test_the_points_lie_as_far_from_the_left_as_from_the_right() -> None:
    grid = symmetric_grid()
    np.testing.assert_array_equal(grid + grid[::-1], SIZE - 1)


def test_a_mirrored_drive_turns_as_much_to_the_other_side() -> None:
    images = driving(17)
    # Any drive will do, so this one is not the same left and right.
    images = np.ascontiguousarray(images[:, :, ::-1] // 2 + np.roll(images, 9, axis=2) // 2)
    before, after = np.arange(16), np.arange(1, 17)
    seen, mirrored = (
        rotations_between(i, before, after, LENS).yaw
        for i in (images, np.ascontiguousarray(images[:, :, ::-1]))
    )
    assert abs(float(seen.mean() + mirrored.mean())) < 2e-4


def test_a_robot_that_drives_straight_ahead_does_not_turn() -> None:
    images = driving(17)
    found = rotations_between(images, np.arange(16), np.arange(1, 17), LENS)
    assert abs(float(found.yaw.mean())) < 2e-4
    assert float(found.ahead.mean()) > 0.5
