"""What the robot could do, as arrows for RViz and Foxglove: one a motion,
from red (worst) to green (best).
"""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
from geometry_msgs.msg import Point, Quaternion, Vector3
from std_msgs.msg import ColorRGBA

from slowfeat.geometry import Array, quaternion_from_rotation_vector

Marker: Any = None
MarkerArray: Any = None
# Optional: the selector works without being seen.
with contextlib.suppress(ImportError):
    from visualization_msgs.msg import Marker, MarkerArray  # type: ignore[no-redef]

NAMESPACE = "candidates"
# Arrows end this far ahead of the pose that they stand for, m.
LENGTH_M = 0.35


def shares(scores: Array) -> Array:
    """Scores (M,) stretched to 0 (worst) to 1 (best); 1/2 where they are all alike."""
    finite = np.isfinite(scores)
    low = scores[finite].min() if finite.any() else 0.0
    high = scores[finite].max() if finite.any() else 0.0
    if not high > low:
        return np.full(len(scores), 0.5)
    return np.clip(np.where(finite, (scores - low) / (high - low), scores > high), 0.0, 1.0)


def colour(share: float, is_outside: bool) -> Any:
    """From red over yellow to green; pale where the motion is outside the trained range."""
    return ColorRGBA(
        r=float(min(1.0, 2 - 2 * share)),
        g=float(min(1.0, 2 * share)),
        b=0.1,
        a=0.35 if is_outside else 0.95,
    )


def marker_array(header: Any, motions: Array, scores: Array, outside: Array, chosen: int) -> Any:
    """MarkerArray of motions (M, 6) seen from the body; the chosen one is thicker.

    Args:
        header: stamp, and the body's frame.
        motions: (M, 6).
        scores: (M,).
        outside: (M,) whether each is outside the trained range.
        chosen: the index that is made.
    """
    made = [Marker(header=header, ns=NAMESPACE, action=Marker.DELETEALL)]
    quaternions = quaternion_from_rotation_vector(motions[:, 3:])
    for i, share in enumerate(shares(np.asarray(scores, np.float64)).tolist()):
        thick = 0.06 if i == chosen else 0.025
        marker = Marker(
            header=header,
            ns=NAMESPACE,
            id=i,
            type=Marker.ARROW,
            action=Marker.ADD,
            scale=Vector3(x=LENGTH_M, y=thick, z=thick),
            color=colour(share, bool(outside[i])),
        )
        # Turns on the spot would all begin in one point: they begin on a small circle.
        yaw = float(motions[i, 5])
        on_spot = float(np.linalg.norm(motions[i, :3])) < LENGTH_M / 2
        ahead = LENGTH_M / 2 if on_spot else 0.0
        x, y, z = motions[i, :3].tolist()
        marker.pose.position = Point(x=x + ahead * math.cos(yaw), y=y + ahead * math.sin(yaw), z=z)
        qx, qy, qz, qw = quaternions[i].tolist()
        marker.pose.orientation = Quaternion(x=qx, y=qy, z=qz, w=qw)
        made.append(marker)
    return MarkerArray(markers=made)
