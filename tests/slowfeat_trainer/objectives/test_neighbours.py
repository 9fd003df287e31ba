"""The contrast that drlim and temporal share, with a distance that can be followed by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives.neighbours import contrast_neighbours


def first_axis(a: Tensor, b: Tensor) -> Tensor:
    """Distance along the first axis only."""
    return (a - b)[..., 0].abs()


Z = torch.tensor([[0.0, 5.0], [1.0, 5.0]])
NEAR = torch.tensor([[0.5, -5.0], [1.1, -5.0]])
FAR = torch.tensor([[0.2, 0.0], [9.0, 0.0]])


def test_neighbours_attract_and_others_repel_within_the_margin() -> None:
    every = torch.ones(2, 2, dtype=torch.bool)
    # Attracted by 0.5 and 0.1; repelled by 1 - 0.2 and 1 - 0.8; nothing from what is beyond the
    # margin.
    got = contrast_neighbours(first_axis, Z, NEAR, FAR, every, 1.0)
    assert float(got) == pytest.approx((0.5 + 0.1) / 2 + (0.8 + 0.2 + 0 + 0) / 4)


def test_only_marked_pairs_repel_and_none_is_no_division_by_zero() -> None:
    one = torch.tensor([[True, False], [False, False]])
    assert float(contrast_neighbours(first_axis, Z, NEAR, FAR, one, 1.0)) == pytest.approx(
        0.3 + 0.8
    )
    none = torch.zeros(2, 2, dtype=torch.bool)
    assert float(contrast_neighbours(first_axis, Z, NEAR, FAR, none, 1.0)) == pytest.approx(0.3)


def test_a_mask_that_is_transposed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"is_far \(2, M\); got \(3, 2\) and \(3, 2\)"):
        contrast_neighbours(first_axis, Z, NEAR, torch.zeros(3, 2), torch.ones(3, 2), 1.0)
