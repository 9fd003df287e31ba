"""The mean squared error by hand."""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.objectives import squared_error


def test_squared_error_by_hand() -> None:
    predicted = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    after = torch.tensor([[1.0, 0.0], [3.0, 0.0]])
    assert float(squared_error(predicted, after)) == pytest.approx((0 + 4 + 9 + 0) / 4)
    with pytest.raises(ValueError, match="shape"):
        squared_error(predicted, after[:1])
