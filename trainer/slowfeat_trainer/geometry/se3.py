"""The se(3) logarithm of a motion, inside the network."""

from __future__ import annotations

import torch
from torch import Tensor

# Squared angle below which the series is taken: its error is below 1e-10 there, and above it the
# formula loses no digits that float32 has.
SMALL = 0.25


def cross(a: Tensor, b: Tensor) -> Tensor:
    """Cross product of vectors (..., 3)."""
    ax, ay, az = a.unbind(dim=-1)
    bx, by, bz = b.unbind(dim=-1)
    return torch.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], dim=-1)


def se3_logarithm(motion: Tensor) -> Tensor:
    """Twists whose exponential is the pose of a motion.

    A motion names its translation t and rotation vector w, and t is where the body ends up, not the
    way there: on an arc it is the chord. The logarithm is (v, w) with t = V(w) v, so that a motion
    of half the twist, made twice, is this one.

    Args:
        motion: (N, 6) translation [m] and rotation vector [rad], shorter than 2 pi, of the body
            after seen from the body before.

    Returns:
        (N, 6): v [m], w [rad].
    """
    t, w = motion[:, :3], motion[:, 3:]
    square = w.pow(2).sum(dim=1, keepdim=True)
    small = square < SMALL
    # Both branches are computed, so the one that is not taken must be finite too.
    safe = torch.where(small, torch.ones_like(square), square)
    half = safe.sqrt() / 2
    formula = (1 - half / half.tan()) / safe
    series = 1 / 12 + square * (1 / 720 + square * (1 / 30240 + square / 1209600))
    turned = cross(w, t)
    v = t - turned / 2 + torch.where(small, series, formula) * cross(w, turned)
    return torch.cat([v, w], dim=1)
