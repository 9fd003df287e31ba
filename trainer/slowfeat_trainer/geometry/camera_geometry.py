"""What a motion does to an image, as geometry.

The view after a motion shows at pixel p what the view before showed at pixel q, where

    q = project(R d(p) + rho(p) t),    d = the inverse of project,

with the rotation R and translation t of the camera after, seen from the camera before, and the
inverse distance rho. Rotations need no distance, compose and invert exactly, and hold for any
place; only rho has to be learned, and the lens where the bag does not describe it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from slowfeat.geometry import R_BODY_OPTICAL
from slowfeat_trainer.geometry.camera_model import LEAST_XI, MOST_XI, project, unproject

# Inverse distance to start from: three metres.
START_INVERSE_DISTANCE = 1 / 3


def rotation_matrix(vector: Tensor) -> Tensor:
    """Rodrigues' formula: rotation vectors (N, 3) in radians to matrices (N, 3, 3)."""
    square = vector.pow(2).sum(dim=1)
    # Below 1e-4 rad the series is exact in float32. A tiny number added under the root instead
    # would be taken for zero, and left out, by the ONNX exporter's optimiser.
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

    Learned are corrections: the focal lengths, how the lens bends, the camera's tilt in the body
    and a smooth inverse distance over the image (near at the bottom, far at the horizon).
    """

    rotation: Tensor
    translation: Tensor

    def __init__(
        self, focal: tuple[float, float], T_body_camera: npt.NDArray[np.float64] | None
    ) -> None:
        """
        Args:
            focal: fx and fy in half widths and half heights of the image.
            T_body_camera: (4, 4) pose of the optical frame in the body; None: at its origin,
                looking ahead.
        """
        super().__init__()
        T = np.eye(4)
        T[:3, :3] = R_BODY_OPTICAL
        T = T if T_body_camera is None else T_body_camera
        self.register_buffer("rotation", torch.tensor(T[:3, :3], dtype=torch.float32))
        self.register_buffer("translation", torch.tensor(T[:3, 3], dtype=torch.float32))
        # A pinhole to start from.
        self.mirror_xi = nn.Parameter(torch.zeros(()))
        self.log_focal = nn.Parameter(torch.tensor(focal, dtype=torch.float32).log())
        self.tilt = nn.Parameter(torch.zeros(3))
        # Of log inverse distance: 1, v, u^2, v^2; the same left and right, so that it holds in a
        # mirror too.
        self.depth = nn.Parameter(
            torch.tensor([np.log(START_INVERSE_DISTANCE), 0, 0, 0], dtype=torch.float32)
        )

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **options: Any
    ) -> None:
        """Weights of before the mirror parameter had the field's name load too."""
        if f"{prefix}bend" in state_dict:
            state_dict[f"{prefix}mirror_xi"] = state_dict.pop(f"{prefix}bend")
        super()._load_from_state_dict(state_dict, prefix, *args, **options)

    def camera_motion(self, motion: Tensor) -> Tensor:
        """Motions (N, 6) of the camera, in optical axes, of motions (N, 6) of the body."""
        mount = rotation_matrix(self.tilt[None])[0] @ self.rotation
        R = rotation_matrix(motion[:, 3:])
        shift = R @ self.translation + motion[:, :3] - self.translation
        return torch.cat([shift @ mount, motion[:, 3:] @ mount], dim=1)

    def lens(self) -> tuple[Tensor, Tensor]:
        """Focal lengths (2,) and the mirror parameter ()."""
        return self.log_focal.exp(), self.mirror_xi.clamp(LEAST_XI, MOST_XI)

    def forward(
        self,
        camera_motion: Tensor,
        rows: int,
        columns: int,
        log_depth: Tensor | None = None,
        zoom: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Where to look for what each place of the map shows after a motion.

        Args:
            camera_motion: (N, 6) in optical axes.
            rows: of the map.
            columns: of the map.
            log_depth: (N, rows, columns) added to the logarithm of the smooth inverse distance.
            zoom: (N,) focal lengths in units of the camera's; None: all 1.

        Returns:
            Positions (N, rows, columns, 2) in [-1, 1], and 1 where they are in view, (N, 1, rows,
            columns).
        """
        device = camera_motion.device
        u = ((2 * torch.arange(columns, device=device) + 1) / columns - 1)[None].expand(
            rows, columns
        )
        v = ((2 * torch.arange(rows, device=device) + 1) / rows - 1)[:, None].expand(rows, columns)
        focal, mirror_xi = self.lens()
        if zoom is not None:
            focal = focal * zoom[:, None, None, None]
        rays = unproject(torch.stack([u, v], dim=-1), focal, mirror_xi)
        terms = torch.stack([torch.ones_like(u), v, u * u, v * v], dim=-1)
        log_rho = (terms @ self.depth)[None]
        if log_depth is not None:
            log_rho = log_rho + log_depth
        rho = log_rho.clamp(-6.0, 2.0).exp()
        turned = torch.einsum(
            "nij,nhwj->nhwi" if rays.ndim == 4 else "nij,hwj->nhwi",
            rotation_matrix(camera_motion[:, 3:]),
            rays,
        )
        point = turned + rho[..., None] * camera_motion[:, None, None, :3]
        seen, in_front = project(point, focal, mirror_xi)
        inside = (seen.abs().amax(dim=-1) <= 1) & in_front
        # Far outside is as good as outside, and keeps the sampler's arithmetic finite.
        return seen.clamp(-3, 3), inside[:, None].to(camera_motion.dtype)


# Signs of a camera's motion, in optical axes, when it is seen in a mirror that swaps left
# and right: translation is a vector, rotation an axial vector.
MIRROR = (-1.0, 1.0, 1.0, 1.0, -1.0, -1.0)
