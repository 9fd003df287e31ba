"""Rigid motions of the robot's body, in REP-103 axes.

Conventions, used everywhere in slowfeat:

- ``T_a_b`` is a 4x4 matrix that takes coordinates in frame b to coordinates in frame a, so it is
  also the pose of b seen from a.
- A *motion* is a 6-vector ``[x y z, rx ry rz]``: translation in metres and rotation vector in
  radians of the body after, seen from the body before. Body axes are x forward, y left, z up.
- Quaternions are ``[x y z w]``, as in ROS messages. Every function takes any leading shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Columns: the optical axes (x right, y down, z forward) in body axes (x forward, y left, z up).
R_BODY_OPTICAL: Array = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


def is_optical_frame(name: str) -> bool:
    """Whether a frame name says, by the custom of REP-103, that its
    axes are optical (z forward).
    """
    return "optical" in name.rsplit("/", 1)[-1].lower()


def matrix_from_quaternion(quaternion: npt.ArrayLike) -> Array:
    """Rotation matrices (..., 3, 3) of quaternions (..., 4) [x y z w]; they need not be normalised.

    Raises:
        ValueError: a quaternion has length zero or is not finite.
    """
    q = np.asarray(quaternion, dtype=np.float64)
    norm = np.linalg.norm(q, axis=-1, keepdims=True)
    if not np.all(np.isfinite(norm)) or np.any(norm < 1e-9):
        raise ValueError("a quaternion of length zero or not finite is no rotation")
    x, y, z, w = np.moveaxis(q / norm, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternion_from_rotation_vector(vector: npt.ArrayLike) -> Array:
    """Quaternions (..., 4) [x y z w] of rotation vectors (..., 3) in radians."""
    v = np.asarray(vector, dtype=np.float64)
    half = np.linalg.norm(v, axis=-1, keepdims=True) / 2
    # sinc stays exact where the angle vanishes: sin(a/2)/a = sinc(a/2/pi)/2
    return np.concatenate([v * np.sinc(half / np.pi) / 2, np.cos(half)], axis=-1)


def rotation_vector_from_matrix(rotation: npt.ArrayLike) -> Array:
    """Rotation vectors (..., 3) in radians, length at most pi, of matrices (..., 3, 3)."""
    return rotation_vector_from_quaternion(quaternion_from_matrix(rotation))


def rotation_vector_from_quaternion(quaternion: npt.ArrayLike) -> Array:
    """Rotation vectors (..., 3) in radians, length at most pi, of unit quaternions (..., 4)."""
    q = np.asarray(quaternion, dtype=np.float64)
    q = np.where(q[..., 3:] < 0, -q, q)
    sine = np.linalg.norm(q[..., :3], axis=-1, keepdims=True)
    half = np.arctan2(sine, q[..., 3:])
    return np.asarray(2 * q[..., :3] / np.sinc(half / np.pi))


def quaternion_from_matrix(rotation: npt.ArrayLike) -> Array:
    """Unit quaternions (..., 4) [x y z w] of rotation matrices (..., 3, 3).

    Of the four equivalent formulas the one with the largest divisor is taken (Shepperd 1978), so
    that the result is accurate for every angle.
    """
    r = np.asarray(rotation, dtype=np.float64)
    xx, yy, zz = r[..., 0, 0], r[..., 1, 1], r[..., 2, 2]
    x_diff = r[..., 2, 1] - r[..., 1, 2]
    y_diff = r[..., 0, 2] - r[..., 2, 0]
    z_diff = r[..., 1, 0] - r[..., 0, 1]
    xy, xz, yz = (r[..., i, j] + r[..., j, i] for i, j in ((0, 1), (0, 2), (1, 2)))
    # Row k is 4 * q[k] * (x, y, z, w).
    candidates = np.stack(
        [
            np.stack([1 + xx - yy - zz, xy, xz, x_diff], axis=-1),
            np.stack([xy, 1 - xx + yy - zz, yz, y_diff], axis=-1),
            np.stack([xz, yz, 1 - xx - yy + zz, z_diff], axis=-1),
            np.stack([x_diff, y_diff, z_diff, 1 + xx + yy + zz], axis=-1),
        ],
        axis=-2,
    )
    best = np.argmax(np.stack([candidates[..., k, k] for k in range(4)], axis=-1), axis=-1)
    q = np.take_along_axis(candidates, best[..., None, None], axis=-2)[..., 0, :]
    return np.asarray(q / np.linalg.norm(q, axis=-1, keepdims=True))


def slerp(before: npt.ArrayLike, after: npt.ArrayLike, share: npt.ArrayLike) -> Array:
    """Spherical linear interpolation of unit quaternions (..., 4) at `share` (...) in [0, 1]."""
    a, b = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    t = np.asarray(share, dtype=np.float64)[..., None]
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(cosine < 0, -b, b)
    angle = np.arccos(np.clip(np.abs(cosine), 0.0, 1.0))
    # sin(t angle)/sin(angle), which tends to t: np.sinc keeps it exact for equal quaternions
    weight_a = (1 - t) * np.sinc((1 - t) * angle / np.pi) / np.sinc(angle / np.pi)
    weight_b = t * np.sinc(t * angle / np.pi) / np.sinc(angle / np.pi)
    q = weight_a * a + weight_b * b
    return np.asarray(q / np.linalg.norm(q, axis=-1, keepdims=True))


def pose_matrix(position: npt.ArrayLike, quaternion: npt.ArrayLike) -> Array:
    """Poses (..., 4, 4) of positions (..., 3) in metres and quaternions (..., 4) [x y z w]."""
    p = np.asarray(position, dtype=np.float64)
    T = np.zeros((*p.shape[:-1], 4, 4))
    T[..., :3, :3] = matrix_from_quaternion(quaternion)
    T[..., :3, 3] = p
    T[..., 3, 3] = 1.0
    return T


def invert_pose(T: npt.ArrayLike) -> Array:
    """Inverse of rigid poses (..., 4, 4)."""
    T = np.asarray(T, dtype=np.float64)
    rotation = np.swapaxes(T[..., :3, :3], -1, -2)
    inverse = np.zeros_like(T)
    inverse[..., :3, :3] = rotation
    inverse[..., :3, 3] = -(rotation @ T[..., :3, 3:])[..., 0]
    inverse[..., 3, 3] = 1.0
    return inverse


def relative_motion(T_world_before: npt.ArrayLike, T_world_after: npt.ArrayLike) -> Array:
    """Motions (..., 6) [m, rad] that take the body from one pose (..., 4, 4) to another."""
    T_before_after = invert_pose(T_world_before) @ np.asarray(T_world_after, dtype=np.float64)
    rotation = rotation_vector_from_matrix(T_before_after[..., :3, :3])
    return np.concatenate([T_before_after[..., :3, 3], rotation], axis=-1)


def motion_matrix(motion: npt.ArrayLike) -> Array:
    """Poses T_before_after (..., 4, 4) of motions (..., 6) [m, rad]."""
    m = np.asarray(motion, dtype=np.float64)
    return pose_matrix(m[..., :3], quaternion_from_rotation_vector(m[..., 3:]))


def compose_motions(first: npt.ArrayLike, second: npt.ArrayLike) -> Array:
    """Motions (..., 6) of making one motion (..., 6) and then another."""
    T = motion_matrix(first) @ motion_matrix(second)
    return relative_motion(np.broadcast_to(np.eye(4), T.shape), T)


def body_pose(T_world_frame: npt.ArrayLike, frame: str) -> Array:
    """Poses with body axes (..., 4, 4) of poses whose frame may be optical by its name.

    Odometry of a hand-held camera is often that of its optical frame; its axes are turned to
    x forward, y left, z up, the origin stays.
    """
    T = np.array(T_world_frame, dtype=np.float64)
    if is_optical_frame(frame):
        T[..., :3, :3] = T[..., :3, :3] @ R_BODY_OPTICAL.T
    return T


def describe_motion(motion: npt.ArrayLike) -> str:
    """A motion in words, for tables and logs: ``forward 0.42 m, left 12
    deg``; small parts are left out.
    """
    m: Any = np.asarray(motion, dtype=np.float64)
    degrees = np.rad2deg(m[3:])
    parts = [
        _signed(m[0], "forward", "back", "m", 0.02),
        _signed(m[1], "shift left", "shift right", "m", 0.02),
        _signed(m[2], "up", "down", "m", 0.02),
        _signed(degrees[2], "turn left", "turn right", "deg", 1.0),
        _signed(degrees[1], "pitch down", "pitch up", "deg", 1.0),
        _signed(degrees[0], "roll right", "roll left", "deg", 1.0),
    ]
    return ", ".join(part for part in parts if part) or "stand still"


def _signed(value: float, positive: str, negative: str, unit: str, least: float) -> str:
    if abs(value) < least:
        return ""
    digits = 2 if unit == "m" else 0
    return f"{positive if value > 0 else negative} {abs(value):.{digits}f} {unit}"
