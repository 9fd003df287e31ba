"""Distances of embeddings by hand, at and away from zero."""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.objectives.distance import check_same_shape, l1, l2, listed_shapes

A = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
B = torch.tensor([[3.0, -4.0], [1.0, 1.0]])


def test_distances_are_along_the_last_axis() -> None:
    assert l1(A, B).tolist() == [7.0, 0.0]
    assert l2(A, B).tolist() == pytest.approx([5.0, 0.0], abs=1e-5)
    # Every one of A to every one of B.
    assert l1(A[:, None], B[None]).tolist() == [[7.0, 2.0], [7.0, 0.0]]


def test_the_gradient_of_l2_is_a_unit_vector_and_none_where_embeddings_meet() -> None:
    a = A.clone().requires_grad_()
    l2(a, B).sum().backward()
    assert a.grad is not None
    torch.testing.assert_close(a.grad, torch.tensor([[-0.6, 0.8], [0.0, 0.0]]))


def test_shapes_must_be_one_and_of_two_axes() -> None:
    check_same_shape(a=A, b=B)
    with pytest.raises(ValueError, match=r"got a \(2, 2\), b \(1, 2\)"):
        check_same_shape(a=A, b=B[:1])
    with pytest.raises(ValueError, match=r"\(batch, D\); got a \(2,\)"):
        check_same_shape(a=A[0])
    assert listed_shapes(z=A, h=A[0]) == "z (2, 2), h (2,)"
