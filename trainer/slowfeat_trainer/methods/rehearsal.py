"""Frames of the pretraining that a training goes on seeing, so that a short bag does not make it
forget the rest.

Rehearsal (Robins 1995): part of each batch are pairs of the drives that the starter weights were
learned from. They travel with the weights: short clips of every drive as WebP, the poses, and what
was robot and what was camera there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from slowfeat.errors import UsageError
from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.data.frames import FrameStack, Images
from slowfeat_trainer.data.pairs import Index, Part
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.models.convnet import Normalise

Packed = npt.NDArray[np.uint8]

# Clips of each drive, how long one is in seconds, and the frames in it.
CLIPS, SECONDS, FRAMES = 3, 1.0, 9
# Of the WebP: a frame of 128x64 is some 950 bytes.
QUALITY = 65
PREFIX, GEOMETRY, NORMALISE = "rehearsal.", "warp.geometry.", "encoder.normalise."


@dataclass(frozen=True)
class Rehearsal:
    """Clips of drives, and the camera that saw them."""

    # (N,) frames as WebP, clip behind clip.
    pictures: list[Packed]
    # (N,) ns.
    stamps: Stamps
    # (N, 4, 4) pose of the body in the world of its drive.
    poses: Array
    # (N,) number of the clip.
    clip: Index
    # The state of the camera's geometry and of the normalisation, as they were learned, by name.
    camera: dict[str, Tensor]

    @classmethod
    def of(
        cls, recordings: Sequence[Recording], state: dict[str, Tensor], seed: int = 0
    ) -> Rehearsal:
        """Clips drawn from recordings, with the camera of a method that was trained on them.

        Args:
            recordings: all of one camera; those shorter than a clip are left out.
            state: of the method.
            seed: of what is drawn.
        """
        rng = np.random.default_rng(seed)
        chosen: list[tuple[Recording, Index]] = []
        for recording in recordings:
            interval = max(float(np.median(np.diff(recording.stamps))) / NS, 1e-9)
            stride = max(1, round(SECONDS / (FRAMES - 1) / interval))
            last = len(recording) - (FRAMES - 1) * stride
            if last > 0:
                starts = rng.integers(0, last, CLIPS)
                chosen += [(recording, start + stride * np.arange(FRAMES)) for start in starts]
        return cls(
            [compress(frame) for r, index in chosen for frame in np.asarray(r.frames[index])],
            np.concatenate([r.stamps[index] for r, index in chosen]),
            np.concatenate([r.poses[index] for r, index in chosen]),
            np.repeat(np.arange(len(chosen)), FRAMES),
            {
                name: tensor.detach().cpu().clone()
                for name, tensor in state.items()
                if name.startswith((GEOMETRY, NORMALISE))
            },
        )

    def part(self, size: tuple[int, int] | None = None) -> Part:
        """The clips, each a block of its own.

        Args:
            size: height and width that frames are resized to; None: as they are.

        Raises:
            UsageError: an image cannot be read.
        """
        frames = np.stack([resized(expand(packed), size) for packed in self.pictures])
        return Part(FrameStack([frames]), self.stamps, self.poses, self.clip)

    def geometry(self) -> CameraGeometry:
        """The camera as it was learned; it learns no more."""
        geometry = CameraGeometry((1.0, 1.0), None)
        geometry.load_state_dict(self._state(GEOMETRY))
        return geometry.requires_grad_(False)

    def normalise(self) -> Normalise:
        """The normalisation of its images."""
        found = self._state(NORMALISE)
        return Normalise(found["mean"].flatten().numpy(), found["std"].flatten().numpy())

    def _state(self, prefix: str) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.camera.items()
            if name.startswith(prefix)
        }

    # -- as tensors in a file ---------------------------------------------------------------------

    def tensors(self) -> dict[str, Tensor]:
        """All of it by name."""
        found = {
            "pictures": torch.from_numpy(np.concatenate(self.pictures)),
            "ends": torch.from_numpy(np.cumsum([len(packed) for packed in self.pictures])),
            "stamps": torch.from_numpy(np.asarray(self.stamps, dtype=np.int64)),
            "poses": torch.from_numpy(np.asarray(self.poses, dtype=np.float64)),
            "clip": torch.from_numpy(np.asarray(self.clip, dtype=np.int64)),
            **self.camera,
        }
        return {PREFIX + name: tensor.contiguous() for name, tensor in found.items()}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> Rehearsal | None:
        """From a file's tensors; None where it has no such ones."""
        own = {n.removeprefix(PREFIX): t for n, t in tensors.items() if n.startswith(PREFIX)}
        if not own:
            return None
        pictures, ends = own.pop("pictures").numpy(), own.pop("ends").numpy()
        stamps, poses, clip = (own.pop(name).numpy() for name in ("stamps", "poses", "clip"))
        return cls(np.split(pictures, ends[:-1]), stamps, poses, clip, own)


def resized(frame: Images, size: tuple[int, int] | None) -> Images:
    """A frame (H, W, 3) at a size (height, width), by areas where it shrinks."""
    if size is None or frame.shape[:2] == size:
        return frame
    way = (
        cv2.INTER_AREA if size[0] * size[1] < frame.shape[0] * frame.shape[1] else cv2.INTER_LINEAR
    )
    return np.asarray(cv2.resize(frame, size[::-1], interpolation=way), dtype=np.uint8)


def compress(frame: Images) -> Packed:
    """A frame (H, W, 3) RGB as the bytes (B,) of a WebP."""
    _, found = cv2.imencode(
        ".webp", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_WEBP_QUALITY, QUALITY]
    )
    return np.asarray(found, dtype=np.uint8).reshape(-1)


def expand(packed: Packed) -> Images:
    """The frame (H, W, 3) RGB of the bytes (B,) of a WebP.

    Raises:
        UsageError: they are none.
    """
    found = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    if found is None:
        raise UsageError("an image to rehearse cannot be read: make the weights again")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), dtype=np.uint8)
