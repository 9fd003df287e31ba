"""The terms of the auto-encoders' objectives, each on an example that can be followed by hand."""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.objectives.autoencoder_terms import (
    check_batches,
    l1_activity,
    pooled_change,
    reconstruction_error,
)


def test_terms_are_sums_over_a_frame_and_means_over_the_batch() -> None:
    x = torch.zeros(2, 1, 2, 2)
    seen = torch.tensor([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]]).view(2, 1, 2, 2)
    assert float(reconstruction_error(x, seen)) == (1 + 4 + 9) / 2
    assert float(l1_activity(-seen)) == (1 + 2 + 3) / 2
    # |1 - 0| + |2 - 0| and |0 - 3|: a change counts by its size, up or down.
    assert float(pooled_change(seen, x)) == float(pooled_change(x, seen)) == (1 + 2 + 3) / 2


def test_shapes_that_differ_are_named() -> None:
    a, b = torch.zeros(2, 3), torch.zeros(2, 4)
    with pytest.raises(ValueError, match=r"x \(2, 3\), reconstruction \(2, 4\)"):
        reconstruction_error(a, b)
    with pytest.raises(ValueError, match=r"z_t \(2, 3\), z_u \(2, 4\)"):
        pooled_change(a, b)
    check_batches(a=a, b=b)
    with pytest.raises(ValueError, match=r"a \(2, 3\), b \(1, 4\)"):
        check_batches(a=a, b=b[:1])
