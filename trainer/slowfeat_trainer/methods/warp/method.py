"""`slowfeat`: a map of features that the motion moves as it moves the image.

What transfers between places is layout. A pooled code that is excellent in the room it was trained
in is worthless next door, and a few minutes of one bag are too little for it to learn what a turn
does. A map that is warped by the camera's geometry knows that already, and learns what to see.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat.geometry import Array
from slowfeat_trainer.config.backbone_spec import SMALL
from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig, settings_from
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.device.distributed import encode_shared
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.geometry.camera_geometry import MIRROR, CameraGeometry
from slowfeat_trainer.geometry.camera_rig import CameraRig
from slowfeat_trainer.geometry.geometry_of_camera import geometry_of
from slowfeat_trainer.methods.ablate import ablate
from slowfeat_trainer.methods.method import Method
from slowfeat_trainer.methods.starter_weights import load_starter, starter_for
from slowfeat_trainer.methods.training_set import Batch, TrainingSet
from slowfeat_trainer.methods.warp.augment import augmented, uncertain
from slowfeat_trainer.methods.warp.balance import balance_channels, spread_of_channels
from slowfeat_trainer.methods.warp.calibration import calibrate_geometry
from slowfeat_trainer.methods.warp.feature_bank import FeatureBank
from slowfeat_trainer.methods.warp.map_encoder import MapEncoder, small_map_encoder
from slowfeat_trainer.methods.warp.parts import WarpParts
from slowfeat_trainer.methods.warp.rehearser import Rehearser
from slowfeat_trainer.models.backbone_map import BackboneMapNet, MapHead
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.models.mapnet import MapNet

# Learning rates as a share of the networks': of the geometry, of a backbone that is fine-tuned, and
# of the slow code.
GEOMETRY_SHARE = 0.1
BACKBONE_SHARE = 0.05
SLOW_SHARE = 0.25
# Frames of the training part that scales are fixed on, evenly spaced.
FINISHED_ON = 2000
SHIPPED_PARTS = WarpParts()


@dataclass(frozen=True)
class Views:
    """Pairs as the encoder sees them."""

    # (P, D) embeddings before and after.
    before: Tensor
    after: Tensor
    # (P, 6) motion of the camera in its optical axes.
    camera_motion: Tensor
    # (P,) focal length in units of the camera's own; None: all 1.
    zoom: Tensor | None = None


class WarpMethod(Method):
    """A map of features, a warp driven by the motion, and the ratio objective
    with a guard against collapse; composed of `WarpParts`.
    """

    encoder: MapEncoder
    compiled_parts = ("encoder", "warp.move_map")
    sees_embeddings_only = True
    knows_cameras = True

    def __init__(
        self, data: TrainingSet, config: TrainConfig, parts: WarpParts = SHIPPED_PARTS
    ) -> None:
        super().__init__()
        self.parts, settings = parts, config.of(WarpSettings)
        self.shape = settings.map_shape
        self.map_size, self.slow = math.prod(self.shape), settings.slow_dimension
        self.encoder = parts.encoder(data.part.frames, config)
        self.warp = parts.transform(data, settings)
        if settings.random_camera_rotation:
            self.warp.assume_rotation_spread()
        if settings.trunk:
            load_starter(Path(settings.trunk)).apply_trunk(self.encoder)
        self.own, self.rehearser = config.batch_size, None
        starter = starter_for(config)
        if starter is not None:
            starter.apply(self.encoder, self.warp)
            self.own = starter.own_pairs(config)
            if starter.rehearsal is not None and self.own < config.batch_size:
                again = config.batch_size - self.own
                self.rehearser = Rehearser(starter.rehearsal, again, config)
        # Features of the training part, where a frozen backbone makes them.
        self.bank: FeatureBank | None = None
        # Of the robots but the first; they share all else.
        self.others = nn.ModuleList(self._other_cameras(data, settings))
        ablate(self.warp, self.geometries, settings.ablate)

    @classmethod
    def network_of(cls, config: TrainConfig) -> dict[str, Any]:
        """The map's shape, and the backbone."""
        settings = config.of(WarpSettings)
        found = {} if settings.backbone == SMALL else {"--backbone": settings.backbone}
        return {**found, "encoder": "map", "map": "x".join(map(str, settings.map_shape))}

    @classmethod
    def untrained_twin(
        cls, frames: FrameStack, image_size: tuple[int, int], dimension: int, stored: dict[str, Any]
    ) -> nn.Module:
        """The small network with a map of the same shape; bundles of before have no slow code, and
        no window.
        """
        del image_size, dimension
        settings = settings_from({"map_window": 0.0, "slow_dimension": 0, **stored}, WarpSettings)
        return small_map_encoder(frames, settings)

    @classmethod
    def most_steps(cls, config: TrainConfig, frames: int) -> int | None:
        """As many as draw each frame `max_epochs` times, where a starter could be forgotten."""
        settings = config.of(WarpSettings)
        starter = starter_for(config) if settings.max_epochs else None
        if starter is None:
            return None
        return math.ceil(settings.max_epochs * frames / (2 * starter.own_pairs(config)))

    def _other_cameras(self, data: TrainingSet, settings: WarpSettings) -> list[CameraGeometry]:
        others = data.cameras.distinct[1:]
        if others and settings.random_camera_rotation:
            raise UsageError("random_camera_rotation is for bags of one camera; these have several")
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

    @property
    def is_frozen(self) -> bool:
        """Whether the head alone is trained, on features that a backbone has computed."""
        return isinstance(self.encoder, BackboneMapNet) and self.encoder.frozen is not None

    def attach(self, data: TrainingSet, config: TrainConfig, run: Path) -> None:
        """Compute the features of a frozen backbone, once a run."""
        if isinstance(self.encoder, BackboneMapNet) and self.encoder.frozen is not None:
            self.bank = FeatureBank(
                self.encoder.frozen, data.part, config.of(WarpSettings).mirror, run
            )

    def frames_of(self, batch: Batch) -> Index:
        """Pairs; what is rehearsed takes the places of the others.
        None where features are enough.
        """
        if self.is_frozen:
            return np.zeros(0, np.int64)
        return np.concatenate([batch.before[: self.own], batch.after[: self.own]])

    def prepare(self, data: TrainingSet, frames: FrameSource, config: TrainConfig) -> None:
        """Calibrate the geometry on blurred images."""
        if "calibration" in config.of(WarpSettings).ablate:
            return
        for number, geometry in enumerate(self.geometries):
            pairs = data.of_camera(number).pairs
            calibrate_geometry(geometry, frames, pairs, config.batch_size, config.seed)

    def losses(
        self, frames: Tensor, batch: Batch, data: TrainingSet, config: TrainConfig
    ) -> dict[str, Tensor]:
        """The ratio objective on the pairs, and the spread of their maps; of what
        is rehearsed as much as it is.
        """
        motions, settings = batch.motions[: self.own], config.of(WarpSettings)
        cameras: CameraGeometry | CameraRig = self.warp.geometry
        if len(self.others):
            cameras = CameraRig(self.geometries, data.camera_of[batch.before[: self.own]])
        if self.bank is None:
            views = self._seen(frames, motions, cameras, batch, settings)
        else:
            views = self._from_bank(batch, motions, cameras, settings)
        own = self._terms(views, cameras, settings)
        if self.rehearser is None:
            return own
        rehearser, share = self.rehearser, 1 - self.own / config.batch_size
        views = self._rehearsed(batch.step, frames.device)
        theirs = self._terms(views, rehearser.geometry, settings)
        return {name: (1 - share) * own[name] + share * theirs[name] for name in own}

    def _seen(
        self,
        frames: Tensor,
        motions: Array,
        geometry: CameraGeometry | CameraRig,
        batch: Batch,
        settings: WarpSettings,
        recolour: Callable[[Tensor], Tensor] | None = None,
    ) -> Views:
        """Embeddings of pairs (2 P, H, W, 3) with motions (P, 6) of the
        body that a camera is mounted on.
        """
        pictures, camera_motion, zoom = augmented(frames, motions, geometry, batch, settings)
        if recolour is not None:
            pictures = recolour(pictures)
        before, after = self.embed(pictures).chunk(2)
        return Views(before, after, camera_motion, zoom)

    def _from_bank(
        self,
        batch: Batch,
        motions: Array,
        geometry: CameraGeometry | CameraRig,
        settings: WarpSettings,
    ) -> Views:
        """The same from the features that a frozen backbone has computed:
        mirrored, but in no other light.
        """
        assert self.bank is not None  # noqa: S101 - for the type checker
        encoder = cast("BackboneMapNet", self.encoder)
        device = encoder.window.device
        count = len(motions)
        mirrored = (batch.generator(9).random(count) < 0.5) & settings.mirror
        motions = uncertain(motions, batch, settings)
        camera_motion = geometry.camera_motion(
            torch.tensor(motions, dtype=torch.float32, device=device)
        )
        signs = torch.tensor(MIRROR, device=device)
        chosen = torch.from_numpy(mirrored).to(device)[:, None]
        index = np.concatenate([batch.before[:count], batch.after[:count]])
        features = self.bank.get(index, np.tile(mirrored, 2)).to(device)
        before, after = encode_shared(encoder.head, features).chunk(2)
        return Views(before, after, torch.where(chosen, camera_motion * signs, camera_motion))

    def _rehearsed(self, step: int, device: torch.device) -> Views:
        """Embeddings of the pairs that are rehearsed at a step."""
        rehearser = self.rehearser
        assert rehearser is not None  # noqa: S101 - for the type checker
        encoder = self.encoder
        if isinstance(encoder, BackboneMapNet) and encoder.frozen is not None:
            pairs = rehearser.features(encoder.frozen, augmented).draw(step, device)
            before, after = encode_shared(encoder.head, pairs.features).chunk(2)
            return Views(before, after, pairs.camera_motion, pairs.zoom)
        frames, batch = rehearser.draw(step, device)
        recolour = None
        if isinstance(encoder, MapNet):
            recolour = partial(rehearser.coloured_for, theirs=encoder.normalise)
        return self._seen(
            frames, batch.motions, rehearser.geometry, batch, rehearser.settings, recolour
        )

    def _terms(
        self, views: Views, geometry: CameraGeometry | CameraRig, settings: WarpSettings
    ) -> dict[str, Tensor]:
        """The weighted terms on pairs that a camera saw."""
        (before, slow), (after, slow_after) = (
            (z[:, : self.map_size], z[:, self.map_size :]) for z in (views.before, views.after)
        )
        moved = self.warp.move_map(before, views.camera_motion, views.zoom, geometry)
        window = self.warp.window
        b, m, a = (z.reshape(-1, *self.shape) / window for z in (before, moved, after))
        terms = self.parts.map_terms(b, m, a, window, settings)
        if self.slow:
            terms |= self.parts.slow_terms(
                slow, slow_after, views.camera_motion, self.warp, settings
            )
        return terms

    def finish(self, data: TrainingSet, config: TrainConfig) -> None:
        """Give every channel the same spread, and map and slow code their
        shares of a mean squared norm of 1.
        """
        settings = config.of(WarpSettings)
        step = max(1, -(-len(data.part) // FINISHED_ON))
        sample = FrameStack([data.part.frames[::step]])
        head = self.encoder.head
        last = head.head if isinstance(head, MapHead) else head
        z = torch.from_numpy(embed_frames(self.encoder, sample)[:, : self.map_size])
        maps = z.reshape(-1, *self.shape)
        if "balance" not in settings.ablate:
            spread = spread_of_channels(maps / self.warp.window)
            balance_channels(last, self.warp, spread)
            z = torch.from_numpy(embed_frames(self.encoder, sample)[:, : self.map_size])
        share = settings.slow_share if self.slow else 0.0
        scale = math.sqrt((1 - share) / max(float(z.pow(2).sum(dim=1).mean()), 1e-12))
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
        return found if self.slow else {"map": found["map"]}

    @property
    def shapes(self) -> dict[str, list[int]]:
        """That of the map, where it is a slice."""
        return {"map": list(self.shape)} if self.slices else {}

    def transforms(self, data: TrainingSet) -> dict[str, nn.Module]:
        """The warp, with the camera that the data are of."""
        warp = self.warp
        if data.number:
            warp = copy.deepcopy(warp)
            warp.geometry = self.geometries[data.number]
        return {"warp": warp}

    def parameter_groups(self, config: TrainConfig) -> list[dict[str, Any]]:
        """What is nearly right from the start moves slowly.

        That is the geometry, few numbers that do not decay either, and the slow code: a linear
        layer that would soon memorise one bag.
        """
        geometry = [p for camera in self.geometries for p in camera.parameters()]
        slow = [] if self.encoder.slow is None else list(self.encoder.slow.parameters())
        backbone: list[nn.Parameter] = []
        if isinstance(self.encoder, BackboneMapNet) and self.encoder.tuned is not None:
            backbone = list(self.encoder.tuned.parameters())
        known = {id(p) for p in geometry + slow + backbone}
        networks = [p for p in self.parameters() if id(p) not in known]
        tuned = [{"params": backbone, "lr": config.learning_rate * BACKBONE_SHARE}]
        return [
            {"params": networks, "lr": config.learning_rate},
            *(tuned if backbone else []),
            {"params": slow, "lr": config.learning_rate * SLOW_SHARE},
            {"params": geometry, "lr": config.learning_rate * GEOMETRY_SHARE, "weight_decay": 0.0},
        ]
