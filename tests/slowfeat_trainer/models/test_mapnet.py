"""The map encoder: local, flattened channel by channel, weighted by its
window; the slow code behind it.
"""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.mapnet import MapNet

SHAPE = (3, 4, 8)
NORMALISE = Normalise([100.0] * 3, [50.0] * 3)


def built(window: float = 0.0, slow: int = 0) -> MapNet:
    torch.manual_seed(0)
    return MapNet(NORMALISE, SHAPE, window, slow)


def test_what_happens_in_a_corner_stays_in_that_corner_of_the_map() -> None:
    network = built()
    frames = torch.full((2, 64, 128, 3), 100, dtype=torch.uint8)
    frames[1, :12, -12:] = 255
    with torch.no_grad():
        black, white = network(frames).reshape(2, *SHAPE)
    change = (white - black).abs().amax(dim=0)
    assert change[0, -1] > 1e-3
    assert change[2:].max() == pytest.approx(0, abs=1e-6)
    assert change[:, :6].max() == pytest.approx(0, abs=1e-6)


def test_the_window_weighs_the_map_and_nothing_else() -> None:
    plain, weighted = built(), built(window=2.0)
    frames = torch.randint(0, 256, (2, 32, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        alone = plain(frames).reshape(2, *SHAPE) / plain.window
        torch.testing.assert_close(weighted(frames), (alone * weighted.window).flatten(1))
    assert weighted.window[0, 0] < weighted.window[0, 3]


def test_the_slow_code_stands_behind_the_map() -> None:
    network = built(slow=5)
    frames = torch.randint(0, 256, (2, 32, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        both = network(frames)
        network.slow = None
        torch.testing.assert_close(both[:, :96], network(frames))
    assert both.shape == (2, 96 + 5)
    assert both[:, 96:].std() > 1e-4
