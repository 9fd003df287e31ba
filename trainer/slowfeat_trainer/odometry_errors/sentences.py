"""What was found of an odometry's errors, and what was done about them, in sentences."""

from __future__ import annotations

import math

from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate


def corrections(found: OdometryEstimate, model: OdometryModel, motion: str) -> list[str]:
    """What was removed from the odometry, a sentence each.

    Args:
        found: what the images say.
        model: what of that was applied; its delay was taken out of the stamps.
        motion: "odometry", "pictures" or "fused".
    """
    sentences = []
    if model.delay_s:
        late = "after" if model.delay_s > 0 else "before"
        sentences.append(
            f"the images turn {abs(model.delay_s):.2f} s {late} the odometry says so: its stamps "
            "are shifted"
        )
    if model.yaw_scale < 0:
        sentences.append("the odometry turns the wrong way: the sign of its yaw is changed")
    if abs(model.yaw_scale) != 1.0:
        sentences.append(
            f"the odometry reports {1 / abs(model.yaw_scale):.2f} times the turns that the images "
            f"show: its yaw is multiplied by {abs(model.yaw_scale):.2f}{lens_caveat(found)}"
        )
    units = 1 / abs(model.yaw_scale)
    for value, se, of in (
        (model.yaw_bias_rad_s, model.yaw_bias_rad_s_se, "second"),
        (model.yaw_bias_rad_m, model.yaw_bias_rad_m_se, "metre"),
    ):
        if value:
            # What is added is the opposite of what the odometry reports too much.
            reported = -math.copysign(1.0, model.yaw_scale) * value * units
            side = "left" if reported > 0 else "right"
            sentences.append(
                f"the odometry turns {abs(math.degrees(reported)):.1f} +- "
                f"{math.degrees((se or 0) * units):.1f} degrees a {of} to the {side} while the "
                "images stand still: removed"
            )
    if motion != "odometry":
        how = "those of the images are used" if motion == "pictures" else "fused with the images'"
        sentences.append(
            f"the odometry's turns are off by {noise_in_words(model)}: {how}"
            if model.noise_rad_sqrt_s
            else f"the odometry's turns: {how}"
        )
    return sentences


def noise_in_words(model: OdometryModel) -> str:
    """The noise over half a second."""
    return f"{math.degrees(float(model.yaw_noise(0.5))):.1f} degrees rms over half a second"


def lens_caveat(found: OdometryEstimate) -> str:
    """What cannot be distinguished; empty where the lens is described."""
    if found.lens_is_known:
        return ""
    return " (there is no camera_info: a lens of another focal length would look the same)"
