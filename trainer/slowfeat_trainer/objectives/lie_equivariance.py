"""Equivariance by a group of rotations of the embedding.

Not in the papers: J eq. 13 with M(z, xi) = exp(sum_i xi_i A_i) z, where xi is the se(3) logarithm
of the motion and the A_i are learned and skew-symmetric. The map keeps norms, and is exact along
every one-parameter motion: two equal arcs are one of twice the length.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.geometry.se3 import se3_logarithm
from slowfeat_trainer.models.lie_map import rotate_blocks, skew
from slowfeat_trainer.objectives.distance import check_same_shape
from slowfeat_trainer.objectives.equivariance_continuous import equivariance_continuous


def lie_equivariance(
    generators: Tensor, z_before: Tensor, motion: Tensor, z_after: Tensor
) -> Tensor:
    """Mean over pairs of d(exp(sum_i xi_i A_i) z_before, z_after), d = l2.

    Nothing is pushed apart: a code of zeros wins it alone, as it does J's eq. 13.

    Args:
        generators: (6, blocks, k, k) with blocks k = D; A_i are the skew parts, block by block.
        z_before: (batch, D) embeddings.
        motion: (batch, 6) [m, rad], of the body after seen from the body before.
        z_after: (batch, D) embeddings.

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together.
    """
    check_same_shape(z_before=z_before, z_after=z_after)
    blocks = tuple(generators.shape)
    square = len(blocks) == 4 and blocks[0] == 6 and blocks[2] == blocks[3]
    if not square or blocks[1] * blocks[2] != z_before.shape[1]:
        raise ValueError(
            f"generators must be (6, blocks, k, k) with blocks k = {z_before.shape[1]}; got "
            f"{blocks}"
        )
    if motion.shape != (len(z_before), 6):
        raise ValueError(f"motion must be ({len(z_before)}, 6); got {tuple(motion.shape)}")
    moved = rotate_blocks(skew(generators), se3_logarithm(motion), z_before)
    return equivariance_continuous(moved, z_after)
