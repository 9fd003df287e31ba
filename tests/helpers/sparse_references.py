"""Inputs and a reference of the sparse objectives."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

RNG = np.random.default_rng(4)
ALPHA, BETA = 0.3, 2.0


def drawn(*lead: int) -> list[np.ndarray]:
    """Inputs, reconstructions, activations and pooled activations of frames (*lead)."""
    x, reconstruction = RNG.normal(size=(2, *lead, 5))
    h = np.maximum(0, RNG.normal(size=(*lead, 8)))
    return [x, reconstruction, h, np.sqrt((h.reshape(*lead, 2, 4) ** 2).sum(-1))]


def frame_cost(x: np.ndarray, r: np.ndarray, h: np.ndarray) -> float:
    return float(((r - x) ** 2).sum() + ALPHA * np.abs(h).sum())


def tensors(arrays: list[np.ndarray], grad: bool = False) -> list[Tensor]:
    return [torch.tensor(a, requires_grad=grad) for a in arrays]
