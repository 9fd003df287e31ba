"""The convolutional models have the paper's shapes, and layer 1 is
held where training is greedy.
"""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.models.goroshin_conv import GoroshinFirst, GoroshinSecond
from tests.helpers.first_layers import FRAMES


def test_the_papers_shapes(first: GoroshinFirst) -> None:
    frames = torch.from_numpy(FRAMES[:2])
    one = first.code(frames)
    assert [t.shape[1:] for t in one] == [(3, 32, 32), (3, 32, 32), (64, 32, 32), (16, 16, 16)]
    two = GoroshinSecond(first).code(frames)
    assert [t.shape[1:] for t in two] == [(16, 16, 16), (16, 16, 16), (64, 16, 16), (64, 4, 4)]
    assert float(one.h.detach().min()) >= 0


@pytest.mark.parametrize("greedy", [True, False])
def test_the_first_layer_learns_only_where_training_is_joint(
    first: GoroshinFirst, greedy: bool
) -> None:
    second = GoroshinSecond(first, greedy)
    code = second.code(torch.from_numpy(FRAMES[:2]))
    (code.z.sum() + (code.reconstruction - code.x).pow(2).sum()).backward()
    assert second.encoder.weight.grad is not None
    assert (first.encoder.weight.grad is None) is greedy
