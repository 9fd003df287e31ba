"""A map of features moved by the camera's own geometry: what a motion does
to an image, done to a code.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.camera_rig import CameraRig
from slowfeat_trainer.models.map_window import map_window
from slowfeat_trainer.models.slow_head import SlowStep

# Motions of a component smaller than this are noise, metres and radians.
STILL = 0.02


class WarpTransform(nn.Module):
    """z after = the map of z warped by the motion, then corrected
    where new content comes into view.
    """

    # What it knows of a motion is geometry, not a range of each component.
    is_geometric = True
    scale: Tensor
    window: Tensor

    def __init__(
        self,
        geometry: CameraGeometry,
        shape: tuple[int, int, int],
        motions: npt.NDArray[np.float64],
        hidden: int = 32,
        window: float = 0.0,
        slow: int = 0,
    ) -> None:
        """
        Args:
            geometry: of the camera.
            shape: channels, rows, columns of the map.
            motions: (P, 6) of the training, whose spread scales what the correction is told.
            hidden: channels of the correction, most of what many motions cost.
            window: power of the encoder's window (map_window).
            slow: length of the slow code behind the map; 0 for none.
        """
        super().__init__()
        self.geometry = geometry
        self.shape = shape
        self.register_buffer("window", map_window(shape, window))
        with torch.no_grad():
            camera = geometry.camera_motion(torch.tensor(motions, dtype=torch.float32))
        spread = camera.pow(2).mean(dim=0).sqrt()
        # What did not move in the training is no input: its weights would be those they were drawn
        # with.
        moved = spread > STILL
        self.register_buffer("scale", torch.where(moved, 1 / spread.clamp(min=STILL), 0.0))
        channels = shape[0]
        self.depth_head = nn.Conv2d(channels, 1, 1)
        # Warped map, in view or not, motion, position in the image.
        last = nn.Conv2d(hidden, 2 * channels, 1)
        self.correct = nn.Sequential(
            nn.Conv2d(channels + 1 + 6 + 2, hidden, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1),
            nn.ReLU(),
            last,
        )
        self.slow = SlowStep(slow) if slow else None
        for layer in (self.depth_head, last):
            nn.init.zeros_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def assume_rotation_spread(self, spread: float = 0.2) -> None:
        """Give the correction every turn of the camera as input, though the bags show none, in
        units of `spread` rad.
        """
        self.scale[3:] = self.scale[3:].where(self.scale[3:] > 0, 1 / spread)

    def forward(self, embedding: Tensor, motion: Tensor) -> Tensor:
        """(N, D), (N, 6) of the body -> (N, D)."""
        return self.move(embedding, self.geometry.camera_motion(motion))

    def move(self, embedding: Tensor, camera_motion: Tensor) -> Tensor:
        """(N, D), (N, 6) of the camera in optical axes -> (N, D)."""
        size = math.prod(self.shape)
        moved = self.move_map(embedding[:, :size], camera_motion)
        if self.slow is None:
            return moved
        return torch.cat([moved, self.move_slow(embedding[:, size:], camera_motion)], dim=1)

    def move_slow(self, code: Tensor, camera_motion: Tensor) -> Tensor:
        """The slow code (N, slow) after a motion (N, 6) of the camera."""
        assert self.slow is not None  # noqa: S101 - for the type checker
        after: Tensor = self.slow(code, self.normalised_motion(camera_motion))
        return after

    def normalised_motion(self, camera_motion: Tensor) -> Tensor:
        """Motions (N, 6) in units of their spread in the training; what never moved there is 0."""
        return (camera_motion * self.scale).clamp(-4, 4)

    def move_map(
        self,
        embedding: Tensor,
        camera_motion: Tensor,
        zoom: Tensor | None = None,
        geometry: CameraGeometry | CameraRig | None = None,
    ) -> Tensor:
        """The map (N, channels * rows * columns) after a motion (N, 6) of the camera, with focal
        lengths (N,).

        `geometry` is that of another camera than this transform's own, or of several.
        """
        channels, rows, columns = self.shape
        look = self.geometry if geometry is None else geometry
        z = embedding.reshape(-1, channels, rows, columns) / self.window
        log_depth = self.depth_head(z)[:, 0]
        where, inside = look(camera_motion, rows, columns, log_depth, zoom)
        warped = functional.grid_sample(
            z, where, mode="bilinear", padding_mode="border", align_corners=False
        )
        u = torch.linspace(-1, 1, columns, device=z.device).expand(1, 1, rows, columns)
        v = torch.linspace(-1, 1, rows, device=z.device)[:, None].expand(1, 1, rows, columns)
        plane = torch.ones_like(inside)
        normalised_motion = self.normalised_motion(camera_motion)[:, :, None, None] * plane
        out = self.correct(
            torch.cat([warped, inside, normalised_motion, u * plane, v * plane], dim=1)
        )
        change, gate = out.chunk(2, dim=1)
        moved: Tensor = warped + torch.sigmoid(gate) * change
        return (moved * self.window).flatten(1)
