"""Images as they might have been: torchvision's transforms on a batch, on its device.

Only what leaves the geometry alone: an image that was shifted or turned would belong to another
motion. All frames of a batch are changed alike. An objective compares frames with each other, and
would otherwise learn to distinguish, or to ignore, what only this augmentation had put there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms import v2

# By name: what a transform does to float frames (F, 3, H, W) in [0, 1].
AUGMENTATIONS: dict[str, Callable[[], v2.Transform]] = {
    # Another lamp, another exposure.
    "light": lambda: v2.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3, hue=0.05),
    # No colour, in one batch of five.
    "grey": lambda: v2.RandomGrayscale(p=0.2),
    # A lens out of focus.
    "blur": lambda: v2.GaussianBlur(kernel_size=5, sigma=(0.1, 1.5)),
    # A sensor in the dark, 2 % of the range.
    "noise": lambda: v2.GaussianNoise(sigma=0.02),
}


class Augmentation:
    """The named transforms, one after the other.

    Args:
        names: of AUGMENTATIONS; none leaves the frames as they are.
        seed: of the training.
    """

    def __init__(self, names: list[str], seed: int) -> None:
        self._transforms = [AUGMENTATIONS[name]() for name in names]
        self._seed = seed

    @torch.no_grad()
    def __call__(self, frames: Tensor, step: int) -> Tensor:
        """Frames (F, H, W, 3) uint8 to the same, a pure function of the
        frames, the seed and the step.
        """
        if not self._transforms:
            return frames
        pictures = frames.permute(0, 3, 1, 2).float() / 255
        # The transforms draw from torch's own generators; nobody else shall notice.
        devices = [frames.device] if frames.device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            # torch takes 32 bits of a seed.
            torch.manual_seed(int(np.random.SeedSequence([self._seed, step]).generate_state(1)[0]))
            for transform in self._transforms:
                pictures = transform(pictures)
        whole = (pictures * 255).round().clamp(0, 255).to(torch.uint8)
        return whole.permute(0, 2, 3, 1).contiguous()
