"""Turns that a drive's images show, pair by pair, and the odometry
of the same drive beside them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, body_pose, matrix_from_quaternion, pose_matrix, relative_motion
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.known_lens import initial_lens
from slowfeat_trainer.motion.track import Track
from slowfeat_trainer.odometry_errors.estimate import estimate
from slowfeat_trainer.odometry_errors.lens import Lens
from slowfeat_trainer.odometry_errors.rotation_flow import Rotations, rotations_between, small_grey
from slowfeat_trainer.odometry_errors.turns import STRETCH_S, Reported, SeenTurns

Index = npt.NDArray[np.int64]

# Images are compared this far apart, seconds, and never further than MAX_GAP_S; over pauses of the
# odometry that are longer no turn is known either.
GAP_S, MAX_GAP_S = 0.1, 0.3
# More pairs add nothing; a drive with more is looked at in stretches evenly spaced over it.
MAX_PAIRS = 1200
# Pairs whose images are in memory at a time.
BLOCK = 4000
# Share of a drive, its beginning, that is looked at: figures are taken on the end.
SHARE = 0.6
# Pairs on which the noise of the turns seen is measured, and what it is at least, radians after one
# second.
CHECKED, LEAST_SEEN_NOISE = 200, math.radians(0.2)


def adjacent_pairs(stamps: Stamps, gap_s: float = GAP_S) -> tuple[Index, Index]:
    """Indices of the first and second images of pairs about `gap_s` apart, one pair behind the
    other.

    Args:
        stamps: (N,) ns, increasing.
        gap_s: seconds.
    """
    if len(stamps) < 2:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing
    step = max(float(np.median(np.diff(stamps))) / NS, 1e-3)
    anchors = np.arange(0, len(stamps), max(1, round(gap_s / step)), dtype=np.int64)
    before, after = anchors[:-1], anchors[1:]
    near = (stamps[after] - stamps[before]) <= MAX_GAP_S * NS
    return before[near], after[near]


def look(
    frames: npt.NDArray[np.uint8], stamps: Stamps, camera: Camera, pairs: tuple[Index, Index]
) -> SeenTurns:
    """Turns between pairs of frames (N, H, W, 3); seconds count from the first stamp."""
    before, after = pairs
    lens = Lens(*initial_lens(camera))
    mount = None if camera.extrinsic is None else matrix_from_quaternion(camera.extrinsic[3:])
    found = Rotations.joined(
        [
            _rotations(frames, before[k : k + BLOCK], after[k : k + BLOCK], lens, mount)
            for k in range(0, max(len(before), 1), BLOCK)
        ]
    )
    typical = float(np.median(found.residual)) if len(before) else 1.0
    # Flow that fits its model worse than usual is known as much less.
    weight = np.minimum(1.0, (1.5 * typical / found.residual) ** 2)
    t = (stamps - stamps[0]) / NS
    return SeenTurns(t[before], t[after], found.yaw, weight, found.flow, found.ahead)


def reported_by(track: Track, since: int) -> Reported:
    """What a track says, in seconds since a stamp in ns."""
    poses = body_pose(pose_matrix(track.positions, track.quaternions), track.frame)
    steps = relative_motion(poses[:-1], poses[1:])
    joined = ~np.isin(track.stamps[1:], track.jumps)
    turns, ways = steps[:, 5] * joined, np.linalg.norm(steps[:, :3], axis=1) * joined
    t = (track.stamps - since) / NS
    pause = np.flatnonzero(np.diff(t) > MAX_GAP_S)
    return Reported(
        t,
        np.concatenate([[0.0], np.cumsum(turns)]),
        np.concatenate([[0.0], np.cumsum(ways)]),
        (track.jumps - since) / NS,
        np.stack([t[pause], t[pause + 1]], axis=-1),
    )


def estimate_odometry_error(
    frames: npt.NDArray[np.uint8], stamps: Stamps, track: Track, camera: Camera
) -> OdometryEstimate:
    """How the odometry of a drive errs; takes seconds.

    Args:
        frames: (N, H, W, 3) uint8 RGB in the order of time, at least 8 a second.
        stamps: (N,) ns.
        track: of the odometry, with its own stamps.
        camera: as far as the bag describes it, of what is left of its image after a crop.
    """
    if len(stamps) < 2 or len(track) < 2:
        return OdometryEstimate(unknown="there are no images with odometry")
    end = stamps[0] + round(SHARE * float(stamps[-1] - stamps[0]))
    before, after = adjacent_pairs(stamps)
    early = stamps[after] <= end
    before, after = _spread(before[early], after[early], stamps)
    if len(before) < 2:
        return OdometryEstimate(unknown="too few images follow each other closely enough")
    seen = look(frames, stamps, camera, (before, after))
    known = camera.lens is not None or camera.horizontal_fov is not None
    noise = seen_noise(frames, stamps, camera, seen, (before, after))
    return estimate(seen, reported_by(track, int(stamps[0])), known, noise)


def seen_noise(
    frames: npt.NDArray[np.uint8],
    stamps: Stamps,
    camera: Camera,
    seen: SeenTurns,
    pairs: tuple[Index, Index],
) -> float:
    """Radians after one second by which turns seen are off: two in a
    row against the one over both.
    """
    before, after = pairs
    joined = np.flatnonzero(after[:-1] == before[1:])
    joined = joined[:: max(1, -(-len(joined) // CHECKED))]
    if len(joined) < 10:
        return LEAST_SEEN_NOISE
    both = look(frames, stamps, camera, (before[joined], after[joined + 1]))
    off = seen.yaw[joined] + seen.yaw[joined + 1] - both.yaw
    # Three errors of about the same size are in it.
    of_one = 1.48 * float(np.median(np.abs(off - np.median(off)))) / math.sqrt(3)
    gap = max(float(np.median(seen.end - seen.start)), 1e-3)
    return max(of_one / math.sqrt(gap), LEAST_SEEN_NOISE)


def _spread(before: Index, after: Index, stamps: Stamps) -> tuple[Index, Index]:
    """At most MAX_PAIRS of adjacent pairs, in whole stretches evenly spaced."""
    if len(before) <= MAX_PAIRS:
        return before, after
    stretch = ((stamps[before] - stamps[0]) // round(STRETCH_S * NS)).astype(np.int64)
    there, counts = np.unique(stretch, return_counts=True)
    wanted = max(1, int(MAX_PAIRS / counts.mean()))
    chosen = there[np.unique(np.linspace(0, len(there) - 1, wanted).round().astype(np.int64))]
    keep = np.isin(stretch, chosen)
    return before[keep], after[keep]


def _rotations(
    frames: npt.NDArray[np.uint8], before: Index, after: Index, lens: Lens, mount: Array | None
) -> Rotations:
    used, where = np.unique(np.concatenate([before, after]), return_inverse=True)
    grey = small_grey(frames, used)
    return rotations_between(grey, where[: len(before)], where[len(before) :], lens, mount)
