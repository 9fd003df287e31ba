"""The toy of fig. 1: images of any size to the plane, through an image of 96x96 grey pixels."""

from __future__ import annotations

import torch

from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.toy_manifold import ToyManifold

NORMALISE = Normalise([127.5] * 3, [50.0] * 3)


def test_pictures_of_any_size_go_to_the_plane() -> None:
    torch.manual_seed(0)
    network = ToyManifold(NORMALISE, (192, 96), hidden=7)
    assert sum(p.numel() for p in network.parameters()) == (96 * 96 + 1) * 7 + (7 + 1) * 2
    tall = torch.randint(0, 256, (3, 192, 96, 3), dtype=torch.uint8)
    with torch.no_grad():
        assert network(tall).shape == (3, 2)


def test_it_sees_areas_of_a_larger_picture_and_no_colour_of_equal_brightness() -> None:
    torch.manual_seed(0)
    large, small = ToyManifold(NORMALISE, (192, 192)), ToyManifold(NORMALISE, (96, 96))
    small.load_state_dict(large.state_dict())
    grey = torch.randint(0, 256, (2, 96, 96, 1), dtype=torch.uint8).expand(-1, -1, -1, 3)
    doubled = grey.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2)
    with torch.no_grad():
        torch.testing.assert_close(large(doubled), small(grey), rtol=1e-4, atol=1e-4)
