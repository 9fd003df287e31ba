"""The Lie form of M_g: motions act on embeddings as rotations, exp(sum_i xi_i A_i) z.

Not in the papers (J has one matrix a motion pattern). The exponential of a skew-symmetric matrix is
orthogonal, so the map keeps norms; xi is the se(3) logarithm of the motion, so that T(g) T(g) = T(g
g) and T(g^-1) T(g) = 1 hold exactly. T(h) T(g) = T(g h) for any two motions would hold if the A_i
obeyed se(3)'s brackets (in reverse, since the second motion is seen from where the first one ends),
which nothing forces them to: `composition_error` measures it.

The generators are block-diagonal: a dense D x D exponential is costly, and `matrix_exp` does not
export.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat.geometry import compose_motions
from slowfeat_trainer.geometry.se3 import se3_logarithm
from slowfeat_trainer.models.full_precision import full_precision

# Frobenius norm of a block's sum_i xi_i A_i beyond which it is scaled down to this: several full
# turns, where no training has been. It bounds the error of the series, so that any motion keeps
# norms.
LARGEST = 24.0
# exp(M) = exp(M / 2^5)^(2^5): by three squarings, then by applying the result 2^2 times.
SQUARINGS = 3
APPLICATIONS = 2
# A skew matrix's largest angle is at most its Frobenius norm over sqrt(2): 17 rad / 2^5 = 0.53 rad,
# where the series of this order is off by 1e-8, and the whole by 3e-7.
ORDER = 8


def skew(generators: Tensor) -> Tensor:
    """A - A^T of matrices (..., k, k)."""
    return generators - generators.transpose(-1, -2)


def small_exponential(M: Tensor) -> Tensor:
    """Taylor series of order 8 of the exponential of matrices (..., k, k), in four products.

    (Paterson & Stockmeyer 1973: a polynomial in M^3 whose coefficients are quadratic in M.)
    """
    c = [1.0]
    for n in range(1, ORDER + 1):
        c.append(c[-1] / n)
    one = torch.eye(M.shape[-1], dtype=M.dtype, device=M.device)
    M2 = M @ M
    M3 = M2 @ M
    high = c[6] * one + c[7] * M + c[8] * M2
    middle = c[3] * one + c[4] * M + c[5] * M2
    low = c[0] * one + c[1] * M + c[2] * M2
    return low + M3 @ (middle + M3 @ high)


@full_precision
def rotate_blocks(generators: Tensor, xi: Tensor, z: Tensor) -> Tensor:
    """exp(sum_i xi_i A_i) z, block by block.

    Args:
        generators: (6, blocks, k, k) skew-symmetric A_i.
        xi: (N, 6).
        z: (N, D) with D = blocks k.

    Returns:
        (N, D), of the norm of z.
    """
    _, blocks, k, _ = generators.shape
    M = (xi @ generators.reshape(6, -1)).reshape(-1, blocks, k, k)
    square = M.pow(2).sum(dim=(-1, -2), keepdim=True)
    far = square > LARGEST**2
    M = M * torch.where(far, LARGEST * torch.where(far, square, torch.ones_like(square)).rsqrt(), 1)
    E = small_exponential(M / 2 ** (SQUARINGS + APPLICATIONS))
    for _ in range(SQUARINGS):
        E = E @ E
    moved = z.reshape(-1, blocks, k, 1)
    # The last squarings cost more than applying the matrix to the vector several times.
    for _ in range(2**APPLICATIONS):
        moved = E @ moved
    return moved.reshape(-1, blocks * k)


class LieMap(nn.Module):
    """exp(sum_i xi_i A_i) z with learned generators; starts near the identity."""

    scale: Tensor

    def __init__(
        self,
        dimension: int,
        block: int = 8,
        scale: npt.ArrayLike | None = None,
        spread: float = 0.1,
    ) -> None:
        """
        Args:
            dimension: D, a multiple of `block`.
            block: k; 8 makes 16 blocks of D = 128.
            scale: (6,) standard deviation of the motions [m, rad], by which the twist is divided so
                that all generators learn alike; 0 leaves a component that does not move out.
            spread: standard deviation to draw the generators' entries from.

        Raises:
            ValueError: D is not a multiple of the block.
        """
        super().__init__()
        if dimension % block or block < 2:
            raise ValueError(
                f"dimension {dimension} must be a multiple of block {block}, 2 at least"
            )
        self.generators = nn.Parameter(
            spread * torch.randn(6, dimension // block, block, block) / block**0.5
        )
        s = np.ones(6) if scale is None else np.asarray(scale, dtype=np.float64)
        inverse = np.where(s > 0, 1 / np.where(s > 0, s, 1.0), 0.0)
        self.register_buffer("scale", torch.tensor(inverse, dtype=torch.float32))

    def skew_generators(self) -> Tensor:
        """A_i, (6, blocks, k, k), a metre or a radian each."""
        return skew(self.generators) * self.scale[:, None, None, None]

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(N, D), (N, 6) [m, rad] -> (N, D)."""
        return rotate_blocks(self.skew_generators(), se3_logarithm(motion), embedding)


def composition_error(
    transform: nn.Module,
    embedding: Tensor,
    first: npt.NDArray[np.float64],
    second: npt.NDArray[np.float64],
) -> Tensor:
    """How far two motions one after the other are from the composed motion, at the scale of the
    change.

    Poses are composed, not vectors: |T(h) T(g) z - T(g h) z| / |T(g h) z - z|.

    Args:
        transform: (N, D), (N, 6) -> (N, D).
        embedding: (N, D) before.
        first: (N, 6) motions g [m, rad].
        second: (N, 6) motions h, seen from the body after g.

    Returns:
        (N,), 0 where the map is a group's.
    """
    g, h, both = (
        torch.tensor(m, dtype=embedding.dtype, device=embedding.device)
        for m in (first, second, compose_motions(first, second))
    )
    with torch.no_grad():
        direct = transform(embedding, both)
        error = (transform(transform(embedding, g), h) - direct).norm(dim=1)
        change: Tensor = (direct - embedding).norm(dim=1)
    relative: Tensor = error / change.clamp(min=torch.finfo(change.dtype).tiny)
    return relative
