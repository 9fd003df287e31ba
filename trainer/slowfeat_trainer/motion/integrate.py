"""From velocities to poses: exact on SE(3), with twists that stay
constant from message to message.
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import (
    Array,
    quaternion_from_matrix,
)
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.motion.poses import CheckedPoses

# A command older than this counts as stop, as robots' bases have it.
HOLD_S = 0.5
# Poses are given about this often, so that straight lines between them follow the arcs.
KNOT_S = 0.1
# After a pause this long poses are given again only from the next message on.
MAX_PAUSE_S = 60.0


def exponential(twists: Array, seconds: Array) -> tuple[Array, Array]:
    """Motions of constant body twists, the exponential map of SE(3) (Murray, Li and Sastry 1994).

    Args:
        twists: (N, 6) body twists [vx vy vz m/s, wx wy wz rad/s].
        seconds: (N,) how long each lasts.

    Returns:
        Rotations (N, 3, 3) and translations (N, 3) in m of the body after, seen from the body
        before.
    """
    r = twists[:, 3:] * seconds[:, None]
    p = twists[:, :3] * seconds[:, None]
    angle = np.linalg.norm(r, axis=-1)[:, None]
    # sin(a)/a, (1 - cos a)/a^2 and (a - sin a)/a^3; the last by its series where it would cancel.
    sine = np.sinc(angle / np.pi)
    versine = 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    small = angle < 1e-2
    safe = np.where(small, 1.0, angle)
    rest = np.where(small, (1 - angle**2 / 20) / 6, (1 - sine) / safe**2)
    once, twice = np.cross(r, p), np.cross(r, np.cross(r, p))
    translation = p + versine * once + rest * twice
    K = np.zeros((len(r), 3, 3))
    K[:, 2, 1], K[:, 0, 2], K[:, 1, 0] = r.T
    K[:, 1, 2], K[:, 2, 0], K[:, 0, 1] = -r.T
    rotation = np.eye(3) + sine[..., None] * K + versine[..., None] * (K @ K)
    return rotation, translation


def integrate_twists(stamps: Stamps, twists: Array) -> CheckedPoses:
    """Poses of a body that starts at the origin and follows twists.

    Each twist holds until the next, at most `HOLD_S`; then the body stands.

    Args:
        stamps: (N,) strictly increasing, ns.
        twists: (N, 6) body twists [vx vy vz m/s, wx wy wz rad/s].

    Returns:
        Poses at the stamps and between them about every `KNOT_S`, (M,) with M >= N.
    """
    if not len(stamps):
        return CheckedPoses(stamps, np.zeros((0, 3)), np.zeros((0, 4)))
    lasts_s = np.diff(stamps) / NS
    rotation, translation = exponential(twists[:-1], np.minimum(lasts_s, HOLD_S))
    R, p = np.empty((len(stamps), 3, 3)), np.empty((len(stamps), 3))
    R[0], p[0] = np.eye(3), 0.0
    for k in range(len(lasts_s)):
        p[k + 1] = p[k] + R[k] @ translation[k]
        R[k + 1] = R[k] @ rotation[k]
    # The knots of each step: at the message itself and every KNOT_S after it.
    knot_ns = round(KNOT_S * NS)
    counts = np.ones(len(stamps), dtype=np.int64)
    # A knot just before the next message would only be a jitter of the stamps.
    counts[:-1] = np.clip(np.ceil(lasts_s / KNOT_S - 0.5), 1, round(MAX_PAUSE_S / KNOT_S))
    step = np.repeat(np.arange(len(stamps)), counts)
    within = np.arange(len(step)) - np.repeat(np.cumsum(counts) - counts, counts)
    since_ns = within * knot_ns
    R_knot, p_knot = exponential(twists[step], np.minimum(since_ns / NS, HOLD_S))
    rotations = R[step] @ R_knot
    positions = p[step] + (R[step] @ p_knot[..., None])[..., 0]
    return CheckedPoses(stamps[step] + since_ns, positions, quaternion_from_matrix(rotations))
