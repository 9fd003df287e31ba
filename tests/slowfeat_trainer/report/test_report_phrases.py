"""What is said of figures, good and bad."""

from __future__ import annotations

import pytest

from slowfeat_trainer.evaluation.compare import Comparison
from slowfeat_trainer.evaluation.measure_bundle import Evaluation
from slowfeat_trainer.evaluation.metric import MetricValues
from slowfeat_trainer.evaluation.metric_table import Metrics
from slowfeat_trainer.report.report_phrases import best_peer, reading, verdict

GOOD = Metrics(
    rho=0.4, rho_composite=0.5, r2=0.8, motion_gain=0.9, mrr=0.8, mrr_spread=0.01, hit_at_1=0.6
)
COPY = Metrics(
    rho=1.0, rho_composite=1.0, r2=-0.4, motion_gain=None, mrr=0.2, mrr_spread=0.01, hit_at_1=0.0
)
PIXELS = Metrics(
    rho=0.8, rho_composite=0.7, r2=0.6, motion_gain=0.1, mrr=0.6, mrr_spread=0.01, hit_at_1=0.4
)
CODE = MetricValues(auc_time=0.6, auc_time_chance=0.1, effective_rank=20.0, dimension=128)
SLOW_PIXELS = MetricValues(auc_time=0.4, auc_time_chance=0.1, effective_rank=30.0, dimension=768)


def result(learned: Metrics = GOOD, code: MetricValues = CODE) -> Evaluation:
    rows = {
        "bundle's map": learned,
        "refitted maps": learned,
        "copy": COPY,
        "raw pixels, refitted": PIXELS,
    }
    comparison = Comparison(rows, code.number("effective_rank"), 1.0, 0.6, [0.4], 100, 40.0)
    return Evaluation(comparison, {}, {"bundle": code, "raw pixels": SLOW_PIXELS})


def test_the_best_peer_is_no_map_of_the_bundles_own_code() -> None:
    assert best_peer(result())[0] == "raw pixels, refitted"


def test_a_good_map_is_praised_and_a_useless_one_is_not() -> None:
    assert "more often than every baseline" in verdict(result())
    worse = Metrics({**GOOD, "mrr": 0.55})
    assert "no more often than the baseline raw pixels" in verdict(result(worse))
    for useless in (
        Metrics({**GOOD, "motion_gain": 0.0}),
        Metrics({**GOOD, "rho": 1.0}),
        COPY,
    ):
        assert (
            verdict(result(useless))
            == "The map does not predict what a motion does to the embedding."
        )


def test_a_reading_says_each_figure_once() -> None:
    text = " ".join(reading(result()))
    for part in (
        "0.40 of the distance",
        "0.50",
        "60 %",
        "by 90 %",
        "calibrated",
        "a slow code",
        "20 of its 128",
    ):
        assert part in text
    useless = " ".join(
        reading(result(Metrics({**GOOD, "motion_gain": 0.0, "rho_composite": None})))
    )
    assert "hardly matters" in useless


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (MetricValues({**CODE, "effective_rank": 1.1}), "has collapsed"),
        (MetricValues({**CODE, "auc_time": 0.41}), "no slow code"),
    ],
)
def test_a_collapsed_and_a_fast_code_are_named(code: MetricValues, says: str) -> None:
    assert says in reading(result(code=code))[-1]
