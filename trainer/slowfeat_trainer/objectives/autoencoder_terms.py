"""The terms of the auto-encoders of Goroshin et al. 2015 (eq. 2 and 3).

Each is a sum over the units of one frame and a mean over all others, as in the papers' per-sample
losses.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import listed_shapes


def reconstruction_error(x: Tensor, reconstruction: Tensor) -> Tensor:
    """Mean over frames of ||W_d h - x||^2; both (batch, ...) of one shape.

    Raises:
        ValueError: the shapes differ.
    """
    if x.ndim < 2 or x.shape != reconstruction.shape:
        shapes = listed_shapes(x=x, reconstruction=reconstruction)
        raise ValueError(f"frames and reconstructions must share one shape (batch, ...); {shapes}")
    return (reconstruction - x).pow(2).flatten(1).sum(dim=1).mean()


def l1_activity(h: Tensor) -> Tensor:
    """Mean over frames of |h|_1, activations (batch, ...)."""
    return h.abs().flatten(1).sum(dim=1).mean()


def pooled_change(z_t: Tensor, z_u: Tensor) -> Tensor:
    """Mean over pairs of sum_i | ||h_t||_Pi - ||h_u||_Pi |; pooled codes (batch, ...) of one shape.

    Raises:
        ValueError: the shapes differ.
    """
    if z_t.ndim < 2 or z_t.shape != z_u.shape:
        shapes = listed_shapes(z_t=z_t, z_u=z_u)
        raise ValueError(f"pooled codes must share one shape (batch, ...); got {shapes}")
    return (z_t - z_u).abs().flatten(1).sum(dim=1).mean()


def check_batches(**tensors: Tensor) -> None:
    """Raise ValueError, with the names and shapes, unless all hold equally many frames."""
    if len({tensor.shape[:1] for tensor in tensors.values()}) != 1:
        raise ValueError(f"batches must be of one size; got {listed_shapes(**tensors)}")
