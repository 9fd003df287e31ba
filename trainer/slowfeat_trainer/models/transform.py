"""What transform.onnx computes: a map driven by the motion, and the error to expect of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.models.motion_maps import apply_maps

Float = npt.NDArray[np.float64]

# Metres and radians: of a robot that moved less in training, more than this is unknown.
LEAST_REACH = 0.05


def _buffer(array: npt.ArrayLike) -> Tensor:
    return torch.tensor(np.asarray(array), dtype=torch.float32)


def _inverse(scale: Float) -> Float:
    """1 / scale, and 0 for a dimension that does not move."""
    moving = scale > 0
    return np.where(moving, 1 / np.where(moving, scale, 1.0), 0.0)


class PatternTransform(nn.Module):
    """The map M_g of the nearest motion pattern (J eq. 7)."""

    weight: Tensor
    centroids: Tensor
    scale: Tensor

    def __init__(self, patterns: MotionPatterns, weight: Tensor) -> None:
        super().__init__()
        self.register_buffer("scale", _buffer(_inverse(patterns.scale)))
        self.register_buffer("centroids", _buffer(patterns.centroids))
        self.register_buffer("weight", weight.detach().float().clone())

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(N, D), (N, 6) -> (N, D)."""
        difference = (motion[:, None] - self.centroids[None]) * self.scale
        nearest = difference.pow(2).sum(dim=-1).argmin(dim=1)
        one_hot = (nearest[:, None] == torch.arange(len(self.centroids))[None]).to(embedding.dtype)
        return torch.einsum("gbj,bg->bj", apply_maps(embedding, self.weight), one_hot)


class BilinearTransform(nn.Module):
    """[z 1] times a matrix that is a polynomial in the motion: W_0 + sum_k u_k W_k (+ u_k^2 V_k).

    u are the moving components of the motion in standard deviations, held within the range that the
    training has seen, because a polynomial is worth nothing outside.
    """

    low: Tensor
    high: Tensor
    select: Tensor
    weight: Tensor

    def __init__(self, low: Float, high: Float, select: Float, weight: Float, degree: int) -> None:
        """
        Args:
            low: (6,) smallest motion seen.
            high: (6,) largest motion seen.
            select: (6, K) picks and scales the moving components.
            weight: (1 + degree * K, D + 1, D).
            degree: 0 (blind), 1 or 2.
        """
        super().__init__()
        self.degree = degree
        self.register_buffer("low", _buffer(low))
        self.register_buffer("high", _buffer(high))
        self.register_buffer("select", _buffer(select))
        self.register_buffer("weight", _buffer(weight))

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(N, D), (N, 6) -> (N, D)."""
        u = torch.minimum(torch.maximum(motion, self.low), self.high) @ self.select
        one = torch.ones_like(u[:, :1])
        factors = torch.cat([one, u, u * u][: 1 + self.degree], dim=1)
        return torch.einsum("fbj,bf->bj", apply_maps(embedding, self.weight), factors)


class TransformWithError(nn.Module):
    """A map and its expected error: what is exported as transform.onnx.

    Within the range of training, log(expected squared error) is linear in a few features of the
    prediction: never negative, and ranked by how far and how strangely the robot moves. Beyond it
    nothing was measured, and the error tends to that of a guess: the distance of two frames at
    random.

    What is beyond depends on the map. A fitted polynomial knows each component of the motion within
    its range. A warp knows geometry: a roll that was never seen is no harder than a pitch of the
    same angle, so for it only angles and distances count.
    """

    # Columns of `features`: 1, log squared change, log squared norm, share of the largest
    # translation and rotation.
    FEATURES = 5

    coefficients: Tensor
    guess: Tensor
    low: Tensor
    high: Tensor
    inverse_scale: Tensor
    reach: Tensor

    def __init__(
        self,
        transform: nn.Module,
        motions: Float,
        scale: Float,
        coefficients: Float,
        guess: float,
    ) -> None:
        """
        Args:
            transform: (N, D), (N, 6) -> (N, D); `is_geometric` where it has it says which range
                counts.
            motions: (P, 6) seen in training.
            scale: (6,) standard deviation of the motions, 0 where nothing moves.
            coefficients: (FEATURES,) of the logarithm of the squared error.
            guess: mean squared distance of two unrelated frames' embeddings.
        """
        super().__init__()
        self.transform = transform
        self.is_geometric = bool(getattr(transform, "is_geometric", False))
        reach = [np.linalg.norm(part, axis=1).max() for part in (motions[:, :3], motions[:, 3:])]
        self.register_buffer("reach", _buffer(np.maximum(reach, LEAST_REACH)))
        self.register_buffer("low", _buffer(motions.min(axis=0)))
        self.register_buffer("high", _buffer(motions.max(axis=0)))
        self.register_buffer("inverse_scale", _buffer(_inverse(scale)))
        self.register_buffer("coefficients", _buffer(coefficients))
        self.register_buffer("guess", _buffer(guess))

    def _sizes(self, motion: Tensor) -> Tensor:
        """(N, 2): translation and rotation angle as shares of the largest seen in training."""
        squares = [part.pow(2).sum(dim=1) for part in (motion[:, :3], motion[:, 3:])]
        return torch.stack(squares, dim=1).sqrt() / self.reach

    def features(self, embedding: Tensor, motion: Tensor, after: Tensor) -> Tensor:
        """(N, F): what the expected error depends on; the columns of `FEATURES`."""
        change = (after - embedding).pow(2).sum(dim=1)
        return self.features_of(change, embedding.pow(2).sum(dim=1), motion)

    def features_of(self, change: Tensor, norm: Tensor, motion: Tensor) -> Tensor:
        """(N, F): the same of squared changes (N,), squared norms (N,) and motions (N, 6)."""
        sizes = self._sizes(motion).clamp(max=1.0)
        logs = [torch.ones_like(change), (change + 1e-6).log(), (norm + 1e-6).log()]
        return torch.cat([torch.stack(logs, dim=1), sizes], dim=1)

    def beyond(self, motion: Tensor) -> Tensor:
        """(N,): squared distance of motions from what was seen; 0 within it."""
        if self.is_geometric:
            return (self._sizes(motion) - 1).clamp(min=0).pow(2).sum(dim=1)
        inside = torch.minimum(torch.maximum(motion, self.low), self.high)
        return ((motion - inside) * self.inverse_scale).pow(2).sum(dim=1)

    def forward(self, embedding: Tensor, motion: Tensor) -> tuple[Tensor, Tensor]:
        """(N, D), (N, 6) -> (N, D), (N,)."""
        after = self.transform(embedding, motion)
        return after, self.expected_error(self.features(embedding, motion, after), motion)

    def expected_error(self, features: Tensor, motion: Tensor) -> Tensor:
        """(N,): the l2 error to be expected, of features (N, F) and motions (N, 6)."""
        # The bound keeps the exponential finite; no error is that large.
        log_square = (features @ self.coefficients).clamp(max=60.0)
        square = log_square.exp()
        known = (-self.beyond(motion)).exp()
        # A measured error above that of a guess stays: it is what was measured.
        return (known * square + (1 - known) * torch.maximum(square, self.guess)).sqrt()
