"""Distances with gradients that stay finite where two embeddings meet."""

from __future__ import annotations

from torch import Tensor

# Under the root: its gradient at zero distance is 0 instead of infinite.
EPSILON = 1e-12


def l2(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distance (...) of embeddings (..., D)."""
    return ((a - b).pow(2).sum(dim=-1) + EPSILON).sqrt()


def check_same_shape(**embeddings: Tensor) -> None:
    """Raise ValueError, with the names and shapes, unless all are (batch, D) of one shape."""
    shapes = {name: tuple(z.shape) for name, z in embeddings.items()}
    if len(set(shapes.values())) != 1 or any(len(shape) != 2 for shape in shapes.values()):
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"embeddings must share one shape (batch, D); got {listed}")
