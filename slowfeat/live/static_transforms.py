"""The tree of transforms that never change, for finding one frame in another. Knows no ROS.

Stands in for tf2's buffer where tf2_ros is not installed: fixed mounts are all that a bundle needs.
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array, invert_pose


class StaticTransforms:
    """Takes in edges of the tree; a later one of the same child counts."""

    def __init__(self) -> None:
        self._parents: dict[str, tuple[str, Array]] = {}

    def add(self, parent: str, child: str, T_parent_child: Array) -> None:
        """An edge: the pose (4, 4) of a child in its parent."""
        self._parents[child.strip("/")] = (parent.strip("/"), T_parent_child)

    def lookup(self, target: str, source: str) -> Array | None:
        """Pose (4, 4) of `source` in `target`; None where no tree connects them."""
        to_target, to_source = self._up(target.strip("/")), self._up(source.strip("/"))
        for frame, T_frame_source in to_source.items():
            if frame in to_target:
                return np.asarray(invert_pose(to_target[frame]) @ T_frame_source)
        return None

    def _up(self, frame: str) -> dict[str, Array]:
        """Each ancestor of a frame with the frame's pose in it, the nearest first."""
        found = {frame: np.eye(4)}
        while frame in self._parents:
            parent, T_parent_frame = self._parents[frame]
            if parent in found:
                break  # a loop is no tree
            found[parent] = T_parent_frame @ found[frame]
            frame = parent
        return found
