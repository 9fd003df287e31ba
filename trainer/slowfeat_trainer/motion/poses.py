"""From the poses of messages to a track: checked, in the order of their stamps, jumps marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slowfeat.errors import MessageError
from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps
from slowfeat.two_sources import alternates
from slowfeat_trainer import bags
from slowfeat_trainer.motion.jumps import find_jumps
from slowfeat_trainer.motion.stamps import usable_stamps
from slowfeat_trainer.motion.track import Track

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# A quaternion whose length differs from one by more is no rounded rotation.
LENGTH_TOLERANCE = 0.1
# A variance above this [m^2, rad^2], and so many times the usual one, is that of lost tracking.
LOST_VARIANCE, LOST_TIMES = 10.0, 1000.0


@dataclass
class RawPoses:
    """Poses as the messages have them, in the order of the bag."""

    # (N,) ns of the headers and of receipt.
    header_ns: Stamps
    receive_ns: Stamps
    # (N, 7) [x y z m, qx qy qz qw], unchecked.
    values: Array
    # (N, 6) twists [m/s, rad/s], and variances (N, 3) of x, y [m^2] and yaw [rad^2], where the
    # messages have them.
    twists: Array | None = None
    variances: Array | None = None

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, tuple[float, ...]]]) -> RawPoses:
        """Poses of rows (header stamp, receive stamp, seven numbers)."""
        return cls(
            np.array([row[0] for row in rows], dtype=np.int64),
            np.array([row[1] for row in rows], dtype=np.int64),
            np.array([row[2] for row in rows], dtype=np.float64).reshape(-1, 7),
        )

    @classmethod
    def joined(cls, parts: Sequence[RawPoses]) -> RawPoses:
        """Parts (at least one) one after another; what one of them lacks the whole lacks."""

        def of(name: str) -> Array | None:
            arrays = [getattr(part, name) for part in parts]
            return None if any(a is None for a in arrays) else np.concatenate(arrays)

        return cls(
            np.concatenate([part.header_ns for part in parts]),
            np.concatenate([part.receive_ns for part in parts]),
            np.concatenate([part.values for part in parts]),
            of("twists"),
            of("variances"),
        )


@dataclass
class CheckedPoses:
    """Poses that can be used, with strictly increasing stamps."""

    # (N,) ns.
    stamps: Stamps
    # (N, 3) m.
    positions: Array
    # (N, 4) [x y z w], of length one.
    quaternions: Array
    # (N, 6) [m/s, rad/s], where the messages have them.
    twists: Array | None = None
    # Median seconds from stamp to receipt; None where the stamps are those of receipt.
    delay_s: float | None = None


def each_message(
    reader: AnyReader, topic: bags.Topic, what: str, dropped: Counter[str]
) -> Iterator[tuple[int, Any]]:
    """Receive stamps in ns and messages of a topic; those that cannot be read are counted."""
    for connection, receive_ns, raw in bags.raw_messages(reader, topic.name, topic.type):
        try:
            message = bags.read_message(reader, raw, connection.msgtype)
        except MessageError:
            dropped[f"{what}: message malformed"] += 1
            continue
        yield receive_ns, message


def numbers_of_pose(pose: Any) -> tuple[float, ...]:
    """The seven numbers [x y z m, qx qy qz qw] of a geometry_msgs/Pose."""
    p, q = pose.position, pose.orientation
    return (p.x, p.y, p.z, q.x, q.y, q.z, q.w)


def check_poses(
    raw: RawPoses, what: str, dropped: Counter[str], warnings: list[str]
) -> CheckedPoses:
    """The poses that can be used; the rest is counted in `dropped` as "what: reason"."""
    raw = _with_height(raw, what, warnings)
    finite = np.isfinite(raw.values).all(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        length = np.linalg.norm(raw.values[:, 3:], axis=1)
        zero = finite & (length < 1e-9)
        uneven = finite & ~zero & ~(np.abs(length - 1.0) <= LENGTH_TOLERANCE)
    for reason, bad in (
        ("pose not finite", ~finite),
        ("quaternion of length zero", zero),
        ("quaternion not of length one", uneven),
    ):
        if bad.any():
            dropped[f"{what}: {reason}"] += int(bad.sum())
    lost = _lost_tracking(raw, what, warnings) & finite & ~zero & ~uneven
    if lost.any():
        dropped[f"{what}: tracking lost (covariance)"] += int(lost.sum())
    good = np.flatnonzero(finite & ~zero & ~uneven & ~lost)
    usable = usable_stamps(raw.header_ns[good], raw.receive_ns[good], what)
    dropped.update(usable.dropped)
    warnings.extend(usable.warnings)
    kept = good[usable.order]
    delay_s = None
    if len(kept) and not any("time of receipt" in warning for warning in usable.warnings):
        delay_s = float(np.median(raw.receive_ns[kept] - usable.stamps)) / NS
    return CheckedPoses(
        usable.stamps,
        raw.values[kept, :3],
        raw.values[kept, 3:] / length[kept, None],
        None if raw.twists is None else raw.twists[kept],
        delay_s,
    )


def _with_height(raw: RawPoses, what: str, warnings: list[str]) -> RawPoses:
    """Poses whose z is 0 where a planar robot does not report its height."""
    bad = ~np.isfinite(raw.values)
    only_z = bad[:, 2] & (bad.sum(axis=1) == 1)
    if not len(bad) or 2 * int(only_z.sum()) <= len(bad):
        return raw
    warnings.append(f"{what}: the height (z) of the poses is not finite; taken as 0")
    values = raw.values.copy()
    values[only_z, 2] = 0.0
    return replace(raw, values=values)


def _lost_tracking(raw: RawPoses, what: str, warnings: list[str]) -> npt.NDArray[np.bool_]:
    """Which poses (N,) their own variances call lost: negative, not finite,
    or huge beside the usual ones.
    """
    if raw.variances is None or not len(raw.variances):
        return np.zeros(len(raw.values), dtype=bool)
    with np.errstate(invalid="ignore"):
        largest = raw.variances.max(axis=1)
        bad = ~np.isfinite(raw.variances).all(axis=1) | (raw.variances < 0).any(axis=1)
        usual = float(np.median(largest[~bad])) if (~bad).any() else 0.0
        bad |= largest > max(LOST_VARIANCE, LOST_TIMES * usual)
    if 2 * int(bad.sum()) > len(bad):
        warnings.append(
            f"{what}: most poses have a covariance that is negative or not finite; it is not used"
        )
        return np.zeros(len(bad), dtype=bool)
    return np.asarray(bad)


def track_of(
    poses: CheckedPoses,
    source: bags.Topic,
    what: str,
    frame: str,
    fixed_frame: str,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of checked poses: single wrong poses are left out, jumps are marked.

    Args:
        poses: the poses of `frame` in `fixed_frame`.
        source: the topic they come from.
        what: the kind of the source, which opens the reasons in `dropped` and the warnings.
        frame: the frame whose poses these are.
        fixed_frame: the frame they are given in.
        dropped: counts what is left out.
        warnings: gains what a user should know.
    """
    if alternates(poses.positions, poses.quaternions):
        warnings.append(
            f"{what}: two publishers send {fixed_frame} -> {frame} on {source.name} (twice the "
            "rate, alternating); every second pose is used: stop one of them"
        )
        half = None if poses.twists is None else poses.twists[::2]
        poses = CheckedPoses(
            poses.stamps[::2], poses.positions[::2], poses.quaternions[::2], half, poses.delay_s
        )
    speeds = rates = None
    if poses.twists is not None:
        speeds = np.linalg.norm(poses.twists[:, :3], axis=1)
        rates = np.linalg.norm(poses.twists[:, 3:], axis=1)
    keep, jumps = find_jumps(poses.stamps, poses.positions, poses.quaternions, speeds, rates)
    if not keep.all():
        dropped[f"{what}: pose jumps there and back"] += int((~keep).sum())
    if len(jumps):
        warnings.append(
            f"{what}: {source.name} jumps {len(jumps)} times (faster than any robot); "
            "no motion is taken across a jump"
        )
    return Track(
        poses.stamps[keep],
        poses.positions[keep],
        poses.quaternions[keep],
        frame,
        fixed_frame,
        source.name,
        what,
        jumps,
        poses.delay_s,
    )
