"""What the images of a drive say of its odometry, and what of that is sure enough to be applied."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from slowfeat.odometry_model import OdometryModel

# An error is mended where it is larger than this, and than so many standard errors.
LEAST_DELAY_S, LEAST_SCALE, LEAST_BIAS, SURE = 0.03, 0.1, math.radians(1.0), 3.0
# A bias is removed sooner: one that is left is learned into the weights, and one of this size that
# is not there costs less than that.
SURE_BIAS = 2.0
# Relative error of the turns seen: through a lens that is described, and through one that nothing
# describes (pinholes of 50 degrees and fisheyes of 150 turn an image by 2.2 and 0.6 times as much
# as the usual lens).
LENS_KNOWN, LENS_UNKNOWN = 0.03, 0.4


@dataclass(frozen=True)
class Slip:
    """A time at which the reported turn was not made."""

    # Seconds since the first image.
    start_s: float
    end_s: float
    # Radians seen beyond what was reported.
    missing_rad: float


@dataclass(frozen=True)
class OdometryEstimate:
    """What the images say of the odometry, whether it is sure or not."""

    # The whole of it, with standard errors; of no use where `is_told` is not set.
    model: OdometryModel = field(default_factory=OdometryModel)
    # Of seen and reported turns, at the best delay; negative where the sign is wrong.
    correlation: float = 0.0
    # Why nothing is known; empty where something is.
    unknown: str = "not looked at"
    # Whether the lens is described: else scale and focal length cannot be distinguished.
    lens_is_known: bool = False
    # Radians after one second by which the turns seen are themselves uncertain.
    seen_noise_rad_sqrt_s: float = 0.0
    # 1: what is left is the odometry's own noise; 0: the robot does not do what the odometry (its
    # commands) says.
    share_of_odometry: float = 0.5
    slips: tuple[Slip, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether the turns of the drive say anything."""
        return not self.unknown

    @property
    def lens_error(self) -> float:
        """Relative error of the turns seen, for the lens alone."""
        return LENS_KNOWN if self.lens_is_known else LENS_UNKNOWN

    @property
    def scale_is_sure(self) -> bool:
        """Whether the reported turns are too large or too small by
        more than the lens can explain.
        """
        if not self.is_known:
            return False
        m = self.model
        relative = (m.yaw_scale_se or 0.0) / abs(m.yaw_scale)
        fit = math.sqrt(max(relative**2 - self.lens_error**2, 0.0))
        least = max(LEAST_SCALE, SURE * fit, (2.0 if self.lens_is_known else 2.5) * self.lens_error)
        return abs(math.log(abs(m.yaw_scale))) > least

    def to_apply(self, delay_s: float | None = None, as_seen: bool = False) -> OdometryModel:
        """What is sure, and large enough to matter; all else is left as the odometry says it.

        Args:
            delay_s: that is applied anyway, such as one that the user gave; None: the estimate's
                where it is sure.
            as_seen: bring the reported turns to the scale of those that the images show in
                any case: where both are used together, they must agree.
        """
        if not self.is_known:
            return OdometryModel(delay_s=delay_s or 0.0)
        m = self.model
        if delay_s is None:
            delay_s = (
                round(m.delay_s, 3) if is_sure(m.delay_s, m.delay_s_se, LEAST_DELAY_S) else 0.0
            )
        scale = abs(m.yaw_scale) if self.scale_is_sure or as_seen else 1.0
        # What is applied is in units of the odometry where its scale is left alone.
        units = scale / abs(m.yaw_scale)
        per_s, per_m, noise = (
            x * units for x in (m.yaw_bias_rad_s, m.yaw_bias_rad_m, m.noise_rad_sqrt_s)
        )
        per_s_se, per_m_se, noise_se = (
            None if se is None else se * units
            for se in (m.yaw_bias_rad_s_se, m.yaw_bias_rad_m_se, m.noise_rad_sqrt_s_se)
        )
        return OdometryModel(
            delay_s=delay_s,
            delay_s_se=m.delay_s_se,
            yaw_bias_rad_s=per_s if is_sure(per_s, per_s_se, LEAST_BIAS, SURE_BIAS) else 0.0,
            yaw_bias_rad_s_se=per_s_se,
            yaw_bias_rad_m=per_m if is_sure(per_m, per_m_se, LEAST_BIAS, SURE_BIAS) else 0.0,
            yaw_bias_rad_m_se=per_m_se,
            yaw_scale=math.copysign(scale, m.yaw_scale),
            yaw_scale_se=m.yaw_scale_se,
            noise_rad_sqrt_s=noise,
            noise_rad_sqrt_s_se=noise_se,
        )


def is_sure(value: float, se: float | None, least: float, errors: float = SURE) -> bool:
    """Whether a deviation is large enough to matter, and beyond so many standard errors."""
    return se is not None and abs(value) > max(least, errors * se)


def estimate_to_dict(found: OdometryEstimate) -> dict[str, Any]:
    """As JSON."""
    return asdict(found)


def estimate_from_dict(stored: dict[str, Any]) -> OdometryEstimate:
    """From JSON.

    Raises:
        KeyError, TypeError: it is none.
    """
    return OdometryEstimate(
        **{
            **stored,
            "model": OdometryModel(**stored["model"]),
            "slips": tuple(Slip(**slip) for slip in stored["slips"]),
        }
    )
