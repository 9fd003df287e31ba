"""The ratio of each channel beside numpy, and what it takes away:
winning by one channel's growth.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import channel_ratio, multiscale_channel_ratio, ratio
from slowfeat_trainer.objectives.ratio import FLOOR

RNG = np.random.default_rng(7)


def reference(before: np.ndarray, predicted: np.ndarray, after: np.ndarray) -> float:
    terms = []
    for c in range(before.shape[1]):
        error = [((p[c] - a[c]) ** 2).sum() for p, a in zip(predicted, after, strict=True)]
        change = [((b[c] - a[c]) ** 2).sum() for b, a in zip(before, after, strict=True)]
        floor = FLOOR * np.mean(change)
        terms += [np.log(e + floor) - np.log(d + floor) for e, d in zip(error, change, strict=True)]
    return float(np.mean(terms))


def pooled(maps: np.ndarray, rows: int, columns: int) -> np.ndarray:
    n, c, h, w = maps.shape
    return maps.reshape(n, c, h // rows, rows, w // columns, columns).mean((3, 5))


def drawn() -> list[np.ndarray]:
    return list(RNG.normal(size=(3, 5, 4, 4, 8)))


def test_it_is_numpys_and_at_several_scales_half_fine_half_coarse() -> None:
    given = drawn()
    tensors = [torch.tensor(g) for g in given]
    fine = reference(*given)
    assert float(channel_ratio(*tensors)) == pytest.approx(fine)
    coarse = [reference(*(pooled(g, *scale) for g in given)) for scale in ((2, 4), (4, 8))]
    got = float(multiscale_channel_ratio(*tensors, ((2, 4), (4, 8))))
    assert got == pytest.approx(0.5 * fine + 0.5 * np.mean(coarse))
    got = float(multiscale_channel_ratio(*tensors, ((2, 4), (4, 8)), 0.25))
    assert got == pytest.approx(0.75 * fine + 0.25 * np.mean(coarse))
    assert float(multiscale_channel_ratio(*tensors, ())) == pytest.approx(fine)


def test_standing_still_is_worth_nothing_and_the_truth_much() -> None:
    before, _, after = (torch.tensor(g) for g in drawn())
    assert float(channel_ratio(before, before, after)) == pytest.approx(0)
    assert float(channel_ratio(before, after, after)) < -3


def test_a_channel_gains_nothing_by_growing() -> None:
    before, predicted, after = (torch.tensor(g) for g in drawn())
    predicted[:, 0] = after[:, 0]
    grown = torch.ones(1, 4, 1, 1, dtype=before.dtype)
    grown[:, 0] = 100
    same = float(channel_ratio(*(grown * m for m in (before, predicted, after))))
    assert same == pytest.approx(float(channel_ratio(before, predicted, after)))

    # The ratio of the sum is won by it.
    def of_the_sum(gain: torch.Tensor) -> float:
        return float(ratio(*((gain * m).flatten(1) for m in (before, predicted, after))))

    assert of_the_sum(grown) < of_the_sum(torch.ones_like(grown)) - 2


def test_other_shapes_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="batch, channels, rows, columns"):
        channel_ratio(torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(2, 3))
    with pytest.raises(ValueError, match="must share one shape"):
        channel_ratio(torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 4, 4), torch.zeros(2, 2, 4, 4))
