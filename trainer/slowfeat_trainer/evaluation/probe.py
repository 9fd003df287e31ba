"""Recognition from few labels by a linear probe: logistic regression on
a frozen code (J: 5 repeats).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from slowfeat_trainer.metrics.equivariance import Matrix

Index = npt.NDArray[np.int64]

# Strengths of the l2 penalty on the weights, per label.
STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)
STEPS = 60


def linear_probe(
    train: Matrix, train_class: Index, test: Matrix, test_class: Index, seed: int = 0
) -> float:
    """Share of test frames that multinomial logistic regression, fitted to the training frames,
    classifies rightly.

    Minimises mean cross-entropy + s |W|^2 / 2 by L-BFGS on standardised features. The strength s is
    the one with the least cross-entropy on a third of each class held out of the training frames;
    then all are fitted. A constant code gets the share of one class.

    Args:
        train: (M, D) embeddings with labels.
        train_class: (M,) their classes, from 0 on.
        test: (Q, D) embeddings.
        test_class: (Q,) their classes.
        seed: of which training frames choose the strength.
    """
    classes = int(max(train_class.max(), test_class.max())) + 1
    mean, spread = train.mean(axis=0), train.std(axis=0)
    # What does not vary among the labelled frames says nothing, whatever it does elsewhere.
    scale = np.where(spread > 1e-6 * max(float(spread.max()), 1e-30), spread, np.inf)
    x, y, queries = (
        torch.from_numpy(np.asarray(a))
        for a in (
            ((train - mean) / scale).astype(np.float32),
            train_class,
            ((test - mean) / scale).astype(np.float32),
        )
    )
    strength = _choose(x, y, classes, seed)
    weight, bias = fit_logistic(x, y, classes, strength)
    guess = (queries @ weight + bias).argmax(dim=1).numpy()
    return float(np.mean(guess == test_class))


def fit_logistic(x: Tensor, y: Tensor, classes: int, strength: float) -> tuple[Tensor, Tensor]:
    """Weights (D, C) and bias (C,) of logistic regression on (M, D) with classes (M,)."""
    weight = torch.zeros(x.shape[1], classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe", tolerance_grad=1e-5
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = functional.cross_entropy(x @ weight + bias, y) + strength / 2 * weight.pow(2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()


def _choose(x: Tensor, y: Tensor, classes: int, seed: int) -> float:
    """The strength that is best on a third of each class, held out; the middle
    one where a class is too small.
    """
    rng = np.random.default_rng(seed)
    held = torch.zeros(len(y), dtype=torch.bool)
    for c in range(classes):
        members = rng.permutation(np.flatnonzero(y.numpy() == c))
        held[torch.from_numpy(members[: len(members) // 3])] = True
    if not held.any():
        return STRENGTHS[len(STRENGTHS) // 2]
    losses = []
    for strength in STRENGTHS:
        weight, bias = fit_logistic(x[~held], y[~held], classes, strength)
        losses.append(float(functional.cross_entropy(x[held] @ weight + bias, y[held])))
    return STRENGTHS[int(np.argmin(losses))]
