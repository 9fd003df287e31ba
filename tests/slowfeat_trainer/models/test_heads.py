"""The heads that training leaves at home."""

from __future__ import annotations

import torch

from slowfeat_trainer.models.heads import ClassHead, MotionHead

D = 16


def test_heads_have_their_shapes_and_tell_before_from_after() -> None:
    a, b = torch.randn(2, 4, D)
    assert ClassHead(D, 7)(a).shape == (4, 7)
    head = MotionHead(D, 2, 20)
    assert head(a, b).shape == (4, 2, 20)
    assert not torch.allclose(head(a, b), head(b, a))
