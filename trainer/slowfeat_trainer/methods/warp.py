"""`slowfeat`: a map of features that the motion moves as it moves the picture.

What transfers between places is layout. A pooled code that is excellent in the room it was trained in is
worthless next door, and a few minutes of one bag are too little for it to learn what a turn does. A
map that is warped by the camera's geometry knows that beforehand, and learns what to see.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from slowfeat.geometry import pose_matrix
from slowfeat_trainer.config import TrainConfig
from slowfeat_trainer.frame_source import FrameSource
from slowfeat_trainer.methods.base import Method
from slowfeat_trainer.models.camera_geometry import MIRROR, CameraGeometry
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.mapnet import MapNet
from slowfeat_trainer.models.warp import WarpTransform
from slowfeat_trainer.objectives import map_spread, ratio
from slowfeat_trainer.pairs import Index
from slowfeat_trainer.pretraining.starter import starter_for
from slowfeat_trainer.recording import Camera
from slowfeat_trainer.training_set import Batch, TrainingSet

# Of a camera that no camera_info describes: 90 degrees.
USUAL_FOV = math.pi / 2
# The geometry is calibrated on pictures shrunk to this many pixels a side, before anything is learned.
BLURRED = 16
CALIBRATION_STEPS = 150
CALIBRATION_RATES = {"log_focal": 0.01, "bend": 0.02, "tilt": 0.003, "depth": 0.03}
# The geometry's learning rate as a share of the networks'.
GEOMETRY_SHARE = 0.1


def geometry_of(camera: Camera) -> CameraGeometry:
    """The geometry that a bag tells of its camera, to start from."""
    width, height = camera.size
    focal = 1 / math.tan((camera.horizontal_fov or USUAL_FOV) / 2)
    pose = camera.extrinsic
    T = None if pose is None else pose_matrix(pose[:3], pose[3:])
    return CameraGeometry((focal, focal * width / height), T)


def augment(
    frames: Tensor, camera_motion: Tensor, batch: Batch, config: TrainConfig
) -> tuple[Tensor, Tensor]:
    """Pairs as they might have been: seen in a mirror, in another light.

    A pair seen in a mirror is a pair with the mirrored motion, exactly, however the camera is mounted: a
    robot that only ever turned left learns to turn right. Both frames of a pair are changed alike.

    Args:
        frames: (2 B, H, W, 3) uint8, the frames before and then the frames after.
        camera_motion: (B, 6) in optical axes.
        batch: whose draws decide.
        config: mirror and jitter.

    Returns:
        Frames (2 B, H, W, 3) as float, and motions (B, 6).
    """
    rng = batch.generator(9)
    pairs = len(camera_motion)
    pictures = frames.float()
    if config.jitter:
        gain = np.exp(rng.uniform(-config.jitter, config.jitter, (pairs, 1, 1, 3)))
        lift = 255 * config.jitter * rng.uniform(-0.5, 0.5, (pairs, 1, 1, 1))
        light = (
            torch.tensor(np.concatenate([x, x]), dtype=torch.float32, device=frames.device)
            for x in (gain, lift)
        )
        pictures = (pictures * next(light) + next(light)).clamp(0, 255)
    if config.mirror:
        mirrored = torch.from_numpy(rng.random(pairs) < 0.5).to(frames.device)
        pictures = torch.where(mirrored.repeat(2)[:, None, None, None], pictures.flip(2), pictures)
        signs = torch.tensor(MIRROR, device=frames.device)
        camera_motion = torch.where(mirrored[:, None], camera_motion * signs, camera_motion)
    return pictures, camera_motion


class WarpMethod(Method):
    """A map of features, a warp driven by the motion, and the ratio objective with a guard against collapse."""

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__()
        self.shape = (config.map_channels, config.map_rows, config.map_columns)
        normalise, window = Normalise.fitted_to(data.part.frames), config.map_window
        self.encoder = MapNet(normalise, self.shape, window)
        self.warp = WarpTransform(
            geometry_of(data.camera), self.shape, data.pairs.motions, window=window
        )
        starter = starter_for(config)
        if starter is not None:
            starter.apply(self.encoder, self.warp)

    @property
    def dimension(self) -> int:
        """D."""
        return math.prod(self.shape)

    def frames_of(self, batch: Batch) -> Index:
        """Pairs."""
        return np.concatenate([batch.before, batch.after])

    def prepare(self, data: TrainingSet, frames: FrameSource, config: TrainConfig) -> None:
        """Calibrate the geometry on blurred pictures."""
        geometry = self.warp.geometry
        groups = [{"params": [getattr(geometry, n)], "lr": r} for n, r in CALIBRATION_RATES.items()]
        optimiser = torch.optim.Adam(groups)
        rng = np.random.default_rng([config.seed, 1 << 30])
        for _ in range(CALIBRATION_STEPS):
            pairs = data.pairs.take(rng.integers(0, len(data.pairs), config.batch_size))
            before, after = (
                functional.adaptive_avg_pool2d(
                    frames.get(i).permute(0, 3, 1, 2).float() / 255, BLURRED
                )
                for i in (pairs.before, pairs.after)
            )
            motion = torch.tensor(pairs.motions, dtype=torch.float32, device=before.device)
            where, inside = geometry(geometry.camera_motion(motion), BLURRED, BLURRED)
            moved = functional.grid_sample(
                before, where, padding_mode="border", align_corners=False
            )
            loss = ratio(*((x * inside).flatten(1) for x in (before, moved, after)))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """The ratio objective on the pairs, and the spread of their maps."""
        del data
        motion = torch.tensor(batch.motions, dtype=torch.float32, device=frames.device)
        camera_motion = self.warp.geometry.camera_motion(motion)
        pictures, camera_motion = augment(frames, camera_motion, batch, config)
        before, after = self.embed(pictures).chunk(2)
        variance, covariance, rows = map_spread(before.reshape(-1, *self.shape) / self.warp.window)
        return {
            "ratio": ratio(before, self.warp.move(before, camera_motion), after),
            "variance": config.variance_weight * variance,
            "covariance": config.covariance_weight * covariance,
            "rows": config.row_variance_weight * rows,
        }

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The warp."""
        del data
        return {"warp": self.warp}

    def parameter_groups(self, config: TrainConfig) -> list[dict[str, Any]]:
        """The geometry has few numbers that are nearly right, so it moves slowly and does not decay."""
        geometry = list(self.warp.geometry.parameters())
        known = {id(p) for p in geometry}
        networks = [p for p in self.parameters() if id(p) not in known]
        return [
            {"params": networks, "lr": config.learning_rate},
            {"params": geometry, "lr": config.learning_rate * GEOMETRY_SHARE, "weight_decay": 0.0},
        ]
