"""The sparse auto-encoder cost against loops over frames and units."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import sparse


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: sparse(torch.zeros(4, 5), torch.zeros(4, 6), torch.zeros(4, 8), 1.0), r"\(4, 6\)"),
        (
            lambda: sparse(torch.zeros(4, 5), torch.zeros(4, 5), torch.zeros(3, 8), 1.0),
            r"h \(3, 8\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
