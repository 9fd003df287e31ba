"""A map of features moved by the camera's own geometry: what a motion does to a picture, done to a code.

The view after a motion shows at pixel p what the view before showed at pixel q, where

    q = project(R d(p) + rho(p) t),    d(p) = (u / fx, v / fy, 1),

with the rotation R and translation t of the camera after, seen from the camera before, and the inverse
depth rho. Rotations need no depth, compose and invert exactly, and hold for any place; only rho has to
be learned, and the focal length where the bag does not tell it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat.geometry import R_BODY_OPTICAL

# Points nearer to the camera's plane than this share of their depth are behind it for all we know.
NEAR = 0.1
# Motions of a component smaller than this are noise, metres and radians.
STILL = 0.02
# Inverse depth to start from: three metres.
START_INVERSE_DEPTH = 1 / 3


def rotation_matrix(vector: Tensor) -> Tensor:
    """Rodrigues' formula: rotation vectors (N, 3) in radians to matrices (N, 3, 3)."""
    square = vector.pow(2).sum(dim=1)
    # Below 1e-4 rad the series is exact in float32. A tiny number added under the root instead would be
    # taken for zero, and left out, by the ONNX exporter's optimiser.
    small = square < 1e-8
    safe = torch.where(small, torch.ones_like(square), square)
    angle = safe.sqrt()
    sine = torch.where(small, 1 - square / 6, angle.sin() / angle)[:, None, None]
    versine = torch.where(small, 0.5 - square / 24, (1 - angle.cos()) / safe)[:, None, None]
    x, y, z = vector.unbind(dim=1)
    zero = torch.zeros_like(x)
    rows = [torch.stack(r, dim=1) for r in ((zero, -z, y), (z, zero, -x), (-y, x, zero))]
    cross = torch.stack(rows, dim=1)
    return torch.eye(3, device=vector.device) + sine * cross + versine * (cross @ cross)


class CameraGeometry(nn.Module):
    """Where each pixel of the view after a motion was seen before it.

    Learned are corrections: the focal lengths, the camera's tilt in the body and a smooth inverse depth over
    the picture (near at the bottom, far at the horizon).
    """

    rotation: Tensor
    translation: Tensor

    def __init__(
        self, focal: tuple[float, float], T_body_camera: npt.NDArray[np.float64] | None
    ) -> None:
        """
        Args:
            focal: fx and fy in half widths and half heights of the picture.
            T_body_camera: (4, 4) pose of the optical frame in the body; None: at its origin, looking ahead.
        """
        super().__init__()
        T = np.eye(4)
        T[:3, :3] = R_BODY_OPTICAL
        T = T if T_body_camera is None else T_body_camera
        self.register_buffer("rotation", torch.tensor(T[:3, :3], dtype=torch.float32))
        self.register_buffer("translation", torch.tensor(T[:3, 3], dtype=torch.float32))
        self.log_focal = nn.Parameter(torch.tensor(focal, dtype=torch.float32).log())
        self.tilt = nn.Parameter(torch.zeros(3))
        # Of log inverse depth: 1, v, u^2, v^2; the same left and right, so that it holds in a mirror too.
        self.depth = nn.Parameter(
            torch.tensor([np.log(START_INVERSE_DEPTH), 0, 0, 0], dtype=torch.float32)
        )

    def camera_motion(self, motion: Tensor) -> Tensor:
        """Motions (N, 6) of the camera, in optical axes, of motions (N, 6) of the body."""
        mount = rotation_matrix(self.tilt[None])[0] @ self.rotation
        R = rotation_matrix(motion[:, 3:])
        shift = R @ self.translation + motion[:, :3] - self.translation
        return torch.cat([shift @ mount, motion[:, 3:] @ mount], dim=1)

    def forward(
        self, camera_motion: Tensor, rows: int, columns: int, log_depth: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Where to look for what each place of the map shows after a motion.

        Args:
            camera_motion: (N, 6) in optical axes.
            rows: of the map.
            columns: of the map.
            log_depth: (N, rows, columns) added to the logarithm of the smooth inverse depth.

        Returns:
            Positions (N, rows, columns, 2) in [-1, 1], and 1 where they are in view, (N, 1, rows, columns).
        """
        device = camera_motion.device
        u = ((2 * torch.arange(columns, device=device) + 1) / columns - 1)[None].expand(
            rows, columns
        )
        v = ((2 * torch.arange(rows, device=device) + 1) / rows - 1)[:, None].expand(rows, columns)
        focal = self.log_focal.exp()
        rays = torch.stack([u / focal[0], v / focal[1], torch.ones_like(u)], dim=-1)
        terms = torch.stack([torch.ones_like(u), v, u * u, v * v], dim=-1)
        log_rho = (terms @ self.depth)[None]
        if log_depth is not None:
            log_rho = log_rho + log_depth
        rho = log_rho.clamp(-6.0, 2.0).exp()
        turned = torch.einsum("nij,hwj->nhwi", rotation_matrix(camera_motion[:, 3:]), rays)
        point = turned + rho[..., None] * camera_motion[:, None, None, :3]
        depth = point[..., 2].clamp(min=NEAR)
        seen = torch.stack(
            [focal[0] * point[..., 0] / depth, focal[1] * point[..., 1] / depth], dim=-1
        )
        inside = (seen.abs().amax(dim=-1) <= 1) & (point[..., 2] > NEAR)
        # Far outside is as good as outside, and keeps the sampler's arithmetic finite.
        return seen.clamp(-3, 3), inside[:, None].to(camera_motion.dtype)


class WarpTransform(nn.Module):
    """z after = the map of z warped by the motion, then corrected where new content comes into view."""

    # What it knows of a motion is geometry, not a range of each component.
    is_geometric = True
    scale: Tensor

    def __init__(
        self,
        geometry: CameraGeometry,
        shape: tuple[int, int, int],
        motions: npt.NDArray[np.float64],
        hidden: int = 48,
    ) -> None:
        """
        Args:
            geometry: of the camera.
            shape: channels, rows, columns of the map.
            motions: (P, 6) of the training, whose spread scales what the correction is told.
            hidden: channels of the correction.
        """
        super().__init__()
        self.geometry = geometry
        self.shape = shape
        with torch.no_grad():
            camera = geometry.camera_motion(torch.tensor(motions, dtype=torch.float32))
        self.register_buffer("scale", 1 / camera.pow(2).mean(dim=0).sqrt().clamp(min=STILL))
        channels = shape[0]
        self.depth_head = nn.Conv2d(channels, 1, 1)
        # Warped map, in view or not, motion, position in the picture.
        last = nn.Conv2d(hidden, 2 * channels, 1)
        self.correct = nn.Sequential(
            nn.Conv2d(channels + 1 + 6 + 2, hidden, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1),
            nn.ReLU(),
            last,
        )
        for layer in (self.depth_head, last):
            nn.init.zeros_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(N, D), (N, 6) of the body -> (N, D)."""
        return self.move(embedding, self.geometry.camera_motion(motion))

    def move(self, embedding: Tensor, camera_motion: Tensor) -> Tensor:
        """(N, D), (N, 6) of the camera in optical axes -> (N, D)."""
        channels, rows, columns = self.shape
        z = embedding.reshape(-1, channels, rows, columns)
        log_depth = self.depth_head(z)[:, 0]
        where, inside = self.geometry(camera_motion, rows, columns, log_depth)
        warped = functional.grid_sample(
            z, where, mode="bilinear", padding_mode="border", align_corners=False
        )
        u = torch.linspace(-1, 1, columns, device=z.device).expand(1, 1, rows, columns)
        v = torch.linspace(-1, 1, rows, device=z.device)[:, None].expand(1, 1, rows, columns)
        plane = torch.ones_like(inside)
        driven = (camera_motion * self.scale).clamp(-4, 4)[:, :, None, None] * plane
        out = self.correct(torch.cat([warped, inside, driven, u * plane, v * plane], dim=1))
        change, gate = out.chunk(2, dim=1)
        moved: Tensor = warped + torch.sigmoid(gate) * change
        return moved.flatten(1)


# Signs of a camera's motion, in optical axes, when it is seen in a mirror that swaps left and right:
# translation is a vector, rotation an axial vector.
MIRROR = (-1.0, 1.0, 1.0, 1.0, -1.0, -1.0)
