"""What a bag's images say of its odometry, as findings: what is wrong, what
that costs, what becomes of it.
"""

from __future__ import annotations

import math

from slowfeat_trainer.data.odometry_estimate import OdometryEstimate
from slowfeat_trainer.inspection.finding import HINT, WARN, Finding
from slowfeat_trainer.odometry_errors.apply import NOISY, choose_motion
from slowfeat_trainer.odometry_errors.sentences import lens_caveat, noise_in_words

REMOVED = "ingest removes it (--trust-odometry leaves it)"
# Slips are named up to so many.
NAMED = 3


def odometry_findings(found: OdometryEstimate, offset_s: float, motion: str) -> list[Finding]:
    """Findings, what is removed as hints.

    Args:
        found: what the images say.
        offset_s: seconds that are added to the odometry's stamps.
        motion: --motion.
    """
    if not found.is_known:
        return []
    model = found.to_apply(offset_s)
    used = choose_motion(motion, found, model)
    if used != "odometry":
        model = found.to_apply(offset_s, as_seen=True)
    findings = []
    if offset_s and abs(found.model.delay_s - offset_s) < 0.05:
        text = (
            f"clocks disagree: the images turn {found.model.delay_s:+.2f} s after the odometry "
            f"says so; {REMOVED}"
        )
        findings.append(Finding("clocks_disagree", HINT, text))
    if model.yaw_scale < 0:
        text = (
            "the images turn against the odometry: its yaw has the wrong sign, or the camera "
            f"hangs upside down or is mirrored; {REMOVED}"
        )
        findings.append(Finding("yaw_inverted", HINT, text))
    scale = abs(found.model.yaw_scale)
    if found.scale_is_sure:
        text = (
            f"the odometry reports {1 / scale:.2f} times the turns that the images "
            f"show{lens_caveat(found)}; {REMOVED}"
        )
        findings.append(Finding("yaw_scale", HINT, text))
    bias = _bias(model.yaw_bias_rad_s / model.yaw_scale, "second") or _bias(
        model.yaw_bias_rad_m / model.yaw_scale, "metre"
    )
    if bias:
        findings.append(Finding("yaw_bias", HINT, f"{bias}; {REMOVED}"))
    return findings + _noise(found, used) + _slips(found)


def _bias(added: float, of: str) -> str:
    """Of a bias in units of the odometry that is added."""
    if not added:
        return ""
    side = "left" if added < 0 else "right"
    return (
        f"the odometry turns {abs(math.degrees(added)):.1f} degrees a {of} to the {side} while "
        "the images stand still"
    )


def _noise(found: OdometryEstimate, used: str) -> list[Finding]:
    half_second = float(found.model.yaw_noise(0.5))
    if half_second < NOISY:
        return []
    whose = (
        "the robot does not do what its commands say"
        if found.share_of_odometry < 0.5
        else "the odometry is noisy"
    )
    what = (
        "the turns of the images are fused with it"
        if used == "fused"
        else f"--motion fused would take those of the images (now {used})"
    )
    if used == "pictures":
        what = "the turns of the images are used"
    text = f"turns are off by {noise_in_words(found.model)} ({whose}): {what}"
    return [Finding("yaw_noise", WARN, text)]


def _slips(found: OdometryEstimate) -> list[Finding]:
    if not found.slips:
        return []
    named = ", ".join(f"{slip.start_s:.1f} to {slip.end_s:.1f} s" for slip in found.slips[:NAMED])
    more = f" and {len(found.slips) - NAMED} more" if len(found.slips) > NAMED else ""
    text = (
        f"turns that were reported and not made, or made and not reported, at {named}{more}: "
        "slip, a collision, or somebody carried the robot"
    )
    return [Finding("slip", HINT, text)]
