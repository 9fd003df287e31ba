"""The track of a body: the checked poses of one source of motion."""

from __future__ import annotations

from dataclasses import dataclass

from slowfeat.geometry import Array
from slowfeat.odometry import Stamps


@dataclass(frozen=True)
class Track:
    """Poses of one frame in a fixed one, in the order of their stamps."""

    # (N,) strictly increasing, ns.
    stamps: Stamps
    # (N, 3) m.
    positions: Array
    # (N, 4) [x y z w].
    quaternions: Array
    # The frame whose poses these are: the body, or a camera's optical frame.
    frame: str
    # The frame that they are told in.
    fixed_frame: str
    # Where it comes from: the topic, and what kind of source it is ("odometry", "tf", "pose", ...).
    topic: str
    kind: str

    def __len__(self) -> int:
        return len(self.stamps)
