"""The cameras of some bags: bags that describe the same camera were recorded by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from slowfeat.geometry import pose_matrix, relative_motion
from slowfeat_trainer.data.pairs import Index, Part
from slowfeat_trainer.data.recording import Camera, Recording

# Cameras of one make differ by no more: share of the field of view, bend of the lens, metres,
# radians.
SAME_FOV, SAME_BEND, SAME_PLACE, SAME_DIRECTION = 0.03, 0.1, 0.05, 0.05
STRAIGHT = [1.0, 1.0, 0.0]


@dataclass(frozen=True)
class Cameras:
    """Which of several cameras saw a frame."""

    # At least one.
    distinct: tuple[Camera, ...]
    # Number of a recording's camera, by the recording's key; what is not here was seen by the
    # first.
    number: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.distinct)

    @classmethod
    def of(cls, recordings: Sequence[Recording], learned: Sequence[Recording]) -> Cameras:
        """The cameras of the recordings that are learned from, in their order.

        Of a recording that is held out whole and whose camera none of the others has, the first
        stands for its own.

        Args:
            recordings: all.
            learned: those that the training part holds frames of.
        """
        distinct: list[Camera] = []
        for recording in learned:
            if _find(recording.camera, distinct) is None:
                distinct.append(recording.camera)
        found = {recording.key: _find(recording.camera, distinct) for recording in recordings}
        return cls(tuple(distinct), {key: n for key, n in found.items() if n is not None})

    def of_recording(self, recording: Recording) -> int:
        """Number of its camera."""
        return self.number.get(recording.key, 0)

    def of_frames(self, part: Part) -> Index:
        """(N,) number of the camera of each frame."""
        if len(self) == 1:
            return np.zeros(len(part), np.int64)
        keys, which = np.unique(part.source, return_inverse=True)
        return np.array([self.number.get(int(key), 0) for key in keys], np.int64)[which]


def _find(camera: Camera, among: Sequence[Camera]) -> int | None:
    return next((n for n, other in enumerate(among) if same_camera(camera, other)), None)


def same_camera(a: Camera, b: Camera) -> bool:
    """Whether one geometry will do for both: two of one make on robots of one make."""
    if (a.frame, a.size, a.bits, a.horizontal_fov is None, a.extrinsic is None) != (
        b.frame,
        b.size,
        b.bits,
        b.horizontal_fov is None,
        b.extrinsic is None,
    ):
        return False
    if abs((a.lens or STRAIGHT)[2] - (b.lens or STRAIGHT)[2]) > SAME_BEND:
        return False
    if abs((a.horizontal_fov or 1.0) / (b.horizontal_fov or 1.0) - 1) > SAME_FOV:
        return False
    if a.extrinsic is None or b.extrinsic is None:
        return True
    first, second = (pose_matrix(e[:3], e[3:])[None] for e in (a.extrinsic, b.extrinsic))
    apart = relative_motion(first, second)[0]
    return bool(
        np.linalg.norm(apart[:3]) <= SAME_PLACE and np.linalg.norm(apart[3:]) <= SAME_DIRECTION
    )
