"""How far a robot sees in a map: rays against line segments, a laser scanner without noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cast(
    walls: NDArray[np.float64],
    origins: NDArray[np.float64],
    headings: NDArray[np.float64],
    longest_m: float,
) -> NDArray[np.float64]:
    """Distance to the first wall along each ray.

    Args:
        walls: [N, 2, 2], both ends of each segment (x, y in m).
        origins: [R, 2], where each ray starts (x, y in m).
        headings: [R], direction of each ray in rad.
        longest_m: what a ray that meets nothing returns.

    Returns:
        [R], in m.
    """
    direction = np.stack([np.cos(headings), np.sin(headings)], axis=-1)[:, None]  # [R, 1, 2]
    along = walls[None, :, 1] - walls[None, :, 0]  # [1, N, 2]
    to_wall = walls[None, :, 0] - origins[:, None]  # [R, N, 2]
    # origin + t direction = start + s along, solved by cross products.
    turn = _cross(direction, along)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = _cross(to_wall, along) / turn
        s = _cross(to_wall, direction) / turn
    met = (np.abs(turn) > 1e-12) & (t >= 0) & (s >= 0) & (s <= 1)
    distance: NDArray[np.float64] = np.where(met, t, longest_m).min(axis=1, initial=longest_m)
    return distance


def cast_body(
    walls: NDArray[np.float64],
    position: NDArray[np.float64],
    headings: NDArray[np.float64],
    half_width_m: float,
    longest_m: float,
) -> NDArray[np.float64]:
    """As `cast` from one position [2], for a body this wide: three parallel rays a heading."""
    left = half_width_m * np.stack([-np.sin(headings), np.cos(headings)], axis=-1)  # [R, 2]
    origins = np.concatenate([position - left, position + 0 * left, position + left])
    distance = cast(walls, origins, np.tile(headings, 3), longest_m)
    nearest: NDArray[np.float64] = distance.reshape(3, -1).min(axis=0)
    return nearest


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return product
