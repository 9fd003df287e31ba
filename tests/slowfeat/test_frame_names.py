"""What a camera frame's name and transform say of its axes."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.frame_names import BODY, OPTICAL, claimed_axes, is_level, optical_rotation
from slowfeat.geometry import R_BODY_OPTICAL

AHEAD = np.eye(3)
HALF_TURN = np.diag([-1.0, -1.0, 1.0])


@pytest.mark.parametrize(
    ("frame", "rotation", "axes"),
    [
        ("camera_optical_frame", R_BODY_OPTICAL, OPTICAL),
        # A name that says it is believed, even where it lets the camera look up: images may
        # contradict it.
        ("robot1/camera_optical_frame", AHEAD, OPTICAL),
        ("camera_link", AHEAD, BODY),
        # The level one of two readings, whatever the name.
        ("camera_link", R_BODY_OPTICAL, OPTICAL),
        ("cam0", AHEAD, BODY),
        ("cam0", R_BODY_OPTICAL, OPTICAL),
        ("cam0", R_BODY_OPTICAL @ HALF_TURN, OPTICAL),
        ("", R_BODY_OPTICAL, OPTICAL),
        ("camera_link", None, OPTICAL),
    ],
)
def test_axes_are_those_of_the_name_or_of_the_level_reading(
    frame: str, rotation: np.ndarray | None, axes: str
) -> None:
    assert claimed_axes(frame, rotation) == axes


def test_an_x_ahead_frame_gains_optical_axes() -> None:
    optical = optical_rotation(AHEAD, BODY)
    # The optical z axis is the frame's x axis, and the image's vertical is the robot's.
    np.testing.assert_allclose(optical[:, 2], [1, 0, 0])
    assert is_level(optical)
    np.testing.assert_allclose(optical_rotation(R_BODY_OPTICAL, OPTICAL), R_BODY_OPTICAL)
