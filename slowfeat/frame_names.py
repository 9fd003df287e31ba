"""What the name of a coordinate frame says of its axes: one rule for trainer, inspect and node.

By REP-103 a camera has two frames: a body frame (x ahead, y left, z up; "camera_link"), and an
optical one (z ahead, x right, y down) whose name ends in "_optical". Drivers do not always keep to
it, so what a name says is a claim that images can contradict (slowfeat.mount).
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import R_BODY_OPTICAL, Array, is_optical_frame

# Which way the axes of a frame point: z ahead, or x ahead.
OPTICAL, BODY = "optical", "x ahead"
# An image counts as level where its vertical leans less than this from the robot's, as a cosine.
LEVEL = 0.7


def optical_rotation(R_body_frame: Array, axes: str) -> Array:
    """Rotation (3, 3) from optical axes to the body's, of a camera frame's
    rotation (3, 3) and its axes.
    """
    return np.asarray(R_body_frame @ R_BODY_OPTICAL if axes == BODY else R_body_frame)


def claimed_axes(frame: str, R_body_frame: Array | None) -> str:
    """OPTICAL or BODY: what the name of a camera's frame, and its rotation (3, 3) in the body, say
    of its axes.

    A name with "optical" in it says it. Under any other name that reading is taken which gives a
    level image, upright or upside down; where both do or neither does, the one whose name it is: x
    ahead. A camera of which no transform is known is taken to have an optical frame.
    """
    if R_body_frame is None or is_optical_frame(frame):
        return OPTICAL
    level = [axes for axes in (OPTICAL, BODY) if is_level(optical_rotation(R_body_frame, axes))]
    return level[0] if len(level) == 1 else BODY


def is_level(R_body_optical: Array) -> bool:
    """Whether a camera's image (rotation (3, 3) of its optical axes) has the robot's vertical,
    whichever end is up.
    """
    return bool(abs(R_body_optical[2, 1]) > LEVEL)
