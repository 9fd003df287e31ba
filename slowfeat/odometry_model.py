"""How a robot's odometry errs, and motions without these errors.

Estimated by the trainer from the turns that the images show; kept in dataset and bundle; applied
wherever a motion that odometry reports is used: in training, and by the node before transform.onnx.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, motion_matrix


@dataclass(frozen=True)
class OdometryModel:
    """What is true of a motion that odometry reports over dt seconds and d metres.

        yaw' = yaw_scale * yaw + yaw_bias_rad_s * dt + yaw_bias_rad_m * d
        translation' = translation_scale * translation

    The defaults change nothing. `_se` are standard errors; None where they are unknown.
    """

    # Seconds to add to the odometry's stamps so that they fit the images'.
    delay_s: float = 0.0
    delay_s_se: float | None = None
    # Turn to add, radians a second and radians a metre, to the left positive.
    yaw_bias_rad_s: float = 0.0
    yaw_bias_rad_s_se: float | None = None
    yaw_bias_rad_m: float = 0.0
    yaw_bias_rad_m_se: float | None = None
    # Factor of the reported turn; negative where its sign is wrong.
    yaw_scale: float = 1.0
    yaw_scale_se: float | None = None
    # Factor of the reported distance.
    translation_scale: float = 1.0
    translation_scale_se: float | None = None
    # What is left: standard deviation of the corrected turn's error after one second, radians;
    # after T seconds sqrt(T) times as large.
    noise_rad_sqrt_s: float = 0.0
    noise_rad_sqrt_s_se: float | None = None

    @property
    def changes_motions(self) -> bool:
        """Whether a corrected motion differs from the reported one."""
        neutral = (0.0, 0.0, 1.0, 1.0)
        return neutral != (
            self.yaw_bias_rad_s,
            self.yaw_bias_rad_m,
            self.yaw_scale,
            self.translation_scale,
        )

    def yaw_noise(self, dt: npt.ArrayLike) -> Array:
        """Standard deviation in radians of a corrected turn over dt (...) seconds."""
        return self.noise_rad_sqrt_s * np.sqrt(np.maximum(np.asarray(dt, dtype=np.float64), 0.0))

    def problem(self) -> str:
        """What is wrong with the numbers; empty where nothing is."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None and not math.isfinite(value):
                return f"{field.name} is not finite"
        if self.yaw_scale == 0 or self.translation_scale <= 0:
            return "yaw_scale must not be 0, translation_scale must be positive"
        return ""


def correct(motions: npt.ArrayLike, dt: npt.ArrayLike, model: OdometryModel) -> Array:
    """Motions (..., 6) [m, rad] of the body without the odometry's errors.

    Turns about the body's z are corrected; the way bends along, so that the translation of a motion
    turns by half of what is added.

    Args:
        motions: (..., 6) as odometry reports them.
        dt: (...) seconds that each took.
        model: of the odometry.
    """
    m = np.array(motions, dtype=np.float64)
    if not model.changes_motions:
        return m
    distance = np.linalg.norm(m[..., :3], axis=-1)
    yaw = (
        model.yaw_scale * m[..., 5]
        + model.yaw_bias_rad_s * np.asarray(dt, dtype=np.float64)
        + model.yaw_bias_rad_m * distance
    )
    m = turned_more(m, yaw - m[..., 5])
    m[..., :3] *= model.translation_scale
    return m


def turned_more(motions: Array, angle: Array) -> Array:
    """Motions (..., 6) that turn by more radians (...) to the left, the way bending along."""
    m = np.array(motions, dtype=np.float64)
    cos, sin = np.cos(angle / 2), np.sin(angle / 2)
    x, y = m[..., 0].copy(), m[..., 1].copy()
    m[..., 0], m[..., 1] = cos * x - sin * y, sin * x + cos * y
    m[..., 5] += angle
    return m


def chained(poses: Array, steps: Array, piece: npt.NDArray[np.int32]) -> Array:
    """Poses (N, 4, 4) that steps (N - 1, 6) lead to; the first of each piece is that of `poses`."""
    found = np.array(poses, dtype=np.float64)
    matrices = motion_matrix(steps)
    for k in range(1, len(found)):
        if piece[k] == piece[k - 1]:
            found[k] = found[k - 1] @ matrices[k - 1]
    return found
