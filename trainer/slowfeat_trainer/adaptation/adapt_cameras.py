"""A robot's motions as the bundle's camera would have made them: other mount, other
field of view, other odometry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import R_BODY_OPTICAL, Array, matrix_from_quaternion

# Of a robot's odometry: turns of its camera about the optical axes (x: nodding, y: panning, z:
# rolling), and distances.
NAMES = ("nodding", "panning", "rolling", "distances")


@dataclass(frozen=True)
class Mounts:
    """How the cameras of a bundle and of a robot sit in their bodies, and how much each sees."""

    # Rotations (3, 3) from optical axes to the body's.
    of_bundle: Array
    of_robot: Array
    # By what a turn of the robot's camera moves its image more than the same turn of the bundle's
    # camera.
    zoom: float

    @classmethod
    def of(
        cls,
        bundle: tuple[list[float] | None, float | None],
        robot: tuple[list[float] | None, float | None],
    ) -> Mounts:
        """From extrinsics [x y z m, quaternion] and horizontal fields of view
        [rad], each None where unknown.
        """
        (bundle_pose, bundle_fov), (robot_pose, robot_fov) = bundle, robot
        zoom = 1.0
        if bundle_fov and robot_fov and max(bundle_fov, robot_fov) < math.pi:
            zoom = math.tan(bundle_fov / 2) / math.tan(robot_fov / 2)
        return cls(_rotation(bundle_pose), _rotation(robot_pose), zoom)

    def motion_map(self, scales: Array) -> Array:
        """The matrix (6, 6) from motions of the robot's body to those that the bundle's transform
        takes.

        Args:
            scales: (4,) factors in the order of NAMES, beyond those that follow from the cameras.
        """
        turns = np.array([self.zoom, self.zoom, 1.0]) * scales[:3]
        found = np.zeros((6, 6))
        found[3:, 3:] = self.of_bundle @ np.diag(turns) @ self.of_robot.T
        # The image moves by distance times focal length, too.
        moved = np.array([self.zoom, self.zoom, 1.0]) * scales[3]
        found[:3, :3] = self.of_bundle @ np.diag(moved) @ self.of_robot.T
        return found

    def of_component(self, motions: Array, index: int) -> Array:
        """Motions (P, 6) of the robot seen along one of NAMES: (P,) rad, or (P, 3) m."""
        if index == len(NAMES) - 1:
            return motions[:, :3]
        return np.asarray(motions[:, 3:] @ self.of_robot[:, index])


def _rotation(extrinsic: list[float] | None) -> Array:
    return R_BODY_OPTICAL if extrinsic is None else matrix_from_quaternion(extrinsic[3:])
