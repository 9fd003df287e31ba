"""Arithmetic that bfloat16 would spoil, excluded from automatic mixed precision."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor


def full_precision(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of tensors, or method of tensors, that autocast leaves in their own precision.

    Squaring a matrix five times, whitening and slow features subtract large numbers from
    each other: with 8 bits rotations would not keep norms, and noise would be whitened along.
    Arguments in half precision are made float32.
    """

    @wraps(function)
    def guarded(*args: object) -> Tensor:
        device = next(a.device.type for a in args if isinstance(a, Tensor))
        # Not entered without need: the exporter has no word for it.
        if not torch.is_autocast_enabled(device):
            return function(*args)
        half = (torch.float16, torch.bfloat16)
        widened = [a.float() if isinstance(a, Tensor) and a.dtype in half else a for a in args]
        with torch.autocast(device, enabled=False):
            return function(*widened)

    return guarded
