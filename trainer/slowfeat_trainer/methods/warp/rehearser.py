"""What a training rehearses beside its own bags: pairs of the pretraining,
seen as the pretraining saw them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from slowfeat.geometry import Array
from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.console.terminal import progress_bar
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.methods.rehearsal import SECONDS, Rehearsal
from slowfeat_trainer.methods.training_set import Batch, TrainingSet, draw_batch
from slowfeat_trainer.models.backbones.feature_graph import FeatureGraph
from slowfeat_trainer.models.convnet import Normalise

# Frames (2 P, H, W, 3), motions (P, 6) of the body, the camera, a batch for its draws, settings ->
# frames as another camera or light shows them, motions (P, 6) of the camera, and its zoom.
Augmented = Callable[
    [Tensor, Array, CameraGeometry, Batch, WarpSettings], tuple[Tensor, Tensor, Tensor | None]
]
# Pairs whose features are kept for a backbone that is frozen: each is one draw of what a camera
# might have seen.
KEPT_PAIRS = 1536


@dataclass(frozen=True)
class RehearsedPairs:
    """Pairs as a frozen backbone sees them."""

    # (2 P, F), those before and then those after.
    features: Tensor
    # (P, 6) of the camera, in its optical axes.
    camera_motion: Tensor
    # (P,) focal length in units of the camera's own.
    zoom: Tensor


class RehearsedFeatures:
    """Features of a fixed number of drawn pairs, and batches of these."""

    def __init__(self, rehearser: Rehearser, graph: FeatureGraph, augmented: Augmented) -> None:
        """
        Args:
            rehearser: draws the pairs.
            graph: of the backbone.
            augmented: what is done to a batch of pairs before it is seen.
        """
        self._pairs, self._seed = rehearser.config.batch_size, rehearser.config.seed
        rounds = -(-KEPT_PAIRS // self._pairs)
        before: list[Tensor] = []
        after: list[Tensor] = []
        motions: list[Tensor] = []
        zooms: list[Tensor] = []
        with torch.no_grad(), progress_bar(rounds, "rehearsed features", "batch") as bar:
            for number in range(rounds):
                frames, batch = rehearser.draw(number, torch.device("cpu"))
                pictures, motion, zoom = augmented(
                    frames, batch.motions, rehearser.geometry, batch, rehearser.settings
                )
                images = pictures.round().clamp(0, 255).to(torch.uint8).numpy()
                features = torch.from_numpy(graph(images)).half()
                for kept, new in zip((before, after), features.chunk(2), strict=True):
                    kept.append(new)
                motions.append(motion)
                zooms.append(torch.ones(len(motion)) if zoom is None else zoom)
                bar.update()
        self._before, self._after = torch.cat(before), torch.cat(after)
        self._motions, self._zooms = torch.cat(motions), torch.cat(zooms)

    def draw(self, step: int, device: torch.device) -> RehearsedPairs:
        """The batch of a step: a pure function of (seed, step)."""
        rng = np.random.default_rng([self._seed, step, 11])
        index = torch.from_numpy(rng.choice(len(self._motions), self._pairs))
        features = torch.cat([self._before[index], self._after[index]]).float()
        return RehearsedPairs(
            features.to(device), self._motions[index].to(device), self._zooms[index].to(device)
        )


class Rehearser:
    """Draws batches of what is rehearsed. No part of the network:
    nothing of it is trained or saved.
    """

    def __init__(self, rehearsal: Rehearsal, pairs: int, config: TrainConfig) -> None:
        """
        Args:
            rehearsal: what there is.
            pairs: a batch.
            config: of the training.
        """
        default = TrainConfig()
        self.config = dataclasses.replace(
            config,
            batch_size=pairs,
            max_gap_s=SECONDS,
            patterns=default.patterns,
            drop_slowest=default.drop_slowest,
        )
        self.settings = dataclasses.replace(config.of(WarpSettings), random_camera_rotation=True)
        self._rehearsal = rehearsal
        self.geometry = rehearsal.geometry()
        self._normalise = rehearsal.normalise()
        self._frames: FrameSource | None = None
        self._features: RehearsedFeatures | None = None

    @cached_property
    def _data(self) -> TrainingSet:
        """Unpacked when the first batch is drawn: without a step there is none."""
        # However many pairs a batch has, they are drawn from those that there are.
        few = dataclasses.replace(self.config, batch_size=2)
        return TrainingSet.prepare(
            self._rehearsal.part(self.config.reading.image_size), Camera(), few
        )

    def draw(self, step: int, device: torch.device) -> tuple[Tensor, Batch]:
        """Frames (2 P, H, W, 3) of a step on a device, before and then after,
        and the batch that they are of.
        """
        if self._frames is None:
            self._frames = FrameSource(self._data.part.frames, device)
            self.geometry.to(device)
            self._normalise.to(device)
        batch = draw_batch(self._data, self.config, step)
        return self._frames.get(np.concatenate([batch.before, batch.after])), batch

    def features(self, graph: FeatureGraph, augmented: Augmented) -> RehearsedFeatures:
        """The same pairs as a frozen backbone sees them; computed when first asked for."""
        if self._features is None:
            self._features = RehearsedFeatures(self, graph, augmented)
        return self._features

    def coloured_for(self, pictures: Tensor, theirs: Normalise) -> Tensor:
        """Images (N, H, W, 3) such that another normalisation makes
        of them what their own would.
        """
        mine = self._normalise
        gain = (theirs.std / mine.std).flatten()
        return (pictures - mine.mean.flatten()) * gain + theirs.mean.flatten()
