"""The warp of the default as it is exported: what does not depend on the motion is computed once.

Equal to `WarpTransform` (to rounding), in fewer passes over memory. Depth and rays belong to the
embedding and the camera, so one embedding and many motions share them. The map is read between its
places by a product with a matrix of linear weights, which runtimes compute far faster than
GridSample. The correction's first convolution sees its channels padded to a multiple of 8, which
is what the blocked convolutions of ONNX Runtime take. Weights keep the names that they have in
`TransformWithError`: `slowfeat adapt` reads them from a bundle. What is made of weights alone
(rays, padded weights) is left to the runtime, which computes it once, when it loads the model.
"""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat_trainer.geometry.camera_geometry import rotation_matrix
from slowfeat_trainer.geometry.camera_model import NEAR, unproject
from slowfeat_trainer.models.transform import TransformWithError
from slowfeat_trainer.models.warp_transform import WarpTransform

# Channels of a block in ONNX Runtime's convolutions.
BLOCK = 8
# Positions further outside than this, in half widths of the image, are as good as outside.
FAR = 3.0


def row_of_each(embedding: Tensor, motion: Tensor) -> Tensor:
    """(N,) the row of the embeddings (1 or N, D) that each motion (N, 6) starts from."""
    last = torch.clamp(torch.scalar_tensor(embedding.shape[0] - 1, dtype=torch.int64), max=1)
    return torch.arange(motion.shape[0]) * last


class SharedWarp(WarpTransform):
    """A trained `WarpTransform`; all motions start from one embedding, or each from its own."""

    @classmethod
    def of(cls, warp: WarpTransform) -> SharedWarp:
        """With the weights of a warp, which are not copied."""
        made = copy.copy(warp)
        made.__class__ = cls
        assert isinstance(made, SharedWarp)  # noqa: S101 - for the type checker
        return made

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(1 or N, D), (N, 6) of the body -> (N, D)."""
        size = math.prod(self.shape)
        row = row_of_each(embedding, motion)
        camera_motion = self.geometry.camera_motion(motion)
        moved = self.move_rows(embedding[:, :size], camera_motion, row)
        if self.slow is None:
            return moved
        slow = self.move_slow(embedding[:, size:][row], camera_motion)
        return torch.cat([moved, slow], dim=1)

    def move_rows(self, embedding: Tensor, camera_motion: Tensor, row: Tensor) -> Tensor:
        """The map (E, channels * places) after motions (N, 6) of the camera, each from its row."""
        channels, rows, columns = self.shape
        count = camera_motion.shape[0]
        z = embedding.reshape(-1, channels, rows, columns) / self.window
        u = ((2 * torch.arange(columns) + 1) / columns - 1)[None].expand(rows, columns)
        v = ((2 * torch.arange(rows) + 1) / rows - 1)[:, None].expand(rows, columns)
        terms = torch.stack([torch.ones_like(u), v, u * u, v * v], dim=-1)
        log_rho = (terms @ self.geometry.depth).flatten() + self.depth_head(z).flatten(1)
        x, y, inside = self.look(camera_motion, u, v, log_rho.clamp(-6.0, 2.0).exp()[row])
        across, down = weights(x, columns), weights(y, rows)
        # (N, places before, places after).
        read = (down[:, :, None] * across[:, None]).reshape(-1, rows * columns, rows * columns)
        warped = (z.flatten(2)[row] @ read).reshape(-1, channels, rows, columns)
        first, *others = self.correct
        assert isinstance(first, nn.Conv2d)  # noqa: S101 - for the type checker
        pad = -first.in_channels % BLOCK
        still = [
            torch.linspace(-1, 1, columns).expand(1, 1, rows, columns),
            torch.linspace(-1, 1, rows)[:, None].expand(1, 1, rows, columns),
            torch.zeros(1, pad, rows, columns),
        ]
        driven = self.normalised_motion(camera_motion)[:, :, None, None]
        planes = [
            warped,
            inside.reshape(-1, 1, rows, columns),
            driven.expand(-1, -1, rows, columns),
            torch.cat(still, dim=1).expand(count, -1, -1, -1),
        ]
        nothing = torch.zeros(first.out_channels, pad, *first.kernel_size)
        padded = torch.cat([first.weight, nothing], dim=1)
        out = functional.conv2d(torch.cat(planes, dim=1), padded, first.bias, padding=1)
        for layer in others:
            out = layer(out)
        change, gate = out.chunk(2, dim=1)
        return ((warped + torch.sigmoid(gate) * change) * self.window).flatten(1)

    def look(
        self, camera_motion: Tensor, u: Tensor, v: Tensor, rho: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Where each place was seen before, plane by plane; equal to `CameraGeometry.forward`.

        Args:
            camera_motion: (N, 6) in optical axes.
            u: (rows, columns) of the places, in half widths of the image.
            v: (rows, columns), in half heights.
            rho: (N, places) inverse distances.

        Returns:
            x and y (N, places) in [-1, 1] where in view, and 1 (N, places) where in view.
        """
        focal, mirror_xi = self.geometry.lens()
        rays = unproject(torch.stack([u, v], dim=-1), focal, mirror_xi).reshape(-1, 3).T
        turned = rotation_matrix(camera_motion[:, 3:]) @ rays
        point = turned + camera_motion[:, :3, None] * rho[:, None]
        depth = point[:, 2] + mirror_xi * point.pow(2).sum(dim=1).sqrt()
        scale = 1 / depth.clamp(min=NEAR)
        x, y = focal[0] * point[:, 0] * scale, focal[1] * point[:, 1] * scale
        inside = (torch.maximum(x.abs(), y.abs()) <= 1) & (depth > NEAR)
        return x.clamp(-FAR, FAR), y.clamp(-FAR, FAR), inside.to(x.dtype)


def weights(where: Tensor, count: int) -> Tensor:
    """Linear weights (N, count, places) of a line's `count` cells for positions (N, places) on it.

    Positions are in [-1, 1] from edge to edge; beyond the outer cells' centres those count alone.
    """
    cell = ((where + 1) * (count / 2) - 0.5).clamp(0, count - 1)
    cells = torch.arange(count, dtype=where.dtype)[:, None]
    return (1 - (cell[:, None] - cells).abs()).clamp(min=0)


class SharedTransform(TransformWithError):  # noqa: N818 - no exception
    """A `TransformWithError` of a warp as it is exported: motions may share their start."""

    @classmethod
    def of(cls, transform: TransformWithError) -> SharedTransform:
        """With the weights of a transform that is a `WarpTransform`; they are not copied."""
        assert isinstance(transform.transform, WarpTransform)  # noqa: S101 - for the type checker
        made = copy.copy(transform)
        made.__class__ = cls
        made._modules = {**made._modules, "transform": SharedWarp.of(transform.transform)}
        assert isinstance(made, SharedTransform)  # noqa: S101 - for the type checker
        return made

    def forward(self, embedding: Tensor, motion: Tensor) -> tuple[Tensor, Tensor]:
        """(1 or N, D), (N, 6) -> (N, D), (N,)."""
        after = self.transform(embedding, motion)
        change = (after - embedding).pow(2).sum(dim=1)
        norm = embedding.pow(2).sum(dim=1)[row_of_each(embedding, motion)]
        return after, self.expected_error(self.features_of(change, norm, motion), motion)
