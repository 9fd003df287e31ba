"""Tensors of arrays, and gradients by finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def tensors(*arrays: np.ndarray) -> list[Tensor]:
    return [torch.tensor(a) for a in arrays]


def gradients_are_those_of_finite_differences(
    loss: Callable[..., Tensor], *arrays: np.ndarray
) -> bool:
    return torch.autograd.gradcheck(
        loss, [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    )
