"""Equation 3 of Goroshin et al., and the sparse cost beside it,
against loops over frames and pools.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from slowfeat_trainer.objectives import group_sparse, sparse
from tests.helpers.sparse_references import ALPHA, drawn, frame_cost, tensors


def test_sparse_and_group_sparse_are_their_references_in_value_and_gradient() -> None:
    given = x, r, h, z = drawn(4)
    plain = [frame_cost(x[b], r[b], h[b]) for b in range(4)]
    assert float(sparse(*tensors([x, r, h]), ALPHA)) == pytest.approx(np.mean(plain))
    groups = [((r[b] - x[b]) ** 2).sum() + ALPHA * z[b].sum() for b in range(4)]
    assert float(group_sparse(*tensors(given), ALPHA)) == pytest.approx(np.mean(groups))
    both = np.mean(groups) + 0.7 * np.mean([h[b].sum() for b in range(4)])
    assert float(group_sparse(*tensors(given), ALPHA, 0.7)) == pytest.approx(both)
    grown = tensors(given, grad=True)
    assert torch.autograd.gradcheck(lambda a, b, c: sparse(a, b, c, ALPHA), grown[:3])
    assert torch.autograd.gradcheck(lambda *t: group_sparse(*t, ALPHA, 0.7), grown)


def test_group_sparsity_prefers_one_pool_to_many_where_sparsity_does_not() -> None:
    x = torch.zeros(1, 5)
    together, apart = torch.zeros(1, 8), torch.zeros(1, 8)
    together[0, :2] = 1.0
    apart[0, [0, 4]] = 1.0

    def pooled(h: Tensor) -> Tensor:
        return h.view(1, 2, 4).norm(dim=2)

    assert float(sparse(x, x, together, 1.0)) == float(sparse(x, x, apart, 1.0))
    assert float(group_sparse(x, x, together, pooled(together), 1.0)) < 0.8 * float(
        group_sparse(x, x, apart, pooled(apart), 1.0)
    )


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: group_sparse(*torch.zeros(3, 4, 5), torch.zeros(5, 2), 1.0), r"z \(5, 2\)"),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
