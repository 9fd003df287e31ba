"""Of several transforms the best on pairs that fitted none is kept, and the old
one where no other is better.
"""

from __future__ import annotations

import pytest

from slowfeat_trainer.adaptation.choose_candidate import choose_candidate
from slowfeat_trainer.evaluation.metric_table import Metrics


def row(mrr: float, gain: float = 0.3, mrr_se: float = 0.02) -> Metrics:
    return Metrics(
        rho=0.7,
        rho_composite=None,
        r2=0.2,
        motion_gain=gain,
        mrr=mrr,
        mrr_spread=0.01,
        hit_at_1=0.3,
        gain_se=0.02,
        mrr_se=mrr_se,
    )


@pytest.mark.parametrize(
    ("adapted", "described", "was", "kept"),
    [
        (row(0.6), row(0.5), row(0.4), "adapted"),
        (row(0.5), row(0.6), row(0.4), "described"),
        # Worse, and hardly better.
        (row(0.06), row(0.1), row(0.12), "was"),
        (row(0.41), row(0.3), row(0.4), "was"),
        # Ranks better and has lost what it knew of motion: it predicts the mean of the drive.
        (row(0.6, gain=0.0), row(0.3), row(0.4), "was"),
    ],
)
def test_the_candidate_that_is_kept(
    adapted: Metrics, described: Metrics, was: Metrics, kept: str
) -> None:
    rows = {"adapted": adapted, "described": described, "was": was}
    assert choose_candidate(rows, "was").name == kept
