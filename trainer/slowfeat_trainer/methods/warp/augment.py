"""Pairs as they might have been, and their motion as odometry would know it."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from slowfeat.geometry import Array
from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.geometry.camera_geometry import MIRROR, CameraGeometry
from slowfeat_trainer.geometry.camera_rig import CameraRig
from slowfeat_trainer.methods.training_set import Batch
from slowfeat_trainer.methods.warp.random_camera_rotation import random_camera_rotation


def augment(
    frames: Tensor, camera_motion: Tensor, batch: Batch, settings: WarpSettings
) -> tuple[Tensor, Tensor]:
    """Pairs as they might have been: seen in a mirror, in another light.

    A pair seen in a mirror is a pair with the mirrored motion, exactly, however the camera
    is mounted: a robot that only ever turned left learns to turn right. Both frames of a pair are
    changed alike.

    Args:
        frames: (2 B, H, W, 3) uint8, the frames before and then the frames after.
        camera_motion: (B, 6) in optical axes.
        batch: whose draws decide.
        settings: mirror and jitter.

    Returns:
        Frames (2 B, H, W, 3) as float, and motions (B, 6).
    """
    rng = batch.generator(9)
    pairs, device = len(camera_motion), frames.device
    if settings.jitter:
        gain = np.exp(rng.uniform(-settings.jitter, settings.jitter, (pairs, 1, 1, 3)))
        lift = 255 * settings.jitter * rng.uniform(-0.5, 0.5, (pairs, 1, 1, 1))
    if settings.mirror:
        mirrored = torch.from_numpy(rng.random(pairs) < 0.5).to(device)
        # While they are bytes: a quarter of what is to be moved. Light is the same all over an
        # image.
        frames = torch.where(mirrored.repeat(2)[:, None, None, None], frames.flip(2), frames)
        signs = torch.tensor(MIRROR, device=device)
        camera_motion = torch.where(mirrored[:, None], camera_motion * signs, camera_motion)
    pictures = frames.float()
    if settings.jitter:
        gains, lifts = (
            torch.tensor(np.concatenate([x, x]), dtype=torch.float32, device=device)
            for x in (gain, lift)
        )
        pictures = (pictures * gains).add_(lifts).clamp_(0, 255)
    return pictures, camera_motion


def uncertain(motions: Array, batch: Batch, settings: WarpSettings) -> Array:
    """Motions (P, 6) as odometry would know them: each turn off by some degrees (`turn_noise_deg`).

    What is learned then is what such a turn predicts, the mean over all that it may have been. The
    axes that the robot turns about are off, each as much as it is turned about.
    """
    if not settings.turn_noise_deg:
        return motions
    turned = np.sqrt((motions[:, 3:] ** 2).mean(axis=0))
    share = turned / max(float(turned.max()), 1e-9)
    noise = batch.generator(12).normal(0, math.radians(settings.turn_noise_deg), (len(motions), 3))
    return np.concatenate([motions[:, :3], motions[:, 3:] + share * noise], axis=1)


def augmented(
    frames: Tensor,
    motions: Array,
    geometry: CameraGeometry | CameraRig,
    batch: Batch,
    settings: WarpSettings,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Frames (2 P, H, W, 3) as another camera or light would have shown them, motions (P, 6) of
    the camera, and zoom.
    """
    motions = uncertain(motions, batch, settings)
    motion = torch.tensor(motions, dtype=torch.float32, device=frames.device)
    camera_motion, zoom = geometry.camera_motion(motion), None
    if settings.random_camera_rotation and isinstance(geometry, CameraGeometry):
        rotated = random_camera_rotation(
            frames.float(), camera_motion, geometry, batch.generator(10)
        )
        frames, camera_motion, zoom = rotated.frames, rotated.camera_motion, rotated.zoom
    pictures, camera_motion = augment(frames, camera_motion, batch, settings)
    return pictures, camera_motion, zoom
