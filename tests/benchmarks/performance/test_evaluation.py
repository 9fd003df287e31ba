"""Brute force and the metrics agree, and where they do not the benchmark stops."""

from __future__ import annotations

import pytest

from benchmarks.performance import evaluation
from benchmarks.performance.evaluation import Metric
from slowfeat.errors import SlowfeatError


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Metric, Metric]]:
    monkeypatch.setattr(evaluation, "PAIRS", 120)
    monkeypatch.setattr(evaluation, "AUROC_DRAWS", 300)
    return evaluation.all_metrics()


def test_each_metric_is_what_its_definition_gives(
    metrics: dict[str, tuple[Metric, Metric]],
) -> None:
    for name, (ours, brute) in metrics.items():
        assert ours() == pytest.approx(brute(), rel=1e-6), name
        assert 0 < ours() < 200, name


def test_a_metric_that_is_wrong_is_not_timed() -> None:
    with pytest.raises(SlowfeatError, match=r"rank is 1, by brute force 2.*mend the metric"):
        evaluation.compare("rank", lambda: 1.0, lambda: 2.0, 1)
