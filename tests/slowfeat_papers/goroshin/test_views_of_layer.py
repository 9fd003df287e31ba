"""What an auto-encoder's layer makes of frames."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from slowfeat_papers.goroshin.views_of_layer import Hidden, Rebuilt


class Layer(nn.Module):
    """A layer whose steps can be told apart in the result."""

    def inputs(self, image: Tensor) -> Tensor:
        return image.float() + 1

    def hidden(self, x: Tensor) -> Tensor:
        return 10 * x

    def decoder(self, h: Tensor) -> Tensor:
        return h - 3


def test_units_and_the_frame_rebuilt_from_them() -> None:
    frames = torch.tensor([[0, 4]], dtype=torch.uint8)
    layer = Layer()
    assert Hidden(layer)(frames).tolist() == [[10, 50]]  # type: ignore[arg-type]
    assert Rebuilt(layer)(frames).tolist() == [[7, 47]]  # type: ignore[arg-type]
