"""The ratio objective against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import ratio

RNG = np.random.default_rng(0)


def test_ratio_is_its_reference_and_slowness_cannot_win() -> None:
    z, predicted, after = RNG.normal(size=(3, 6, 4))
    error, change = ((predicted - after) ** 2).sum(1), ((z - after) ** 2).sum(1)
    floor = 0.03 * change.mean() + 1e-12
    expected = np.mean(np.log(error + floor) - np.log(change + floor))
    got = ratio(*(torch.tensor(a) for a in (z, predicted, after)))
    assert float(got) == pytest.approx(expected)
    # Standing still gains nothing, however slow the code is.
    for scale in (1.0, 1e-3):
        start, end = torch.tensor(scale * z), torch.tensor(scale * after)
        assert float(ratio(start, start, end)) == pytest.approx(0.0, abs=1e-9)
    assert float(ratio(torch.tensor(z), torch.tensor(after), torch.tensor(after))) < -3
