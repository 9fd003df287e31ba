"""How far odometry runs ahead of the images, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer.odometry_errors.turns import STRETCH_S, Reported, SeenTurns, windows_of

MAX_LAG_S, STEP_S = 0.6, 0.02
# Turns are compared over about this long, seconds.
LENGTH_S = 0.2
# The peak is fitted to so many lags to either side of the best.
PEAK_STEPS = 4
# Shares of the seen turns that are outliers at either end.
OUTLIERS = (2.0, 98.0)


@dataclass(frozen=True)
class Delay:
    """Seconds to add to the odometry's stamps."""

    seconds: float
    se: float
    # Of seen and reported turns at that delay; negative where the sign is wrong.
    correlation: float


def find_delay(seen: SeenTurns, reported: Reported, rng: np.random.Generator, draws: int) -> Delay:
    """The lag at which seen and reported turns correlate best, of either sign."""
    lags = np.arange(-MAX_LAG_S, MAX_LAG_S + STEP_S / 2, STEP_S)
    windows = windows_of(seen, reported, 0.0, LENGTH_S)
    pairs = max(1, round(LENGTH_S / max(float(np.median(seen.end - seen.start)), 1e-3)))
    start = seen.start[: len(seen) - pairs + 1]
    end = seen.end[pairs - 1 :]
    yaw = np.concatenate([[0.0], np.cumsum(seen.yaw)])
    yaw = yaw[pairs:] - yaw[: len(yaw) - pairs]
    joined = np.abs((end - start) - pairs * np.median(seen.end - seen.start)) < 0.5 * (end - start)
    inside = reported.is_known(start - MAX_LAG_S, end + MAX_LAG_S, 0.0) & joined
    start, end, yaw = start[inside], end[inside], yaw[inside]
    if len(yaw) < 20 or len(windows) < 20:
        return Delay(0.0, np.inf, 0.0)
    yaw = np.clip(yaw, *np.percentile(yaw, OUTLIERS))
    turns = np.stack([reported.turn(start, end, lag) for lag in lags])
    low, high = np.percentile(turns[len(turns) // 2], OUTLIERS)
    turns = np.clip(turns, low, high)
    # Sums of each stretch, from which any resampling is made.
    block = np.unique((start // STRETCH_S).astype(np.int64), return_inverse=True)[1]
    count = int(block.max()) + 1
    one = np.zeros((count, len(block)))
    one[block, np.arange(len(block))] = 1.0
    sums = np.stack(
        [
            np.broadcast_to(one.sum(axis=1)[:, None], (count, len(lags))),
            np.broadcast_to((one @ yaw)[:, None], (count, len(lags))),
            one @ turns.T,
            np.broadcast_to((one @ yaw**2)[:, None], (count, len(lags))),
            one @ (turns**2).T,
            one @ (yaw * turns).T,
        ]
    )
    best, strength = _peak(lags, sums.sum(axis=1))
    drawn = [
        _peak(lags, sums[:, rng.integers(0, count, count)].sum(axis=1))[0] for _ in range(draws)
    ]
    return Delay(best, float(np.std(drawn)), strength)


def _peak(lags: Array, sums: Array) -> tuple[float, float]:
    """The best lag, between the steps, and the correlation there, from sums (6, L) over windows."""
    n, y, x, yy, xx, xy = sums
    spread = np.sqrt(np.maximum((yy - y * y / n) * (xx - x * x / n), 1e-30))
    correlation = (xy - x * y / n) / spread
    strength = np.abs(correlation)
    best = int(np.argmax(strength))
    if best in (0, len(lags) - 1):
        return float(lags[best]), float(correlation[best])
    near = np.arange(max(best - PEAK_STEPS, 0), min(best + PEAK_STEPS + 1, len(lags)))
    mirror_xi, slope, _ = np.polyfit(near - best, strength[near], 2)
    top = (
        float(np.clip(-slope / (2 * mirror_xi), -PEAK_STEPS, PEAK_STEPS)) if mirror_xi < 0 else 0.0
    )
    return float(lags[best] + top * STEP_S), float(correlation[best])
