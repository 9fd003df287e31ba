"""The camera of a drive, found before anything is learned: how far its
image moves with each motion.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from slowfeat_trainer.data.pairs import Pairs
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.objectives import ratio

# The geometry is calibrated on images shrunk to this many pixels a side.
BLURRED = 16
STEPS = 150
RATES = {"log_focal": 0.01, "mirror_xi": 0.02, "tilt": 0.003, "depth": 0.03}


def calibrate_geometry(
    geometry: CameraGeometry, frames: FrameSource, pairs: Pairs, batch_size: int, seed: int
) -> None:
    """Fit a camera's geometry to pairs of a drive by moving blurred images; takes seconds.

    Args:
        geometry: to start from, as the bag describes it; changed in place.
        frames: of the drive.
        pairs: of them, with their motions in the body's axes.
        batch_size: pairs a step.
        seed: of the draws.
    """
    groups = [{"params": [getattr(geometry, n)], "lr": r} for n, r in RATES.items()]
    optimiser = torch.optim.Adam(groups)
    rng = np.random.default_rng([seed, 1 << 30])
    for _ in range(STEPS):
        drawn = pairs.take(rng.integers(0, len(pairs), batch_size))
        before, after = (
            functional.adaptive_avg_pool2d(frames.get(i).permute(0, 3, 1, 2).float() / 255, BLURRED)
            for i in (drawn.before, drawn.after)
        )
        motion = torch.tensor(drawn.motions, dtype=torch.float32, device=before.device)
        where, inside = geometry(geometry.camera_motion(motion), BLURRED, BLURRED)
        moved = functional.grid_sample(before, where, padding_mode="border", align_corners=False)
        loss = ratio(*((x * inside).flatten(1) for x in (before, moved, after)))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
