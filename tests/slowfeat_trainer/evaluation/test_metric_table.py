"""The table of metrics: what a constant gets in each, and codes as such on a straight path and
noise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.evaluation.metric import Metric, shown
from slowfeat_trainer.evaluation.metric_data import Predictions, frames_in
from slowfeat_trainer.evaluation.metric_table import (
    CODE_METRICS,
    MAP_METRICS,
    RECOGNITION_METRICS,
    code_metrics,
    map_metrics,
)

ROOT = Path(__file__).resolve().parents[3]
COUNT = 400


@pytest.fixture(scope="module")
def part() -> Part:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (COUNT, 16, 16, 3)).astype(np.uint8)
    stamps = (np.arange(COUNT) * 1e8).astype(np.int64)
    poses = np.tile(np.eye(4), (COUNT, 1, 1))
    return Part(FrameStack([frames]), stamps, poses, np.zeros(COUNT, np.int64))


def test_half_a_second_in_frames(part: Part) -> None:
    assert frames_in(0.5, part) == 5
    assert frames_in(0.01, part) == 1


def test_a_constant_code_gets_what_its_row_says(part: Part) -> None:
    got = code_metrics(np.ones((COUNT, 6)), part)
    assert got.number("auc_time") == pytest.approx(got.number("auc_time_chance"))
    assert got["dimension"] == 6
    for metric in CODE_METRICS:
        if metric.constant is not None:
            assert got[metric.name] == pytest.approx(metric.constant), metric.name


def test_a_map_on_a_constant_code_gets_what_its_row_says() -> None:
    z = np.ones((50, 4))
    got = map_metrics(Predictions(z, z, z, z, z, (z, z, z)))
    known = [metric for metric in MAP_METRICS if metric.constant is not None]
    assert {m.name for m in known} >= {"rho", "r2", "motion_gain", "mrr", "hit_at_1"}
    for metric in known:
        assert got[metric.name] == pytest.approx(metric.constant), metric.name


@pytest.mark.parametrize("metrics", [MAP_METRICS, CODE_METRICS, RECOGNITION_METRICS])
def test_names_are_single_and_columns_are_explained_in_the_docs(
    metrics: tuple[Metric[Any], ...],
) -> None:
    assert len({metric.name for metric in metrics}) == len(metrics)
    docs = (ROOT / "docs/evaluate.md").read_text() + (ROOT / "docs/training.md").read_text()
    for metric in shown(metrics):
        assert metric.heading in docs, metric.heading
        assert not metric.error or metric.error in {other.name for other in metrics}


def test_noise_knows_no_time_and_uses_all_directions(part: Part) -> None:
    got = code_metrics(np.random.default_rng(0).normal(size=(COUNT, 6)), part)
    assert got.number("auc_time") < 2 * got.number("auc_time_chance")
    assert got.number("slowness_auroc") == pytest.approx(0.5, abs=0.03)
    assert got.number("straightness") == pytest.approx(-0.5, abs=0.05)
    assert got.number("effective_rank") > 5.5


def test_a_straight_path_is_slow_straight_and_of_one_direction(part: Part) -> None:
    t = np.arange(COUNT)[:, None]
    got = code_metrics(t * np.array([[1.0, 2.0, -1.0]]), part)
    assert got.number("slowness_auroc") > 0.98
    assert got.number("straightness") == pytest.approx(1.0)
    assert got.number("extrapolation_error") == pytest.approx(0.0, abs=1e-9)
    assert got.number("effective_rank") == pytest.approx(1.0)


def test_a_code_of_scenes_is_coherent(part: Part) -> None:
    # Noise images have no cuts: scenes are clips of 40 frames.
    got = code_metrics(np.eye(10)[np.arange(COUNT) // 40], part)
    assert got.number("auc_time") == pytest.approx(1.0)
    assert got.number("auc_time_chance") == pytest.approx(39 / 399)
