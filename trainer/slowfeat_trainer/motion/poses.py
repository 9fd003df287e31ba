"""From the poses of messages to a track: checked, in the order of their stamps, jumps marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slowfeat.errors import MessageError
from slowfeat.geometry import Array
from slowfeat.odometry import Stamps
from slowfeat_trainer import bags
from slowfeat_trainer.motion.jumps import find_jumps
from slowfeat_trainer.motion.stamps import usable_stamps
from slowfeat_trainer.motion.track import Track

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# A quaternion whose length differs from one by more is no rounded rotation.
LENGTH_TOLERANCE = 0.1


@dataclass
class RawPoses:
    """Poses as the messages tell them, in the order of the bag."""

    # (N,) ns of the headers and of receipt.
    header_ns: Stamps
    receive_ns: Stamps
    # (N, 7) [x y z m, qx qy qz qw], unchecked.
    values: Array

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, tuple[float, ...]]]) -> RawPoses:
        """Poses of rows (header stamp, receive stamp, seven numbers)."""
        return cls(
            np.array([row[0] for row in rows], dtype=np.int64),
            np.array([row[1] for row in rows], dtype=np.int64),
            np.array([row[2] for row in rows], dtype=np.float64).reshape(-1, 7),
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
    good = np.flatnonzero(finite & ~zero & ~uneven)
    usable = usable_stamps(raw.header_ns[good], raw.receive_ns[good], what)
    dropped.update(usable.dropped)
    warnings.extend(usable.warnings)
    kept = good[usable.order]
    return CheckedPoses(
        usable.stamps, raw.values[kept, :3], raw.values[kept, 3:] / length[kept, None]
    )


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
        fixed_frame: the frame they are told in.
        dropped: counts what is left out.
        warnings: gains what a user should know.
    """
    keep, jumps = find_jumps(poses.stamps, poses.positions, poses.quaternions)
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
    )
