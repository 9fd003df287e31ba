"""Histograms of the motions between frames: how far they turn and how far they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import Array

TURN_EDGES = (-20.0, -10.0, -5.0, -2.0, 2.0, 5.0, 10.0, 20.0)
FORWARD_BINS = 7


@dataclass(frozen=True)
class Histogram:
    """Shares of values by bins; the first and the last bin are open."""

    # "turn to the left", "forward".
    what: str
    unit: str
    # (B - 1,) between the bins.
    edges: tuple[float, ...]
    # (B,)
    shares: tuple[float, ...]

    @property
    def labels(self) -> list[str]:
        """One a bin, such as "2 to 5"."""
        inner = [f"{a:g} to {b:g}" for a, b in zip(self.edges, self.edges[1:], strict=False)]
        return [f"below {self.edges[0]:g}", *inner, f"above {self.edges[-1]:g}"]


def turns(motions: Array) -> Histogram:
    """How far motions (P, 6) turn about the vertical, to the left positive, in degrees."""
    return _histogram("turn to the left", "deg", np.rad2deg(motions[:, 5]), TURN_EDGES)


def forward(motions: Array) -> Histogram:
    """How far motions (P, 6) go forward, in metres, in bins that fit."""
    values = motions[:, 0]
    low, high = (0.0, 0.1)
    if len(values):
        low, high = min(0.0, float(np.percentile(values, 1))), float(np.percentile(values, 99))
    step = _round_up(max(high - low, 0.01) / FORWARD_BINS)
    first, last = round(low / step), max(round(high / step), 1)
    # Bins around multiples of the step, so that no motion has one of its own.
    edges = [float(f"{(k + 0.5) * step:.6g}") for k in range(first - 1, last + 1)]
    return _histogram("forward", "m", values, tuple(edges))


def _histogram(what: str, unit: str, values: Array, edges: tuple[float, ...]) -> Histogram:
    counts = np.histogram(values, [-np.inf, *edges, np.inf])[0]
    total = max(len(values), 1)
    return Histogram(what, unit, edges, tuple(float(count / total) for count in counts))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(m * power for m in (1, 2, 5, 10) if m * power >= value * 0.999))
