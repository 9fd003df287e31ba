"""By how much the clock or the driver of odometry was off in training, from bundle.json."""

from __future__ import annotations

import math
import statistics
from typing import Any

from slowfeat.bundle_info import BundleInfo


def trained_offset_s(info: BundleInfo) -> float:
    """What training added to the stamps of odometry, s; 0 where it added nothing or nobody says.

    The adapted robot's where the bundle was adapted, else the error model's of the odometry, else
    the median of the bags that it was learned from.
    """
    model: Any = getattr(info, "odometry", None)
    adapted, bags = info.training.get("adapted"), info.training.get("bags")
    of_adapted = _offset_of(adapted)
    if of_adapted is not None:
        return of_adapted
    of_model = _number(getattr(model, "delay_s", None))
    if of_model is not None:
        return of_model
    found = [_offset_of(bag) for bag in (bags if isinstance(bags, list) else [])]
    offsets = [offset for offset in found if offset is not None]
    return statistics.median(offsets) if offsets else 0.0


def _offset_of(record: object) -> float | None:
    """What a record of bundle.json's training says, where it says a
    time that can be added to stamps.
    """
    return _number(record.get("odom_offset_s")) if isinstance(record, dict) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
