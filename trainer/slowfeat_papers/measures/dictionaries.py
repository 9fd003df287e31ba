"""What is said of a learned dictionary and its pools (Goroshin et al. 2015, fig. 2 and 5), as
numbers.

Kernels are (K, C, h, w): K of them with C channels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.metrics.equivariance import Matrix

Index = npt.NDArray[np.int64]


def relative_step(z: Matrix, block: Index) -> Array:
    """How fast each feature is (D,): its mean step to the next frame over the mean difference of
    two of the frames.

    0 stands still within each block, 1 is noise; a feature that never varies says nothing and
    gets 1.

    Args:
        z: (N, D) codes in the order of time.
        block: (N,) stretches of time that belong together.
    """
    z = np.asarray(z, np.float64)
    step = np.abs(np.diff(z, axis=0))[block[1:] == block[:-1]].mean(axis=0)
    # Of all pairs at once: in ascending order the i-th is the larger one of i pairs.
    count = len(z)
    weight = 2 * np.arange(count) - count + 1
    usual = 2 * (weight[:, None] * np.sort(z, axis=0)).sum(axis=0) / (count * (count - 1))
    varies = usual > 1e-9 * np.maximum(np.abs(z).max(axis=0), 1e-30)
    return np.where(varies, step / np.where(varies, usual, 1.0), 1.0)


def pool_similarity(vectors: Matrix, pools: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Mean |cosine| of two vectors (K, P) of one pool, and of two of different pools: what chance
    gives.

    1 and less: the kernels of a pool are copies of one another; twice the same: the pools mean
    nothing.
    """
    vectors = np.asarray(vectors, np.float64)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosine = np.abs(unit @ unit.T)
    together = np.zeros_like(cosine, dtype=bool)
    for pool in pools:
        together[np.ix_(list(pool), list(pool))] = True
    other = ~np.eye(len(vectors), dtype=bool)
    within, across = together & other, ~together
    return (
        float(cosine[within].mean()) if within.any() else 0.0,
        float(cosine[across].mean()) if across.any() else 0.0,
    )


def amplitudes(kernels: Array) -> Array:
    """Amplitude spectra (K, P) without the mean: kernels that differ by their
    phase or place have the same.
    """
    height, width = kernels.shape[2:]
    spectrum = np.abs(np.fft.fft2(kernels, s=(2 * height, 2 * width)))
    spectrum[:, :, 0, 0] = 0
    return np.asarray(spectrum.reshape(len(kernels), -1))


def pixel_share(kernels: Array) -> Array:
    """Share (K,) of the pixels that a kernel is spread over: (sum e)^2 / (n sum e^2), e the energy
    of a pixel.

    1 is everywhere alike, 2/3 a sine, 1/n a single pixel; 0 a kernel of zeros.
    """
    energy = (np.asarray(kernels, np.float64) ** 2).sum(axis=1).reshape(len(kernels), -1)
    squares = energy.shape[1] * (energy**2).sum(axis=1)
    return np.asarray(energy.sum(axis=1) ** 2 / np.maximum(squares, 1e-300))


def mean_frequency(kernels: Array) -> Array:
    """Mean spatial frequency (K,) of kernels in cycles a pixel, weighted
    by power: 0 is flat, .71 a chessboard.
    """
    height, width = kernels.shape[2:]
    power = (np.abs(np.fft.fft2(kernels)) ** 2).sum(axis=1)
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    total = np.maximum(power.sum(axis=(1, 2)), 1e-300)
    return np.asarray((power * radius).sum(axis=(1, 2)) / total)
