"""What drlim and temporal share: neighbours in time are pulled together, others pushed apart."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape

Distance = Callable[[Tensor, Tensor], Tensor]


def contrast_neighbours(
    distance: Distance,
    z_t: Tensor,
    z_near: Tensor,
    z_far: Tensor,
    is_far: Tensor,
    margin: float,
) -> Tensor:
    """Mean of d over neighbours plus mean of max(0, margin - d) over non-neighbours.

    Args:
        distance: (..., D), (..., D) -> (...).
        z_t: (batch, D).
        z_near: (batch, D), the neighbours.
        z_far: (M, D), other frames.
        is_far: (batch, M) bool, which of these are non-neighbours.
        margin: beyond this distance a non-neighbour costs nothing.

    Raises:
        ValueError: shapes that do not belong together.
    """
    check_same_shape(z_t=z_t, z_near=z_near)
    if z_far.ndim != 2 or z_far.shape[1] != z_t.shape[1] or is_far.shape != (len(z_t), len(z_far)):
        raise ValueError(
            f"z_far must be (M, {z_t.shape[1]}) and is_far ({len(z_t)}, M); "
            f"got {tuple(z_far.shape)} and {tuple(is_far.shape)}"
        )
    attract = distance(z_t, z_near).mean()
    hinge = (margin - distance(z_t[:, None], z_far[None])).clamp(min=0) * is_far
    return attract + hinge.sum() / is_far.sum().clamp(min=1)
