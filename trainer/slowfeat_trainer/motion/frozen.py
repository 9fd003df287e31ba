"""Poses that stand still beside images that move on: a tracker that has lost its place, or a driver
that repeats its last message. A robot that really stands sees the same image again and again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.odometry import NS, Stamps
from slowfeat.odometry_jumps import SAME, turned_between
from slowfeat_trainer.motion.track import Track

# A pose must repeat itself for so long, s; shorter pauses are left to those who look at gaps.
LEAST_S = 2.0
# Of the images' usual change while the body moves; less is noise, or people who walk by.
SHARE = 0.6
# So many pairs of images must show how much they change while the body moves, and in a stretch.
LEAST_MOVING, LEAST_STILL = 20, 4
# A body that moves so much from one image to the next moves; m, rad.
MOVING_M, MOVING_RAD = 0.01, 0.01


class Stretch(NamedTuple):
    """From the first pose of a run of equal ones to the last, ns."""

    start: int
    end: int


def without_frozen(
    track: Track, frames: npt.NDArray[np.uint8], stamps: Stamps, centre_s: float
) -> tuple[Track, list[str]]:
    """The track without the poses that stand still while the images do not, and a sentence.

    Args:
        track: as its source sends it.
        frames: (N, H, W, 3) small images, in order.
        stamps: (N,) theirs, ns.
        centre_s: seconds added to the track's stamps to compare the two.
    """
    found = frozen_stretches(track.shifted(centre_s), frames, stamps)
    if not found:
        return track, []
    shift = round(centre_s * NS)
    inside = np.zeros(len(track), dtype=bool)
    for stretch in found:
        # Its first pose was reached; of the last nothing is known, as of those between.
        at = track.stamps + shift
        inside |= (at > stretch.start) & (at <= stretch.end)
    jumps = track.jumps[~np.isin(track.jumps, track.stamps[inside])]
    left = replace(
        track,
        stamps=track.stamps[~inside],
        positions=track.positions[~inside],
        quaternions=track.quaternions[~inside],
        jumps=jumps,
    )
    seconds = sum(stretch.end - stretch.start for stretch in found) / NS
    begin = (found[0].start - int(stamps[0])) / NS
    sentence = (
        f"the poses of {track.topic} stand still for {seconds:.1f} s (from {begin:.1f} s of the "
        "images on) while the images move on: left out; look for lost tracking, or a driver that "
        "repeats its last message"
    )
    return left, [sentence]


def frozen_stretches(track: Track, frames: npt.NDArray[np.uint8], stamps: Stamps) -> list[Stretch]:
    """Runs of equal poses within which the images change as they do while the body moves."""
    if len(track) < 2 or len(frames) < LEAST_MOVING:
        return []
    moved = np.linalg.norm(np.diff(track.positions, axis=0), axis=1)
    turned = turned_between(track.quaternions[:-1], track.quaternions[1:])
    runs = _runs(track.stamps, (moved < SAME) & (turned < SAME))
    if not runs:
        return []
    poses, known = track.poses_at(stamps, 1.0)
    steps = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1)
    # Of the cosine: large turns only matter here.
    traces = np.einsum("nij,nij->n", poses[:-1, :3, :3], poses[1:, :3, :3])
    angles = np.arccos(np.clip((traces - 1) / 2, -1, 1))
    moving = known[:-1] & known[1:] & ((steps > MOVING_M) | (angles > MOVING_RAD))
    if moving.sum() < LEAST_MOVING:
        return []
    changes = _changes(frames)
    usual = float(np.median(changes[moving]))
    found = []
    for run in runs:
        within = (stamps[:-1] > run.start) & (stamps[1:] <= run.end)
        if within.sum() >= LEAST_STILL and np.median(changes[within]) > SHARE * usual:
            found.append(run)
    return found


def _runs(stamps: Stamps, same: npt.NDArray[np.bool_]) -> list[Stretch]:
    """Where poses repeat themselves for LEAST_S; `same` is whether each is the one before."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    pairs = [(int(stamps[a]), int(stamps[b])) for a, b in edges.reshape(-1, 2)]
    return [Stretch(a, b) for a, b in pairs if b - a >= LEAST_S * NS]


def _changes(frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """How much each image differs from the one before, grey levels; without its finest detail."""
    changes = np.zeros(len(frames) - 1)
    before = None
    for k, frame in enumerate(frames):
        grey = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
        if before is not None:
            changes[k - 1] = float(cv2.absdiff(grey, before).mean())
        before = grey
    return changes
