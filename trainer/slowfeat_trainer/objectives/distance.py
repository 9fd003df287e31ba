"""Distances with gradients that stay finite where two embeddings meet."""

from __future__ import annotations

from torch import Tensor

# Under the root: its gradient at zero distance is 0 instead of infinite.
EPSILON = 1e-12


def l2(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distance (...) of embeddings (..., D)."""
    return ((a - b).pow(2).sum(dim=-1) + EPSILON).sqrt()


def l1(a: Tensor, b: Tensor) -> Tensor:
    """City-block distance (...) of embeddings (..., D)."""
    return (a - b).abs().sum(dim=-1)


def check_same_shape(**embeddings: Tensor) -> None:
    """Raise ValueError, with the names and shapes, unless all are (batch, D) of one shape."""
    shapes = {name: tuple(z.shape) for name, z in embeddings.items()}
    if len(set(shapes.values())) != 1 or any(len(shape) != 2 for shape in shapes.values()):
        raise ValueError(
            f"embeddings must share one shape (batch, D); got {listed_shapes(**embeddings)}"
        )


def listed_shapes(**tensors: Tensor) -> str:
    """Names and shapes, for a message."""
    return ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in tensors.items())
