"""What must not be computed in bfloat16 is not, even inside of automatic mixed precision."""

from __future__ import annotations

import torch
from torch import Tensor

from slowfeat_trainer.models.full_precision import full_precision


def product(a: Tensor, b: Tensor) -> Tensor:
    """The matrix product of two tensors."""
    return a @ b


# 1 + 2^-10 has no bfloat16: it would become 1.
A = torch.tensor([[1 + 2.0**-10]])


def test_autocast_is_left_at_the_door() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert product(A, A).dtype == torch.bfloat16
        guarded = full_precision(product)(A, A)
        assert product(A, A).dtype == torch.bfloat16  # and is back behind it
    assert guarded.dtype == torch.float32
    assert float(guarded) == float(A.double() ** 2)


def test_half_precision_arguments_are_widened_and_doubles_stay_double() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert full_precision(product)(A.bfloat16(), A).dtype == torch.float32
        assert full_precision(product)(A.double(), A.double()).dtype == torch.float64


def test_without_autocast_it_is_the_function_itself_with_its_name() -> None:
    guarded = full_precision(product)
    assert guarded.__name__ == "product"
    assert guarded(A.bfloat16(), A.bfloat16()).dtype == torch.bfloat16
