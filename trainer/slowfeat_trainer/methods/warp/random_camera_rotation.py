"""Pairs as another camera on another body would have seen them: held crooked, nodding, rolling,
seeing less.

A ground robot pans and nothing else, and its lens is one lens. Turning a camera about its centre
moves its image by a known mapping, whatever is to be seen, so that each pair of a drive stands
for many others whose motion is known as exactly: hand-held cameras, drones, legged robots, narrow
lenses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from slowfeat.geometry import rotation_vector_from_matrix
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry, rotation_matrix
from slowfeat_trainer.geometry.camera_model import project, unproject

# Share of the pairs that are shaken; the others stay as the robot saw them.
SHARE = 0.6
# Largest turns about the optical axes (nodding, panning, rolling), rad, and the longest focal
# length, in units of the camera's own.
TURNS, ZOOM = (0.25, 0.15, 0.5), 1.8


@dataclass(frozen=True)
class RotatedViews:
    """Pairs after shaking."""

    # (2 B, H, W, 3), the frames before and then the frames after.
    frames: Tensor
    # (B, 6) of the shaken camera, in its optical axes.
    camera_motion: Tensor
    # (B,) focal length in units of the camera's own.
    zoom: Tensor


def random_camera_rotation(
    frames: Tensor, camera_motion: Tensor, geometry: CameraGeometry, rng: np.random.Generator
) -> RotatedViews:
    """Turn the cameras of some pairs, before and after each by another angle, and give both frames
    a longer lens.

    What a turn brings into view that the frame does not show repeats its border.

    Args:
        frames: (2 B, H, W, 3), the frames before and then the frames after.
        camera_motion: (B, 6) in optical axes.
        geometry: of the camera.
        rng: draws.
    """
    count, device = len(camera_motion), frames.device
    chosen = rng.random(count) < SHARE
    zoom = np.where(chosen, np.exp(rng.uniform(0, np.log(ZOOM), count)), 1.0)
    # A longer lens leaves more of the frame to turn to.
    turns = rng.uniform(-1, 1, (2, count, 3)) * np.array(TURNS) * chosen[None, :, None]
    with torch.no_grad():
        before, after = (
            rotation_matrix(torch.tensor(t, dtype=torch.float32, device=device)) for t in turns
        )
        zooms = torch.tensor(zoom, dtype=torch.float32, device=device)
        where = _look(geometry, torch.cat([before, after]), zooms.repeat(2), frames.shape[1:3])
        seen = functional.grid_sample(
            frames.permute(0, 3, 1, 2), where, padding_mode="border", align_corners=False
        )
    shift = (before.transpose(1, 2) @ camera_motion[:, :3, None])[..., 0]
    with torch.no_grad():
        turned = before.transpose(1, 2) @ rotation_matrix(camera_motion[:, 3:]) @ after
        vector = rotation_vector_from_matrix(turned.double().cpu().numpy())
    rotation = torch.tensor(np.asarray(vector), dtype=torch.float32, device=device)
    return RotatedViews(seen.permute(0, 2, 3, 1), torch.cat([shift, rotation], dim=1), zooms)


def _look(
    geometry: CameraGeometry, rotation: Tensor, zoom: Tensor, size: torch.Size | tuple[int, ...]
) -> Tensor:
    """Where the frames (N) show what cameras turned by rotations (N,
    3, 3) see: (N, H, W, 2) in [-1, 1].
    """
    height, width = size
    device = rotation.device
    u = (2 * torch.arange(width, device=device) + 1) / width - 1
    v = (2 * torch.arange(height, device=device) + 1) / height - 1
    grid = torch.stack([u.expand(height, width), v[:, None].expand(height, width)], dim=-1)
    focal, mirror_xi = geometry.lens()
    rays = unproject(grid[None], focal * zoom[:, None, None, None], mirror_xi)
    found, _ = project(torch.einsum("nij,nhwj->nhwi", rotation, rays), focal, mirror_xi)
    return found.clamp(-3, 3)
