"""How a robot's odometry errs, estimated from its own drive in seconds.

The images are the second witness: between two of them the lens and the flow say how far the camera
turned. Reported turns are compared with these for delay, scale (its sign included), bias per second
or per metre, noise, and times of slip.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.data.odometry_estimate import LENS_KNOWN, LENS_UNKNOWN, OdometryEstimate, Slip
from slowfeat_trainer.odometry_errors.delay import Delay, find_delay
from slowfeat_trainer.odometry_errors.fit_yaw import Line, Windows, fit_line, resampled, residuals
from slowfeat_trainer.odometry_errors.turns import (
    FIT_S,
    NOISE_S,
    Reported,
    SeenTurns,
    windows_of,
)

# Drawings of stretches for standard errors.
DRAWS = 60
# Fewer windows, or turns that differ less than this (rms, radians over FIT_S), say nothing.
LEAST_WINDOWS, LEAST_TURN = 60, math.radians(1.0)
# Reported and seen turns that correlate less have nothing to do with each other.
LEAST_CORRELATION = 0.4
# By how much standard errors are larger than if stretches and windows were independent; found on
# simulated drives of other maps than those of the table in docs/odometry.md.
STRETCHED, NOT_INDEPENDENT = 1.15, 1.5
# Radians a second: a floor of the bias's error. On 27 simulated drives of 30 s without a bias 96 %
# of the estimates lay within two standard errors with it (78 % within one).
DRIFT = math.radians(0.2)
# Residuals of half a second that are slip or a collision: beyond so many of their typical size, and
# this many radians.
SLIP, LEAST_SLIP = 6.0, math.radians(10.0)


def estimate(
    seen: SeenTurns, reported: Reported, lens_is_known: bool, seen_noise: float, seed: int = 0
) -> OdometryEstimate:
    """Fit everything.

    Args:
        seen: turns that the images show.
        reported: what odometry says.
        lens_is_known: whether the camera is described.
        seen_noise: radians after one second by which the turns seen are uncertain.
        seed: of the drawings for standard errors.
    """
    rng = np.random.default_rng(seed)
    delay = find_delay(seen, reported, rng, DRAWS)
    windows = windows_of(seen, reported, delay.seconds, FIT_S)
    unknown = _why_unknown(windows, delay)
    if unknown:
        return OdometryEstimate(
            correlation=delay.correlation, unknown=unknown, lens_is_known=lens_is_known
        )
    share = _share_of_odometry(windows, rng)
    line, drawn = _choose_offset(windows, share, rng)
    scale_se = abs(line.scale) * math.hypot(
        float(np.std(np.log(np.abs(drawn[:, 0]) + 1e-9))),
        LENS_KNOWN if lens_is_known else LENS_UNKNOWN,
    )
    noise, noise_se = _noise(seen, reported, delay, line, seen_noise)
    return OdometryEstimate(
        model=OdometryModel(
            delay_s=delay.seconds,
            delay_s_se=math.hypot(delay.se, 0.003),
            yaw_bias_rad_s=line.bias_s,
            yaw_bias_rad_s_se=None
            if line.bias_m
            else math.hypot(float(np.std(drawn[:, 1])), DRIFT),
            yaw_bias_rad_m=line.bias_m,
            yaw_bias_rad_m_se=_bias_m_se(windows, drawn) if line.bias_m else None,
            yaw_scale=line.scale,
            yaw_scale_se=scale_se,
            noise_rad_sqrt_s=noise,
            noise_rad_sqrt_s_se=noise_se,
        ),
        correlation=delay.correlation,
        unknown="",
        lens_is_known=lens_is_known,
        seen_noise_rad_sqrt_s=seen_noise,
        share_of_odometry=share,
        slips=_slips(seen, reported, delay, line),
    )


def _why_unknown(windows: Windows, delay: Delay) -> str:
    if len(windows) < LEAST_WINDOWS:
        return "too few images follow each other closely enough"
    if float(np.std(windows.seen)) < LEAST_TURN:
        return "the images hardly turn"
    if float(np.std(windows.reported)) < 0.1 * LEAST_TURN:
        return "the odometry reports hardly any turn"
    if abs(delay.correlation) < LEAST_CORRELATION:
        return (
            "the turns that it reports and those that the images show correlate "
            f"{delay.correlation:+.2f} only"
        )
    return ""


def _share_of_odometry(windows: Windows, rng: np.random.Generator) -> float:
    """How much the noise is the odometry's rather than that of a robot that does not follow it."""
    line = fit_line(windows, per_metre=False)
    if not line.forward or not line.inverse or line.inverse / line.forward < 1.03:
        return 0.5  # it makes no difference
    drawn = [fit_line(resampled(windows, rng), per_metre=False) for _ in range(DRAWS)]
    logs = np.log(np.abs([(d.forward, d.inverse, d.instrument) for d in drawn]) + 1e-9)
    at = np.log(np.abs([line.forward, line.inverse, line.instrument]) + 1e-9)
    off = [(at[2] - at[k]) / max(float(np.std(logs[:, 2] - logs[:, k])), 0.005) for k in range(2)]
    # As two hypotheses of equal weight, each with Gaussian errors.
    return float(1 / (1 + math.exp(float(np.clip((off[1] ** 2 - off[0] ** 2) / 2, -50, 50)))))


def _choose_offset(windows: Windows, share: float, rng: np.random.Generator) -> tuple[Line, Array]:
    """The line with the bias per second, or per metre where that fits clearly
    better; and drawings (DRAWS, 2).
    """
    lines = [fit_line(windows, per_metre, share) for per_metre in (False, True)]
    drives = float(np.std(windows.metres)) > 0.2 * float(np.mean(np.abs(windows.metres))) + 1e-6
    left = [float(np.mean(np.minimum(np.abs(residuals(windows, line)), 0.5))) for line in lines]
    per_metre = drives and left[1] < 0.97 * left[0]
    drawn = []
    for _ in range(DRAWS):
        line = fit_line(resampled(windows, rng), per_metre, share)
        drawn.append((line.scale, line.bias_m if per_metre else line.bias_s))
    spread = np.array(drawn)
    middle = np.median(spread, axis=0)
    return lines[int(per_metre)], middle + STRETCHED * (spread - middle)


def _bias_m_se(windows: Windows, drawn: Array) -> float:
    speed = float(np.sum(np.abs(windows.metres)) / np.sum(windows.seconds))
    return math.hypot(float(np.std(drawn[:, 1])), DRIFT / max(speed, 1e-3))


def _noise(
    seen: SeenTurns, reported: Reported, delay: Delay, line: Line, seen_noise: float
) -> tuple[float, float]:
    """Radians after one second by which the corrected odometry is off, and its standard error."""
    windows = windows_of(seen, reported, delay.seconds, NOISE_S)
    left = residuals(windows, line)
    good = windows.weight > 0.3
    left = left[good] if good.sum() > LEAST_WINDOWS / 2 else left
    limit = 4 * 1.48 * float(np.median(np.abs(left - np.median(left)))) + 1e-6
    variance = float(np.mean(np.clip(left - np.median(left), -limit, limit) ** 2))
    seconds = float(np.median(windows.seconds))
    noise = math.sqrt(max(variance / seconds - seen_noise**2, 0.0))
    independent = max(len(left) * float(np.median(seen.end - seen.start)) / seconds, 2.0)
    # Flow is off now and then by more than it is usually; residuals are not quite independent.
    se = math.hypot(NOT_INDEPENDENT * noise / math.sqrt(2 * independent), seen_noise)
    return noise, se


def _slips(seen: SeenTurns, reported: Reported, delay: Delay, line: Line) -> tuple[Slip, ...]:
    windows = windows_of(seen, reported, delay.seconds, NOISE_S)
    left = residuals(windows, line)
    limit = max(SLIP * 1.48 * float(np.median(np.abs(left))), LEAST_SLIP)
    off: npt.NDArray[np.bool_] = (np.abs(left) > limit) & (windows.weight > 0.3)
    found: list[Slip] = []
    for k in np.flatnonzero(off):
        start, missing = float(windows.start[k]), float(left[k])
        end = start + float(windows.seconds[k])
        if found and start <= found[-1].end_s:
            last = found.pop()
            start, missing = last.start_s, max(last.missing_rad, missing, key=abs)
        found.append(Slip(start, end, missing))
    return tuple(found)
