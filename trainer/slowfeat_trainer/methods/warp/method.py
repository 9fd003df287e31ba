"""`slowfeat`: a map of features that the motion moves as it moves the picture.

What transfers between places is layout. A pooled code that is excellent in the room it was trained in is
worthless next door, and a few minutes of one bag are too little for it to learn what a turn does. A
map that is warped by the camera's geometry knows that beforehand, and learns what to see.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat.geometry import Array
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.geometry.camera_geometry import MIRROR, CameraGeometry
from slowfeat_trainer.geometry.camera_rig import CameraRig
from slowfeat_trainer.geometry.geometry_of_camera import geometry_of
from slowfeat_trainer.methods.ablate import ablate
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.starter_weights import starter_for
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.methods.warp.calibration import calibrate_geometry
from slowfeat_trainer.methods.warp.random_camera_rotation import random_camera_rotation
from slowfeat_trainer.methods.warp.rehearser import Rehearser
from slowfeat_trainer.models.convnet import Normalise, embed_frames
from slowfeat_trainer.models.mapnet import MapNet
from slowfeat_trainer.models.warp_transform import WarpTransform
from slowfeat_trainer.objectives import info_nce, map_spread, ratio, squared_error

# Learning rates as a share of the networks': of the geometry, and of the slow code.
GEOMETRY_SHARE = 0.1
SLOW_SHARE = 0.25


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
    pairs, device = len(camera_motion), frames.device
    if config.jitter:
        gain = np.exp(rng.uniform(-config.jitter, config.jitter, (pairs, 1, 1, 3)))
        lift = 255 * config.jitter * rng.uniform(-0.5, 0.5, (pairs, 1, 1, 1))
    if config.mirror:
        mirrored = torch.from_numpy(rng.random(pairs) < 0.5).to(device)
        # While they are bytes: a quarter of what is to be moved. Light is the same all over a picture.
        frames = torch.where(mirrored.repeat(2)[:, None, None, None], frames.flip(2), frames)
        signs = torch.tensor(MIRROR, device=device)
        camera_motion = torch.where(mirrored[:, None], camera_motion * signs, camera_motion)
    pictures = frames.float()
    if config.jitter:
        gains, lifts = (
            torch.tensor(np.concatenate([x, x]), dtype=torch.float32, device=device)
            for x in (gain, lift)
        )
        pictures = (pictures * gains).add_(lifts).clamp_(0, 255)
    return pictures, camera_motion


class WarpMethod(Method):
    """A map of features, a warp driven by the motion, and the ratio objective with a guard against collapse."""

    encoder: MapNet
    compiled_parts = ("encoder", "warp.move_map")
    sees_embeddings_only = True

    def __init__(self, data: TrainingSet, config: TrainConfig) -> None:
        super().__init__()
        self.shape = (config.map_channels, config.map_rows, config.map_columns)
        self.map_size, self.slow = math.prod(self.shape), config.slow_dimension
        normalise, window = Normalise.fitted_to(data.part.frames), config.map_window
        self.encoder = MapNet(normalise, self.shape, window, self.slow)
        self.warp = WarpTransform(
            geometry_of(data.camera), self.shape, data.pairs.motions, window=window, slow=self.slow
        )
        if config.random_camera_rotation:
            self.warp.assume_rotation_spread()
        self.own, self.rehearser = config.batch_size, None
        starter = starter_for(config)
        if starter is not None:
            starter.apply(self.encoder, self.warp)
            self.own = starter.own_pairs(config)
            if starter.rehearsal is not None and self.own < config.batch_size:
                again = config.batch_size - self.own
                self.rehearser = Rehearser(starter.rehearsal, again, config)
        # Of the robots but the first; they share all else.
        self.others = nn.ModuleList(self._other_cameras(data, config))
        ablate(self.warp, self.geometries, config.ablate)

    def _other_cameras(self, data: TrainingSet, config: TrainConfig) -> list[CameraGeometry]:
        others = data.cameras.distinct[1:]
        if others and config.random_camera_rotation:
            raise UsageError(
                "random_camera_rotation is for bags of one camera; these tell of several"
            )
        found = [geometry_of(camera) for camera in others]
        for geometry in found:
            geometry.depth.data.copy_(self.warp.geometry.depth.data)
        return found

    @property
    def geometries(self) -> list[CameraGeometry]:
        """Of all cameras, that of the first first."""
        return [self.warp.geometry, *cast("list[CameraGeometry]", list(self.others))]

    @property
    def dimension(self) -> int:
        """D."""
        return self.map_size + self.slow

    def frames_of(self, batch: Batch) -> Index:
        """Pairs; what is rehearsed takes the places of the others."""
        return np.concatenate([batch.before[: self.own], batch.after[: self.own]])

    def prepare(self, data: TrainingSet, frames: FrameSource, config: TrainConfig) -> None:
        """Calibrate the geometry on blurred pictures."""
        if "calibration" in config.ablate:
            return
        for number, geometry in enumerate(self.geometries):
            pairs = data.of_camera(number).pairs
            calibrate_geometry(geometry, frames, pairs, config.batch_size, config.seed)

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """The ratio objective on the pairs, and the spread of their maps; of what is rehearsed as much as it is."""
        motions = batch.motions[: self.own]
        cameras: CameraGeometry | CameraRig = self.warp.geometry
        if len(self.others):
            cameras = CameraRig(self.geometries, data.camera_of[batch.before[: self.own]])
        own = self._terms(frames, motions, cameras, batch, config)
        if self.rehearser is None:
            return own
        rehearser, share = self.rehearser, 1 - self.own / config.batch_size
        again, their_batch = rehearser.draw(batch.step, frames.device)
        theirs = self._terms(
            again,
            their_batch.motions,
            rehearser.geometry,
            their_batch,
            rehearser.config,
            lambda pictures: rehearser.coloured_for(pictures, self.encoder.normalise),
        )
        return {name: (1 - share) * own[name] + share * theirs[name] for name in own}

    def _terms(
        self,
        frames: Tensor,
        motions: Array,
        geometry: CameraGeometry | CameraRig,
        batch: Batch,
        config: TrainConfig,
        recolour: Callable[[Tensor], Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """The weighted terms on pairs (2 P, H, W, 3) with motions (P, 6) of the body that a camera is mounted on."""
        motion = torch.tensor(motions, dtype=torch.float32, device=frames.device)
        camera_motion = geometry.camera_motion(motion)
        zoom = None
        if config.random_camera_rotation and isinstance(geometry, CameraGeometry):
            shaken = random_camera_rotation(
                frames.float(), camera_motion, geometry, batch.generator(10)
            )
            frames, camera_motion, zoom = shaken.frames, shaken.camera_motion, shaken.zoom
        pictures, camera_motion = augment(frames, camera_motion, batch, config)
        if recolour is not None:
            pictures = recolour(pictures)
        before, after = self.embed(pictures).chunk(2)
        (before, slow), (after, slow_after) = (
            (z[:, : self.map_size], z[:, self.map_size :]) for z in (before, after)
        )
        variance, covariance, rows = map_spread(before.reshape(-1, *self.shape) / self.warp.window)
        moved = self.warp.move_map(before, camera_motion, zoom, geometry)
        error = "squared" if "ratio" in config.ablate else "ratio"
        terms = {
            error: ratio(before, moved, after) if error == "ratio" else squared_error(moved, after),
            "variance": config.variance_weight * variance,
            "covariance": config.covariance_weight * covariance,
            "rows": config.row_variance_weight * rows,
        }
        if self.slow:
            terms |= self._slow_terms(slow, slow_after, camera_motion, config)
        return terms

    def _slow_terms(
        self,
        before: Tensor,
        after: Tensor,
        camera_motion: Tensor,
        config: TrainConfig,
    ) -> dict[str, Tensor]:
        """Neighbours in time are told from others by their slow codes; what a motion does to these is learned beside."""
        told = info_nce(before, after)
        fixed, target = before.detach(), after.detach()
        step = (self.warp.move_slow(fixed, camera_motion) - target).pow(2).sum(dim=1).mean()
        return {"slow": config.slow_weight * told, "slow_step": step}

    def finish(self, data: TrainingSet, config: TrainConfig) -> None:
        """Give map and slow code their shares of an embedding whose mean squared norm is 1."""
        z = embed_frames(self.encoder, data.part.frames)[:, : self.map_size]
        share = config.slow_share if self.slow else 0.0
        scale = math.sqrt((1 - share) / max(float((z**2).sum(axis=1).mean()), 1e-12))
        with torch.no_grad():
            for window in (self.encoder.window, self.warp.window):
                window.mul_(scale)
            for part in (self.encoder.slow, self.warp.slow):
                if part is not None:
                    part.norm.fill_(math.sqrt(share))

    @property
    def slices(self) -> dict[str, slice]:
        """The map, and the slow code where there is one."""
        whole = self.map_size + self.slow
        found = {"map": slice(0, self.map_size), "slow": slice(self.map_size, whole)}
        return found if self.slow else {}

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The warp, with the camera that the data are of."""
        warp = self.warp
        if data.number:
            warp = copy.deepcopy(warp)
            warp.geometry = self.geometries[data.number]
        return {"warp": warp}

    def parameter_groups(self, config: TrainConfig) -> list[dict[str, Any]]:
        """What is nearly right from the start moves slowly.

        That is the geometry, few numbers that do not decay either, and the slow code: a linear layer that would soon
        know one bag by heart.
        """
        geometry = [p for camera in self.geometries for p in camera.parameters()]
        slow = [] if self.encoder.slow is None else list(self.encoder.slow.parameters())
        known = {id(p) for p in geometry + slow}
        networks = [p for p in self.parameters() if id(p) not in known]
        return [
            {"params": networks, "lr": config.learning_rate},
            {"params": slow, "lr": config.learning_rate * SLOW_SHARE},
            {"params": geometry, "lr": config.learning_rate * GEOMETRY_SHARE, "weight_decay": 0.0},
        ]
