"""Ingredients of the default method that a comparison leaves out, where no number of the
configuration does.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.models.warp_transform import WarpTransform


def ablate(warp: WarpTransform, geometries: Sequence[CameraGeometry], names: Sequence[str]) -> None:
    """Take parts away from a warp, for good: they compute nothing and learn nothing.

    Args:
        warp: with the weights that it starts from; changed in place.
        geometries: of all cameras; changed in place.
        names: of config.ABLATABLE. "lens": the camera stays a pinhole, whose image moves in its
            middle as that of the lens does. "distances": the inverse distance is the smooth one
            alone, none is read from the map. "correction": the map is warped and nothing else. The
            others are no parts of the warp.
    """
    last = warp.correct[-1]
    assert isinstance(last, nn.Conv2d)  # noqa: S101 - for the type checker
    parts: dict[str, list[Tensor | None]] = {
        "lens": [geometry.mirror_xi for geometry in geometries],
        "distances": [warp.depth_head.weight, warp.depth_head.bias],
        # What it adds is this layer's, and 0 where this is 0.
        "correction": [last.weight, last.bias],
    }
    if "lens" in names:
        with torch.no_grad():
            for geometry in geometries:
                geometry.log_focal.sub_(geometry.mirror_xi.log1p())
    for name in names:
        for parameter in parts.get(name, []):
            if parameter is not None:
                parameter.requires_grad_(False).zero_()
