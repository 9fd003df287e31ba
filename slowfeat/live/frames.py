"""Names of frames and places of cameras: what is the same, what is not,
and by how much. Knows no ROS.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, invert_pose, pose_matrix, rotation_vector_from_matrix

# Names of one body: they differ by a height, which no motion over the floor shows (REP-120).
BODIES = frozenset({"base_link", "base_footprint", "base"})
# Frames in which a robot that is localised jumps (REP-105).
JUMPING = frozenset({"map", "earth", "utm"})
# A mount that is off by more was changed; deg, m. Below is what urdf files and calibrations differ
# by.
MOUNT_DEG = 3.0
MOUNT_M = 0.05


def bare(name: str) -> str:
    """A frame's name without the prefixes of a robot: robot1/base_link
    and /base_link are base_link.
    """
    return name.rstrip("/").rpartition("/")[2]


def same_frame(one: str, other: str) -> bool:
    """Whether two names are of one frame, whatever the robot's prefix,
    and whichever name the body has.
    """
    a, b = bare(one), bare(other)
    return a == b or {a, b} <= BODIES


class Mount(NamedTuple):
    """How a camera's place differs from where it was."""

    degrees: float
    metres: float

    @property
    def changed(self) -> bool:
        """Whether that is more than a calibration."""
        return self.degrees > MOUNT_DEG or self.metres > MOUNT_M


def compare_mounts(T_body_now: npt.ArrayLike, trained: npt.ArrayLike) -> Mount:
    """How far the camera was moved.

    Args:
        T_body_now: (4, 4) its pose in the body.
        trained: (7,) x y z m, qx qy qz qw of the same in training.
    """
    was = np.asarray(trained, dtype=np.float64)
    difference = invert_pose(pose_matrix(was[:3], was[3:])) @ np.asarray(T_body_now)
    turned = float(np.linalg.norm(rotation_vector_from_matrix(difference[:3, :3])))
    # The height of the body's frame is a matter of its name.
    moved = float(np.linalg.norm(np.asarray(T_body_now)[:3, 3] - was[:3]))
    return Mount(math.degrees(turned), moved)


def mount_warning(mount: Mount, camera: str) -> str:
    """The sentence for a camera that was moved."""
    return (
        f"the camera {camera!r} was moved since the training: turned by {mount.degrees:.0f} "
        f"degrees and shifted by {mount.metres:.2f} m; predictions are of the old place. "
        "`slowfeat adapt` fits the bundle to the new one"
    )


class FrameWatch:
    """Says each new frame once, also after others.

    Args:
        say: called with a new frame that is not the wanted one: kind of input, its name, the wanted
            name.
    """

    def __init__(self, say: Callable[[str, str, str], None]) -> None:
        self._say = say
        self._said: set[tuple[str, str, str]] = set()

    def look_at(self, kind: str, name: str, wanted: str) -> bool:
        """Whether an input's frame is the wanted one; an input that
        names none is taken as it is.
        """
        if not name or same_frame(name, wanted):
            return True
        if (kind, name, wanted) not in self._said:
            self._said.add((kind, name, wanted))
            self._say(kind, name, wanted)
        return False


class ChildToBody:
    """Poses of the body from those of a frame that is fixed to it.

    Args:
        lookup: pose (4, 4) of a frame in another (target, source), or None where nobody knows it
            (yet).
    """

    def __init__(self, lookup: Callable[[str, str], Array | None]) -> None:
        self._lookup = lookup
        self._known: dict[tuple[str, str], Array] = {}

    def find(self, child: str, body: str) -> Array | None:
        """T_child_body (4, 4); None where it is not known (then names must do)."""
        if same_frame(child, body):
            return np.eye(4)
        key = (child, body)
        if key not in self._known:
            found = self._lookup(child, prefixed(body, child))
            if found is None:
                found = self._lookup(child, body)
            if found is None:
                return None
            self._known[key] = found
        return self._known[key]


def prefixed(name: str, like: str) -> str:
    """A frame's name with the prefix of another: base_link like
    robot1/camera is robot1/base_link.
    """
    prefix = like.rstrip("/").rpartition("/")[0]
    return f"{prefix}/{bare(name)}" if prefix else bare(name)
