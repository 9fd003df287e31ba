"""The poses of serialised nav_msgs/Odometry, straight from the bytes.

Deserialising builds a dozen Python objects a message, and odometry has many messages. Where they
all have the same length and name the same frames, the stamps and poses stand at the same bytes of
each.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer import bags
from slowfeat_trainer.bags.cdr import (
    ENCAPSULATION,
    LITTLE_ENDIAN,
    STAMP_BYTES,
    aligned,
    string_at,
)

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# What the layout below is made of.
TYPES = (
    "nav_msgs/msg/Odometry",
    "std_msgs/msg/Header",
    "builtin_interfaces/msg/Time",
    "geometry_msgs/msg/PoseWithCovariance",
    "geometry_msgs/msg/Pose",
    "geometry_msgs/msg/Point",
    "geometry_msgs/msg/Quaternion",
    "geometry_msgs/msg/TwistWithCovariance",
    "geometry_msgs/msg/Twist",
    "geometry_msgs/msg/Vector3",
)
# Pose and its covariance, twist and its covariance: doubles.
TWIST_AT = 7 + 36
# Places in a covariance (36,) of the variances of x, y and yaw.
VARIANCES = (0, 7, 35)
BODY_BYTES = 8 * (7 + 36 + 6 + 36)


class OdometryBlock(NamedTuple):
    """Some odometry messages that name the same frames."""

    # (N,) stamps of the headers, ns.
    header_ns: Stamps
    # (N, 7) [x y z m, qx qy qz qw].
    values: Array
    # frame_id and child_frame_id.
    frames: tuple[str, str]
    # (N, 6) [m/s, rad/s], and variances (N, 3) of x, y [m^2] and yaw [rad^2].
    twists: Array
    variances: Array


def is_standard(reader: AnyReader) -> bool:
    """Whether a bag's Odometry is CDR and defined as everywhere, so that the layout holds."""
    known, own = bags.default_typestore().fielddefs, reader.typestore.fielddefs
    return bool(reader.is2) and all(own.get(name) == known[name] for name in TYPES)


def read_block(raws: Sequence[bytes | memoryview]) -> OdometryBlock | None:
    """Stamps and poses of serialised messages (CDR); None where the
    messages are not all laid out alike.
    """
    if not raws or any(len(raw) != len(raws[0]) for raw in raws):
        return None
    rows = np.frombuffer(b"".join(raws), dtype=np.uint8).reshape(len(raws), -1)
    first = rows[0].tobytes()
    try:
        fixed, end = string_at(first, ENCAPSULATION + STAMP_BYTES)
        frame, end = string_at(first, end)
    except (struct.error, UnicodeDecodeError, IndexError):
        return None
    start = aligned(end, 8)
    # Frames and lengths in between are those of the first message, and so is the byte order.
    names = slice(ENCAPSULATION + STAMP_BYTES, end)
    if (
        first[:2] != LITTLE_ENDIAN
        or len(first) < start + BODY_BYTES
        or (rows[:, :2] != rows[0, :2]).any()
        or (rows[:, names] != rows[0, names]).any()
    ):
        return None
    stamp = rows[:, ENCAPSULATION : ENCAPSULATION + STAMP_BYTES].copy()
    seconds = stamp[:, :4].copy().view("<i4")[:, 0].astype(np.int64)
    nanoseconds = stamp[:, 4:].copy().view("<u4")[:, 0].astype(np.int64)
    numbers = rows[:, start : start + BODY_BYTES].copy().view("<f8").astype(np.float64)
    return OdometryBlock(
        seconds * NS + nanoseconds,
        numbers[:, :7],
        (fixed, frame),
        numbers[:, TWIST_AT : TWIST_AT + 6],
        numbers[:, [7 + k for k in VARIANCES]],
    )
