"""L2 pools over units and over squares of maps, against norms of slices."""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.models.pooling import L2Pool, pool_members


@pytest.mark.parametrize("stride", [4, 2, 1])
def test_pools_of_units_are_their_norms_and_may_overlap(stride: int) -> None:
    h = torch.rand(3, 12)
    got = L2Pool(12, 4, stride)(h)
    expected = torch.stack([h[:, i : i + 4].norm(dim=1) for i in range(0, 9, stride)], dim=1)
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize(("stride", "space_stride", "shape"), [(4, 2, (2, 3)), (2, 1, (3, 5))])
def test_pools_of_maps_are_norms_over_maps_and_squares(
    stride: int, space_stride: int, shape: tuple[int, int]
) -> None:
    h = torch.rand(2, 8, 6, 6)
    got = L2Pool(8, 4, stride, 2, space_stride)(h)
    pools, side = shape
    assert got.shape == (2, pools, side, side)
    for k in range(pools):
        for i in range(side):
            part = h[:, k * stride : k * stride + 4, i * space_stride :][:, :, :2, :2]
            torch.testing.assert_close(got[:, k, i, 0], part.flatten(1).norm(dim=1))


def test_a_silent_pool_has_no_gradient_instead_of_none_that_is_finite() -> None:
    h = torch.zeros(1, 8, requires_grad=True)
    L2Pool(8, 4)(h).sum().backward()
    assert h.grad is not None
    assert not h.grad.any()


def test_pools_that_leave_units_out_are_refused() -> None:
    with pytest.raises(ValueError, match="pools of 4 units every 4 do not cover 10 units"):
        pool_members(10, 4, 4)
