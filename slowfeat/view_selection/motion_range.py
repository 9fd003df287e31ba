"""Motions outside of what the bundle was trained on: flagged, and trusted less."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat.bundle_info import BundleInfo
from slowfeat.geometry import Array

# A component that the training robot never moved in is off by this much in odometry all the same; m
# and rad.
STILL = 0.02


def half_range(info: BundleInfo) -> Array:
    """Half widths (6,) of the trained range, m and rad."""
    low, high = np.asarray(info.motion_min, np.float64), np.asarray(info.motion_max, np.float64)
    return np.maximum((high - low) / 2, STILL)


def excess(motions: npt.ArrayLike, info: BundleInfo) -> Array:
    """How far (M,) motions (M, 6) lie outside the trained range, in units of that range's half
    width.

    The worst component counts; 0 inside. A component that hardly moved in training counts as 2 cm
    or 0.02 rad wide at least.
    """
    m = np.asarray(motions, dtype=np.float64).reshape(-1, 6)
    low, high = np.asarray(info.motion_min), np.asarray(info.motion_max)
    middle = (low + high) / 2
    beyond = np.abs(m - middle) / half_range(info) - 1.0
    # Numbers that travelled as float32 or as a quaternion come back a hair off.
    return np.asarray(np.maximum(beyond - 1e-5, 0.0).max(axis=1, initial=0.0))


def widened_error(expected_error: npt.ArrayLike, beyond: npt.ArrayLike) -> Array:
    """Expected errors (M,) of motions that lie `beyond` (M,) the trained range by so many half
    widths.

    The bundle's own were calibrated inside. Beyond, an error is taken to grow in proportion: one
    half width outside counts double. A rule of caution, not a measurement.
    """
    return np.asarray(np.asarray(expected_error, np.float64) * (1.0 + np.asarray(beyond)))
