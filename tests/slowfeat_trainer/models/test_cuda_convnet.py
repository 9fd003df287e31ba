"""The network for driving has the layers of its paper and sees a whole
image, but no other image.
"""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.cuda_convnet import CudaConvNet

NORMALISE = Normalise([100.0, 110.0, 120.0], [40.0, 50.0, 60.0])


@pytest.fixture
def network() -> CudaConvNet:
    torch.manual_seed(0)
    return CudaConvNet(NORMALISE, (48, 64))


def test_it_has_the_papers_parameters(network: CudaConvNet) -> None:
    # Three 5x5 convolutions of 3 -> 32 -> 32 -> 64 maps, then 64 maps of 4x4 to 64 numbers; with
    # biases.
    counted = (75 + 1) * 32 + (800 + 1) * 32 + (800 + 1) * 64 + (64 * 16 + 1) * 64
    assert sum(p.numel() for p in network.parameters()) == counted
    assert network(torch.zeros(2, 48, 64, 3, dtype=torch.uint8)).shape == (2, 64)


def test_every_corner_of_the_picture_reaches_the_code_of_its_frame_alone(
    network: CudaConvNet,
) -> None:
    frames = torch.full((3, 48, 64, 3), 100, dtype=torch.uint8)
    with torch.no_grad():
        before = network(frames)
        for rows, columns in ((slice(6), slice(6)), (slice(-6, None), slice(-6, None))):
            changed = frames.clone()
            changed[1, rows, columns] = 255
            difference = (network(changed) - before).abs().amax(dim=1)
            assert difference[1] > 1e-4
            assert difference[[0, 2]].tolist() == pytest.approx([0, 0], abs=1e-6)
