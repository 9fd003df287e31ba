"""Does the encoder predict the robot's own motion? Measured while it drives, against odometry.

Every so often the newest frame is compared with the one `baseline_s` before it: for the self-check
about COMPARISONS times a baseline, for those who listen once. Knows no ROS. Poses come in from one
thread and frames from another.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from slowfeat.encoder import Encoder
from slowfeat.geometry import Array, body_pose, describe_motion, relative_motion
from slowfeat.jump_watch import JumpWatch
from slowfeat.live.input_health import InputHealth
from slowfeat.live.odometry_health import HealthJudge
from slowfeat.odometry import BACKWARDS_S, NS, PoseBuffer
from slowfeat.odometry_model import correct
from slowfeat.scene_cut import SceneCut
from slowfeat.self_check import SCALES, Comparison, SelfCheck
from slowfeat.view_selection.motion_range import excess

# Comparisons in the time of one baseline; more would say the same again and cost inferences.
COMPARISONS = 5
# Half a frame at 30 Hz early is close enough, else every second comparison would be a frame late.
EARLY_S = 0.015
# Odometry comes later than the image; a pose this much older than it is near enough to choose by.
LATE_S = 0.3
# A motion that lies this many half widths outside the trained range is not compared: what is to be
# expected there says nothing, and would make a jump look healthy.
OUTSIDE = 1.0


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
    """Compares the embedding seen with the one predicted from `baseline_s` before.

    Odometry arrives after the image it belongs to, so frames wait here until poses enclose them.
    """

    def __init__(self) -> None:
        self.baseline_s = 0.5
        self.min_translation_m = 0.02
        self.min_rotation_rad = 0.02
        # Added to the stamps of poses, s: for odometry whose clock or driver is late.
        self.odom_offset_s = 0.0
        self.self_check = SelfCheck()
        self._poses = PoseBuffer()
        self.inputs = InputHealth(self._poses.max_gap_s)
        self.judge = HealthJudge(self.inputs, self.self_check)
        # Pose of the body in the frame that odometry is of; None: only its name decides
        # (`body_pose`).
        self.T_child_body: Array | None = None
        # Counts the jumps of odometry: what was known in its frame before means nothing after.
        self.jumps = 0
        # Counts the comparisons that the self-check got.
        self.comparisons = 0
        self._jump_watch = JumpWatch()
        self._cut = SceneCut()
        self._lock = threading.Lock()
        self._child_frame = ""
        self._waiting: deque[_Frame] = deque()
        # Frames of the last baseline, with their poses.
        self._past: deque[tuple[_Frame, Array]] = deque()
        self._newest_ns = 0
        self._went_back = threading.Event()
        # Stamps of the last comparison, and of the last frame of one that was told.
        self._compared_ns: int | None = None
        self._told_ns: int | None = None

    def add_pose(
        self,
        stamp_ns: int,
        child_frame: str,
        position: npt.ArrayLike,
        quaternion: npt.ArrayLike,
        fixed_frame: str = "",
        twist: tuple[float, float] | None = None,
    ) -> str | None:
        """Take in a pose of the body (or of an optical frame); returns why it was not used, or
        None.

        A jump (`jumps` counts them) makes everything start afresh that is measured between two
        poses.

        Args:
            stamp_ns: of the message.
            child_frame: whose pose it is.
            position: (3,) m.
            quaternion: (4,) [x y z w].
            fixed_frame: in which frame it is.
            twist: lengths of the message's twist, m/s and rad/s.
        """
        now_s = time.monotonic()
        with self._lock:
            offset_ns = round(self.odom_offset_s * NS) if stamp_ns > 0 else 0
            reason = self._poses.add(stamp_ns + offset_ns, position, quaternion)
            if reason is not None:
                self.inputs.unusable(reason, now_s)
                return reason
            p, q = np.asarray(position, np.float64), np.asarray(quaternion, np.float64)
            unit = q / np.linalg.norm(q)
            frames = (fixed_frame, child_frame)
            jump = self._jump_watch.look(
                stamp_ns, tuple(p.tolist()), tuple(unit.tolist()), frames, twist, now_s
            ).jump
            if jump:
                self.jumps += 1
                self._poses.clear()
                self._poses.add(stamp_ns + offset_ns, position, quaternion)
                self._went_back.set()
                self.inputs.jumped(jump, now_s)
            self._child_frame = child_frame
        self.inputs.odometry(stamp_ns + offset_ns, now_s)
        return None

    def _of_body(self, T_odom_child: Array) -> Array:
        """Pose of the body; called with the lock held."""
        if self.T_child_body is not None:
            return T_odom_child @ self.T_child_body
        return body_pose(T_odom_child, self._child_frame)

    def add_frame(
        self, encoder: Encoder, stamp_ns: int, header: Any, embedding: npt.NDArray[np.float32]
    ) -> list[MotionCheckResult]:
        """Take in a frame's embedding; returns the comparisons that have become possible."""
        self.inputs.image(stamp_ns, time.monotonic())
        if self._went_back.is_set():
            self._went_back.clear()
            self.clear_frames()
        back_ns = self._newest_ns - stamp_ns
        if 0 <= back_ns < BACKWARDS_S * NS:
            return []  # out of order, or twice
        if back_ns > 0:
            self.clear_frames()
        self._newest_ns = stamp_ns
        slow = encoder.info.slices.get("slow")
        if slow is not None:
            score = self._cut.add(stamp_ns, embedding[slow.start : slow.stop])
            self.self_check.note_cut(stamp_ns, score)
        self._waiting.append(_Frame(stamp_ns, header, embedding))
        results = []
        while self._waiting:
            frame = self._waiting[0]
            pose = self.pose_at(frame.stamp_ns)
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
            self._jump_watch.clear()
        self.inputs.clear()
        self.clear_frames()

    def clear_frames(self) -> None:
        """Forget the frames and what they told, not the poses."""
        self._waiting.clear()
        self._past.clear()
        self._cut.clear()
        self._compared_ns = self._told_ns = None
        self._newest_ns = 0
        self.self_check.clear()
        self.judge.clear()

    def time_went_back(self) -> None:
        """Start afresh: a bag that loops, or a simulation that was reset. From any thread."""
        with self._lock:
            self._poses.clear()
            self._jump_watch.clear()
        self.inputs.clear()
        # Frames belong to the thread that brings them.
        self._went_back.set()

    def pose_now(self, stamp_ns: int) -> Array | None:
        """Pose (4, 4) of the body at a stamp, or the newest one where that
        is hardly older; None without.
        """
        with self._lock:
            pose = self._poses.at(stamp_ns)
            newest_ns = self._poses.newest_ns
            if pose is None and newest_ns is not None and 0 <= stamp_ns - newest_ns < LATE_S * NS:
                pose = self._poses.at(newest_ns)
            return None if pose is None else self._of_body(pose)

    def pose_at(self, stamp_ns: int) -> Array | None:
        """Pose (4, 4) of the body at a stamp [ns]; None where
        odometry does not enclose it (yet).
        """
        with self._lock:
            pose = self._poses.at(stamp_ns)
            return None if pose is None else self._of_body(pose)

    def _is_due(self, frame: _Frame, since_ns: int | None, period_s: float) -> bool:
        return since_ns is None or (frame.stamp_ns - since_ns) / NS >= period_s - EARLY_S

    def _frame_before(self, frame: _Frame) -> tuple[_Frame, Array] | None:
        """The newest frame at least a baseline before; None where there
        is none, or only a far older.
        """
        latest = frame.stamp_ns - round((self.baseline_s - EARLY_S) * NS)
        while len(self._past) > 1 and self._past[1][0].stamp_ns <= latest:
            self._past.popleft()
        if not self._past or self._past[0][0].stamp_ns > latest:
            return None
        too_old = frame.stamp_ns - self._past[0][0].stamp_ns > 2 * self.baseline_s * NS
        return None if too_old else self._past[0]

    def _compare(self, encoder: Encoder, frame: _Frame, pose: Array) -> MotionCheckResult | None:
        """Compare with a baseline before, where that is due; returns what is to be told."""
        found = self._frame_before(frame)
        self._past.append((frame, pose))
        period_s = self.baseline_s / COMPARISONS
        if found is None or not self._is_due(frame, self._compared_ns, period_s):
            return None
        self._compared_ns = frame.stamp_ns
        before, pose_before = found
        motion = relative_motion(pose_before, pose)
        seconds = (frame.stamp_ns - before.stamp_ns) / NS
        if encoder.info.odometry is not None:
            # As in training: without what the odometry gets wrong.
            motion = correct(motion, seconds, encoder.info.odometry)
        stands_still = (
            float(np.linalg.norm(motion[:3])) < self.min_translation_m
            and float(np.linalg.norm(motion[3:])) < self.min_rotation_rad
        )
        beyond = float(excess(motion, encoder.info)[0])
        if beyond > OUTSIDE:
            self.judge.not_compared(
                f"the motions lie outside the trained range (the last: {describe_motion(motion)}, "
                f"{1 + beyond:.1f} times as far as any in training)"
            )
            return None
        scales = SCALES[:1] if stands_still else SCALES
        after, expected = encoder.predict(before.embedding, motion * scales[:, None])
        errors = np.linalg.norm(after - frame.embedding, axis=1).astype(np.float64)
        if not stands_still and np.array_equal(before.embedding, frame.embedding):
            # No camera sees the same twice: it says nothing of odometry.
            self.judge.not_compared(
                "the images repeat each other while odometry moves: the camera is frozen, or "
                "odometry is wrong"
            )
        else:
            speed = float(np.linalg.norm(motion[:3])) / seconds
            self.self_check.add(Comparison(frame.stamp_ns, errors**2, float(expected[0]), speed))
            self.judge.compared()
            self.comparisons += 1
        if stands_still or not self._is_due(frame, self._told_ns, self.baseline_s):
            return None
        self._told_ns = frame.stamp_ns
        return MotionCheckResult(
            frame.header,
            motion,
            duration_s=seconds,
            error=float(errors[0]),
            change=float(np.linalg.norm(before.embedding - frame.embedding)),
            expected_error=float(expected[0]),
        )
