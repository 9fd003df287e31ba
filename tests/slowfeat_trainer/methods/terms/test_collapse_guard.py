"""The guard: the spread of a dimension and its correlation with others,
measured against drlim's margin.
"""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.methods.terms.collapse_guard import CovarianceTerm, VarianceTerm
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config

CONFIG = small_config("drlim", drlim_margin=2.0)
# A margin of 2 for 8 dimensions: each is to spread by 2 / sqrt(8).
TARGET = 2.0 / 8**0.5


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set()


def costs(data: TrainingSet, z: torch.Tensor) -> tuple[float, float]:
    batch = draw_batch(data, CONFIG, 0)
    return tuple(
        float(term(data, CONFIG).loss({"before": z}, batch, data, CONFIG))
        for term in (VarianceTerm, CovarianceTerm)
    )


def test_a_code_at_half_its_spread_costs_one_half(data: TrainingSet) -> None:
    torch.manual_seed(0)
    z = torch.linalg.qr(torch.randn(64, 64))[0][:, 1:9]
    z = z - z.mean(dim=0)
    z = TARGET * z / z.std(dim=0)
    assert costs(data, z)[0] == pytest.approx(0, abs=1e-5)
    assert costs(data, z / 2)[0] == pytest.approx(0.5, abs=1e-3)


def test_a_code_that_says_one_thing_eight_times_costs_its_correlations(data: TrainingSet) -> None:
    torch.manual_seed(0)
    line = torch.randn(64, 1)
    line = TARGET * (line - line.mean()) / line.std()
    variance, covariance = costs(data, line.expand(64, 8))
    assert variance == pytest.approx(0, abs=1e-5)
    # 8 x 7 pairs of correlation 1, divided by 8.
    assert covariance == pytest.approx(7, rel=1e-3)
