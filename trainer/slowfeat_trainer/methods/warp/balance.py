"""Every channel of a trained map brought to the same spread, without changing what is predicted.

The objective is blind to each channel's scale, distances between embeddings are not. So the scale
is fixed once, on the training frames, and moved into the weights: the encoder's last layer is
divided by it, and what reads the map in the transform is multiplied. Nothing is left that a channel
could grow in.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slowfeat_trainer.models.warp_transform import WarpTransform

# A channel with less than this share of the usual spread is noise, which is not blown up.
LEAST = 0.05


def spread_of_channels(maps: Tensor) -> Tensor:
    """Root of each channel's variance over images, in the mean over positions: (channels,) of maps
    (N, channels, rows, columns).
    """
    return (maps - maps.mean(dim=0)).pow(2).mean(dim=(0, 2, 3)).sqrt()


def balance_channels(head: nn.Conv2d, warp: WarpTransform, spread: Tensor) -> None:
    """Divide each channel of a map by its spread, in place.

    Args:
        head: the encoder's last layer, which makes the map.
        warp: the transform of it.
        spread: (channels,), all above 0.
    """
    channels = warp.shape[0]
    scale = spread.clamp(min=LEAST * float(spread.median()) + 1e-12)
    first, last = warp.correct[0], warp.correct[-1]
    assert isinstance(first, nn.Conv2d)  # noqa: S101 - for the type checker
    assert isinstance(last, nn.Conv2d)  # noqa: S101 - for the type checker
    with torch.no_grad():
        for layer in (head, last):
            # Of the last layer of the correction the second half are gates, which have no scale.
            layer.weight[:channels] /= scale[:, None, None, None]
            if layer.bias is not None:
                layer.bias[:channels] /= scale
        for layer in (warp.depth_head, first):
            layer.weight[:, :channels] *= scale[None, :, None, None]
