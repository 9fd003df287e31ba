"""What is said of figures, good and bad."""

from __future__ import annotations

import dataclasses

import pytest

from slowfeat_trainer.evaluation.compare import Comparison, Metrics
from slowfeat_trainer.evaluation.measure_bundle import Evaluation
from slowfeat_trainer.evaluation.slowness import SpaceMetrics
from slowfeat_trainer.report.report_phrases import best_peer, reading, verdict

GOOD = Metrics(0.4, 0.5, 0.8, 0.9, 0.8, 0.01, 0.6)
COPY = Metrics(1.0, 1.0, -0.4, None, 0.2, 0.01, 0.0)
PIXELS = Metrics(0.8, 0.7, 0.6, 0.1, 0.6, 0.01, 0.4)
CODE = SpaceMetrics(0.6, 0.1, 0.9, 0.0, 1.0, 20.0, 128)
SLOW_PIXELS = SpaceMetrics(0.4, 0.1, 0.9, 0.0, 1.0, 30.0, 768)


def result(learned: Metrics = GOOD, code: SpaceMetrics = CODE) -> Evaluation:
    rows = {
        "bundle's map": learned,
        "refitted maps": learned,
        "copy": COPY,
        "raw pixels, refitted": PIXELS,
    }
    comparison = Comparison(rows, code.effective_rank, 1.0, 0.6, [0.4], 100, 40.0)
    return Evaluation(comparison, {}, {"bundle": code, "raw pixels": SLOW_PIXELS})


def test_the_best_peer_is_no_map_of_the_bundles_own_code() -> None:
    assert best_peer(result())[0] == "raw pixels, refitted"


def test_a_good_map_is_praised_and_a_useless_one_is_not() -> None:
    assert "more often than every baseline" in verdict(result())
    worse = dataclasses.replace(GOOD, mrr=0.55)
    assert "no more often than the baseline raw pixels" in verdict(result(worse))
    for useless in (
        dataclasses.replace(GOOD, motion_gain=0.0),
        dataclasses.replace(GOOD, rho=1.0),
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
        reading(result(dataclasses.replace(GOOD, motion_gain=0.0, rho_composite=None)))
    )
    assert "hardly matters" in useless


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (dataclasses.replace(CODE, effective_rank=1.1), "has collapsed"),
        (dataclasses.replace(CODE, auc_time=0.41), "no slow code"),
    ],
)
def test_a_collapsed_and_a_fast_code_are_named(code: SpaceMetrics, says: str) -> None:
    assert says in reading(result(code=code))[-1]
