"""Cross-entropy against plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import classification

RNG = np.random.default_rng(5)


def cross_entropy(logits: np.ndarray, label: int) -> float:
    return float(np.log(np.exp(logits).sum()) - logits[label])


def test_classification_is_its_reference_in_value_and_gradient() -> None:
    logits, labels = RNG.normal(size=(5, 4)), RNG.integers(0, 4, 5)
    expected = np.mean([cross_entropy(row, k) for row, k in zip(logits, labels, strict=True)])
    given, target = torch.tensor(logits, requires_grad=True), torch.tensor(labels)
    assert float(classification(given, target).detach()) == pytest.approx(expected)
    assert torch.autograd.gradcheck(lambda a: classification(a, target), [given])
    rows = RNG.permutation(5)
    assert float(
        classification(torch.tensor(logits[rows]), torch.tensor(labels[rows]))
    ) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: classification(torch.zeros(4, 3), torch.zeros(5, dtype=torch.long)), r"\(5,\)"),
        (lambda: classification(torch.zeros(4, 3), torch.zeros(4)), "float32"),
    ],
)
def test_wrong_shapes_are_named(call: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
