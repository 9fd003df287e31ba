"""Figures of codes as such: what a straight path, a constant and noise get."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.evaluation.slowness import describe_space, frames_in

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


def test_a_constant_gets_chance_everywhere(part: Part) -> None:
    got = describe_space(np.ones((COUNT, 6)), part)
    assert got.auc_time == pytest.approx(got.auc_time_chance)
    assert (got.slowness_auroc, got.straightness, got.extrapolation_error) == (0.5, 0.0, 1.0)
    assert got.effective_rank == 0.0
    assert got.dimension == 6


def test_noise_knows_no_time_and_uses_all_directions(part: Part) -> None:
    got = describe_space(np.random.default_rng(0).normal(size=(COUNT, 6)), part)
    assert got.auc_time < 2 * got.auc_time_chance
    assert got.slowness_auroc == pytest.approx(0.5, abs=0.03)
    assert got.straightness == pytest.approx(-0.5, abs=0.05)
    assert got.effective_rank > 5.5


def test_a_straight_path_is_slow_straight_and_of_one_direction(part: Part) -> None:
    t = np.arange(COUNT)[:, None]
    got = describe_space(t * np.array([[1.0, 2.0, -1.0]]), part)
    assert got.slowness_auroc > 0.98
    assert got.straightness == pytest.approx(1.0)
    assert got.extrapolation_error == pytest.approx(0.0, abs=1e-9)
    assert got.effective_rank == pytest.approx(1.0)


def test_a_code_of_scenes_is_coherent(part: Part) -> None:
    # Noise images have no cuts: scenes are clips of 40 frames.
    got = describe_space(np.eye(10)[np.arange(COUNT) // 40], part)
    assert got.auc_time == pytest.approx(1.0)
    assert got.auc_time_chance == pytest.approx(39 / 399)
