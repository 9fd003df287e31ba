"""The track of a body: the checked poses of one source of motion."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps, interpolate_poses


def _no_stamps() -> Stamps:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Track:
    """Poses of one frame in a fixed one, in the order of their stamps."""

    # (N,) strictly increasing, ns.
    stamps: Stamps
    # (N, 3) m.
    positions: Array
    # (N, 4) [x y z w], of length one.
    quaternions: Array
    # The frame whose poses these are: the body, or a camera's optical frame.
    frame: str
    # The frame that they are given in.
    fixed_frame: str
    # Where it comes from: the topic, and what kind of source it is ("odometry", "tf", "pose", ...).
    topic: str
    kind: str
    # (J,) stamps of the poses that begin a new piece: between such a pose and the one before it the
    # source was reset, so no motion crosses it. A subset of `stamps`.
    jumps: Stamps = field(default_factory=_no_stamps)
    # Median seconds from stamp to receipt; None where that is not known.
    delay_s: float | None = None

    def __len__(self) -> int:
        return len(self.stamps)

    def shifted(self, seconds: float) -> Track:
        """The same poses with so many seconds added to their stamps."""
        shift = round(seconds * NS)
        return replace(self, stamps=self.stamps + shift, jumps=self.jumps + shift)

    def poses_at(
        self, at: Stamps, max_gap_s: float, offset_s: float = 0.0
    ) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Poses (M, 4, 4) of `frame` at stamps (M,), and which of them (M,) are known.

        Unknown is what lies outside the track, in a gap longer than `max_gap_s`, or where the
        source jumps: what lies between the poses before and after a reset is unknown.

        Args:
            at: (M,) ns.
            max_gap_s: no interpolation between poses further apart than this.
            offset_s: seconds added to the track's stamps.
        """
        at = at - round(offset_s * NS)
        poses, known = interpolate_poses(
            self.stamps, self.positions, self.quaternions, at, max_gap_s
        )
        if len(self.jumps):
            after = np.minimum(np.searchsorted(self.stamps, at), len(self) - 1)
            known &= ~((at < self.stamps[after]) & np.isin(self.stamps[after], self.jumps))
        return poses, known
