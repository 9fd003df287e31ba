"""Whether a field of view that is said fits a drive: through it the images
must turn as the odometry does.
"""

from __future__ import annotations

import math

import numpy as np

from slowfeat.geometry import relative_motion
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.odometry_errors.look import adjacent_pairs, look

# Images are compared in so many pairs at most, and turns of more than this count, radians.
MOST_PAIRS, LEAST_TURN, LEAST_PAIRS = 600, math.radians(1.0), 30
# Turns off by more than this factor are another lens's.
OFF = 1.25


def check_field_of_view(part: Part, camera: Camera, fov_deg: float, yaw_scale: float) -> list[str]:
    """A warning where the drive contradicts the field of view; none where it agrees, or where it
    hardly turns.

    Args:
        part: frames and poses of a drive.
        camera: with the lens of that field of view.
        fov_deg: as it was said, degrees.
        yaw_scale: by which the odometry's turns were multiplied for these poses, through whatever
            lens.
    """
    before, after = adjacent_pairs(part.stamps)
    turns = relative_motion(part.poses[before], part.poses[after])[:, 5] / abs(yaw_scale)
    telling = np.flatnonzero(
        (np.abs(turns) > LEAST_TURN) & (part.block[before] == part.block[after])
    )
    if len(telling) < LEAST_PAIRS:
        return []
    telling = telling[:: -(-len(telling) // MOST_PAIRS)]
    seen = look(
        part.frames[np.arange(len(part))], part.stamps, camera, (before[telling], after[telling])
    )
    factor = float(np.median(seen.yaw / turns[telling]))
    if not 0.2 < factor < 5 or 1 / OFF < factor < OFF:
        return []
    # For small turns they go with the inverse of the focal length.
    half = math.radians(min(fov_deg, 170.0)) / 2
    likely = math.degrees(2 * math.atan(math.tan(half) / factor))
    text = (
        f"--fov {fov_deg:g}: through it the images turn {factor:.2f} times as much as the "
        f"odometry says; a horizontal field of view of about {likely:.0f} degrees fits (a data "
        "sheet often gives the diagonal)"
    )
    return [text]
