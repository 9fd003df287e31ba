"""How the robot drove, from its track."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, body_pose, pose_matrix, relative_motion
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.data.pairs import following
from slowfeat_trainer.motion.track import Track

# The track is looked at in steps of this, so that the noise of fast odometry does not add up to a
# way.
STEP_S = 0.1
# Speeds are those over this time.
WINDOW_S = 0.5
# Slower than both is at rest.
STILL_M_S, STILL_DEG_S = 0.02, 1.0


@dataclass(frozen=True)
class Driving:
    """How the robot drove, by its source of motion."""

    # Way of the body, and angles turned: about all axes, and about its own z to either side.
    distance_m: float
    turned_deg: float
    left_deg: float
    right_deg: float
    # Share of the time in which it stands.
    still_share: float
    # Over half a second: mean and largest.
    mean_speed_m_s: float
    max_speed_m_s: float
    mean_turn_deg_s: float
    max_turn_deg_s: float
    # For drawing: (K,) stamps in ns, positions (K, 2) in m from above, and whether the way (K - 1,)
    # from each to the next is known.
    stamps: Stamps
    xy: Array
    known: npt.NDArray[np.bool_]
    # (L,) stamps in ns, and the speed in m/s and turn rate in deg/s (to the left positive) there.
    speed_stamps: Stamps
    speed_m_s: Array
    turn_deg_s: Array


def drive_of(track: Track, max_gap_s: float) -> Driving:
    """How a track drives.

    Args:
        track: at least one pose.
        max_gap_s: no way is known between poses further apart than this.
    """
    chosen = np.unique(track.stamps // round(STEP_S * NS), return_index=True)[1]
    stamps = track.stamps[chosen]
    poses = body_pose(pose_matrix(track.positions[chosen], track.quaternions[chosen]), track.frame)
    steps = relative_motion(poses[:-1], poses[1:])
    jumps = np.searchsorted(track.jumps, stamps, side="right")
    known = (np.diff(stamps) <= max(max_gap_s, 2 * STEP_S) * NS) & (np.diff(jumps) == 0)
    yaw = np.rad2deg(steps[known, 5])
    speed_stamps, motions, seconds = _windows(stamps, poses, known)
    speed = np.linalg.norm(motions[:, :3], axis=1) / seconds
    rate = np.rad2deg(np.linalg.norm(motions[:, 3:], axis=1)) / seconds
    return Driving(
        distance_m=float(np.linalg.norm(steps[known, :3], axis=1).sum()),
        turned_deg=float(np.rad2deg(np.linalg.norm(steps[known, 3:], axis=1)).sum()),
        left_deg=float(yaw[yaw > 0].sum()),
        right_deg=float(-yaw[yaw < 0].sum()),
        still_share=float(np.mean((speed < STILL_M_S) & (rate < STILL_DEG_S)))
        if len(speed)
        else 1.0,
        mean_speed_m_s=float(speed.mean()) if len(speed) else 0.0,
        max_speed_m_s=float(speed.max(initial=0.0)),
        mean_turn_deg_s=float(rate.mean()) if len(rate) else 0.0,
        max_turn_deg_s=float(rate.max(initial=0.0)),
        stamps=stamps,
        xy=poses[:, :2, 3],
        known=known,
        speed_stamps=speed_stamps,
        speed_m_s=speed,
        turn_deg_s=np.rad2deg(motions[:, 5]) / seconds,
    )


def _windows(
    stamps: Stamps, poses: Array, known: npt.NDArray[np.bool_]
) -> tuple[Stamps, Array, Array]:
    """Stamps (L,) in the middle, motions (L, 6) and lengths (L,) in s of windows without a gap."""
    after = following(stamps, WINDOW_S)
    before = np.flatnonzero(after >= 0)
    after = after[before]
    unknown = np.concatenate([[0], np.cumsum(~known)])
    whole = unknown[after] == unknown[before]
    before, after = before[whole], after[whole]
    middle = stamps[before] + (stamps[after] - stamps[before]) // 2
    seconds = (stamps[after] - stamps[before]) / NS
    return middle, relative_motion(poses[before], poses[after]), seconds
