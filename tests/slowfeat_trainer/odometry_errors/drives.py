"""Turns of a made drive, and odometry that reports them with known errors."""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.odometry_errors.turns import Reported, SeenTurns


def true_yaw(t: np.ndarray, seed: int = 0) -> np.ndarray:
    """Heading in radians: an irregular swing."""
    rng = np.random.default_rng(seed)
    return sum(
        a * np.sin(w * t + p)
        for a, w, p in zip(
            rng.uniform(0.2, 0.6, 6), rng.uniform(0.3, 2.5, 6), rng.uniform(0, 6, 6), strict=True
        )
    )


def made_drive(
    scale: float = 1.0,
    bias: float = 0.0,
    noise: float = 0.0,
    delay: float = 0.0,
    seconds: float = 120.0,
    seed: int = 0,
    follows_badly: float = 0.0,
    speed: float = 1.0,
) -> tuple[SeenTurns, Reported]:
    """Images at 10 Hz and odometry at 50 Hz that is corrected by scale * yaw + bias * dt.

    Args:
        scale: of the correction.
        bias: of the correction, rad/s.
        noise: of the corrected odometry, rad after one second.
        delay: seconds by which the odometry runs ahead.
        seconds: of the drive.
        seed: of everything random.
        follows_badly: noise of the robot that does what the odometry (its commands) does not say,
            rad after one second.
        speed: m/s.
    """
    rng = np.random.default_rng([seed, 1])
    t = np.arange(0, seconds, 0.02)
    wanted = true_yaw(t, seed)
    wander = np.cumsum(np.concatenate([[0.0], rng.normal(0, np.sqrt(0.02), len(t) - 1)]))
    true = wanted + follows_badly * wander
    error = np.cumsum(np.concatenate([[0.0], rng.normal(0, np.sqrt(0.02), len(t) - 1)]))
    reported = (wanted - bias * t + noise * error) / scale
    images = np.arange(5, len(t), 5)
    start, end = t[images[:-1]], t[images[1:]]
    seen = true[images[1:]] - true[images[:-1]] + rng.normal(0, 0.001, len(start))
    nothing = np.zeros(len(start))
    return (
        SeenTurns(start, end, seen, np.ones(len(start)), nothing + 1, nothing),
        Reported(t - delay, reported, speed * t, np.zeros(0), np.zeros((0, 2))),
    )
