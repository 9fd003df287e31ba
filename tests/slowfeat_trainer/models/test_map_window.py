"""The window over a map: it weighs, and it loses nothing."""

from __future__ import annotations

import numpy as np
import torch

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.map_window import map_window
from slowfeat_trainer.models.mapnet import MapNet
from slowfeat_trainer.models.warp_transform import WarpTransform

SHAPE = (3, 4, 8)


def test_it_falls_off_to_the_sides_and_none_is_all_alike() -> None:
    window = map_window(SHAPE, 2.0)
    assert window.shape == (4, 8)
    torch.testing.assert_close(window, window.flip(1))
    assert (window[0, 1:4] > window[0, :3]).all()
    torch.testing.assert_close(window.pow(2).sum(), torch.tensor(1.0))
    torch.testing.assert_close(map_window(SHAPE, 0.0), torch.full((4, 8), 32**-0.5))


def test_the_embedding_is_the_weighted_map() -> None:
    torch.manual_seed(0)
    net = MapNet(Normalise([120.0] * 3, [50.0] * 3), SHAPE, 2.0)
    image = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8)
    with torch.no_grad():
        torch.testing.assert_close(
            net(image).view(2, *SHAPE) / net.window, net.head(net.features(net.normalise(image)))
        )


def test_the_transform_moves_what_stands_behind_the_window() -> None:
    """The same map with and without a window is moved to the same map."""
    torch.manual_seed(0)
    plain = WarpTransform(CameraGeometry((1.0, 1.0), None), SHAPE, np.ones((1, 6)))
    for parameter in plain.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    windowed = WarpTransform(CameraGeometry((1.0, 1.0), None), SHAPE, np.ones((1, 6)), window=2.0)
    state = plain.state_dict() | {"window": windowed.window}
    windowed.load_state_dict(state)
    maps, motion = torch.randn(5, *SHAPE), 0.2 * torch.randn(5, 6)
    with torch.no_grad():
        moved, alike = (
            warp((maps * warp.window).flatten(1), motion).view(5, *SHAPE) / warp.window
            for warp in (windowed, plain)
        )
    torch.testing.assert_close(moved, alike)
