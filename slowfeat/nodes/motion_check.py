"""Does the encoder predict the robot's own motion? Measured while it drives, against odometry.

Knows no ROS. Poses come in from one thread and frames from another.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from slowfeat.encoder import Encoder
from slowfeat.geometry import Array, body_pose, relative_motion
from slowfeat.odometry import NS, PoseBuffer


@dataclass(frozen=True)
class MotionCheckResult:
    """One comparison; the errors are l2 distances between embeddings."""

    # Whatever came with the frame after the motion (its header).
    header: Any
    # Motion (6,) [m, rad] of the body between the two frames.
    motion: Array
    duration_s: float
    # Predicted against seen; before against after; what `error` should be.
    error: float
    change: float
    expected_error: float


@dataclass(frozen=True)
class _Frame:
    stamp_ns: int
    header: Any
    embedding: npt.NDArray[np.float32]


class MotionCheck:
    """Compares, about every `baseline_s`, the embedding seen with the one predicted from before.

    Odometry arrives after the image it belongs to, so frames wait here until poses enclose them.
    """

    def __init__(self) -> None:
        self.baseline_s = 0.5
        self.min_translation_m = 0.02
        self.min_rotation_rad = 0.02
        self._poses = PoseBuffer()
        self._lock = threading.Lock()
        self._child_frame = ""
        self._waiting: deque[_Frame] = deque()
        self._before: tuple[_Frame, Array] | None = None

    def add_pose(
        self, stamp_ns: int, child_frame: str, position: npt.ArrayLike, quaternion: npt.ArrayLike
    ) -> str | None:
        """Take in a pose of the body (or of an optical frame); returns why it was not used, or None."""
        with self._lock:
            reason = self._poses.add(stamp_ns, position, quaternion)
            self._child_frame = child_frame
        return reason

    def add_frame(
        self, encoder: Encoder, stamp_ns: int, header: Any, embedding: npt.NDArray[np.float32]
    ) -> list[MotionCheckResult]:
        """Take in a frame's embedding; returns the comparisons that have become possible."""
        if self._waiting and stamp_ns <= self._waiting[-1].stamp_ns:
            # Time was set back: a bag that loops, or a simulation that was reset.
            self.clear_frames()
        self._waiting.append(_Frame(stamp_ns, header, embedding))
        results = []
        while self._waiting:
            frame = self._waiting[0]
            pose = self._pose_at(frame.stamp_ns)
            too_old = stamp_ns - frame.stamp_ns > NS
            if pose is None and not too_old:
                break
            self._waiting.popleft()
            if pose is None:
                continue
            result = self._compare(encoder, frame, pose)
            if result is not None:
                results.append(result)
        return results

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._poses.clear()
        self.clear_frames()

    def clear_frames(self) -> None:
        """Forget the frames, not the poses."""
        self._waiting.clear()
        self._before = None

    def _pose_at(self, stamp_ns: int) -> Array | None:
        with self._lock:
            pose = self._poses.at(stamp_ns)
            return None if pose is None else body_pose(pose, self._child_frame)

    def _compare(self, encoder: Encoder, frame: _Frame, pose: Array) -> MotionCheckResult | None:
        if self._before is None:
            self._before = (frame, pose)
            return None
        before, pose_before = self._before
        duration_s = (frame.stamp_ns - before.stamp_ns) / NS
        # Half a frame at 30 Hz early is close enough, else every second comparison would be a frame late.
        if duration_s < self.baseline_s - 0.015:
            return None
        self._before = (frame, pose)
        motion = relative_motion(pose_before, pose)
        stands_still = (
            float(np.linalg.norm(motion[:3])) < self.min_translation_m
            and float(np.linalg.norm(motion[3:])) < self.min_rotation_rad
        )
        if stands_still or duration_s > 2 * self.baseline_s:
            return None
        after, expected = encoder.predict(before.embedding, motion)
        return MotionCheckResult(
            frame.header,
            motion,
            duration_s,
            error=float(np.linalg.norm(after[0] - frame.embedding)),
            change=float(np.linalg.norm(before.embedding - frame.embedding)),
            expected_error=float(expected[0]),
        )
