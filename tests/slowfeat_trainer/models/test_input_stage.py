"""Resizing by areas and grey by brightness, against average pooling and sums."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.input_stage import InputStage, resize_matrix

SIZE = (40, 56)
RNG = np.random.default_rng(7)
FRAMES = FrameStack([RNG.integers(0, 256, (60, *SIZE, 3), dtype=np.uint8)])
NORMALISE = Normalise.fitted_to(FRAMES)


@pytest.mark.parametrize(("old", "new"), [(64, 20), (20, 20), (7, 32), (48, 16)])
def test_resizing_keeps_a_flat_line_flat_and_the_mean(old: int, new: int) -> None:
    matrix = resize_matrix(old, new)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-12)
    line = RNG.normal(size=old)
    if new <= old:
        assert (matrix @ line).mean() == pytest.approx(line.mean())
    ramp = matrix @ np.arange(old)
    assert (np.diff(ramp) >= 0).all()
    assert ramp[0] + ramp[-1] == pytest.approx(old - 1)


def test_the_front_shrinks_by_areas_and_greys_by_brightness() -> None:
    picture = torch.from_numpy(FRAMES[:2])
    plain = NORMALISE(picture)
    half = InputStage(NORMALISE, SIZE, (SIZE[0] // 2, SIZE[1] // 2))(picture)
    torch.testing.assert_close(half, nn.functional.avg_pool2d(plain, 2))
    grey = InputStage(NORMALISE, SIZE, grey=True)
    expected = 0.299 * plain[:, 0] + 0.587 * plain[:, 1] + 0.114 * plain[:, 2]
    torch.testing.assert_close(grey(picture)[:, 0], expected)
    assert grey.shape == (1, *SIZE)
