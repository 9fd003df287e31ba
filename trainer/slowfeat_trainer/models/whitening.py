"""ZCA whitening, the first layer of the convolutional models of Goroshin et al. 2015 (section 5).

Bell & Sejnowski 1997: y = U (S + epsilon)^-1/2 U^T (x - mean), with the covariance U S U^T of the
training images: uncorrelated pixels of unit variance that still look like the image.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.models.full_precision import full_precision

Float = npt.NDArray[np.float64]

# Epsilon as a share of the mean variance of a pixel: directions that hardly vary hold noise, not
# signal.
REGULARISATION = 0.01
# Frames that the covariance is estimated from, at most, evenly spaced.
SAMPLE = 5000
# The last whitening by a hash of its images: 32x32 pixels in colour take ten seconds.
_kept: dict[str, tuple[Float, Float]] = {}


def zca_matrix(x: Float, regularisation: float = REGULARISATION) -> tuple[Float, Float]:
    """Mean (P,) and symmetric whitening matrix (P, P) of images (N, P).

    Raises:
        ValueError: fewer than two images, or images that are all the same.
    """
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(f"images must be (N, P) with N of 2 at least; got {x.shape}")
    mean = x.mean(axis=0)
    centred = (x - mean) / np.sqrt(len(x) - 1)
    if len(x) > x.shape[1]:
        values, U = np.linalg.eigh(centred.T @ centred)
    else:
        # Fewer images than pixels: the small matrix of their products has the same eigenvalues.
        values, V = np.linalg.eigh(centred @ centred.T)
        kept = values > 1e-12 * values[-1]
        values = values[kept]
        U = centred.T @ V[:, kept] / np.sqrt(values)
    values = np.maximum(values, 0.0)
    epsilon = regularisation * values.sum() / x.shape[1]
    if epsilon <= 0 and (len(values) < x.shape[1] or values.min() <= 0):
        raise ValueError(
            "the images must vary in every direction, or the regularisation be above 0"
        )
    # What no image varies in is scaled by the epsilon alone, as if its variance were 0.
    rest = 1 / np.sqrt(epsilon) if len(values) < x.shape[1] else 0.0
    scaled = (1 / np.sqrt(values + epsilon) - rest)[:, None] * U.T
    return mean, U @ scaled + rest * np.eye(x.shape[1])


class Zca(nn.Module):
    """(N, C, h, w) -> the same, whitened."""

    mean: Tensor
    matrix: Tensor

    def __init__(self, mean: npt.ArrayLike, matrix: npt.ArrayLike) -> None:
        """
        Args:
            mean: (P,) of the training images, P = C h w.
            matrix: (P, P).
        """
        super().__init__()
        self.register_buffer("mean", torch.tensor(np.asarray(mean), dtype=torch.float32))
        self.register_buffer("matrix", torch.tensor(np.asarray(matrix), dtype=torch.float32))

    @classmethod
    def fitted_to(
        cls, front: nn.Module, frames: FrameStack, regularisation: float = REGULARISATION
    ) -> Zca:
        """Whitening of what `front` makes of (a sample of) the training frames (N, H, W, 3)."""
        step = -(-len(frames) // SAMPLE)
        sample = FrameStack([frames[::step]])
        x = embed_frames(front, sample).reshape(len(sample), -1)
        key = hashlib.blake2b(x.tobytes() + str(regularisation).encode()).hexdigest()
        if key not in _kept:
            # One is enough: what builds several networks builds them for the same frames.
            _kept.clear()
            _kept[key] = zca_matrix(x.astype(np.float64), regularisation)
        return cls(*_kept[key])

    @full_precision
    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) -> (N, C, h, w)."""
        return ((x.flatten(1) - self.mean) @ self.matrix).view(x.shape)
